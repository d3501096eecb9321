"""Users and storage of all tenants: one list where it tells them, else a call for each tenant."""

from __future__ import annotations

import random
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext_noop as _

from provisioning.contract import (
    Account,
    MisconfiguredError,
    ModuleError,
    NotFound,
    PermanentError,
    Reading,
    TemporaryError,
    UsageReport,
)
from provisioning.contract.metering import Aggregation, Metric, Unit
from provisioning.modules.easymailarchive.client import Client, whole
from provisioning.modules.easymailarchive.mapping import Tenant
from provisioning.modules.easymailarchive.scope import Scope
from provisioning.modules.easymailarchive.settings import setting

USERS = Metric("users", _("Active users"), Unit.COUNT, Aggregation.HIGHEST)
DISK = Metric("disk", _("Storage"), Unit.BYTES)
LICENCES = Metric("licences", _("Licences"), Unit.COUNT, Aggregation.HIGHEST)
MESSAGES = Metric("messages", _("Archived messages"), Unit.COUNT)
METRICS = (USERS, DISK, LICENCES, MESSAGES)

GB = 1024**3
# A platform that fails this often in a row is not asked for thousands of tenants one by one.
_PATIENCE = 3

_random = random.SystemRandom()


@dataclass
class _Collected:
    readings: dict[str, tuple[Reading, ...]] = field(default_factory=dict)
    unknown: dict[str, str] = field(default_factory=dict)
    absurd: dict[str, dict[str, str]] = field(default_factory=dict)

    def take(self, account: Account, tenant: Tenant) -> None:
        told = {USERS.code: tenant.users, DISK.code: tenant.bytes, MESSAGES.code: tenant.messages}
        odd = {code: str(raw)[:100] for code, raw in told.items() if _is_absurd(raw)}
        good = {code: value for code, raw in told.items() if (value := whole(raw)) is not None}
        if odd:
            self.absurd[account.key] = odd
        if good:
            self.readings[account.key] = tuple(_readings(account, good))
        if not odd and not good:
            self.unknown[account.key] = "The platform names no figures of this archive."

    @property
    def nothing(self) -> bool:
        return not self.readings and not self.absurd


def licences(users: int, size: int, *, gb_each: int) -> int:
    """As the vendor counts them: by users, or by started parts of storage if those are more."""
    return max(users, -(-size // (gb_each * GB)))


def read_usage(client: Client, accounts: Sequence[Account]) -> UsageReport:
    """Raises only when nothing at all was told; what a list or a tenant leaves out is unknown."""
    rows, failure = _listed(client)
    found, asked = _Collected(), []
    for account in accounts:
        slug = Scope(client, account).slug
        if slug in rows and rows[slug].figures == 2:
            found.take(account, rows[slug])
        elif not slug or not (slug in rows or failure):
            found.unknown[account.key] = f"{slug or 'No archive'} is not found under this API key."
        else:
            asked.append((account, slug))
    last = _ask_one_by_one(client, asked, found)
    if accounts and found.nothing and (failure or last):
        raise failure or last or TemporaryError("The platform told no usage.")
    return UsageReport(
        readings=found.readings,
        unknown=found.unknown,
        absurd=found.absurd,
        source="tenant" if asked else "tenants",
    )


def _listed(client: Client) -> tuple[dict[str, Tenant], ModuleError | None]:
    """What was read before a failure counts."""
    rows: dict[str, Tenant] = {}
    try:
        for tenant in client.tenants():
            rows[tenant.slug] = tenant
    except MisconfiguredError:
        raise
    except ModuleError as error:
        return rows, error
    return rows, None


def _ask_one_by_one(
    client: Client, asked: Iterable[tuple[Account, str]], found: _Collected
) -> ModuleError | None:
    """In a new order each time: when time runs out, it is not always the same ones that are left.
    Returns the last failure in a row.
    """
    pairs = list(asked)
    _random.shuffle(pairs)
    failures: list[ModuleError] = []
    for account, slug in pairs:
        if len(failures) >= _PATIENCE:
            found.unknown[account.key] = failures[-1].detail
            continue
        try:
            tenant = _shown(client, slug)
        except NotFound as error:
            found.unknown[account.key] = error.detail
        except (TemporaryError, PermanentError) as error:
            found.unknown[account.key] = error.detail
            failures.append(error)
        else:
            failures.clear()
            found.take(account, tenant)
    return failures[-1] if failures else None


def _shown(client: Client, slug: str) -> Tenant:
    tenant = client.tenant(slug)
    return tenant if tenant.figures else client.usage(slug)


def _readings(account: Account, good: dict[str, int]) -> Iterable[Reading]:
    users, size = good.get(USERS.code), good.get(DISK.code)
    if users is not None and size is not None:
        each = max(1, int(setting(account.settings, "gb_per_licence") or 1))
        good = {**good, LICENCES.code: licences(users, size, gb_each=each)}
    for code, value in good.items():
        yield Reading(metric=code, value=Decimal(value))


def _is_absurd(raw: Any) -> bool:
    return raw is not None and whole(raw) is None
