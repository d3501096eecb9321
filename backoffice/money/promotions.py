from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.http import HttpRequest

from accounts.roles import StaffRight
from backoffice.base import Base
from billing.models import Promotion
from config.money import format_money
from config.periods import CYCLE_CHOICES

Type = Promotion.Type


class PromotionForm(forms.ModelForm):  # type: ignore[type-arg]
    cycles = forms.MultipleChoiceField(
        choices=CYCLE_CHOICES,
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text="None chosen: all",
    )
    currency = forms.ChoiceField(required=False, help_text="Fixed amounts only")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields.get("currency")
        if isinstance(field, forms.ChoiceField):
            kept = self.instance.currency
            known = [*settings.CURRENCIES, *([kept] if kept else [])]
            field.choices = [("", "–"), *((code, code) for code in dict.fromkeys(known))]

    def clean_code(self) -> str:
        """Typed in any case, so that no two may differ by it alone."""
        code = str(self.cleaned_data["code"]).strip().upper()
        same = Promotion.objects.filter(code__iexact=code).exclude(pk=self.instance.pk)
        if same.exists():
            raise ValidationError("Another promotion has this code.")
        return code

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or self.cleaned_data
        for field, text in _problems(data):
            self.add_error(field, text)
        return data


def _problems(data: dict[str, Any]) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    fixed, value = data.get("type") == Type.FIXED, data.get("value")
    if value is not None and not value:
        found.append(("value", "It has to be worth something."))
    if not fixed and value and value > 100:
        found.append(("value", "A percentage is at most 100."))
    if fixed and not data.get("currency"):
        found.append(("currency", "A fixed amount needs a currency."))
    start, end = data.get("valid_from"), data.get("valid_to")
    if start and end and end < start:
        found.append(("valid_to", "The last day is before the first."))
    return found


class PromotionAdmin(Base):
    change_right = StaffRight.MANAGE_BILLING
    form = PromotionForm
    list_display = ("code", "name", "worth", "lasts", "used", "valid_from", "valid_to", "active")
    list_filter = ("active", "type")
    search_fields = ("code__icontains", "name__icontains")
    fieldsets = (
        (None, {"fields": ("code", "name", "active")}),
        ("Worth", {"fields": ("type", "value", "currency", "recurrences")}),
        ("For", {"fields": ("products", "cycles")}),
        ("Limits", {"fields": ("valid_from", "valid_to", "max_uses", "once_per_customer")}),
    )

    def has_delete_permission(self, request: HttpRequest, obj: Promotion | None = None) -> bool:
        """Only what nobody ever used."""
        used = obj is not None and (obj.discounts.exists() or obj.order_set.exists())
        return super().has_change_permission(request, obj) and not used

    @admin.display(description="worth", ordering="value")
    def worth(self, promotion: Promotion) -> str:
        if promotion.type == Type.FIXED:
            return format_money(promotion.value, promotion.currency or settings.CURRENCIES[0])
        return f"{promotion.value.normalize():f} %"

    @admin.display(description="applies to", ordering="recurrences")
    def lasts(self, promotion: Promotion) -> str:
        number = promotion.recurrences
        return f"{number} invoice{'s' if number > 1 else ''}" if number else "all invoices"

    @admin.display(description="used", ordering="uses")
    def used(self, promotion: Promotion) -> str:
        limit = promotion.max_uses
        return f"{promotion.uses} of {limit}" if limit is not None else str(promotion.uses)
