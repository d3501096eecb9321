"""How an open invoice is paid without anybody's page: printed on it and shown beside it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from billing.gateways.contract import Ability, Demand, Instruction
from billing.gateways.errors import GatewayError
from billing.gateways.registry import offered, open_account
from billing.models import GatewayAccount, Invoice
from billing.payments.payers import known_payer
from config.language import told


@dataclass(frozen=True)
class Way:
    label: str
    rows: Sequence[Instruction]


def for_invoice(invoice: Invoice) -> list[Way]:
    """Nothing for one that is settled, or is no invoice."""
    if invoice.kind != Invoice.Kind.INVOICE or invoice.open_amount <= 0:
        return []
    return [
        Way(told(account.label), rows)
        for account in offered(Ability.INSTRUCTIONS)
        if (rows := _rows(invoice, account))
    ]


def _rows(invoice: Invoice, account: GatewayAccount) -> Sequence[Instruction]:
    try:
        gateway = open_account(account)
        demand = Demand(
            reference=invoice.public_id,
            title=str(invoice),
            amount=invoice.open_amount,
            currency=invoice.currency,
            payer=known_payer(invoice.customer, gateway),
        )
        return gateway.instructions(demand)
    except GatewayError:
        return ()
