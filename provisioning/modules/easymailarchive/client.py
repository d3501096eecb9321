"""The wire: one key, one path, and nothing of what an answer means to a service.

Reads are repeated, because a list of many pages should not be lost to one dropped connection;
whatever changes something is sent once.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from provisioning.contract import MisconfiguredError, NotFound, ServerLink, TemporaryError
from provisioning.modules.easymailarchive import mapping
from provisioning.modules.easymailarchive.answers import (
    Answer,
    NoSuchCall,
    Refused,
    elsewhere,
    key_refused,
    read,
)
from provisioning.modules.easymailarchive.mapping import Tenant

READS = 3
MOST_PAGES = 10_000


@dataclass(frozen=True)
class Page:
    tenants: tuple[Tenant, ...]
    number: int
    last: int
    total: int


class Client:
    def __init__(self, link: ServerLink) -> None:
        self.link = link

    @property
    def dialect(self) -> str:
        chosen = self.link.settings.get("dialect")
        return str(chosen) if chosen in mapping.BODIES else mapping.AUTO

    def page(self, number: int = 1) -> Page:
        params = {**mapping.PAGE_SIZE, **({mapping.PAGE: str(number)} if number > 1 else {})}
        try:
            answer = self._read(operation="list tenants", params=params)
        except (NotFound, NoSuchCall) as error:
            raise elsewhere(error.detail) from None
        rows = answer.many()
        found = (mapping.tenant(row, bare=answer.bare) for row in rows)
        return Page(
            tenants=tuple(tenant for tenant in found if tenant.slug),
            number=number,
            last=whole(answer.meta.get("last_page")) or number,
            total=whole(answer.meta.get("total")) or len(rows),
        )

    def tenants(self) -> Iterator[Tenant]:
        """All of them, page by page; what comes before a failure is true all the same."""
        for number in range(1, MOST_PAGES):
            page = self.page(number)
            yield from page.tenants
            if number >= page.last or not page.tenants:
                return

    def tenant(self, slug: str) -> Tenant:
        """NotFound when there is none under our key."""
        answer = self._read(slug, operation="show tenant")
        return mapping.tenant(answer.one(), slug=slug, bare=answer.bare)

    def usage(self, slug: str) -> Tenant:
        answer = self._read(slug, "usage", operation="tenant usage")
        return mapping.tenant(answer.one(), slug=slug, bare=answer.bare)

    def create(self, body: Mapping[str, str]) -> Tenant:
        answer = self._send("POST", operation="create tenant", json=dict(body))
        return mapping.tenant(answer.one(), slug=body.get("slug", ""), bare=answer.bare)

    def switch(self, slug: str, verb: str) -> None:
        """`verb` is suspend or unsuspend."""
        usual, other = mapping.METHODS
        try:
            self._send(usual, slug, verb, operation=f"{verb} tenant")
        except Refused as refused:
            if refused.status != 405:
                raise
            self._send(other, slug, verb, operation=f"{verb} tenant")

    def _read(
        self, *segments: str, operation: str, params: Mapping[str, str] | None = None
    ) -> Answer:
        for _ in range(READS - 1):
            try:
                return self._send("GET", *segments, operation=operation, params=params)
            except TemporaryError as error:
                if error.retry_after is not None or self.link.http.remaining() <= 0:
                    raise
        return self._send("GET", *segments, operation=operation, params=params)

    def _send(self, method: str, *segments: str, operation: str, **content: Any) -> Answer:
        response = self.link.http.request(
            method,
            "/".join((mapping.TENANTS, *(quote(segment, safe="") for segment in segments))),
            operation=operation,
            headers={"Accept": "application/json", "Authorization": f"Bearer {self._key()}"},
            **content,
        )
        return read(response)

    def _key(self) -> str:
        key = self.link.password.strip()
        if not key:
            raise MisconfiguredError(
                "The server has no API key. It belongs into the password field."
            )
        if not (key.isascii() and key.isprintable()) or " " in key:
            raise key_refused("it holds a character that no key has")
        return key


def whole(value: Any) -> int | None:
    """A number of at least 0, also one that came as text; None when it is anything else."""
    if isinstance(value, str) and value.strip().isascii() and value.strip().isdigit():
        value = int(value.strip()[:30])
    usable = isinstance(value, int | float) and not isinstance(value, bool)
    if not usable or not 0 <= value < 2**63:
        return None
    return int(value)
