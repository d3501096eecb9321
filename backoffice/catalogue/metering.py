"""What a product charges for each metric of its platform: three choices and their prices."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import reverse

from accounts import audit
from accounts.access import StaffRequest
from accounts.roles import StaffRight
from backoffice.look import PlainForm, dress
from backoffice.module_forms import kind_of
from products.models import Product
from provisioning.contract import meters
from provisioning.contract.metering import Metric, Unit

if TYPE_CHECKING:
    from backoffice.catalogue.products import ProductAdmin

Rule = dict[str, Any]
NOTHING = ("", "As the platform's settings say")
MODELS = [
    NOTHING,
    ("per_unit", "Per unit"),
    ("tranche", "Per started tranche"),
    ("graduated", "Graduated: each band at its own price"),
    ("volume", "Volume: all at the price of the band reached"),
]
AGGREGATIONS = [
    ("last", "Last value of the month"),
    ("highest", "Highest value"),
    ("average", "Average of the days"),
    ("p95", "95th percentile of the days"),
    ("sum", "Sum of the days"),
]
TIMINGS = [
    ("arrears", "In arrears, for what was used"),
    ("advance", "In advance, for what is there"),
]
FIXED = [("plus", "Added to the usage"), ("at_least", "The least that is charged")]
PRICES = {"price": "Price", "minimum": "Minimum a month", "fixed": "Fixed amount a month"}
BAND_HELP = "One band a line: up to = price. The last one: * = price."


def button(_request: StaffRequest, product: Product, _data: dict[str, Any]) -> HttpResponse:
    return redirect("admin:products_product_metering", product.pk)


def is_measured(product: Product) -> bool:
    kind = kind_of(product.module)
    return kind is not None and bool(kind.metrics)


class RuleForm(PlainForm):
    """The rule of one metric. `rule()` is what is stored; None where there is none."""

    model = forms.ChoiceField(label="Charged", choices=MODELS, required=False)
    aggregation = forms.ChoiceField(label="Value of a month", choices=AGGREGATIONS)
    timing = forms.ChoiceField(label="When", choices=TIMINGS)
    included = forms.DecimalField(label="Included", min_value=0, max_digits=14, decimal_places=2)
    size = forms.IntegerField(label="Size of a tranche", min_value=1)
    minimum_tranches = forms.IntegerField(label="Tranches at least", min_value=0)
    fixed_rule = forms.ChoiceField(label="Fixed amount is", choices=FIXED)

    def __init__(self, *args: Any, metric: Metric, stored: Rule, **kwargs: Any) -> None:
        self.metric = metric
        super().__init__(*args, **kwargs)
        self.fields |= {name: dress(field) for name, field in _money_fields()}
        for name, value in _initial(stored, metric).items():
            self.fields[name].initial = value
        self.unit = "GB" if metric.unit is Unit.BYTES else "pieces"

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if not self.errors and data["model"]:
            self._check(self._built())
        return data

    def rule(self) -> Rule | None:
        return self._built() if self.cleaned_data["model"] else None

    def _built(self) -> Rule:
        data = self.cleaned_data
        rule: Rule = {
            "metric": self.metric.code,
            "included": str(data["included"]),
            **{
                name: data[name]
                for name in (
                    "model", "aggregation", "timing", "size", "minimum_tranches", "fixed_rule",
                )
            },
        }  # fmt: skip
        for name in PRICES:
            amounts = {each: data[f"{name}_{each}"] for each in settings.CURRENCIES}
            rule[name] = {code: str(amount) for code, amount in amounts.items() if amount}
        rule["bands"] = {
            code: data[f"bands_{code}"] for code in settings.CURRENCIES if data[f"bands_{code}"]
        }
        return rule

    def _check(self, rule: Rule) -> None:
        priced = False
        for currency in settings.CURRENCIES:
            try:
                priced |= bool(meters.read([rule], [self.metric], currency))
            except ValueError as error:
                self.add_error(None, str(error))
                return
        if not priced:
            self.add_error("model", "Enter a price in at least one currency.")


class BandsField(forms.CharField):
    """Cleans to [[up to or None, price], …]."""

    def clean(self, value: Any) -> Any:
        text = super().clean(value)
        return [self._band(line) for line in text.splitlines() if line.strip()]

    def _band(self, line: str) -> list[str | None]:
        end, _equals, price = (part.strip() for part in line.partition("="))
        try:
            numbers = [Decimal(price)] if end == "*" else [Decimal(end), Decimal(price)]
        except InvalidOperation:
            raise ValidationError(f"“{line}” is not a band; {BAND_HELP}") from None
        if not all(number.is_finite() for number in numbers):
            raise ValidationError(f"“{line}” is not a band; {BAND_HELP}")
        return [None if end == "*" else str(numbers[0]), str(numbers[-1])]


def page(admin: ProductAdmin, request: StaffRequest, pk: int) -> HttpResponse:
    if not request.user.has_right(StaffRight.MANAGE_SETUP):
        raise PermissionDenied
    product = get_object_or_404(Product, pk=pk)
    back = reverse("admin:products_product_change", args=[pk])
    kind = kind_of(product.module)
    if kind is None or not is_measured(product):
        messages.warning(request, "The platform of this product measures nothing.")
        return redirect(back)
    stored = {rule["metric"]: rule for rule in product.metering}
    posted = request.POST if request.method == "POST" else None
    found = [
        RuleForm(posted, prefix=each.code, metric=each, stored=stored.get(each.code, {}))
        for each in kind.metrics
    ]
    wrong = [form for form in found if not form.is_valid()]  # each of them shows what is wrong
    if posted is not None and not wrong:
        _save(product, [rule for form in found if (rule := form.rule())])
        messages.success(request, "Saved. It counts from the next invoice on.")
        return redirect(back)
    context = {
        **admin.admin_site.each_context(request),
        "opts": admin.opts,
        "title": f"Metering of {product}",
        "original": product,
        "rules": found,
        "back": back,
    }
    return TemplateResponse(request, "backoffice/metering.html", context)


@transaction.atomic
def _save(product: Product, rules: list[Rule]) -> None:
    row = Product.objects.select_for_update(of=("self",)).get(pk=product.pk)
    before, row.metering = row.metering, rules
    row.save(update_fields=["metering"])
    old, new = {"metering": before}, {"metering": rules}
    audit.record("product.metering_changed", row, before=old, after=new)


def _money_fields() -> Iterator[tuple[str, forms.Field]]:
    for name, label in PRICES.items():
        for code in settings.CURRENCIES:
            yield (
                f"{name}_{code}",
                forms.DecimalField(
                    label=f"{label} ({code})",
                    min_value=0,
                    max_digits=14,
                    decimal_places=4,
                    required=False,
                ),
            )
    for code in settings.CURRENCIES:
        area = forms.Textarea(attrs={"rows": 3})
        yield (
            f"bands_{code}",
            BandsField(label=f"Bands ({code})", required=False, widget=area, help_text=BAND_HELP),
        )


def _initial(stored: Rule, metric: Metric) -> Rule:
    usual: Rule = {
        "model": "", "aggregation": str(metric.aggregation), "timing": "arrears", "included": "0",
        "size": 1, "minimum_tranches": 0, "fixed_rule": "plus",
    }  # fmt: skip
    found = {name: stored.get(name, value) for name, value in usual.items()}
    for name in PRICES:
        amounts = stored.get(name, {})
        found |= {f"{name}_{each}": amounts.get(each) for each in settings.CURRENCIES}
    for code in settings.CURRENCIES:
        rows = stored.get("bands", {}).get(code, [])
        found[f"bands_{code}"] = "\n".join(f"{end or '*'} = {price}" for end, price in rows)
    return found
