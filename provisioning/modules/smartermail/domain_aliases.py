"""Further domain names that deliver to the same mailboxes."""

from __future__ import annotations

import re
from collections.abc import Mapping

from django.utils.translation import gettext as _

from provisioning.contract import (
    ConflictError,
    DomainAliasStore,
    InvalidInput,
    NotFound,
    PermanentError,
    unless_done,
)
from provisioning.modules.smartermail.scope import Scope, ascii_domain
from provisioning.modules.smartermail.settings import limit

_LABEL = r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?"
_NAME = re.compile(rf"{_LABEL}(\.{_LABEL})+")


def is_domain_name(ascii_name: str) -> bool:
    return 4 <= len(ascii_name) <= 253 and _NAME.fullmatch(ascii_name) is not None


class SmarterMailDomainAliases(DomainAliasStore):
    def __init__(self, scope: Scope) -> None:
        self._scope = scope
        self._way = scope.way

    def all(self) -> list[str]:
        rows = self._way.get("domain-aliases").get("domainAliasData")
        found = [row for row in rows or () if isinstance(row, Mapping) and row.get("name")]
        return [str(row["name"]).lower() for row in found]

    def add(self, name: str) -> None:
        alias = self._checked(name)
        present = self.all()
        if alias in present:
            raise ConflictError(
                _("%(alias)s is there already.") % {"alias": alias},
                message=_("%(alias)s is there already.") % {"alias": alias},
            )
        account = self._scope.account
        most = limit(account.settings, account.options, "max_domain_aliases")
        if len(present) >= most:
            raise PermanentError(
                f"The limit of {most} domain aliases is reached.",
                message=_("Your package allows %(most)s domain aliases.") % {"most": most},
            )
        # Only a token made by impersonation may skip the server's check of the MX record.
        impersonating = self._scope.client.domain(self._scope.domain, impersonate=True)
        unless_done(
            lambda: impersonating.post("domain-alias-put", alias, "false"),
            lambda: alias in self.all(),
        )

    def delete(self, name: str) -> None:
        alias = ascii_domain(name)
        if alias not in self.all():
            return
        try:
            unless_done(
                lambda: self._way.post("domain-alias-delete", alias),
                lambda: alias not in self.all(),
            )
        except NotFound:
            return

    def _checked(self, name: str) -> str:
        alias = ascii_domain(name)
        if not is_domain_name(alias):
            raise InvalidInput("name", _("%(name)s is not a domain name.") % {"name": name})
        if alias == self._scope.domain:
            raise InvalidInput("name", _("This is the main domain itself."))
        return alias
