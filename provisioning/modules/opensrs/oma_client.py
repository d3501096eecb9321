"""The wire of OMA: one POST per method, a session token in place of the password, pages.

An answer counts only when it is a JSON object that says `success`; anything else is a lost answer.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from provisioning.contract import (
    HttpResponse,
    MisconfiguredError,
    ModuleError,
    PermanentError,
    ServerLink,
    TemporaryError,
)
from provisioning.modules.opensrs.failures import CredentialsRejected, oma_failure

Reply = dict[str, Any]
CLIENT = "Postmeter"
SECRET_NAMES = frozenset({"credentials", "password", "token", "session_token", "pass", "snapshot"})
# How the methods begin that change nothing; to sign in changes nothing either.
_READS = ("get_", "search_", "stats_", "authenticate")
_TOKEN = "session"  # noqa: S105 - where it is kept
_TOKEN_SECONDS = 3600
_MARGIN = 60
_LOCK_SECONDS = 20.0
_PAGE = 500


class OmaClient:
    def __init__(self, link: ServerLink) -> None:
        self._link = link
        self._http = link.http

    @property
    def base(self) -> str:
        """With its final slash, which the method's name follows."""
        chosen = str(self._link.settings.get("base_url") or "").strip()
        return chosen.rstrip("/") + "/" if chosen else f"{self._http.base_url}/api/"

    def call(self, method: str, fields: Mapping[str, Any]) -> Reply:
        """The answer's object; ModuleError. A token that has expired is renewed once."""
        token = self._token()
        if not token:
            return self._post(method, {"password": self._link.password}, fields)
        try:
            return self._post(method, {"token": token}, fields)
        except CredentialsRejected:
            fresh = self._token(instead_of=token)
        return self._post(method, {"token": fresh}, fields)

    def pages(self, method: str, rows: str, fields: Mapping[str, Any]) -> Iterator[Reply]:
        """All rows of a search, however few the platform gives at a time."""
        first = 0
        while True:
            asked = {**fields, "range": {"first": first, "limit": _PAGE}}
            reply = self.call(method, asked)
            page = reply.get(rows)
            if not isinstance(page, list):
                raise _unreadable(f"The answer to {method} has no {rows}.")
            yield from (row for row in page if isinstance(row, dict))
            first += len(page)
            total = reply.get("total_count")
            if not page or (isinstance(total, int) and first >= total):
                return

    def total(self, method: str, fields: Mapping[str, Any]) -> int | None:
        """How many rows a search has, without reading them; None when it does not tell."""
        reply = self.call(method, {**fields, "range": {"first": 0, "limit": 1}})
        total = reply.get("total_count")
        return total if isinstance(total, int) and not isinstance(total, bool) else None

    def sign_in(self) -> Reply:
        """The answer of `authenticate`, with what the platform says of this account."""
        password = {"password": self._link.password}
        wanted = {
            "generate_session_token": True,
            "session_token_duration": _TOKEN_SECONDS,
            "fetch_extra_info": True,
        }
        reply = self._post("authenticate", password, wanted)
        self._keep(reply)
        return reply

    def download(self, url: str) -> str:
        """A report that the platform prepared, from the platform itself and from nowhere else."""
        parts, own = urlsplit(url), urlsplit(self.base)
        if (parts.scheme, parts.netloc) != (own.scheme, own.netloc):
            raise PermanentError(f"A report is offered at {parts.hostname}, which is not called.")
        response = self._http.request(
            "GET",
            f"{parts.scheme}://{parts.netloc}{parts.path}",
            operation="oma_file",
            params=dict(parse_qsl(parts.query, keep_blank_values=True)),
        )
        if response.status != 200:
            raise _status_failure(response)
        return response.text

    def _token(self, *, instead_of: str = "") -> str:
        """Blank when the platform gives none: then the password goes with every call."""
        kept = self._kept(instead_of)
        if kept is not None:
            return kept
        with self._link.tokens.lock(_TOKEN, seconds=_LOCK_SECONDS):
            kept = self._kept(instead_of)
            return self._keep(self.sign_in()) if kept is None else kept

    def _kept(self, instead_of: str) -> str | None:
        found = self._link.tokens.get(_TOKEN)
        usable = found and found.get("user") == self._link.username
        if not found or not usable or (instead_of and found["access"] == instead_of):
            return None
        return str(found["access"])

    def _keep(self, reply: Reply) -> str:
        token = str(reply.get("session_token") or "")
        told = reply.get("session_token_duration")
        seconds = told if isinstance(told, int) and told > _MARGIN else _TOKEN_SECONDS
        value = {"access": token, "user": self._link.username}
        self._link.tokens.set(_TOKEN, value, seconds=float(seconds - _MARGIN))
        return token

    def _post(self, method: str, secret: Mapping[str, str], fields: Mapping[str, Any]) -> Reply:
        credentials = {"user": self._link.username, **secret, "client": CLIENT}
        response = self._http.request(
            "POST",
            f"{self.base}{method}",
            operation=method,
            json={"credentials": credentials, **fields},
            headers={"Accept": "application/json"},
            reads=method.startswith(_READS),
        )
        return _read(response, method)


def _read(response: HttpResponse, method: str) -> Reply:
    if response.status != 200:
        raise _status_failure(response)
    try:
        body = json.loads(response.content)
    except (ValueError, RecursionError):
        body = None
    if not isinstance(body, dict) or not isinstance(body.get("success"), bool):
        start = " ".join(response.text[:80].split()) or "an empty body"
        raise _unreadable(f"The answer to {method} is not one of the platform: {start}")
    if not body["success"]:
        raise oma_failure(body)
    return body


def _status_failure(response: HttpResponse) -> ModuleError:
    status = response.status
    if status in (429, 503):
        after = response.headers.get("Retry-After", "")
        return TemporaryError(
            f"HTTP {status}.", retry_after=float(after) if after.isdigit() else None
        )
    if status >= 500 or status == 408:
        return TemporaryError(f"HTTP {status}.", maybe_applied=True)
    if status == 400:
        return PermanentError("HTTP 400: the platform could not read the request.")
    where = response.headers.get("Location", "")
    return MisconfiguredError(
        f"HTTP {status} {where}".strip() + ": this is not the platform's programming interface."
        " Check the host name and the base address, which ends in /api/."
    )


def _unreadable(detail: str) -> TemporaryError:
    return TemporaryError(detail, maybe_applied=True)
