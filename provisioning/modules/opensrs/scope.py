"""One service on one server: its domain, its addresses, its plan, and whether it is ours at all."""

from __future__ import annotations

import re
from collections.abc import Iterable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from provisioning.contract import (
    Account,
    ConflictError,
    InvalidInput,
    NotFound,
    TokenStore,
)
from provisioning.modules.opensrs.settings import (
    DISABLED,
    ENABLED,
    FORWARDS,
    GB,
    MAILBOXES,
    SENDING,
    SERVICES,
    SUSPENDED,
    bought,
    setting,
)
from provisioning.modules.opensrs.syntax import is_one_line
from provisioning.modules.opensrs.wire import Domain, Plan, Wire

_LOCAL_PART = re.compile(r"[a-z0-9](?:[a-z0-9_-]|\.(?!\.)){0,63}")
_DOMAIN = re.compile(r"(?=.{3,160}$)[a-z0-9-]{1,63}(\.[a-z0-9-]{1,63})+")
_ADDRESS = re.compile(r"[^\s@<>,;\"\x00-\x1f\x7f]{1,64}@[a-z0-9.-]+\.[a-z0-9-]{2,}")
_LOCK_SECONDS = 20.0


def ascii_domain(name: str, *, field: str = "domain") -> str:
    """Lower case, international names as punycode. InvalidInput."""
    plain = name.strip().rstrip(".").lower()
    try:
        ascii_name = plain if plain.isascii() else plain.encode("idna").decode()
    except UnicodeError:
        ascii_name = ""
    if not _DOMAIN.fullmatch(ascii_name):
        raise InvalidInput(field, _("%(name)s is not a domain name.") % {"name": name})
    return ascii_name


@dataclass(frozen=True)
class Scope:
    wire: Wire
    tokens: TokenStore
    account: Account

    @property
    def domain(self) -> str:
        return ascii_domain(self.account.domain)

    @property
    def mark(self) -> str:
        """What our creation wrote into the domain's notes; blank on an adopted one."""
        return str(self.account.data.get("mark") or "")

    @property
    def adopted(self) -> bool:
        return bool(self.account.data.get("adopted"))

    @property
    def restricted(self) -> bool:
        """Whether we stopped its outgoing mail."""
        return bool(self.account.data.get("restricted"))

    def services(self) -> dict[str, str]:
        """The state of each of the vendor's services on an active mailbox of the product."""
        states = {
            name: ENABLED if setting(self.account.settings, switch) else DISABLED
            for switch, names in SERVICES.items()
            for name in names
        }
        return states | dict.fromkeys(SENDING, SUSPENDED) if self.restricted else states

    def lock(self) -> AbstractContextManager[object]:
        """Whole lists are written and limits are counted, so one at a time per domain."""
        return self.tokens.lock(f"directory:{self.domain}", seconds=_LOCK_SECONDS)

    def require_claim(self) -> None:
        """Whoever orders a domain that exists already must not get to its mailboxes."""
        if not (self.adopted or self.account.data.get("linked")):
            raise ConflictError(
                f"This service neither created nor adopted {self.account.domain}.",
                message=_("This service is not active yet."),
            )

    def plan(self, *, mark: str = "") -> Plan:
        settings, options = self.account.settings, self.account.options
        return Plan(
            mailboxes=bought(options, MAILBOXES),
            forwards=bought(options, FORWARDS),
            aliases=int(setting(settings, "alias_limit")) or None,
            quota_bytes=int(setting(settings, "quota_gb")) * GB,
            quota_maximum_bytes=int(setting(settings, "quota_maximum_gb")) * GB,
            spam_level=str(setting(settings, "spam_level")),
            services=self.services(),
            sent_limit=int(setting(settings, "smtp_sent_limit")) or None,
            password_strength=str(setting(settings, "password_strength")) or None,
            mark=mark or self.mark,
        )

    def address(self, value: str, *, field: str = "address") -> str:
        """An address of this domain, lower case. InvalidInput for any other."""
        local, _at, domain = value.strip().lower().rpartition("@")
        if not local or not is_one_line(local) or ascii_domain(domain, field=field) != self.domain:
            raise InvalidInput(
                field,
                _("%(address)s is not an address of %(domain)s.")
                % {"address": value, "domain": self.account.domain},
            )
        return f"{local}@{self.domain}"

    def new_address(self, value: str, *, field: str = "address") -> str:
        whole = self.address(value, field=field)
        local = whole.partition("@")[0]
        if not _LOCAL_PART.fullmatch(local):
            raise InvalidInput(
                field,
                _(
                    "%(local)s cannot stand before the @: begin with a letter or digit, then "
                    "letters, digits, single dots, hyphens and underscores, 64 in all."
                )
                % {"local": repr(local)},
            )
        return whole

    def recipients(self, values: Iterable[str], *, field: str) -> tuple[str, ...]:
        """Each once, in lower case. InvalidInput."""
        found = tuple(dict.fromkeys(value.strip().lower() for value in values if value.strip()))
        for address in found:
            if not _ADDRESS.fullmatch(address):
                raise InvalidInput(
                    field, _("%(address)s is not an e-mail address.") % {"address": address}
                )
        return found


def is_ours(scope: Scope, found: Domain) -> bool:
    """Adopted; or it bears the mark that we stored before creating it. Where the platform tells
    no notes: delivered once, or asked for by us and still empty.
    """
    if scope.adopted:
        return True
    if scope.mark and found.notes is not None:
        return scope.mark in found.notes
    if scope.account.data.get("linked"):
        return True
    return bool(scope.account.data.get("asked")) and not any(
        scope.wire.counts(scope.domain).values()
    )


def our_domain(scope: Scope) -> Domain:
    """NotFound, or ConflictError when it belongs to somebody else."""
    found = scope.wire.domain(scope.domain)
    if found is None:
        raise NotFound(f"{scope.domain} is not on the platform.")
    if not is_ours(scope, found):
        raise stranger(scope)
    return found


def stranger(scope: Scope) -> ConflictError:
    return ConflictError(
        f"{scope.domain} exists on the platform and this service did not create it. If it is in"
        " your company and belongs to this customer, adopt it."
    )


def whole(value: Any) -> int | None:
    """A count or size of at least 0; None when it is anything else."""
    text = value.strip() if isinstance(value, str) else ""
    if text.isascii() and text.isdigit():
        value = int(text)
    usable = isinstance(value, int | float) and not isinstance(value, bool)
    return int(value) if usable and 0 <= value < 2**63 else None
