"""Domains, workgroups and reports by OMA."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import urlsplit

from provisioning.contract import (
    ConnectionReport,
    Group,
    MisconfiguredError,
    NotFound,
    PermanentError,
    TemporaryError,
)
from provisioning.modules.opensrs import reports
from provisioning.modules.opensrs.failures import NotEmpty, explained
from provisioning.modules.opensrs.oma_client import OmaClient
from provisioning.modules.opensrs.scope import whole
from provisioning.modules.opensrs.settings import MB, SENDING, STAFF
from provisioning.modules.opensrs.wire import (
    FILTER,
    FORWARD,
    MAILBOX,
    Domain,
    DomainRow,
    Plan,
    Wire,
)

_KINDS = (MAILBOX, FORWARD, FILTER)
_NEEDED_ROLE = "company"
# A list that is written whole is read back; somebody else may have written it meanwhile.
_TRIES = 3
_NAMED = 5


class OmaDomains(Wire):
    label = "OMA"

    def __init__(self, client: OmaClient, *, username: str) -> None:
        self._client = client
        self._username = username

    def check(self) -> ConnectionReport:
        started = time.monotonic()
        info = self._client.sign_in().get("extra_info")
        latency = round((time.monotonic() - started) * 1000)
        _check_role(info.get("roles") if isinstance(info, Mapping) else None)
        accounts = self._client.total("search_domains", {"criteria": {"type": ["domain"]}})
        host = str(urlsplit(self._client.base).hostname)
        return ConnectionReport(latency_ms=latency, version="OMA", edition=host, accounts=accounts)

    def domains(self) -> list[DomainRow]:
        wanted = {"criteria": {"type": ["domain"]}, "sort": {"by": "domain"}}
        found = self._client.pages("search_domains", "domains", wanted)
        return [
            DomainRow(name=str(row.get("domain") or "").lower(), counts=_mapping(row.get("users")))
            for row in found
            if row.get("domain")
        ]

    def domain(self, name: str) -> Domain | None:
        try:
            reply = self._client.call("get_domain", {"domain": name})
        except NotFound:
            return None
        attributes = _mapping(reply.get("attributes"))
        if attributes is None:
            raise TemporaryError(f"The platform neither confirms nor denies that {name} exists.")
        disabled, notes = attributes.get("disabled"), attributes.get("notes_external")
        return Domain(
            disabled=disabled if isinstance(disabled, bool) else None,
            notes=notes if isinstance(notes, str) else None,
            aliases=_names(attributes.get("aliases")),
            workgroup=str(attributes.get("workgroup") or ""),
            sending=str(attributes.get(SENDING[0]) or ""),
        )

    def create_domain(self, name: str, plan: Plan) -> None:
        told = {key: value for key, value in _attributes(plan).items() if value is not None}
        attributes = {**told, "notes_external": plan.mark}
        fields = {"domain": name, "attributes": attributes, "create_only": True}
        self._client.call("change_domain", fields)

    def change_domain(self, name: str, plan: Plan) -> None:
        """A limit that the product no longer sets goes back to what the company has."""
        self._change_domain(name, _attributes(plan))

    def set_disabled(self, name: str, *, disabled: bool) -> None:
        self._change_domain(name, {"disabled": disabled})

    def delete_domain(self, name: str) -> None:
        """The platform refuses a domain with accounts, so they go first, one by one."""
        accounts = [row.address for row in self.rows(name) if row.kind in _KINDS]
        for done, address in enumerate(accounts):
            try:
                self.delete(address)
            except NotFound:
                continue
            except TemporaryError as error:
                told = f"{done} of {len(accounts)} accounts were deleted."
                raise explained(error, told) from None
        try:
            self._client.call("delete_domain", {"domain": name})
        except NotEmpty as error:
            raise PermanentError(f"{error.detail} {self._left(name)}") from None

    def change_domain_aliases(
        self, name: str, *, add: Iterable[str], remove: Iterable[str]
    ) -> None:
        more, fewer = set(add), set(remove)

        def read() -> set[str]:
            found = self.domain(name)
            if found is None:
                raise NotFound(f"{name} is not on the platform.")
            return set(found.aliases or ())

        def write(names: list[str]) -> None:
            self._change_domain(name, {"aliases": names})

        self._rewrite(read, write, more, fewer)

    def counts(self, domain: str) -> dict[str, int]:
        return {kind: self.count(domain, kind) for kind in _KINDS}

    def count(self, domain: str, kind: str) -> int:
        told = self._client.total("search_users", {"criteria": {"domain": domain, "type": [kind]}})
        return sum(row.kind == kind for row in self.rows(domain)) if told is None else told

    def groups(self, domain: str) -> list[Group]:
        wanted = {"criteria": {"domain": domain}}
        rows = list(self._client.pages("search_workgroups", "workgroups", wanted))
        found = self.domain(domain)
        default = (found.workgroup if found else "") or STAFF
        return [_group(row, default) for row in rows if row.get("workgroup")]

    def create_group(self, domain: str, name: str) -> None:
        self._client.call("create_workgroup", {"domain": domain, "workgroup": name})

    def delete_group(self, domain: str, name: str) -> None:
        self._client.call("delete_workgroup", {"domain": domain, "workgroup": name})

    @property
    def meters_disk(self) -> bool:
        return True

    def disk_of_domain(self, domain: str) -> int | None:
        asked = {"type": "domain", "object": domain, "by": "day"}
        return reports.latest_storage(self._client.call("stats_summary", asked).get("summary"))

    def disk_report(self) -> Mapping[str, int]:
        date = reports.latest_day(self._client.call("stats_list", {}).get("snapshots"))
        company = self._username.rpartition("@")[2].removesuffix(".adm")
        asked = {"type": "company", "object": company, "date": date}
        url = self._client.call("stats_snapshot", asked).get("snapshot")
        if not isinstance(url, str) or not url:
            raise PermanentError("The platform names no file for its report.")
        return reports.bytes_by_domain(self._client.download(url))

    def _change_domain(self, name: str, attributes: Mapping[str, Any]) -> None:
        """Looked up first, because a change of a domain that is gone would make it anew."""
        if self.domain(name) is None:
            raise NotFound(f"{name} is not on the platform.")
        self._client.call("change_domain", {"domain": name, "attributes": attributes})

    def _rewrite(self, read: Any, write: Any, more: set[str], fewer: set[str]) -> None:
        """Read, merge, write the whole list, read back: what is in it already is never lost."""
        for _ in range(_TRIES):
            now = read()
            wanted = (now | more) - fewer
            if wanted == now:
                return
            write(sorted(wanted))
        now = read()
        if more - now or fewer & now:
            raise TemporaryError("The platform took the new list and still shows another one.")

    def _left(self, domain: str) -> str:
        left = [f"{row.address} ({row.kind})" for row in self.rows(domain)]
        more = f" and {len(left) - _NAMED} more" if len(left) > _NAMED else ""
        return f"Left in the domain: {', '.join(left[:_NAMED]) or 'nothing that is listed'}{more}."


def _attributes(plan: Plan) -> dict[str, Any]:
    """Mind the units: `quota` is in bytes, `quota_maximum` in megabytes. None inherits."""
    return {
        "limit_users": plan.mailboxes + plan.forwards,
        "limit_aliases": plan.aliases,
        "quota": plan.quota_bytes,
        "quota_maximum": plan.quota_maximum_bytes // MB,
        "spamlevel": plan.spam_level,
        "smtp_sent_limit": plan.sent_limit,
        "password_strength": plan.password_strength,
        **plan.services,
    }


def _group(row: Mapping[str, Any], default: str) -> Group:
    counts = _mapping(row.get("counts")) or {}
    known = {kind: number for kind, raw in counts.items() if (number := whole(raw)) is not None}
    name = str(row["workgroup"])
    return Group(name=name, counts=known, is_default=name.lower() == default.lower())


def _check_role(roles: Any) -> None:
    """Where the platform tells them: {role: objects} or a list of names."""
    names = {str(role) for role in roles} if isinstance(roles, Mapping | list) else set()
    if names and _NEEDED_ROLE not in names:
        raise MisconfiguredError(
            f"The account's role is {', '.join(sorted(names))}; this panel needs the role"
            f" {_NEEDED_ROLE}, which only the vendor can give."
        )


def _mapping(value: Any) -> Mapping[str, Any] | None:
    return value if isinstance(value, Mapping) else None


def _names(value: Any) -> tuple[str, ...]:
    return tuple(str(name).lower() for name in value) if isinstance(value, list) else ()
