"""Usage and inventory of everybody on a panel: one list each of accounts, domains and mailboxes."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from django.utils.translation import gettext_noop as _

from provisioning.contract import (
    Account,
    ModuleError,
    Reading,
    RemoteAccount,
    UsageReport,
)
from provisioning.contract.metering import Metric, Unit
from provisioning.modules.ispmanager.accounts import (
    accounts,
    optional_rows,
    owner_of,
    reseller_domains,
    state_of,
)
from provisioning.modules.ispmanager.answers import Node
from provisioning.modules.ispmanager.client import Client
from provisioning.modules.ispmanager.kinds import HOSTING, RESELLER, Kind
from provisioning.modules.ispmanager.mail_rows import domain_of, is_list, mebibytes
from provisioning.modules.ispmanager.scope import Scope, ascii_domain
from provisioning.modules.ispmanager.settings import setting

DISK = Metric("disk", _("Disk space"), Unit.BYTES)
MAIL_DISK = Metric("mail_disk", _("Mail storage"), Unit.BYTES)
MAILBOXES = Metric("mailboxes", _("Mailboxes"), Unit.COUNT)
MAIL_DOMAINS = Metric("mail_domains", _("Mail domains"), Unit.COUNT)
TRAFFIC = Metric("traffic", _("Traffic this month"), Unit.BYTES)
USERS = Metric("users", _("User accounts"), Unit.COUNT)
HOSTING_METRICS = (DISK, MAIL_DISK, MAILBOXES, MAIL_DOMAINS, TRAFFIC)
RESELLER_METRICS = (USERS, DISK, MAIL_DISK, MAILBOXES, MAIL_DOMAINS)


@dataclass
class Total:
    """What one login uses. A size is None while nobody tells it; odd texts are kept by metric."""

    values: dict[str, Decimal] = field(default_factory=dict)
    odd: dict[str, str] = field(default_factory=dict)
    untold: set[str] = field(default_factory=set)

    def count(self, metric: Metric, number: int = 1) -> None:
        self.values[metric.code] = self.values.get(metric.code, Decimal(0)) + number

    def size(self, metric: Metric, text: str) -> None:
        """In MiB as the panel has it. A blank is not 0."""
        size = mebibytes(text)
        if size is not None:
            self.values[metric.code] = self.values.get(metric.code, Decimal(0)) + size
        elif text:
            self.odd[metric.code] = text[:100]
        else:
            self.untold.add(metric.code)

    def readings(self, metrics: Iterable[Metric]) -> tuple[Reading, ...]:
        doubtful = self.untold | self.odd.keys()
        return tuple(
            Reading(metric=metric.code, value=self.values[metric.code])
            for metric in metrics
            if metric.code in self.values and metric.code not in doubtful
        )


def read_usage(client: Client, kind: Kind, sold: Sequence[Account]) -> UsageReport:
    totals = _hosting_totals(client) if kind is HOSTING else _reseller_totals(client)
    metrics = HOSTING_METRICS if kind is HOSTING else RESELLER_METRICS
    readings: dict[str, tuple[Reading, ...]] = {}
    unknown: dict[str, str] = {}
    absurd: dict[str, Mapping[str, str]] = {}
    for scope in (Scope(client, kind, account) for account in sold):
        key = scope.account.key
        total = totals.get(scope.login) if scope.claimed else None
        if total is None:
            unknown[key] = f"The panel lists no {kind.noun} of this service."
            continue
        if kind is HOSTING and setting(scope.account.settings, "read_traffic"):
            total.size(TRAFFIC, _traffic(scope))
        readings[key] = total.readings(metrics)
        if total.odd:
            absurd[key] = total.odd
    return UsageReport(readings=readings, unknown=unknown, absurd=absurd, source="lists")


def _hosting_totals(client: Client) -> dict[str, Total]:
    rows = accounts(client, HOSTING)
    totals = {row.value("name"): Total() for row in rows}
    for row in rows:
        totals[row.value("name")].size(DISK, row.value("quota_used"))
    _add_mail(client, totals)
    return totals


def _reseller_totals(client: Client) -> dict[str, Total]:
    """Sums over the users of each. The reseller's own files, if any, are not among them."""
    totals = {row.value("name"): Total() for row in accounts(client, RESELLER)}
    users = accounts(client, HOSTING)
    of_user = {row.value("name"): totals[owner_of(row)] for row in users if owner_of(row) in totals}
    for total in totals.values():
        for metric in RESELLER_METRICS:
            total.count(metric, 0)
    for row in users:
        total_of = of_user.get(row.value("name"))
        if total_of is not None:
            total_of.count(USERS)
            total_of.size(DISK, row.value("quota_used"))
    _add_mail(client, of_user)
    return totals


def _add_mail(client: Client, totals: Mapping[str, Total]) -> None:
    """`totals` by login; several logins may add to the same one."""
    for total in totals.values():
        for metric in (MAIL_DISK, MAILBOXES, MAIL_DOMAINS):
            total.count(metric, 0)
    domains = _mail_domains(client)
    for owner in domains.values():
        if owner in totals:
            totals[owner].count(MAIL_DOMAINS)
    for row, owner in _mailboxes(client, domains):
        if owner in totals:
            totals[owner].size(MAIL_DISK, row.value("size_used"))
            totals[owner].count(MAILBOXES, 0 if is_list(row) else 1)


def _mail_domains(client: Client) -> dict[str, str]:
    """Owner by domain."""
    rows = client.rows("emaildomain")
    return {ascii_domain(row.value("name")): owner_of(row) for row in rows}


def _mailboxes(client: Client, domains: Mapping[str, str]) -> Iterator[tuple[Node, str]]:
    """With the owner, whom not every panel names in this list."""
    for row in client.rows("email"):
        yield row, domains.get(domain_of(row)) or owner_of(row)


def _traffic(scope: Scope) -> str:
    try:
        rows = scope.client.rows(scope.kind.stats, {"su": scope.login})
    except ModuleError:
        return ""
    for row in rows:
        named = row.first("name")
        if named and named.attributes.get("orig") == "limit_traff":
            return row.value("usages_used")
    return ""


def hosting_inventory(client: Client) -> Iterable[RemoteAccount]:
    """A row for each mail domain; for an account without one, its web domains, or its login."""
    users = {row.value("name"): row for row in accounts(client, HOSTING)}
    domains = _mail_domains(client)
    boxes = Counter(domain_of(row) for row in client.rows("email") if not is_list(row))
    named: dict[str, list[str]] = defaultdict(list)
    for domain, owner in domains.items():
        named[owner].append(domain)
    for row in optional_rows(client, "webdomain"):
        if owner_of(row) not in domains.values():
            named[owner_of(row)].append(ascii_domain(row.value("name")))
    for login, row in sorted(users.items()):
        owned = named.get(login) or [login]
        size = mebibytes(row.value("quota_used")) if len(owned) == 1 else None
        for domain in sorted(owned):
            yield RemoteAccount(
                domain=domain,
                state=state_of(row),
                mailboxes=boxes[domain],
                disk_bytes=None if size is None else int(size),
                data={"login": login},
            )


def reseller_inventory(client: Client) -> Iterable[RemoteAccount]:
    rows = {row.value("name"): row for row in accounts(client, RESELLER)}
    for login, domain in reseller_domains(client):
        yield RemoteAccount(domain=domain, state=state_of(rows[login]), data={"login": login})
