"""Further names of the whole domain. The platform sets no limit, so the product does."""

from __future__ import annotations

from django.utils.translation import gettext as _

from provisioning.contract import ConflictError, DomainAliasStore, InvalidInput
from provisioning.modules.polarismail import reading
from provisioning.modules.polarismail.answers import Refusal
from provisioning.modules.polarismail.names import require_room
from provisioning.modules.polarismail.scope import Scope, ascii_domain
from provisioning.modules.polarismail.settings import setting
from provisioning.modules.polarismail.transport import unless_done


class PolarisMailDomainAliases(DomainAliasStore):
    def __init__(self, scope: Scope) -> None:
        scope.require_ready()
        self._scope = scope

    def add(self, name: str) -> None:
        scope, alias = self._scope, ascii_domain(name)
        if not alias or alias == scope.domain:
            raise InvalidInput("name", _("Enter another domain name."))
        with scope.alone():
            present = self._all()
            if alias in present:
                raise ConflictError(f"{alias} is a domain alias already.")
            most = int(setting(scope.account.settings, "max_domain_aliases"))
            require_room(len(present), most, _("domain aliases"), field="name")
            unless_done(
                lambda: scope.client.call("add_domain_alias", domain=scope.domain, name=alias),
                lambda: alias in self._all(),
            )

    def delete(self, name: str) -> None:
        scope, alias = self._scope, ascii_domain(name)
        if alias not in self._all():
            return
        try:
            unless_done(
                lambda: scope.client.call("remove_domain_alias", domain=scope.domain, name=alias),
                lambda: alias not in self._all(),
            )
        except Refusal:
            if alias in self._all():
                raise

    def _all(self) -> list[str]:
        return reading.domain_aliases(self._scope.client, self._scope.domain)
