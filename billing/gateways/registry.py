"""Which ways to be paid the panel knows, and those the reseller has switched on."""

from __future__ import annotations

from functools import cache

from django.utils.module_loading import import_string

from billing.gateways.contract import Ability, Gateway
from billing.gateways.errors import GatewayMisconfigured
from billing.models import GatewayAccount
from config.language import told

GATEWAYS: dict[str, str] = {
    "bank": "billing.gateways.bank.BankTransfer",
    "stripe": "billing.gateways.stripe.gateway.StripeGateway",
}


@cache
def installed() -> dict[str, type[Gateway]]:
    return {code: import_string(path) for code, path in GATEWAYS.items()}


def choices() -> list[tuple[str, str]]:
    return [(code, kind.label) for code, kind in installed().items()]


def kind_of(code: str) -> type[Gateway] | None:
    """None for money that came some other way, such as cash."""
    return installed().get(code)


def open_account(account: GatewayAccount) -> Gateway:
    """GatewayMisconfigured when no such gateway is installed."""
    kind = kind_of(account.code)
    if kind is None:
        raise GatewayMisconfigured(f'No gateway "{account.code}" is installed.')
    return kind(kind.fields.load(account.settings or {}))


def open_gateway(code: str) -> Gateway:
    """Switched off or not: what is under way is carried to its end. GatewayMisconfigured."""
    account = GatewayAccount.objects.filter(code=code).first()
    if account is None:
        raise GatewayMisconfigured(f"The gateway {code} is not set up.")
    return open_account(account)


def offered(ability: Ability) -> list[GatewayAccount]:
    """Those that are switched on and can do this, in their order."""
    able = [code for code, kind in installed().items() if kind.can(ability)]
    return list(GatewayAccount.objects.filter(enabled=True, code__in=able))


def labels_of() -> dict[str, str]:
    """What customers read, by code."""
    rows = GatewayAccount.objects.values_list("code", "label")
    return {code: told(label) for code, label in rows}


def label_of(code: str) -> str:
    kind = kind_of(code)
    return told(kind.label) if kind else code.replace("_", " ").capitalize()
