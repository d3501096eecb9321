"""Bank transfer: the customer sends money, a member of staff finds it on the bank's list."""

from __future__ import annotations

from collections.abc import Sequence

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop
from stdnum import bic, iban

from billing.gateways.contract import Ability, Demand, Gateway, Instruction
from config.money import format_money
from provisioning.contract.fields import Field, FieldSet


def _iban_trouble(text: str) -> str | None:
    if not text or iban.is_valid(text):
        return None
    return "This is not a valid IBAN; compare it with the bank's papers."


def _bic_trouble(text: str) -> str | None:
    if not text or bic.is_valid(text):
        return None
    return "This is not a valid BIC: it has 8 or 11 letters and digits."


class BankTransfer(Gateway):
    code = "bank"
    label = gettext_noop("Bank transfer")
    abilities = frozenset({Ability.INSTRUCTIONS})
    fields = FieldSet(
        (
            Field(code="holder", label="Account holder", required=True, max_length=120),
            Field(code="iban", label="IBAN", validate=_iban_trouble, max_length=42),
            Field(code="bic", label="BIC", validate=_bic_trouble, max_length=11),
            Field(code="account", label="Account number", help="Where there is no IBAN"),
            Field(code="bank", label="Bank", max_length=120),
            Field(code="note", label="Note", help="Printed below, such as a time of transfer"),
        )
    )

    def instructions(self, demand: Demand) -> Sequence[Instruction]:
        iban_text = self.settings["iban"]
        rows = (
            (_("Account holder"), self.settings["holder"]),
            (_("IBAN"), iban.format(iban_text) if iban_text else ""),
            (_("BIC"), self.settings["bic"]),
            (_("Account number"), self.settings["account"]),
            (_("Bank"), self.settings["bank"]),
            (_("Reference"), demand.title),
            (_("Amount"), format_money(demand.amount, demand.currency)),
            (_("Note"), self.settings["note"]),
        )
        return [Instruction(label, value) for label, value in rows if value]
