"""What customers themselves choose of how they are billed and written to."""

from __future__ import annotations

from django.db import transaction

from accounts import audit
from accounts.models import Customer
from billing.charges.facts import Terms
from billing.models import BillingProfile
from provisioning import registry
from provisioning.models import Service


def has_tranches(customer: Customer) -> bool:
    """Whether any service of theirs is billed by disk tranches."""
    live = Service.objects.filter(
        customer=customer, desired=Service.Desired.ACTIVE, product__module__in=registry.installed()
    )
    terms = Terms()
    return any(
        terms.of(service.product, service.currency).tranche is not None
        for service in live.select_related("product")
    )


def wants_tranche_notices(customer: Customer) -> bool:
    return BillingProfile.objects.filter(customer=customer, tranche_notices=True).exists()


@transaction.atomic
def set_tranche_notices(customer: Customer, *, wanted: bool) -> None:
    if wanted == wants_tranche_notices(customer):
        return
    profile, _created = BillingProfile.objects.get_or_create(customer=customer)
    before = audit.facts(profile)
    profile.tranche_notices = wanted
    profile.save(update_fields=["tranche_notices"])
    audit.record("billing_profile.changed", profile, before=before, after=audit.facts(profile))
