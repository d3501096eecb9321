"""The price grid: one input for all cycles and currencies. Blank is not offered, 0 is free."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal, InvalidOperation
from typing import Any, NamedTuple, Protocol

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.template.loader import render_to_string
from django.utils.safestring import SafeString

from backoffice.look import INPUT
from config.money import exponent
from config.periods import CYCLES

PLACES = 4  # of a unit price
DIGITS = 10  # before the point, as the database holds them
ROLES = ("amount", "setup_fee")
HELP = "Blank: not offered. 0: free. The setup fee is charged once, on the first invoice."

Key = tuple[str, str]  # cycle, currency


class Price(NamedTuple):
    amount: Decimal
    setup_fee: Decimal


class PriceRow(Protocol):
    cycle: str
    currency: str
    amount: Decimal
    setup_fee: Decimal


Grid = dict[Key, Price]


def grid_of(rows: Iterable[PriceRow]) -> Grid:
    return {(row.cycle, row.currency): Price(row.amount, row.setup_fee) for row in rows}


def input_name(name: str, key: Key, role: str) -> str:
    return f"{name}-{key[0]}-{key[1]}-{role}"


class GridWidget(forms.Widget):
    template_name = "backoffice/parts/price_grid.html"

    def __init__(self, currencies: Iterable[str], attrs: dict[str, Any] | None = None) -> None:
        super().__init__(attrs)
        self.currencies = tuple(currencies)

    def cells(self) -> list[Key]:
        return [(cycle, currency) for cycle in CYCLES for currency in self.currencies]

    def value_from_datadict(self, data: Mapping[str, Any], files: Any, name: str) -> Any:
        return {
            (key, role): str(data.get(input_name(name, key, role), "")).strip()
            for key in self.cells()
            for role in ROLES
        }

    def value_omitted_from_data(self, data: Any, files: Any, name: str) -> bool:
        return not any(entry.startswith(f"{name}-") for entry in data)

    def format_value(self, value: Any) -> Any:
        """What was typed stays as it was typed; what is stored is shown without empty decimals."""
        if not value:
            return {}
        if isinstance(next(iter(value.values())), str):
            return value
        return {
            (key, role): _shown(getattr(price, role), key[1], blank_zero=role == "setup_fee")
            for key, price in value.items()
            for role in ROLES
        }

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        context = super().get_context(name, value, attrs)
        shown = self.format_value(value)
        context["currencies"] = self.currencies
        context["input_class"] = INPUT
        context["rows"] = [
            (cycle.label, [self._cell(name, shown, (cycle.code, each)) for each in self.currencies])
            for cycle in CYCLES.values()
        ]
        return context

    def render(
        self, name: str, value: Any, attrs: dict[str, Any] | None = None, renderer: Any = None
    ) -> SafeString:
        """With the panel's own templates; form renderers look into installed apps alone."""
        return render_to_string(self.template_name, self.get_context(name, value, attrs))

    def _cell(self, name: str, shown: Mapping[Any, str], key: Key) -> dict[str, Any]:
        cells = {
            role: {
                "name": input_name(name, key, role),
                "value": shown.get((key, role), ""),
                "label": f"{CYCLES[key[0]].label} {key[1]} {role.replace('_', ' ')}",
            }
            for role in ROLES
        }
        for cell in cells.values():
            cell["wrong"] = bool(cell["value"]) and amount_problem(cell["value"]) is not None  # type: ignore[assignment]
        return cells


class GridField(forms.Field):
    """Cleans to {(cycle, currency): Price}; what is not in it is not offered."""

    def __init__(self, *, currencies: Iterable[str] = (), **kwargs: Any) -> None:
        codes = tuple(currencies) or tuple(settings.CURRENCIES)
        kwargs.setdefault("required", False)
        kwargs.setdefault("help_text", HELP)
        super().__init__(widget=GridWidget(codes), **kwargs)

    def clean(self, value: Any) -> Grid:
        found: Grid = {}
        errors: list[str] = []
        for key in self.widget.cells():
            typed = [value.get((key, role), "") for role in ROLES]
            try:
                price = _price(key, *typed)
            except ValidationError as error:
                errors += error.messages
                continue
            if price is not None:
                found[key] = price
        if errors:
            raise ValidationError(errors)
        return found

    def has_changed(self, initial: Any, data: Any) -> bool:
        try:
            return bool(self.clean(data or {}) != (initial or {}))
        except ValidationError:
            return True


def store(rows: Any, grid: Grid, **owner: Any) -> None:
    """Make the rows of one owner say what the grid says; what is unchanged keeps its row."""
    old = {(row.cycle, row.currency): row for row in rows}
    for key in old.keys() - grid.keys():
        if key[1] in settings.CURRENCIES:
            old[key].delete()
    for key, price in grid.items():
        found = old.get(key)
        if found is None:
            rows.model.objects.create(**owner, cycle=key[0], currency=key[1], **price._asdict())
        elif (found.amount, found.setup_fee) != price:
            found.amount, found.setup_fee = price
            found.save(update_fields=list(ROLES))


def as_facts(grid: Grid) -> dict[str, str]:
    """For the audit trail."""
    return {
        f"{cycle} {currency}": f"{price.amount.normalize():f} + {price.setup_fee.normalize():f}"
        for (cycle, currency), price in sorted(grid.items())
    }


def _price(key: Key, amount: str, fee: str) -> Price | None:
    where = f"{CYCLES[key[0]].label}, {key[1]}"
    for text in (amount, fee):
        complaint = amount_problem(text) if text else None
        if complaint:
            raise ValidationError(f"{where}: {complaint}")
    if not amount:
        if fee and Decimal(fee):
            raise ValidationError(f"{where}: a setup fee needs a price; enter 0 if it is free.")
        return None
    return Price(Decimal(amount), Decimal(fee or "0"))


def amount_problem(text: str) -> str | None:
    try:
        number = Decimal(text)
    except InvalidOperation:
        return f"“{text}” is not an amount."
    if not number.is_finite() or number < 0:
        return f"“{text}” is not an amount of 0 or more."
    if -number.normalize().as_tuple().exponent > PLACES:  # type: ignore[operator]
        return f"“{text}” has more than {PLACES} decimals."
    return f"“{text}” is too large." if number >= Decimal(10) ** DIGITS else None


def _shown(amount: Decimal, currency: str, *, blank_zero: bool) -> str:
    if blank_zero and not amount:
        return ""
    decimals = max(exponent(currency), -int(amount.normalize().as_tuple().exponent))
    return f"{amount:.{decimals}f}"
