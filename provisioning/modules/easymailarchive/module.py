"""Easy Mail Archive in the contract's terms: a service is a tenant, one customer's archive."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from functools import cached_property
from typing import Any

from provisioning.contract import (
    Account,
    Capability,
    ConnectionReport,
    Fact,
    Link,
    Module,
    Observed,
    Progress,
    RemoteAccount,
    State,
    UsageReport,
)
from provisioning.contract.metering import MeteringTerms, Metric, PerUnitTerms
from provisioning.modules.easymailarchive import (
    creation,
    inventory,
    lifecycle,
    showing,
    usage,
)
from provisioning.modules.easymailarchive.client import Client
from provisioning.modules.easymailarchive.mapping import SECRET_NAMES, VENDOR_DOMAIN
from provisioning.modules.easymailarchive.scope import Scope
from provisioning.modules.easymailarchive.settings import (
    PRODUCT_FIELDS,
    SERVER_FIELDS,
    SERVICE_FIELDS,
    setting,
)

# Metric, its price and what is included, by code of the setting.
PRICED: tuple[tuple[Metric, str, str], ...] = (
    (usage.USERS, "user_price", "included_users"),
    (usage.DISK, "gb_price", "included_gb"),
    (usage.LICENCES, "licence_price", "included_licences"),
)
NO_BASE_DOMAIN = (
    f"No base domain is set: where the platform names no address, links lead to {VENDOR_DOMAIN}."
)


class EasyMailArchive(Module):
    code = "easymailarchive"
    label = "Easy Mail Archive"
    username_label = "User name (not used)"
    password_label = "API key"  # noqa: S105
    capabilities = frozenset(
        {
            Capability.SUSPEND,
            Capability.TERMINATE,
            Capability.CHANGE_PACKAGE,
            Capability.INVENTORY,
            Capability.USAGE,
        }
    )
    metrics = usage.METRICS
    server_fields = SERVER_FIELDS
    product_fields = PRODUCT_FIELDS
    service_fields = SERVICE_FIELDS
    after_terminate = frozenset({State.MISSING, State.SUSPENDED})
    secret_names = SECRET_NAMES

    @cached_property
    def client(self) -> Client:
        return Client(self.link)

    def _scope(self, account: Account) -> Scope:
        return Scope(self.client, account)

    def check_connection(self) -> ConnectionReport:
        started = time.monotonic()
        page = self.client.page()
        latency = round((time.monotonic() - started) * 1000)
        warnings = () if self.link.settings.get("base_domain") else (NO_BASE_DOMAIN,)
        return ConnectionReport(latency_ms=latency, accounts=page.total, warnings=warnings)

    def inventory(self) -> Iterable[RemoteAccount]:
        return inventory.inventory(self._scope(Account(key="", domain="")))

    def observe(self, account: Account) -> Observed:
        return lifecycle.observe(self._scope(account))

    def create(self, account: Account, progress: Progress) -> Observed:
        return creation.create(self._scope(account), progress)

    def adopt(self, account: Account) -> Observed:
        return inventory.adopt(self._scope(account))

    def suspend(self, account: Account, reason: str) -> Observed:
        return lifecycle.suspend(self._scope(account))

    def unsuspend(self, account: Account) -> Observed:
        return lifecycle.unsuspend(self._scope(account))

    def terminate(self, account: Account) -> Observed:
        return lifecycle.terminate(self._scope(account))

    def change_package(self, account: Account) -> Observed:
        return lifecycle.change_package(self._scope(account))

    def read_usage(self, accounts: Sequence[Account]) -> UsageReport:
        return usage.read_usage(self.client, accounts)

    @classmethod
    def metering(cls, settings: Mapping[str, Any], currency: str) -> MeteringTerms:
        terms = (
            PerUnitTerms(
                metric=metric,
                included=max(0, int(setting(settings, included))),
                price=_price(settings, price, currency),
            )
            for metric, price, included in PRICED
        )
        return MeteringTerms(units=tuple(each for each in terms if each.price))

    @classmethod
    def links(cls, account: Account) -> tuple[Link, ...]:
        return showing.links(account)

    @classmethod
    def facts(cls, account: Account) -> tuple[Fact, ...]:
        return showing.facts(account)

    @classmethod
    def first_steps(cls, account: Account) -> tuple[str, ...]:
        return showing.first_steps(account)


def _price(settings: Mapping[str, Any], code: str, currency: str) -> Decimal:
    """A currency without a price, or a price that makes no sense, is not billed."""
    amount = setting(settings, code).get(currency)
    usable = isinstance(amount, Decimal) and amount.is_finite() and amount > 0
    return amount if usable else Decimal(0)
