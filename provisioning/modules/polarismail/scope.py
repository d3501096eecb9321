"""One service in the reseller's account: its domain, its addresses, and whether it is ours."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _

from provisioning.contract import Account, ConflictError, InvalidInput, TemporaryError
from provisioning.modules.polarismail import plan
from provisioning.modules.polarismail.client import Client
from provisioning.modules.polarismail.plan import Plan

LOCAL_PART = re.compile(r"[a-z0-9][a-z0-9._-]{0,63}")
_ADDRESS = re.compile(r"[^\s@<>,;\"]{1,64}@[a-z0-9.-]+\.[a-z0-9-]{2,}", re.IGNORECASE)
_LONGEST_LOCK = 60.0
NOT_READY = _("This service is not active yet. Its DNS guide says what is needed.")


def ascii_domain(name: str) -> str:
    """Lower case, international names as punycode."""
    plain = name.strip().rstrip(".").lower()
    try:
        return plain.encode("idna").decode() if not plain.isascii() else plain
    except UnicodeError:
        raise InvalidInput(
            "domain", gettext("%(name)s is not a domain name.") % {"name": name}
        ) from None


@dataclass(frozen=True)
class Scope:
    client: Client
    account: Account

    @property
    def domain(self) -> str:
        return ascii_domain(self.account.domain)

    @property
    def data(self) -> Mapping[str, Any]:
        return self.account.data

    @property
    def plan(self) -> Plan:
        """InvalidInput."""
        return plan.read(self.account.options)

    @property
    def mb_per_gb(self) -> str:
        return str(self.client.link.settings.get("mb_per_gb") or "auto")

    @property
    def claimed(self) -> bool:
        """We asked for this very domain, or adopted it. Stored before the platform was asked."""
        return bool(self.domain) and self.data.get("claim") == self.domain

    @property
    def verified(self) -> bool:
        return self.claimed and bool(self.data.get("verified"))

    def require_ready(self) -> None:
        """Nobody gets into a domain that is not proven to be theirs."""
        if not self.claimed:
            raise ConflictError(
                f"This service neither created nor adopted {self.account.domain}.",
                message=NOT_READY,
            )
        if not self.verified:
            raise ConflictError(
                f"The ownership of {self.account.domain} is not proven yet.", message=NOT_READY
            )

    def address(self, local: str) -> str:
        return f"{local}@{self.domain}"

    def local(self, address: str, *, field: str = "address") -> str:
        """The local part of an address of this domain."""
        local, _at, domain = address.strip().lower().rpartition("@")
        if not local or ascii_domain(domain) != self.domain:
            raise InvalidInput(
                field,
                gettext("%(address)s is not an address of %(domain)s.")
                % {"address": address, "domain": self.account.domain},
            )
        return local

    def new_local(self, address: str, *, field: str = "address") -> str:
        local = self.local(address, field=field)
        if not LOCAL_PART.fullmatch(local):
            raise InvalidInput(
                field,
                gettext(
                    "%(local)s cannot stand before the @: begin with a letter or digit, then "
                    "letters, digits, dots, hyphens and underscores, 64 in all."
                )
                % {"local": repr(local)},
            )
        return local

    def addresses(self, values: Iterable[str], *, field: str) -> list[str]:
        """Full addresses anywhere, each once. InvalidInput."""
        found = list(dict.fromkeys(value.strip().lower() for value in values if value.strip()))
        for address in found:
            if not _ADDRESS.fullmatch(address):
                raise InvalidInput(
                    field, gettext("%(address)s is not an e-mail address.") % {"address": address}
                )
        return found

    @contextmanager
    def alone(self) -> Iterator[None]:
        """One change at a time in this domain, in all workers: the limits are ours to keep, and
        two changes that count at the same moment would both find room.
        """
        link = self.client.link
        seconds = max(1.0, min(_LONGEST_LOCK, link.http.remaining()))
        with ExitStack() as held:
            try:
                held.enter_context(link.tokens.lock(f"change:{self.domain}", seconds=seconds))
            except TemporaryError:
                raise TemporaryError(
                    f"Another change in {self.domain} is still at work.",
                    message=gettext(
                        "Another change is still at work. Please try again in a moment."
                    ),
                    retry_after=1.0,
                ) from None
            yield
