"""What staff do with drafts: issue them, rate them again, or throw them away."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass

from django.db import transaction

from accounts import audit
from billing.charges import adjustments, discounts
from billing.charges.charging import Charged, charge, plan_of
from billing.charges.facts import Terms as MeteringCache
from billing.charges.facts import gather
from billing.charges.schedule import Bill
from billing.charges.spreading import together
from billing.documents import sellers
from billing.documents.drafts import Draft, Terms, fill, mark_issued
from billing.models import Invoice, InvoiceLine, InvoiceTax, TaxRate
from config import clock
from config.periods import Period
from provisioning.models import Service


class NotADraft(Exception):
    """Issued documents never change; the text is for staff."""


def issue(invoice: Invoice) -> Invoice:
    """Issue a draft as it stands, whatever held it. NotADraft."""
    return _on_draft(invoice, _issue)


def release(invoice: Invoice) -> Invoice:
    """Rate a held draft again on what is known now; issue it unless something still holds it."""
    return _on_draft(invoice, _release)


def discard(invoice: Invoice) -> None:
    """Delete a draft. What it billed falls due again with the next run. NotADraft."""
    _on_draft(invoice, _discard)


def _on_draft(invoice: Invoice, act: Callable[[Invoice], None]) -> Invoice:
    with transaction.atomic():
        # Two members of staff at once: the second finds that it is no draft any more.
        row = (
            Invoice.objects.select_for_update(of=("self",))
            .select_related("customer")
            .filter(pk=invoice.pk)
            .first()
        )
        if row is None or row.status != Invoice.Status.DRAFT:
            raise NotADraft("This document is not a draft any more.")
        act(row)
    return row


def _terms() -> Terms:
    return Terms(
        seller=sellers.seller(), rates=list(TaxRate.objects.all()), issued_on=clock.today()
    )


def _issue(invoice: Invoice) -> None:
    before = audit.facts(invoice)
    terms = _terms()
    mark_issued([invoice], terms)
    invoice.hold_reason = ""
    if invoice.due_on is None or invoice.due_on < terms.issued_on:
        invoice.due_on = terms.issued_on
    invoice.save()
    audit.record("invoice.issued", invoice, before=before, after=audit.facts(invoice))


def _release(invoice: Invoice) -> None:
    before = audit.facts(invoice)
    discounts.give_back(invoice)
    parts = together(_charge_again(invoice))
    discounts.count_down(part.lines for part in parts)
    invoice.lines.all().delete()
    invoice.taxes.all().delete()
    found = Draft(invoice=invoice)
    fill(found, parts, _terms())
    invoice.hold_reason = " ".join(part.hold for part in parts if part.hold)
    invoice.notices = [notice for part in parts for notice in part.notices]
    invoice.save()
    InvoiceLine.objects.bulk_create(found.lines)
    InvoiceTax.objects.bulk_create(found.taxes)
    adjustments.take(found.lines)
    audit.record("invoice.rated_again", invoice, before=before, after=audit.facts(invoice))
    if not invoice.hold_reason:
        _issue(invoice)


def _charge_again(invoice: Invoice) -> list[Charged]:
    claimed = _claimed(invoice)
    services = list(
        Service.objects.filter(pk__in=claimed).select_related(
            "product", "customer", "server", "cancellation"
        )
    )
    for service in services:
        service.charge_setup = bool(claimed[service.pk].setup)
    bills = {each.pk: claimed[each.pk].bill(each) for each in services}
    facts = gather(services, bills, terms=MeteringCache())
    adjustments.give_back(invoice)
    return adjustments.attach([charge(each, bills[each.pk], facts[each.pk]) for each in services])


@dataclass
class _Claimed:
    """What an invoice claimed of one service, from which its bill can be told again."""

    base: Period | None = None
    usage: Period | None = None
    setup: Period | None = None
    also: Period | None = None

    def bill(self, service: Service) -> Bill:
        if self.base and not plan_of(service).in_advance:
            return Bill(due=self.base.end, base=self.base, used=self.base, next_due=None)
        if self.setup and not (self.base or self.usage):
            return Bill(due=self.setup.start, base=None, used=None, next_due=None, setup=self.setup)
        span = self.base or self.usage
        assert span is not None
        due = span.start if self.base else span.end
        return Bill(due=due, base=self.base, used=self.usage, next_due=None, also=self.also)


def _claimed(invoice: Invoice) -> dict[int, _Claimed]:
    found: dict[int, _Claimed] = defaultdict(_Claimed)
    for claim in invoice.claims.order_by("period_start"):
        span = Period(claim.period_start, claim.period_end)
        mine = found[claim.service_id]
        second = claim.kind == "base" and mine.base is not None
        setattr(mine, "also" if second else claim.kind, span)
    return found


def _discard(invoice: Invoice) -> None:
    """The run skips later periods that are billed already, so going back is safe."""
    audit.record("invoice.discarded", invoice, before=audit.facts(invoice))
    discounts.give_back(invoice)
    claimed = _claimed(invoice)
    for service in Service.objects.filter(pk__in=claimed).select_related("product"):
        mine = claimed[service.pk]
        if mine.base or mine.usage:
            due = mine.bill(service).due
            service.next_due = min(due, service.next_due or due)
        service.charge_setup = service.charge_setup or bool(mine.setup)
        service.save(update_fields=["next_due", "charge_setup"])
    invoice.delete()
