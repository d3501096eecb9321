"""What a change would cost and do: the preview that is shown is the document that is issued."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from billing.changes import usage
from billing.changes.plan import (
    Wish,
    billed_terms,
    label_of,
    list_price,
    new_plan,
    restarts,
    unbilled_term,
)
from billing.changes.quote import NewPlan, Part, Quote, Role, Term, part, quote
from billing.charges.charging import Charged, plan_of
from billing.charges.schedule import Bill
from billing.consequences import DUNNING
from billing.documents import sellers
from billing.documents.drafts import Draft, Terms, draft
from billing.models import Seller, ServiceChange, TaxRate
from billing.rating import LineKind, RatedLine
from config import clock
from config.language import day as day_of
from config.language import speaking
from config.periods import CYCLES, Period
from provisioning import services
from provisioning.contract import ModuleError
from provisioning.models import Service

ZERO = Decimal(0)
PENDING = (ServiceChange.Status.WAITING, ServiceChange.Status.SCHEDULED)
LIVE = (Service.Desired.ACTIVE, Service.Desired.SUSPENDED)
KINDS = {Role.CREDIT: LineKind.CHANGE, Role.DEBIT: LineKind.CHANGE, Role.SETUP: LineKind.SETUP}


@dataclass(frozen=True, kw_only=True)
class Preview:
    """`document` is what would be issued for the quote, not stored. `apply_on` is set for what
    waits for the end of the term; `on_next`: its lines stand on the next regular document.
    `by_use`: nothing is prorated, the running period is billed when it ends, as it was measured.
    `blockers` say what is in the way on the platform, `unknown` why that could not be asked.
    """

    wish: Wish
    quote: Quote
    document: Draft
    blockers: tuple[str, ...] = ()
    unknown: str = ""
    apply_on: date | None = None
    on_next: bool = False
    by_use: bool = False

    @property
    def total(self) -> Decimal:
        """With tax; below zero it is credit."""
        return self.document.invoice.total

    @property
    def has_document(self) -> bool:
        return not self.on_next and self.quote.to_pay > 0

    @property
    def waits(self) -> bool:
        """For a payment."""
        return self.has_document and self.quote.difference > 0


def preview(service: Service, wish: Wish, *, now: bool = False) -> Preview:
    """`now`: also what gets cheaper is changed at once. ValidationError, keyed by field or not."""
    refuse(service, wish)
    today = clock.today()
    with speaking(service.customer.language):
        found = _quote(service, wish, today)
        made = document(service, found)
    blockers, unknown = fits(service, wish)
    apply_on = _end_of_term(service, wish, found, now=now)
    if apply_on:
        found = Quote(day=today, currency=service.currency)
    return Preview(
        wish=wish,
        quote=found,
        document=made,
        blockers=tuple(blockers),
        unknown=unknown,
        apply_on=apply_on,
        on_next=_on_next(service, today),
        by_use=by_use(service) and not apply_on,
    )


def refuse(service: Service, wish: Wish) -> None:
    if service.desired not in LIVE:
        raise ValidationError(_("Only a service that is delivered can be changed."))
    if DUNNING in service.suspend_reasons:
        raise ValidationError(_("Pay what is overdue first; the service can be changed then."))
    if ServiceChange.objects.filter(service=service, status__in=PENDING).exists():
        raise ValidationError(_("Another change of this service is waiting; cancel it first."))
    if getattr(service, "cancellation", None):
        raise ValidationError(_("This service is cancelled and cannot be changed any more."))
    if wish.product.module != service.product.module:
        raise ValidationError({"product": _("This product belongs to another mail platform.")})
    if not wish.product.active and wish.product.pk != service.product_id:
        raise ValidationError(
            {"product": _("%(product)s is not offered any more.") % {"product": wish.product}}
        )
    due = service.next_due
    if not plan_of(service).in_advance and due and service.anchor < due <= clock.today():
        raise ValidationError(
            _("The time up to %(due)s is invoiced first. Try again tomorrow.")
            % {"due": day_of(due)}
        )
    if not (wish.cycle in CYCLES and CYCLES[wish.cycle].recurs) and wish.cycle != service.cycle:
        raise ValidationError({"cycle": _("A running service cannot change to this cycle.")})


def fits(service: Service, wish: Wish) -> tuple[list[str], str]:
    """What must be deleted first, as the platform says now; and why it could not be asked."""
    try:
        return services.plan_change(service, wish.product, wish.options), ""
    except ModuleError as error:
        return [], error.message


def document(service: Service, found: Quote) -> Draft:
    """The invoice of a quote, not stored."""
    bill = Bill(due=found.day, base=None, used=None, next_due=None)
    lines = tuple(line(each, found, number) for number, each in enumerate(found.parts))
    charged = Charged(service=service, bill=bill, lines=lines, notices=())
    made = draft([charged], _terms())
    made.invoice.due_on = found.day + timedelta(days=_seller().change_days)
    return made


def _seller() -> Seller:
    return sellers.seller()


def _terms() -> Terms:
    return Terms(seller=_seller(), rates=list(TaxRate.objects.all()), issued_on=clock.today())


def by_use(service: Service) -> bool:
    """What the running period costs is not known before it ends and was measured."""
    counted = usage.tranches(service.product, service.currency).tranche is not None
    return counted and not plan_of(service).in_advance


def _quote(service: Service, wish: Wish, day: date) -> Quote:
    new = new_plan(service, wish, day=day)
    nothing = Quote(day=day, currency=service.currency)
    later = _on_next(service, day)
    anew = restarts(service, wish.product, wish.cycle)
    if by_use(service) or _other_timing(service, wish) or (later and anew):
        return nothing
    if later:
        return _passed_days(service, new, day)
    terms = billed_terms(service, day) or _paid_elsewhere(service, day)
    if not terms and new.term is None:
        return nothing
    label = label_of(service, service.product)
    return quote(terms, new, day=day, currency=service.currency, old_label=label)


def _other_timing(service: Service, wish: Wish) -> bool:
    """Paid at the end of a term and then at its beginning, or the other way round."""
    return wish.product.timing != service.product.timing


def _on_next(service: Service, day: date) -> bool:
    return not plan_of(service).in_advance and unbilled_term(service, day) is not None


def _paid_elsewhere(service: Service, day: date) -> list[Term]:
    """A term without a document, of a service that came from another panel: at its price now."""
    span = unbilled_term(service, day)
    if span is None or span.start < service.anchor:
        return []
    return [Term(period=span, billed=list_price(service, day), since=span.start)]


def _passed_days(service: Service, new: NewPlan, day: date) -> Quote:
    """In arrears: the next document bills the whole period at the new price; these lines put right
    the days that have passed at the old one.
    """
    span = unbilled_term(service, day)
    if span is None or span.start >= day:
        return Quote(day=day, currency=service.currency)
    start = max(span.start, plan_of(service).begins or span.start)
    if start >= day:
        return Quote(day=day, currency=service.currency)
    past, currency = Period(start, day), service.currency
    old = (Role.DEBIT, label_of(service, service.product), list_price(service, day))
    parts = [
        part(role, label, price, past, currency, span.days)
        for role, label, price in (old, (Role.CREDIT, new.label, new.price))
    ]
    return Quote(day=day, currency=currency, parts=tuple(parts))


def _end_of_term(service: Service, wish: Wish, found: Quote, *, now: bool) -> date | None:
    """The day for which a change is put off, None for a change at once."""
    unbilled = by_use(service) or _on_next(service, found.day)
    anew = restarts(service, wish.product, wish.cycle)
    at_end = _other_timing(service, wish) or (anew and unbilled)
    if at_end and service.next_due and service.next_due > found.day:
        return service.next_due
    cheaper = found.difference < 0 and not _on_next(service, found.day)
    if cheaper and not now and _seller().decreases == Seller.Decreases.END_OF_TERM:
        ends = [part.period.end for part in found.parts]
        return max(ends, default=service.next_due)
    return None


def line(part: Part, found: Quote, number: int) -> RatedLine:
    """`part` as it stands on a document, with what it can be computed from again."""
    return RatedLine(
        kind=KINDS[part.role],
        key=f"change:{number}",
        description=_described(part),
        quantity=Decimal(1),
        unit_price=part.amount,
        amount=part.amount,
        period=part.period,
        evidence=evidence(part, found),
    )


def evidence(part: Part, found: Quote) -> dict[str, object]:
    return {
        "rule": "change",
        "role": str(part.role),
        "item": part.label,
        "base": str(part.base),
        "days": part.days,
        "of_days": part.of_days,
        "changed_on": found.day.isoformat(),
        "quantity": 1,
        "unit_price": str(part.amount),
        "amount": str(part.amount),
        "currency": found.currency,
        "period": [part.period.start.isoformat(), part.period.end.isoformat()],
    }


def _described(part: Part) -> str:
    if part.role == Role.SETUP:
        return part.label
    told = _("%(item)s (%(days)s of %(whole)s days)")
    if part.role == Role.CREDIT:
        told = _("Credit for %(item)s (%(days)s of %(whole)s days)")
    return told % {"item": part.label, "days": part.days, "whole": part.of_days}
