"""Usage of one domain after another, since the platform has no call for all of them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from django.utils.translation import gettext_noop as _

from provisioning.contract import (
    Account,
    ModuleError,
    PermanentError,
    Reading,
    RemoteAccount,
    State,
    TemporaryError,
    UsageReport,
)
from provisioning.contract.metering import Metric, Unit
from provisioning.modules.polarismail import loose, reading, units, wire
from provisioning.modules.polarismail.client import Client
from provisioning.modules.polarismail.lifecycle import is_ours
from provisioning.modules.polarismail.reading import DomainRow, MailboxRow
from provisioning.modules.polarismail.scope import Scope

DISK = Metric("disk", _("Disk space"), Unit.BYTES)
DISK_LIMIT = Metric("disk_limit", _("Disk space of all mailboxes' sizes"), Unit.BYTES)
MAILBOXES = Metric("mailboxes", _("Mailboxes"), Unit.COUNT)
BASIC = Metric("mailboxes_basic", _("Basic mailboxes"), Unit.COUNT)
ENHANCED = Metric("mailboxes_enhanced", _("Enhanced mailboxes"), Unit.COUNT)
DISABLED = Metric("mailboxes_disabled", _("Disabled mailboxes"), Unit.COUNT)
ALIASES = Metric("aliases", _("Aliases"), Unit.COUNT)
LISTS = Metric("lists", _("Distribution lists"), Unit.COUNT)
METRICS = (DISK, DISK_LIMIT, MAILBOXES, BASIC, ENHANCED, DISABLED, ALIASES, LISTS)

# A platform that fails this often in a row is not asked for thousands of domains.
_PATIENCE = 3
_REMEMBERED_FOR = 7 * 86_400.0
_WAITING = "The ownership of the domain is not proven yet, so there is nothing to measure."


@dataclass
class _Collected:
    readings: dict[str, tuple[Reading, ...]] = field(default_factory=dict)
    unknown: dict[str, str] = field(default_factory=dict)
    absurd: dict[str, dict[str, str]] = field(default_factory=dict)


def read_usage(client: Client, accounts: Sequence[Account]) -> UsageReport:
    """Raises only when the platform told nothing at all."""
    found, present = _Collected(), reading.domains(client)
    scopes = [Scope(client, account) for account in accounts]
    measurable = [scope for scope in scopes if _measurable(scope, present, found)]
    last = _measure(client, _from_where_we_stopped(client, measurable), found)
    if measurable and last and not (found.readings or found.absurd):
        raise last
    return UsageReport(
        readings=found.readings,
        unknown=found.unknown,
        absurd=found.absurd,
        source="getAllUsersDomain",
    )


def inventory(client: Client) -> Iterable[RemoteAccount]:
    """Mailboxes and sizes are left out: they would cost a call for each domain."""
    states = {True: State.ACTIVE, False: State.SUSPENDED, None: State.UNKNOWN}
    return [
        RemoteAccount(domain=name, state=states[row.active])
        for name, row in sorted(reading.domains(client).items())
    ]


def _measurable(scope: Scope, present: dict[str, DomainRow], found: _Collected) -> bool:
    key, row = scope.account.key, present.get(scope.domain)
    if scope.claimed and not scope.verified:
        found.unknown[key] = _WAITING
    elif row is None or not is_ours(scope, row):
        found.unknown[key] = "The domain is not in the account."
    return key not in found.unknown


def _from_where_we_stopped(client: Client, scopes: list[Scope]) -> list[Scope]:
    """When time runs out it must not always be the same domains that are left over."""
    place = client.link.tokens.get("usage-place") or {}
    keys = [scope.account.key for scope in scopes]
    start = keys.index(place["key"]) if place.get("key") in keys else 0
    return scopes[start:] + scopes[:start]


def _measure(client: Client, scopes: list[Scope], found: _Collected) -> ModuleError | None:
    """The last failure in a row, if the platform stopped answering."""
    failures: list[ModuleError] = []
    for scope in scopes:
        key = scope.account.key
        if len(failures) >= _PATIENCE:
            found.unknown[key] = failures[-1].detail
            continue
        try:
            _take(scope, found)
        except (TemporaryError, PermanentError) as error:
            _remember(client, key, first=not failures)
            found.unknown[key] = error.detail
            failures.append(error)
        else:
            failures.clear()
    return failures[-1] if failures else None


def _remember(client: Client, key: str, *, first: bool) -> None:
    if first:
        client.link.tokens.set("usage-place", {"key": key}, seconds=_REMEMBERED_FOR)


def _take(scope: Scope, found: _Collected) -> None:
    client, domain, key = scope.client, scope.domain, scope.account.key
    rows = reading.mailboxes(client, domain)
    info = reading.domain_info(client, domain)
    odd = next((row.raw_usage for row in rows if row.usage is None and row.raw_usage), "")
    if odd:
        found.absurd[key] = {DISK.code: odd}
    measured = [*_sizes(scope, rows), *_counts(rows), *_told(info)]
    found.readings[key] = tuple(
        Reading(metric=metric.code, value=Decimal(value)) for metric, value in measured
    )


def _sizes(scope: Scope, rows: Sequence[MailboxRow]) -> list[tuple[Metric, int]]:
    """A sum is unknown as long as one of its parts is."""
    used = [(row.usage, row.base(scope.mb_per_gb)) for row in rows]
    most = [(row.quota, row.base(scope.mb_per_gb)) for row in rows]
    sums = ((DISK, _sum(used)), (DISK_LIMIT, _sum(most)))
    return [(metric, total) for metric, total in sums if total is not None]


def _sum(sizes: list[tuple[Decimal | None, int]]) -> int | None:
    known = [units.bytes_of(size, base) for size, base in sizes if size is not None]
    return sum(known) if len(known) == len(sizes) else None


def _counts(rows: Sequence[MailboxRow]) -> list[tuple[Metric, int]]:
    enhanced = sum(row.type == wire.ENHANCED for row in rows)
    return [
        (MAILBOXES, len(rows)),
        (BASIC, len(rows) - enhanced),
        (ENHANCED, enhanced),
        (DISABLED, sum(row.disabled for row in rows)),
    ]


def _told(info: dict[str, object]) -> list[tuple[Metric, int]]:
    """What the domain's own figures leave out stays unknown."""
    said = ((ALIASES, loose.whole(info["aliases"])), (LISTS, loose.whole(info["lists"])))
    return [(metric, count) for metric, count in said if count is not None]
