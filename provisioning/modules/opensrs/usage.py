"""Usage of many domains: one list of the company counts them all, one report weighs them all.

What the company's list or report leaves open is asked domain by domain, and at last mailbox by
mailbox, as long as there is time. What stays open is unknown, which is not 0.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from functools import partial
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
    TokenStore,
    UsageReport,
)
from provisioning.contract.metering import Metric, Unit
from provisioning.modules.opensrs.scope import Scope, whole
from provisioning.modules.opensrs.wire import FORWARD, MAILBOX, Wire

DISK = Metric("disk", _("Disk space"), Unit.BYTES)
MAILBOXES = Metric("mailboxes", _("Mailboxes"), Unit.COUNT)
FORWARDS = Metric("forwards", _("Forwards"), Unit.COUNT)
METRICS = (DISK, MAILBOXES, FORWARDS)

_COUNTED = {MAILBOX: MAILBOXES, FORWARD: FORWARDS}
# A platform that fails this often in a row is not asked for thousands of domains one by one.
_PATIENCE = 3
_NOT_LISTED = "The platform does not list this domain."


@dataclass
class _Collected:
    readings: dict[str, list[Reading]] = field(default_factory=dict)
    unknown: dict[str, str] = field(default_factory=dict)
    absurd: dict[str, dict[str, str]] = field(default_factory=dict)
    failures: int = 0
    last: ModuleError | None = None

    def take(self, key: str, metric: Metric, raw: Any) -> None:
        value = whole(raw)
        if value is None:
            self.absurd.setdefault(key, {})[metric.code] = str(raw)[:100]
        else:
            reading = Reading(metric=metric.code, value=Decimal(value))
            self.readings.setdefault(key, []).append(reading)

    def asked(self, act: Callable[[], Any]) -> Any:
        """The answer, or None; after some failures in a row nothing more is asked."""
        if self.failures >= _PATIENCE:
            return None
        try:
            answer = act()
        except PermanentError as error:
            self.last = error
            return None
        except (TemporaryError, MisconfiguredError) as error:
            self.failures, self.last = self.failures + 1, error
            return None
        self.failures = 0
        return answer


def read_usage(
    wire: Wire, tokens: TokenStore, accounts: Sequence[Account], *, disk: str
) -> UsageReport:
    """`disk` is the server's choice of a source. Raises only when nothing at all was learnt."""
    scopes = [Scope(wire, tokens, account) for account in accounts]
    listed = {row.name: row.counts for row in wire.domains()}
    found = _Collected()
    for scope in scopes:
        if scope.domain in listed:
            _count(scope, listed[scope.domain], found)
        else:
            found.unknown[scope.account.key] = _NOT_LISTED
    if wire.meters_disk and disk != "none":
        known = [scope for scope in scopes if scope.account.key not in found.unknown]
        _weigh(wire, known, found, source=disk)
    if scopes and not (found.readings or found.absurd) and found.failures and found.last:
        raise found.last
    return UsageReport(
        readings={key: tuple(values) for key, values in found.readings.items()},
        unknown=found.unknown,
        absurd=found.absurd,
        source=wire.label,
    )


def inventory(wire: Wire) -> Iterator[RemoteAccount]:
    """Whether a domain is suspended is not in the list."""
    for row in wire.domains():
        counts = row.counts or {}
        yield RemoteAccount(
            domain=row.name, state=State.UNKNOWN, mailboxes=whole(counts.get(MAILBOX))
        )


def _count(scope: Scope, counts: Mapping[str, Any] | None, found: _Collected) -> None:
    key = scope.account.key
    if counts is None or any(kind not in counts for kind in _COUNTED):
        counts = found.asked(lambda: scope.wire.counts(scope.domain))
    if counts is None:
        found.unknown[key] = found.last.detail if found.last else "The platform fell silent."
        return
    for kind, metric in _COUNTED.items():
        found.take(key, metric, counts[kind])


def _weigh(wire: Wire, scopes: Sequence[Scope], found: _Collected, *, source: str) -> None:
    report: Mapping[str, int] = {}
    if source == "auto" and scopes:
        report = found.asked(wire.disk_report) or {}
    for scope in scopes:
        size = report.get(scope.domain)
        if size is None and source != "mailboxes":
            size = found.asked(partial(wire.disk_of_domain, scope.domain))
        if size is None and source != "summary":
            size = found.asked(partial(_weighed_singly, scope))
        if size is not None:
            found.take(scope.account.key, DISK, size)


def _weighed_singly(scope: Scope) -> int | None:
    """None when the size of one mailbox is not told: a part is no total."""
    rows = [row for row in scope.wire.rows(scope.domain) if row.kind == MAILBOX]
    users = (scope.wire.find(row.address) for row in rows)
    total = 0
    for user in users:
        size = user.size_bytes if user else 0
        if size is None:
            return None
        total += size
    return total
