"""Asking for a change in mid-term, and calling it off."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, gettext_noop

from accounts import audit
from accounts.models import User
from billing.changes import apply
from billing.changes.ending import end
from billing.changes.plan import Wish
from billing.changes.preview import PENDING, Preview, evidence, preview
from billing.documents import sellers
from billing.documents.drafts import Terms, store
from billing.locks import lock_customer
from billing.models import Invoice, ServiceChange, TaxRate
from config import clock
from provisioning.models import Service

Status = ServiceChange.Status
PENDING_ALREADY = gettext_lazy("Another change of this service is waiting; cancel it first.")


def request(  # noqa: PLR0913 - who asks for what, and what staff may waive
    service: Service,
    wish: Wish,
    *,
    by: User | None = None,
    now: bool = False,
    free: bool = False,
    unchecked: bool = False,
) -> ServiceChange:
    """Dearer: an invoice now, the change when it is paid. Cheaper: at once with credit, or at the
    end of the term, as the seller has set.

    For staff: `now` does not wait for the end of the term, `free` charges and credits nothing,
    `unchecked` goes on though the platform could not be asked whether it fits.
    ValidationError, keyed by field or not.
    """
    found = preview(service, wish, now=now)
    if found.blockers:
        raise ValidationError(
            [_("It does not fit yet: %(text)s") % {"text": text} for text in found.blockers]
        )
    if found.unknown and not unchecked:
        raise ValidationError(found.unknown)
    try:
        with transaction.atomic():
            lock_customer(service.customer_id)
            return _record(service, found, by=by, free=free)
    except IntegrityError:  # two requests at once: the constraint lets one of them through
        raise ValidationError(PENDING_ALREADY) from None


def cancel(change: ServiceChange, *, by: User | None = None) -> None:
    """Of one that waits: its unpaid invoice is credited. ValidationError when it is done."""
    with transaction.atomic():
        lock_customer(change.service.customer_id)
        row = ServiceChange.objects.select_for_update(of=("self",)).get(pk=change.pk)
        if row.status not in PENDING:
            raise ValidationError(_("This change is not waiting any more."))
        end(row, Status.CANCELLED, reason=gettext_noop("The change of plan was cancelled."), by=by)
    change.refresh_from_db()


def _record(service: Service, found: Preview, *, by: User | None, free: bool) -> ServiceChange:
    wish, asked = found.wish, found.quote
    waits = found.waits and not free
    change = ServiceChange(
        service=service,
        status=Status.WAITING if waits or found.apply_on is None else Status.SCHEDULED,
        product=wish.product,
        cycle=wish.cycle,
        options=dict(wish.options),
        credit=asked.credit,
        debit=asked.debit,
        evidence=_evidence(found, free=free),
        apply_on=found.apply_on,
        created_by=by,
    )
    if found.has_document and not free:
        change.invoice = _issue(found)
    if waits:
        change.expires_on = asked.day + timedelta(days=sellers.seller().change_days)
    change.save()
    audit.record("change.requested", change, after=audit.facts(change), customer=service.customer)
    if not waits and found.apply_on is None:
        apply.apply(change, by=by)
    return change


def _issue(found: Preview) -> Invoice:
    rates = list(TaxRate.objects.all())
    store(
        [found.document],
        Terms(seller=sellers.seller(), rates=rates, issued_on=clock.today()),
    )
    return found.document.invoice


def _evidence(found: Preview, *, free: bool) -> dict[str, Any]:
    asked = found.quote
    return {
        "day": asked.day.isoformat(),
        "parts": [evidence(part, asked) for part in asked.parts],
        "reissued": [term.period.start.isoformat() for term in asked.reissued],
        "on_next": found.on_next,
        "free": free,
    }
