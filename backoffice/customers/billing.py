"""How a customer is billed, reminded and taxed: acts of the customer's page."""

from __future__ import annotations

from typing import Any

from django import forms

from accounts import audit
from accounts.access import StaffRequest
from accounts.models import Customer
from accounts.roles import StaffRight
from backoffice.buttons import Answer, Button, ObjectForm
from backoffice.look import dressed
from billing.models import BillingProfile, DunningPolicy, VatCheck
from billing.taxation import checks
from billing.taxation.tax import vat_status
from billing.taxation.vat_numbers import clean, problem

CHECKS = 5


class ProfileForm(ObjectForm):
    grouping = forms.ChoiceField(label="Invoices", choices=BillingProfile.Grouping)
    monthly_day = forms.IntegerField(
        label="Day of the monthly invoice",
        min_value=1,
        max_value=31,
        help_text="Used with one invoice a month; in a shorter month it is the last day.",
    )
    continuous = forms.BooleanField(label="Go on invoicing while invoices are open", required=False)
    auto_credit = forms.BooleanField(
        label="Pay new invoices from account credit first", required=False
    )
    tranche_notices = forms.BooleanField(
        label="E-mail when a new disk tranche begins", required=False
    )
    is_business = forms.BooleanField(label="Is a business", required=False)
    policy = forms.ModelChoiceField(
        DunningPolicy.objects.filter(retired=False),
        label="Dunning policy",
        required=False,
        empty_label="That of the product, or the default",
    )
    grace_days = forms.IntegerField(label="Days of grace", min_value=0, max_value=365)
    dunning_exempt_until = forms.DateField(
        label="Not reminded until",
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}),
    )
    late_fee_exempt = forms.BooleanField(label="No late fees", required=False)

    def __init__(self, *args: Any, obj: Customer, **kwargs: Any) -> None:
        super().__init__(*args, obj=obj, **kwargs)
        profile = _profile(obj)
        for name in PROFILE:
            self.fields[name].initial = getattr(profile, name)
        dressed(self)


PROFILE = tuple(ProfileForm.base_fields)


def _profile(customer: Customer) -> BillingProfile:
    return BillingProfile.objects.filter(customer=customer).first() or BillingProfile(
        customer=customer
    )


def _save(_request: StaffRequest, customer: Customer, data: dict[str, Any]) -> Answer:
    profile = _profile(customer)
    before = audit.facts(profile) if profile.pk else {}
    for name in PROFILE:
        setattr(profile, name, data[name])
    profile.save()
    audit.record("billing_profile.changed", profile, before=before, after=audit.facts(profile))
    return "The terms of billing were saved."


def _check(_request: StaffRequest, customer: Customer, _data: dict[str, Any]) -> Answer:
    row = checks.check(customer)
    if row.answer:
        return f"{row.number}: {row.get_answer_display().lower()}."
    return f"The EU's service gave no answer ({row.trouble}). What was known stays as it is."


BUTTONS = (
    Button(
        name="billing", label="Terms of billing", icon="tune", act=_save, form=ProfileForm,
        right=StaffRight.MANAGE_BILLING,
    ),
    Button(
        name="check-vat", label="Check VAT number", icon="fact_check", act=_check,
        right=StaffRight.MANAGE_CUSTOMERS,
        shown=lambda customer: bool(clean(customer.tax_number, customer.country)),
    ),
)  # fmt: skip


def panel(customer: Customer) -> dict[str, Any]:
    return {
        "vat": vat_status(customer),
        "vat_problem": problem(customer.tax_number, customer.country),
        "vat_checks": VatCheck.objects.filter(customer=customer)[:CHECKS],
    }
