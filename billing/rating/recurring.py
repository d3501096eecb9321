"""Charges that depend on nothing measured: the flat price, options, one-off setup fees."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from django.utils.translation import gettext as _

from billing.rating.inputs import Agreement, OptionLine
from billing.rating.lines import Charge, LineKind


def flat_charge(agreement: Agreement) -> Charge:
    return Charge(
        kind=LineKind.BASE,
        key="base",
        description=agreement.title,
        quantity=1,
        unit_price=agreement.price,
        facts={"rule": "flat", "item": agreement.title},
    )


def option_charges(agreement: Agreement) -> Iterator[Charge]:
    """Nothing for an option of which none was taken or that costs nothing."""
    for option in _ordered(agreement):
        if option.quantity and option.unit_price:
            yield Charge(
                kind=LineKind.OPTION,
                key=f"option:{option.code}",
                description=option.label,
                quantity=option.quantity,
                unit_price=option.unit_price,
                facts={"rule": "option", "code": option.code, "item": option.label},
            )


def in_part(charge: Charge, agreement: Agreement) -> Charge:
    """Of a period that is not a whole one: its days' part of the price, as one piece."""
    if agreement.share is None:
        return charge
    days, whole = agreement.share
    number, price = charge.quantity, charge.unit_price
    each = f"{number} × " if number != 1 and charge.kind is LineKind.OPTION else ""
    facts = {
        "share": [days, whole],
        "entire": {"quantity": number, "unit_price": str(price)},
    }
    return replace(
        charge,
        description=_("%(item)s (%(days)s of %(whole)s days)")
        % {"item": each + charge.description, "days": days, "whole": whole},
        quantity=1,
        amount=number * price * days / whole,
        facts={**charge.facts, **facts},
    )


def setup_charges(agreement: Agreement) -> Iterator[Charge]:
    if agreement.setup_fee:
        yield Charge(
            kind=LineKind.SETUP,
            key="setup",
            description=_("Setup fee: %(item)s") % {"item": agreement.title},
            quantity=1,
            unit_price=agreement.setup_fee,
            facts={"rule": "setup", "item": agreement.title},
        )
    for option in _ordered(agreement):
        if option.quantity and option.setup:
            yield Charge(
                kind=LineKind.SETUP,
                key=f"setup:{option.code}",
                description=_("Setup fee: %(item)s") % {"item": option.label},
                quantity=option.quantity,
                unit_price=option.setup,
                facts={"rule": "setup", "code": option.code, "item": option.label},
            )


def _ordered(agreement: Agreement) -> list[OptionLine]:
    return sorted(agreement.options, key=lambda option: (option.position, option.code))
