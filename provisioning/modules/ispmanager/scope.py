"""One service on one panel: its login, its domain, and addresses that may be its own."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from django.utils.translation import gettext as _

from provisioning.contract import (
    Account,
    ConflictError,
    InvalidInput,
)
from provisioning.modules.ispmanager.client import Client
from provisioning.modules.ispmanager.kinds import Kind

LOCAL_PART = re.compile(r"[a-z0-9](?:[a-z0-9._-]{0,62}[a-z0-9_-])?")
ADDRESS = re.compile(r"[a-z0-9!#$%&'*+/=?^_`{|}~.-]{1,64}@[a-z0-9.-]{1,190}\.[a-z0-9-]{2,63}")


def ascii_domain(name: str) -> str:
    """Lower case, international names as punycode; what cannot be a name stays as it is."""
    plain = name.strip().rstrip(".").lower()
    try:
        return plain.encode("idna").decode() if not plain.isascii() else plain
    except UnicodeError:
        return plain


@dataclass(frozen=True)
class Scope:
    client: Client
    kind: Kind
    account: Account

    @property
    def login(self) -> str:
        """The panel's name of the account; "" while there is none."""
        return str(self.account.data.get("login") or "")

    @property
    def domain(self) -> str:
        return ascii_domain(self.account.domain)

    @property
    def claimed(self) -> bool:
        """Created or adopted to the end, and by this very service."""
        return bool(self.login) and self.account.data.get("linked") == self.account.key

    def require_claim(self) -> None:
        """Whoever orders a domain that exists already must not get to its mailboxes."""
        if not self.claimed:
            raise ConflictError(
                f"This service neither created nor adopted {self.account.domain}.",
                message=_("This service is not active yet."),
            )

    @property
    def as_user(self) -> dict[str, str]:
        """Inside the account, whose bounds the panel then keeps itself."""
        self.require_claim()
        return {"su": self.login}

    def with_data(self, data: Mapping[str, Any], secrets: Mapping[str, str] | None = None) -> Scope:
        account = replace(
            self.account,
            data={**self.account.data, **data},
            secrets={**self.account.secrets, **(secrets or {})},
        )
        return replace(self, account=account)

    def local(self, address: str, *, field: str = "address") -> str:
        """The local part of an address of this domain. InvalidInput."""
        local, _at, domain = address.strip().lower().rpartition("@")
        if not LOCAL_PART.fullmatch(local) or ascii_domain(domain) != self.domain:
            raise InvalidInput(
                field,
                _(
                    "%(address)s is not an address of %(domain)s: letters, digits, dots, "
                    "hyphens and underscores, 64 in all, may stand before the @."
                )
                % {"address": address, "domain": self.account.domain},
            )
        return local

    def address(self, address: str, *, field: str = "address") -> str:
        return f"{self.local(address, field=field)}@{self.domain}"

    def targets(self, values: tuple[str, ...], *, field: str) -> list[str]:
        """Full addresses, each once. InvalidInput. The panel separates them by spaces."""
        found = list(dict.fromkeys(_ascii_address(value) for value in values if value.strip()))
        for target in found:
            if not ADDRESS.fullmatch(target):
                raise InvalidInput(
                    field, _("%(address)s is not an e-mail address.") % {"address": target}
                )
        return found


def _ascii_address(value: str) -> str:
    local, _at, domain = value.strip().lower().rpartition("@")
    return f"{local}@{ascii_domain(domain)}" if local else domain
