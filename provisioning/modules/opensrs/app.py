"""The platform by APP. Where public sources are silent on a name, the guesses are in one table."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping

from provisioning.contract import (
    ConflictError,
    ConnectionReport,
    Group,
    PermanentError,
    TemporaryError,
)
from provisioning.modules.opensrs.app_accounts import AppAccounts
from provisioning.modules.opensrs.scope import whole
from provisioning.modules.opensrs.settings import STAFF
from provisioning.modules.opensrs.wire import (
    FILTER,
    FORWARD,
    MAILBOX,
    Domain,
    DomainRow,
    Plan,
)

# Columns and attributes whose names no public source tells, the likeliest first.
_DISABLED = ("DISABLED", "DISABLED_STATUS", "SUSPENDED")
_ALIASES = ("ALIASES", "DOMAIN_ALIASES", "ALIAS_LIST")
_COUNTS = {
    MAILBOX: ("MAILBOX", "MAILBOXES"),
    FORWARD: ("FORWARD", "FORWARD_ONLY"),
    FILTER: ("FILTER", "FILTER_ONLY"),
}
_MEMBERS = {MAILBOX: "MAILBOX_COUNT", FORWARD: "FORWARD_COUNT", "alias": "ALIAS_COUNT"}
_TRUE_FALSE = {"T": True, "F": False}


class AppWire(AppAccounts):
    label = "APP"
    creates_bare = True
    aliases_are_objects = True

    def check(self) -> ConnectionReport:
        started = time.monotonic()
        self._client.open()
        latency = round((time.monotonic() - started) * 1000)
        self._client.call("get_company_domains", {"limit": "1"})
        return ConnectionReport(latency_ms=latency, version=f"APP {self._client.version}")

    def domains(self) -> list[DomainRow]:
        rows = self._client.call("get_company_domains", {}).rows
        return [DomainRow(name=row["DOMAIN"].lower()) for row in rows if row.get("DOMAIN")]

    def domain(self, name: str) -> Domain | None:
        """The refusal of an unknown domain has no known number, so the company's list decides."""
        try:
            record = self._client.call("get_domain", {"domain": name}).record
        except PermanentError:
            if any(row.name == name for row in self.domains()):
                raise
            return None
        aliases = _first(record, _ALIASES)
        return Domain(
            disabled=_TRUE_FALSE.get((_first(record, _DISABLED) or "").upper()),
            aliases=None if aliases is None else tuple(_split(aliases)),
        )

    def create_domain(self, name: str, plan: Plan) -> None:
        """A refusal of a domain that is there afterwards means that it was there before."""
        attributes = {"domain": name, "spam_level": plan.spam_level.lower()}
        try:
            self._client.call("create_domain", attributes)
        except PermanentError as error:
            if self.domain(name) is None:
                raise
            raise ConflictError(error.detail) from None

    def change_domain(self, name: str, plan: Plan) -> None:
        self._client.call("change_domain", {"domain": name, "spam_level": plan.spam_level.lower()})
        self._set_limits(name, plan)

    def set_disabled(self, name: str, *, disabled: bool) -> None:
        attributes = {"domain": name, "disabled": "T" if disabled else "F"}
        self._client.call("set_domain_disabled_status", attributes)

    def delete_domain(self, name: str) -> None:
        self._client.call("delete_domain", {"domain": name, "cascade": "T"})

    def change_domain_aliases(
        self, name: str, *, add: Iterable[str], remove: Iterable[str]
    ) -> None:
        for alias in add:
            self._client.call("create_domain_alias", {"domain": name, "alias": alias})
        for alias in remove:
            try:
                self._client.call("delete_domain_alias", {"alias": alias})
            except PermanentError:
                if self._has_alias(name, alias):
                    raise

    def count(self, domain: str, kind: str) -> int:
        return self.counts(domain)[kind]

    def counts(self, domain: str) -> dict[str, int]:
        """TemporaryError when the answer has no such number: no count is not none."""
        record = self._client.call("get_num_domain_mailboxes", {"domain": domain}).record
        found = {kind: whole(_first(record, names)) for kind, names in _COUNTS.items()}
        found[FILTER] = found[FILTER] or 0
        known = {kind: number for kind, number in found.items() if number is not None}
        if len(known) < len(_COUNTS):
            raise TemporaryError(f"The platform does not say how many accounts {domain} has.")
        return known

    def groups(self, domain: str) -> list[Group]:
        rows = self._client.call("get_domain_workgroups", {"domain": domain}).rows
        return [
            Group(
                name=row["WORKGROUP"],
                counts={kind: whole(row.get(name)) or 0 for kind, name in _MEMBERS.items()},
                is_default=row["WORKGROUP"].lower() == STAFF,
            )
            for row in rows
            if row.get("WORKGROUP")
        ]

    def create_group(self, domain: str, name: str) -> None:
        self._client.call("create_workgroup", {"domain": domain, "workgroup": name})

    def delete_group(self, domain: str, name: str) -> None:
        self._client.call("delete_workgroup", {"domain": domain, "workgroup": name})

    def _set_limits(self, name: str, plan: Plan) -> None:
        limits = {"mailbox": str(plan.mailboxes), "forward_only": str(plan.forwards)}
        if plan.aliases is not None:
            limits["alias"] = str(plan.aliases)
        self._client.call("set_domain_mailbox_limits", {"domain": name, **limits})

    def _has_alias(self, name: str, alias: str) -> bool:
        found = self.domain(name)
        return found is not None and (found.aliases is None or alias in found.aliases)


def _first(record: Mapping[str, str], names: Iterable[str]) -> str | None:
    return next((record[name] for name in names if name in record), None)


def _split(value: str) -> list[str]:
    return [part.strip().lower() for part in value.split(",") if part.strip()]
