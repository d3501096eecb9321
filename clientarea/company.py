from __future__ import annotations

from collections.abc import Mapping

from django.db import transaction

from accounts import audit
from accounts.models import Customer


@transaction.atomic
def update_details(customer: Customer, details: Mapping[str, str]) -> None:
    """Documents that are issued already keep the details they were issued with."""
    before = audit.facts(customer)
    for name, value in details.items():
        setattr(customer, name, value)
    customer.save(update_fields=list(details))
    audit.record("customer.details_changed", customer, before=before, after=audit.facts(customer))
