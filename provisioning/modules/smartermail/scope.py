"""One service on one server: its domain, its addresses, and whether the domain is ours at all."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from provisioning.contract import (
    Account,
    ConflictError,
    InvalidInput,
    NotFound,
    PermanentError,
    State,
    TemporaryError,
)
from provisioning.modules.smartermail.client import Client, Way

LOCAL_PART = re.compile(r"[a-z0-9][a-z0-9._-]{0,63}")
_ADDRESS = re.compile(r"[^\s@<>,;\"]{1,64}@[a-z0-9.-]+\.[a-z0-9-]{2,}", re.IGNORECASE)


def ascii_domain(name: str) -> str:
    """Lower case, international names as punycode; what cannot be a name stays as it is."""
    plain = name.strip().rstrip(".").lower()
    try:
        return plain.encode("idna").decode() if not plain.isascii() else plain
    except UnicodeError:
        return plain


def local_part(value: str) -> str:
    return value.strip().partition("@")[0].lower()


def is_address(text: str) -> bool:
    return _ADDRESS.fullmatch(text) is not None


@dataclass(frozen=True)
class Scope:
    client: Client
    account: Account

    @property
    def domain(self) -> str:
        return ascii_domain(self.account.domain)

    @property
    def way(self) -> Way:
        """Calls inside the domain. ConflictError when the service has no claim to it."""
        self.require_claim()
        return self.client.domain(self.domain)

    def user(self, local: str) -> Way:
        """Calls as the owner of a mailbox that is known to exist."""
        self.require_claim()
        return self.client.user(self.domain, local)

    @property
    def admin(self) -> str:
        """The local name of the domain's administrator as far as we know it."""
        return local_part(str(self.account.data.get("admin") or ""))

    @property
    def adopted(self) -> bool:
        return bool(self.account.data.get("adopted"))

    @property
    def hidden(self) -> str:
        """The administrator we made ourselves; an adopted domain's is a real person's mailbox."""
        return "" if self.adopted else self.admin

    @property
    def extra_users(self) -> int:
        """The hidden administrator takes up one of the server's users."""
        return 0 if self.adopted else 1

    def require_claim(self) -> None:
        """Whoever orders a domain that exists already must not get to its mailboxes."""
        if not (self.adopted or self.account.data.get("linked")):
            raise ConflictError(
                f"This service neither created nor adopted {self.account.domain}.",
                message=_("This service is not active yet."),
            )

    def address(self, local: str) -> str:
        return f"{local}@{self.domain}"

    def full(self, target: str) -> str:
        """Servers mix bare local names and addresses."""
        plain = target.strip().lower()
        return plain if "@" in plain else self.address(plain)

    def local(self, address: str, *, field: str = "address") -> str:
        """The local part of an address of this domain; the hidden administrator does not exist."""
        local, _at, domain = address.strip().lower().rpartition("@")
        if not local or ascii_domain(domain) != self.domain:
            raise InvalidInput(
                field,
                _("%(address)s is not an address of %(domain)s.")
                % {"address": address, "domain": self.account.domain},
            )
        if local == self.hidden:
            raise NotFound(f"{address} does not exist.")
        return local

    def new_local(self, address: str, *, field: str = "address") -> str:
        local = self.local(address, field=field)
        if not LOCAL_PART.fullmatch(local):
            raise InvalidInput(
                field,
                _(
                    "%(local)s cannot stand before the @: begin with a letter or digit, then "
                    "letters, digits, dots, hyphens and underscores, 64 in all."
                )
                % {"local": repr(local)},
            )
        return local

    def targets(self, values: tuple[str, ...], *, field: str) -> list[str]:
        """Full addresses, each once. InvalidInput."""
        found = list(dict.fromkeys(self.full(value) for value in values if value.strip()))
        for target in found:
            if not is_address(target):
                raise InvalidInput(
                    field, _("%(address)s is not an e-mail address.") % {"address": target}
                )
        return found


def domain_data(client: Client, domain: str) -> dict[str, Any] | None:
    """What the server has on a domain, None when it says there is none.

    TemporaryError when the answer is neither: on that nothing may be created or removed.
    """
    try:
        data = client.sysadmin.get("domain", domain).get("domainData")
    except NotFound:
        return None
    if not isinstance(data, dict):
        raise TemporaryError(f"The server neither confirms nor denies that {domain} exists.")
    return data


def is_ours(scope: Scope, data: Mapping[str, Any]) -> bool:
    """Adopted, or its administrator has the random name that we stored before creating it."""
    if scope.adopted:
        return True
    if not scope.admin:
        return False
    if local_part(str(data.get("mainDomainAdmin") or "")) == scope.admin:
        return True
    try:
        reply = scope.client.sysadmin.get("domain-admins", scope.domain)
    except PermanentError:
        return False
    admins = reply.get("domainAdmins")
    return isinstance(admins, list) and scope.admin in {local_part(str(name)) for name in admins}


def state_of(data: Mapping[str, Any]) -> State:
    states = {True: State.ACTIVE, False: State.SUSPENDED}
    enabled = data.get("isEnabled")
    return states[enabled] if isinstance(enabled, bool) else State.UNKNOWN


def our_domain(scope: Scope) -> dict[str, Any]:
    """The domain's data. NotFound, or ConflictError when it belongs to somebody else."""
    data = domain_data(scope.client, scope.domain)
    if data is None:
        raise NotFound(f"{scope.domain} is not on the server.")
    if not is_ours(scope, data):
        raise stranger(scope)
    return data


def stranger(scope: Scope) -> ConflictError:
    return ConflictError(
        f"{scope.domain} exists on the server and this service did not create it."
        " Adopt the domain, or remove it on the server."
    )


def present_settings(scope: Scope) -> dict[str, Any]:
    """The domain's settings as seen from inside it."""
    found = scope.way.get("domain").get("domainSettings")
    if not isinstance(found, dict):
        raise TemporaryError("The server's answer holds no settings of the domain.")
    return found


def push_settings(client: Client, domain: str, body: Mapping[str, Any]) -> None:
    client.sysadmin.post("domain-settings", domain, json={"domainSettings": dict(body)})


def whole(value: Any) -> int | None:
    """A count or size of at least 0; None when it is anything else."""
    usable = isinstance(value, int | float) and not isinstance(value, bool)
    if not usable or not 0 <= value < 2**63:
        return None
    return int(value)
