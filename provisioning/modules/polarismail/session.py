"""Signing in as the reseller, once for all workers, and never against a closed door."""

from __future__ import annotations

import hashlib
import time
from typing import Any

from provisioning.contract import MisconfiguredError, ServerLink
from provisioning.modules.polarismail import wire
from provisioning.modules.polarismail.transport import Transport, words_of

REJECTED_FOR = 900.0
_LOCKED_FOR = 60.0
_HINTS = (
    "Check user name and password",
    "use a Sub-Admin without two-factor login, since a program cannot give a second factor",
    "put this machine's address on the Sub-Admin's list of addresses",
    "make sure that the reseller account is paid and not locked",
    "ask the vendor's support not to hold the Sub-Admin to the subscription's limits",
)


class Session:
    def __init__(self, link: ServerLink, transport: Transport) -> None:
        self._link = link
        self._transport = transport
        # This worker's own, so that a store that is down costs one sign-in only.
        self._access, self._until = "", 0.0
        # Ties stored tokens and refusals to the credentials they came from.
        self._who = hashlib.blake2b(
            f"{link.username}\0{link.password}".encode(),
            key=link.hostname.encode()[:64],
            digest_size=16,
        ).hexdigest()

    def token(self) -> tuple[str, bool]:
        """The token, and whether it was obtained for this very call."""
        if found := self._known():
            return found, False
        with self._link.tokens.lock("sign-in", seconds=_LOCKED_FOR):
            found = self._known()
            return (found, False) if found else (self.sign_in(), True)

    def renew(self, refused: str) -> str:
        """A token made now, instead of one that may have run out."""
        with self._link.tokens.lock("sign-in", seconds=_LOCKED_FOR):
            return self.sign_in()

    def sign_in(self, *, force: bool = False) -> str:
        """MisconfiguredError at once, and nothing sent, within 15 minutes of a rejection.

        `force` tries all the same; changed credentials are always tried.
        """
        rejected = self._recall("rejected")
        if rejected and not force:
            raise MisconfiguredError(str(rejected["why"]))
        operation = wire.OPERATIONS["sign_in"]
        form = operation.form({"username": self._link.username, "password": self._link.password})
        answer = self._transport.exchange(operation, form)
        if answer.refused:
            self._give_up(words_of(answer, form))
        if not isinstance(answer.data, str) or not answer.data:
            raise MisconfiguredError("The platform accepts the sign-in and gives no token.")
        self._link.tokens.delete("rejected")
        return self._keep(answer.data)

    def _give_up(self, words: str) -> None:
        why = f"The platform does not let this user sign in ({words}). {'; '.join(_HINTS)}."
        self._remember("rejected", {"why": why}, seconds=REJECTED_FOR)
        self._link.tokens.delete("session")
        self._access = ""
        raise MisconfiguredError(why)

    def _known(self) -> str:
        if self._access and time.monotonic() < self._until:
            return self._access
        found = self._recall("session")
        return str(found["access"]) if found else ""

    def _keep(self, token: str) -> str:
        self._access, self._until = token, time.monotonic() + wire.TOKEN_SECONDS
        self._remember("session", {"access": token}, seconds=wire.TOKEN_SECONDS)
        return token

    def _recall(self, key: str) -> dict[str, Any] | None:
        found = self._link.tokens.get(key)
        return found if found and found.get("who") == self._who else None

    def _remember(self, key: str, value: dict[str, Any], *, seconds: float) -> None:
        self._link.tokens.set(key, {**value, "who": self._who}, seconds=seconds)
