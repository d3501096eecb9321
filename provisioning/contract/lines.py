"""One connection for a protocol of lines over TCP or TLS, kept to the rules of the HTTP client.

It shares the HTTP client's time budget, TLS choice, guard against private addresses, call log and
end. What an answer means, and when asking again is safe, is the module's business.
"""

from __future__ import annotations

import socket
import ssl
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache

import certifi

from provisioning.contract.errors import MisconfiguredError, TemporaryError
from provisioning.contract.http import CallRecord, HttpClient
from provisioning.contract.peers import PrivateAddressRefused, check_peer, private_address

_CHUNK = 65536


@dataclass(frozen=True, kw_only=True)
class LineOptions:
    """`terminator` ends every command and every answer; `scheme` is how the log names the way."""

    host: str
    port: int
    secure: bool = True
    terminator: bytes = b"\n"
    scheme: str = "tcp"


class LineClient:
    """Connects on the first use. `masked` turns a text of the wire into one fit for the log."""

    def __init__(
        self, http: HttpClient, options: LineOptions, *, masked: Callable[[str], str]
    ) -> None:
        self.options = options
        self.where = f"{options.host}:{options.port}"
        self._http = http
        self._masked = masked
        self._socket: socket.socket | None = None
        self._pending = b""
        http.accompany(self.close)

    @property
    def connected(self) -> bool:
        return self._socket is not None

    def connect(self, *, operation: str) -> str:
        """Opens the connection and returns the greeting."""
        return self._noted(operation, "", self._greeted, reads=True)

    def ask(
        self, command: str, *, operation: str, patience: float | None = None, reads: bool = False
    ) -> str:
        """TemporaryError with `maybe_applied` when the answer is lost; the connection is over
        then. `patience` in seconds, where it is less than usual; `reads`: it changes nothing.
        """
        seconds = self._http.options.read_timeout
        wait = seconds if patience is None else min(patience, seconds)
        return self._noted(operation, command, lambda: self._exchanged(command, wait), reads=reads)

    def close(self) -> None:
        connection, self._socket, self._pending = self._socket, None, b""
        if connection is not None:
            connection.close()

    def _greeted(self) -> str:
        self.close()
        self._socket = self._opened()
        return self._answer(self._http.options.read_timeout, sent=False)

    def _exchanged(self, command: str, wait: float) -> str:
        if self._socket is None:
            raise TemporaryError(f"There is no connection to {self.where}.")
        try:
            self._socket.settimeout(self._time_left(wait))
            self._socket.sendall(command.encode() + self.options.terminator)
        except OSError as error:
            raise self._broken(error, sent=True) from None
        return self._answer(wait, sent=True)

    def _opened(self) -> socket.socket:
        try:
            connection = self._connected(self._time_left(self._http.options.connect_timeout))
        except OSError as error:
            raise TemporaryError(f"No connection to {self.where}: {error}") from None
        try:
            if not self._http.options.allow_private:
                check_peer(connection)
            if isinstance(connection, ssl.SSLSocket):
                connection.do_handshake()
        except PrivateAddressRefused:
            raise private_address(self.where) from None
        except OSError as error:
            connection.close()
            raise self._no_handshake(error) from None
        return connection

    def _connected(self, timeout: float) -> socket.socket:
        """To the first address that takes the connection."""
        last = OSError("the host name has no address")
        where = (self.options.host, self.options.port)
        for family, kind, _, _, address in socket.getaddrinfo(*where, type=socket.SOCK_STREAM):
            connection = self._wrapped(socket.socket(family, kind))
            connection.settimeout(timeout)
            try:
                connection.connect(address)
            except OSError as error:
                connection.close()
                last = error
            else:
                return connection
        raise last

    def _wrapped(self, plain: socket.socket) -> socket.socket:
        """Before connecting: wrapped later, one that is reset meanwhile would be leaked."""
        if not self.options.secure:
            return plain
        return _context(verify=self._http.options.verify_tls).wrap_socket(
            plain, server_hostname=self.options.host, do_handshake_on_connect=False
        )

    def _no_handshake(self, error: OSError) -> TemporaryError | MisconfiguredError:
        ended = isinstance(error, ssl.SSLEOFError | ssl.SSLZeroReturnError)
        if isinstance(error, ssl.SSLError) and not ended:
            return MisconfiguredError(f"TLS failure at {self.where}: {error}")
        return TemporaryError(f"{self.where} ended the connection: {error}")

    def _answer(self, wait: float, *, sent: bool) -> str:
        """Up to the terminator: an answer may come in many pieces, and a piece may hold two."""
        assert self._socket is not None
        end = time.monotonic() + self._time_left(wait)
        terminator = self.options.terminator
        try:
            while terminator not in self._pending:
                self._receive(end)
        except OSError as error:
            raise self._broken(error, sent=sent) from None
        answer, _, self._pending = self._pending.partition(terminator)
        return answer.decode("utf-8", "replace")

    def _receive(self, end: float) -> None:
        assert self._socket is not None
        left = end - time.monotonic()
        if left <= 0:
            raise TimeoutError("the answer took too long")
        self._socket.settimeout(left)
        chunk = self._socket.recv(_CHUNK)
        if not chunk:
            raise ConnectionError("the connection was closed")
        if len(self._pending) + len(chunk) > self._http.options.max_bytes:
            raise ConnectionError("the answer is too large")
        self._pending += chunk

    def _broken(self, error: OSError, *, sent: bool) -> TemporaryError:
        self.close()
        return TemporaryError(f"No answer from {self.where}: {error}.", maybe_applied=sent)

    def _time_left(self, most: float) -> float:
        left = self._http.remaining()
        if left <= 0:
            raise TemporaryError(f"No time left to call {self.where}.")
        return min(most, left)

    def _noted(self, operation: str, command: str, act: Callable[[], str], *, reads: bool) -> str:
        started, answer, failure = time.monotonic(), "", ""
        record = CallRecord(
            operation=operation,
            method=self.options.scheme.upper(),
            url=f"{self.options.scheme}://{self.where}",
            request=self._masked(command),
            reads=reads,
        )
        self._http.announce(record)
        try:
            answer = act()
        except (TemporaryError, MisconfiguredError) as error:
            failure = error.detail
            raise
        finally:
            took = round((time.monotonic() - started) * 1000)
            self._http.note(
                replace(record, response=self._masked(answer), duration_ms=took, error=failure)
            )
        return answer


@cache
def _context(*, verify: bool) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    if verify:
        context.load_verify_locations(cafile=certifi.where())
    else:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context
