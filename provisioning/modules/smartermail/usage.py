"""Disk and counts of all domains in one call, and one call for each domain that it leaves open."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext_noop as _

from provisioning.contract import (
    Account,
    MisconfiguredError,
    ModuleError,
    PermanentError,
    Reading,
    RemoteAccount,
    State,
    TemporaryError,
    UsageReport,
)
from provisioning.contract.metering import Metric, Unit
from provisioning.modules.smartermail.client import Client
from provisioning.modules.smartermail.scope import Scope, domain_data, state_of, whole

DISK = Metric("disk", _("Disk space"), Unit.BYTES)
MAILBOXES = Metric("mailboxes", _("Mailboxes"), Unit.COUNT)
ALIASES = Metric("aliases", _("Aliases"), Unit.COUNT)
METRICS = (DISK, MAILBOXES, ALIASES)

_MB = 1024**2
_PAGE = 500
# A server that fails this often in a row is not asked for thousands of domains one by one.
_PATIENCE = 3
Row = Mapping[str, Any]


@dataclass
class _Collected:
    readings: dict[str, tuple[Reading, ...]] = field(default_factory=dict)
    unknown: dict[str, str] = field(default_factory=dict)
    absurd: dict[str, Mapping[str, str]] = field(default_factory=dict)

    def take(self, scope: Scope, row: Row) -> None:
        size, odd = disk_bytes(row)
        if odd:
            self.absurd[scope.account.key] = {DISK.code: odd}
        elif size is not None:
            self.readings[scope.account.key] = (
                Reading(metric=DISK.code, value=Decimal(size)),
                *_counts(scope, row),
            )
        else:
            self.unknown[scope.account.key] = "The server names no disk usage for this domain."


def read_usage(client: Client, accounts: Sequence[Account]) -> UsageReport:
    """Raises only when the server gave nothing at all; single domains it leaves out are unknown."""
    scopes = [Scope(client, account) for account in accounts]
    rows, failure = _all_rows(client)
    found = _Collected()
    open_questions = []
    for scope in scopes:
        row = rows.get(scope.domain)
        if row is not None and disk_bytes(row) != (None, ""):
            found.take(scope, row)
        else:
            open_questions.append(scope)
    last = _ask_one_by_one(client, open_questions, found)
    if scopes and not (found.readings or found.absurd) and (failure or last):
        raise failure or last or TemporaryError("The server told no usage.")
    return UsageReport(
        readings=found.readings,
        unknown=found.unknown,
        absurd=found.absurd,
        source="domains" if rows else "domain",
    )


def inventory(client: Client) -> Iterable[RemoteAccount]:
    try:
        rows = list_domains(client)
    except PermanentError:
        return [
            RemoteAccount(domain=name, state=State.UNKNOWN) for name in sorted(domain_names(client))
        ]
    return [
        RemoteAccount(
            domain=name,
            state=state_of(row),
            mailboxes=whole(row.get("userCount")),
            disk_bytes=disk_bytes(row)[0],
        )
        for name, row in sorted(rows.items())
    ]


def list_domains(client: Client) -> dict[str, Row]:
    """Rows by lower-case name: `domains`, or the paged search where that call does not exist."""
    try:
        return _by_name(client.sysadmin.get("domains").get("data"))
    except PermanentError:
        return _searched(client)


def domain_names(client: Client) -> list[str]:
    names = client.sysadmin.get("domain-names").get("data")
    return [str(name).lower() for name in names] if isinstance(names, list) else []


def disk_bytes(row: Row) -> tuple[int | None, str]:
    """(bytes, "") when plausible, (None, raw) when absurd, (None, "") when nothing is said.

    Builds differ in which of the fields they have. `diskUsage` was seen by one client only, so a
    text in it does not count against the others.
    """
    odd = ""
    for key, factor in _USAGE_KEYS:
        value = row.get(key)
        if isinstance(value, int | float) and not isinstance(value, bool):
            size = whole(value * factor)
            return (size, "") if size is not None else (None, str(value)[:100])
        if value is not None:
            odd = str(value)[:100] or "an empty text"
            if key != "diskUsage":
                break
    return None, odd


_USAGE_KEYS = (("diskUsage", 1), ("size", 1), ("sizeMb", _MB))


def _all_rows(client: Client) -> tuple[dict[str, Row], ModuleError | None]:
    try:
        return list_domains(client), None
    except MisconfiguredError:
        raise
    except ModuleError as error:
        return {}, error


def _searched(client: Client) -> dict[str, Row]:
    rows: list[Any] = []
    while True:
        criteria = {
            "search": "",
            "skip": len(rows),
            "take": _PAGE,
            "sortField": "domainName",
            "sortDescending": False,
            "includeErrored": True,
        }
        reply = client.sysadmin.search("domain-list-search", json=criteria)
        page = reply.get("results", reply.get("data"))
        if not isinstance(page, list) or not page:
            return _by_name(rows)
        rows += page
        total = whole(reply.get("totalCount", reply.get("total")))
        if len(rows) >= total if total is not None else len(page) < _PAGE:
            return _by_name(rows)


def _by_name(rows: Any) -> dict[str, Row]:
    if not isinstance(rows, list):
        raise PermanentError("The server's list of domains is not readable.")
    found = [row for row in rows if isinstance(row, Mapping)]
    named = ((row.get("name") or row.get("domainName"), row) for row in found)
    return {str(name).lower(): row for name, row in named if name}


def _counts(scope: Scope, row: Row) -> Iterable[Reading]:
    users, aliases = whole(row.get("userCount")), whole(row.get("aliasCount"))
    if users is not None:
        yield Reading(metric=MAILBOXES.code, value=Decimal(max(0, users - bool(scope.hidden))))
    if aliases is not None:
        yield Reading(metric=ALIASES.code, value=Decimal(aliases))


def _ask_one_by_one(
    client: Client, scopes: Sequence[Scope], found: _Collected
) -> ModuleError | None:
    """The last failure in a row, if the server stopped answering."""
    failures: list[ModuleError] = []
    for scope in scopes:
        if len(failures) >= _PATIENCE:
            found.unknown[scope.account.key] = failures[-1].detail
            continue
        try:
            data = domain_data(client, scope.domain) if scope.domain else None
        except (TemporaryError, PermanentError) as error:
            found.unknown[scope.account.key] = error.detail
            failures.append(error)
            continue
        failures.clear()
        _take_single(scope, data, found)
    return failures[-1] if failures else None


def _take_single(scope: Scope, data: Row | None, found: _Collected) -> None:
    if data is None:
        found.unknown[scope.account.key] = "The domain is not on the server."
    else:
        found.take(scope, data)
