"""The billing terms of one service: its own price, with a reason and an end, and its due date."""

from __future__ import annotations

from typing import Any

from django import forms

from backoffice.buttons import ObjectForm


class BillingForm(ObjectForm):
    price_override = forms.DecimalField(
        label="Price of this service alone",
        max_digits=14,
        decimal_places=4,
        min_value=0,
        required=False,
        help_text="Replaces the product's price. Blank: the product's price.",
    )
    price_override_reason = forms.CharField(
        label="Why it has a price of its own", max_length=200, required=False
    )
    price_override_until = forms.DateField(
        label="Last day of the own price",
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}),
        help_text="Periods that begin later cost the product's price. Blank: no end.",
    )
    next_due = forms.DateField(
        label="Next due date",
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}),
        help_text="End of the running period. Blank: it never falls due again.",
    )
    charge_setup = forms.BooleanField(
        label="Charge the setup fee on the first invoice", required=False
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in self.fields:
            self.fields[name].initial = getattr(self.obj, name)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        own = data.get("price_override")
        new = own is not None and own != self.obj.price_override
        if new and not data.get("price_override_reason"):
            self.add_error("price_override_reason", "Say why, for those who look later.")
        return data
