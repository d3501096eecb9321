"""Where the demo listens, and the sentence for each way in which it cannot."""

from __future__ import annotations

import errno
import socket
from collections.abc import Mapping
from dataclasses import dataclass

EVERYWHERE = ("0.0.0.0", "::")  # noqa: S104 - recognised, not bound
LAST_PORT = 65535


class CannotListen(Exception):
    """The text says why, and what to type instead."""


@dataclass(frozen=True)
class Address:
    host: str
    port: int

    @property
    def bind(self) -> str:
        return f"{_bracketed(self.host)}:{self.port}"

    @property
    def url(self) -> str:
        """Where a browser on this machine finds it."""
        host = "127.0.0.1" if self.is_open_to_others else self.host
        return f"http://{_bracketed(host)}:{self.port}"

    @property
    def is_open_to_others(self) -> bool:
        return self.host in EVERYWHERE

    def accepts(self) -> bool:
        """Whether somebody listens there."""
        with socket.socket() as probe:
            return probe.connect_ex((self.host, self.port)) == 0


def chosen(environ: Mapping[str, str]) -> Address:
    """From HOST and PORT. CannotListen."""
    port = environ.get("PORT") or "8000"
    if not port.isdigit() or not 1 <= int(port) <= LAST_PORT:
        raise CannotListen(f"PORT={port} is no port; choose one from 1 to {LAST_PORT}.")
    address = Address(environ.get("HOST") or "127.0.0.1", int(port))
    _try(address)
    return address


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _try(address: Address) -> None:
    try:
        family, kind, _, _, target = socket.getaddrinfo(
            address.host, address.port, type=socket.SOCK_STREAM
        )[0]
        with socket.socket(family, kind) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(target)
    except OSError as error:
        raise CannotListen(_why_not(address, error)) from None


def _why_not(address: Address, error: OSError) -> str:
    if error.errno == errno.EADDRINUSE:
        return (
            f"Port {address.port} is in use by another program.\n"
            f"Choose another one: make demo PORT={_free_above(address)}"
        )
    if error.errno == errno.EACCES:
        return f"Port {address.port} is for root only; choose one above 1023: make demo PORT=8000"
    return f"HOST={address.host} is no address of this machine ({error.strerror})."


def _free_above(address: Address) -> int:
    for port in range(address.port + 1, min(address.port + 50, LAST_PORT)):
        if not Address("127.0.0.1", port).accepts():
            return port
    return free_port()


def _bracketed(host: str) -> str:
    return f"[{host}]" if ":" in host else host
