"""What the supervisor prints when the demo is up."""

from __future__ import annotations

import socket

from demo.address import Address
from demo.home import Home
from demo.signins import CUSTOMER, OTHER_LANGUAGES, OTHER_PLATFORMS, PASSWORD, STAFF, SignIn

OPEN = "Everybody who can reach this machine can sign in."


def welcome(address: Address, home: Home) -> str:
    return _boxed(
        [
            "Postmeter is running. Nothing leaves this machine.",
            "",
            *_places(address),
            "",
            "Staff, the reseller's own people",
            *_people(STAFF),
            "",
            "A customer, in the client area",
            *_people(CUSTOMER),
            *_people(OTHER_PLATFORMS),
            *_people(OTHER_LANGUAGES),
            "",
            f"The password of all of them is  {PASSWORD}",
            "",
            f"Mail it would send  {home.mail}",
            f"Logs                {home.logs}",
            "",
            "Ctrl-C stops everything; the next start goes on where this one ended.",
            "make demo RESET=1 starts over.",
        ]
    )


def _places(address: Address) -> list[str]:
    places = [f"Open  {address.url}"]
    if address.is_open_to_others:
        places += [f"or    http://{socket.gethostname()}:{address.port}", OPEN]
    return places


def _people(people: tuple[SignIn, ...]) -> list[str]:
    width = max(len(person.email) for person in (*STAFF, *CUSTOMER))
    return [f"  {person.email:<{width}}  {person.what}" for person in people]


def _boxed(lines: list[str]) -> str:
    width = max(len(line) for line in lines)
    rule = "─" * (width + 4)
    body = [f"│  {line:<{width}}  │" for line in lines]
    return "\n".join(["", f"╭{rule}╮", *body, f"╰{rule}╯", ""])
