"""Signing in as system administrator, once for all workers, and never against a closed door."""

from __future__ import annotations

import hashlib
import secrets
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

from provisioning.contract import (
    HttpResponse,
    MisconfiguredError,
    ModuleError,
    ServerLink,
    TemporaryError,
)
from provisioning.modules.smartermail.envelope import Reply, read

PREFIX = "/api/v1/"
MARGIN = 60.0  # a token this close to its end is not used any more
SHORTEST, USUAL, LONGEST = 5.0, 480.0, 86_400.0
REJECTED_FOR = 900.0

_REJECTING = (200, 400, 401, 403)
_REJECTIONS = (
    (
        "TOO MANY",
        "The server has blocked this machine after failed sign-ins. Unblock it there and put its"
        " address on the server's allow list.",
    ),
    (
        "IP RESTRICTION",
        "The server does not let this administrator sign in from this machine's address.",
    ),
    ("DISABLED", "The administrator's account is disabled on the server."),
    ("HTTP 403", "The server or a firewall before it does not let this machine sign in."),
)
_WRONG = "The server rejects the administrator's user name or password."
_TWO_FACTOR = (
    "The administrator's account asks for a second factor, which a program cannot give. Use an"
    " administrator without it, restricted to this machine's address."
)
_CHANGE = "The administrator must change the password on the server before the account can be used."
_ORDINARY = "This account is not a system administrator of the server."
_NO_API = "There is no SmarterMail API at this address. Check host name, port and TLS."


class Session:
    """The shared token: taken from the store, refreshed, or fetched by one worker at a time."""

    def __init__(self, link: ServerLink) -> None:
        self._link = link
        self._tokens = link.tokens
        self._access = ""  # this worker's own, so that a store that is down costs one sign-in only
        # Ties stored tokens and refusals to the credentials they came from.
        self._who = hashlib.blake2b(
            f"{link.username}\0{link.password}".encode(),
            key=link.hostname.encode()[:64],
            digest_size=16,
        ).hexdigest()

    def token(self, *, instead_of: str = "") -> str:
        """The access token; `instead_of` names one that the server has just rejected."""
        if self._access not in ("", instead_of):
            return self._access
        self._access = self._shared(instead_of)
        if not self._access:
            with self._tokens.lock("sign-in", seconds=self._patience()):
                renewed = self._shared(instead_of) or ("" if instead_of else self._refresh())
                self._access = renewed or self.sign_in()
        return self._access

    def sign_in(self, *, force: bool = False) -> str:
        """MisconfiguredError at once, and nothing sent, within 15 minutes of a rejection.

        `force` tries all the same; changed credentials are always tried.
        """
        refused = self.recall("rejected")
        if refused and not force:
            raise MisconfiguredError(str(refused["why"]))
        body = {
            "username": self._link.username,
            "password": self._link.password,
            "clientId": self._client_id(),
        }
        response = self._post("authenticate-user", body)
        if response.status == 404:
            raise MisconfiguredError(_NO_API)
        try:
            reply = _usable(read(response))
        except TemporaryError:
            raise
        except ModuleError as error:
            if response.status not in _REJECTING:
                raise
            why = _explained(error.detail)
            self.remember("rejected", {"why": why}, seconds=REJECTED_FOR)
            self._tokens.delete("session")
            raise MisconfiguredError(why) from None
        self._tokens.delete("rejected")
        return self._keep(reply, response)

    def _patience(self) -> float:
        """How long to wait for another worker's sign-in, and to hold up the others with ours."""
        return min(60.0, max(1.0, self._link.http.remaining()))

    def _shared(self, instead_of: str) -> str:
        found = self.recall("session")
        return str(found["access"]) if found and found["access"] != instead_of else ""

    def recall(self, key: str) -> dict[str, Any] | None:
        """A stored record, unless it belongs to other credentials."""
        found = self._tokens.get(key)
        return found if found and found.get("who") == self._who else None

    def remember(self, key: str, value: dict[str, Any], *, seconds: float) -> None:
        self._tokens.set(key, {**value, "who": self._who}, seconds=seconds)

    def _refresh(self) -> str:
        """Empty when there is nothing to refresh with, or the server will not have it."""
        found = self.recall("refresh")
        if not found:
            return ""
        self._tokens.delete("refresh")  # rotated: it is dead whatever the answer
        body = {"token": found["token"], "clientId": self._client_id()}
        response = self._post("refresh-token", body)
        try:
            reply = read(response)
        except TemporaryError:
            raise
        except ModuleError:
            return ""
        return self._keep(reply, response) if reply.get("accessToken") else ""

    def _post(self, name: str, body: dict[str, Any]) -> HttpResponse:
        return self._link.http.request(
            "POST", f"{PREFIX}auth/{name}", operation=name, json=body, reads=True
        )

    def _keep(self, reply: Reply, response: HttpResponse) -> str:
        self._access = access = str(reply["accessToken"])
        seconds = lifetime(reply.get("accessTokenExpiration"), response)
        self.remember("session", {"access": access}, seconds=seconds)
        if reply.get("refreshToken"):
            seconds = lifetime(reply.get("refreshTokenExpiration"), response)
            self.remember("refresh", {"token": reply["refreshToken"]}, seconds=seconds)
        return access

    def _client_id(self) -> str:
        """Ours alone: another panel with the same account must not evict our token."""
        found = self._tokens.get("client-id")
        if not found:
            found = {"id": f"postmeter-{secrets.token_hex(6)}"}
            self._tokens.set("client-id", found, seconds=365 * 86_400)
        return str(found["id"])


def lifetime(expires: Any, response: HttpResponse) -> float:
    """Seconds a token may be used, told by the server's own clock so that ours may differ."""
    try:
        now = parsedate_to_datetime(response.headers["Date"])
        end = datetime.fromisoformat(str(expires))
        left = (_utc(end) - _utc(now)).total_seconds()
    except (KeyError, TypeError, ValueError):
        return USUAL
    if not 0 < left <= LONGEST * 30:
        return USUAL
    return min(max(left - min(MARGIN, left / 4), SHORTEST), LONGEST)


def _utc(moment: datetime) -> datetime:
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _explained(detail: str) -> str:
    if detail in (_TWO_FACTOR, _CHANGE, _ORDINARY):
        return detail
    text = detail.upper()
    if "TWO_FACTOR" in text or "TWO FACTOR" in text:
        return _TWO_FACTOR
    why = next((sentence for code, sentence in _REJECTIONS if code in text), _WRONG)
    return f"{why} ({detail})"


def _usable(reply: Reply) -> Reply:
    """A 200 may still be no way in."""
    if str(reply.get("message") or "").startswith("TWO_FACTOR_REQUIRED"):
        raise MisconfiguredError(_TWO_FACTOR)
    if reply.get("changePasswordNeeded"):
        raise MisconfiguredError(_CHANGE)
    if reply.get("isAdmin") is False:
        raise MisconfiguredError(_ORDINARY)
    if not reply.get("accessToken"):
        raise MisconfiguredError("The server accepts the sign-in and gives no token.")
    return reply
