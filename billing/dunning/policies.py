"""Policies are changed by new versions, so that an invoice is dunned as it stood when issued."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Max

from accounts import audit
from billing.models import DunningPolicy
from config import clock


def revise(policy: DunningPolicy) -> DunningPolicy:
    """A draft of the next version, with the same steps, to be changed and then put to use."""
    with transaction.atomic():
        versions = DunningPolicy.objects.filter(name=policy.name)
        last = versions.aggregate(last=Max("version"))["last"]
        draft = DunningPolicy.objects.create(name=policy.name, version=last + 1, retired=True)
        for step in policy.steps.all():
            step.pk, step.policy = None, draft
            step.save(force_insert=True)
        audit.record("dunning_policy.drafted", draft, after={"from": str(policy)})
    return draft


def publish(draft: DunningPolicy) -> None:
    """From now on it is used for invoices that are issued; older ones keep theirs."""
    with transaction.atomic():
        row = DunningPolicy.objects.select_for_update().get(pk=draft.pk)
        if not row.retired:
            raise ValidationError("This version is in use already.")
        if not row.steps.exists():
            raise ValidationError("A policy needs at least one step.")
        family = DunningPolicy.objects.filter(name=row.name)
        was_default = family.filter(is_default=True).update(is_default=False)
        row.retired, row.created_at = False, clock.now()
        row.is_default = bool(was_default)
        row.save(update_fields=["retired", "created_at", "is_default"])
        audit.record("dunning_policy.published", row, after=audit.facts(row))


def make_default(policy: DunningPolicy) -> None:
    with transaction.atomic():
        if policy.retired:
            raise ValidationError("Put this version to use first.")
        DunningPolicy.objects.filter(is_default=True).update(is_default=False)
        DunningPolicy.objects.filter(pk=policy.pk).update(is_default=True)
        audit.record("dunning_policy.made_default", policy)
