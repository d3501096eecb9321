"""What a product costs at least: one line for a cycle and currency."""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError

from backoffice.catalogue.prices import amount_problem
from config.periods import CYCLES

Minimums = dict[str, dict[str, str]]  # cycle, currency, amount
HELP = (
    "One line for each cycle and currency, such as: monthly EUR = 15.00. What a term costs less "
    "than that is charged when it is over."
)
CODES = [code for code, cycle in CYCLES.items() if cycle.recurs]


class MinimumsField(forms.CharField):
    """Cleans to {cycle: {currency: amount}}."""

    widget = forms.Textarea(attrs={"rows": 2})

    def clean(self, value: Any) -> Any:
        found: Minimums = {}
        for line in super().clean(value).splitlines():
            if line.strip():
                cycle, currency, amount = _read(line)
                found.setdefault(cycle, {})[currency] = amount
        return found

    def has_changed(self, initial: Any, data: Any) -> bool:
        return bool(super().has_changed(as_text(initial or {}), data))

    def prepare_value(self, value: Any) -> Any:
        return as_text(value) if isinstance(value, dict) else value


def as_text(stored: Minimums) -> str:
    rows = [(cycle, *each) for cycle, prices in stored.items() for each in prices.items()]
    return "\n".join(f"{cycle} {currency} = {amount}" for cycle, currency, amount in rows)


def _read(line: str) -> tuple[str, str, str]:
    where, _equals, amount = (part.strip() for part in line.partition("="))
    cycle, _space, currency = where.partition(" ")
    currency = currency.strip().upper()
    if cycle.lower() not in CODES or currency not in settings.CURRENCIES:
        cycles, known = ", ".join(CODES), ", ".join(settings.CURRENCIES)
        raise ValidationError(f"“{line}”: a cycle is one of {cycles}, a currency one of {known}.")
    problem = amount_problem(amount)
    if problem:
        raise ValidationError(f"“{line}”: {problem}")
    return cycle.lower(), currency, amount
