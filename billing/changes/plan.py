"""The facts a quote is made from: what was billed for the running terms, and the new price."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from billing.changes import usage
from billing.changes.quote import NewPlan, Term
from billing.charges import discounts
from billing.charges.charging import own_price, plan_of
from billing.charges.schedule import share
from billing.documents import credit_notes
from billing.models import Claim, Invoice, InvoiceLine, ServiceChange
from billing.rating import Agreement, LineKind, Observed, OptionLine, RatedLine, rate
from config import clock
from config.language import grouped
from config.periods import CYCLES, Period, due_date, period_containing
from products.models import Option, OptionPrice, Price, Product
from provisioning.declared import choices
from provisioning.models import Service, ServiceOption

ZERO = Decimal(0)
AGREED = (LineKind.BASE, LineKind.OPTION, LineKind.DISCOUNT)


@dataclass(frozen=True, kw_only=True)
class Wish:
    """What a service is to become. `options` are {code: value or quantity}."""

    product: Product
    cycle: str
    options: Mapping[str, Any] = field(default_factory=dict)


def billed_terms(service: Service, day: date) -> list[Term]:
    """Terms whose base price is on a document and that end after `day`, oldest first.

    ValidationError while one of them is on a draft.
    """
    claims = Claim.objects.filter(service=service, kind="base", period_end__gt=day)
    rows = claims.select_related("invoice").order_by("period_start")
    if any(claim.invoice.status == Invoice.Status.DRAFT for claim in rows):
        raise ValidationError(_("The invoice of the running term is still a draft."))
    return [_term(service, claim) for claim in rows]


def unbilled_term(service: Service, day: date) -> Period | None:
    """The running period of a service that is charged in arrears, or was paid elsewhere."""
    cycle = CYCLES[service.cycle]
    if not cycle.recurs or service.next_due is None or service.next_due <= day:
        return None
    return period_containing(service.anchor, cycle, day=day)


def restarts(service: Service, product: Product, cycle: str) -> bool:
    """Whether terms are counted anew: another cycle, or paid at the other end of it."""
    return cycle != service.cycle or product.timing != service.product.timing


def agreed_lines(invoice: Invoice, service: Service, span: Period) -> QuerySet[InvoiceLine]:
    """What was billed for a period, apart from what was measured and from setup fees."""
    return invoice.lines.filter(
        service=service,
        kind__in=(*AGREED, LineKind.CHANGE),
        period_start__gte=span.start,
        period_end=span.end,
    )


def new_plan(service: Service, wish: Wish, *, day: date) -> NewPlan:
    """ValidationError keyed by field: cycle, option_<code>."""
    rows = choices.choose(wish.product, wish.options)
    price = _price_row(service, wish)
    options = [_option_line(row, wish, service) for row in rows]
    cycle = CYCLES[wish.cycle]
    anew = wish.cycle != service.cycle and cycle.recurs
    term = Period(day, due_date(day, cycle, number=1)) if anew else None
    rated = _rated(service, wish, price, options, day=day)
    return NewPlan(
        label=label_of(service, wish.product),
        price=sum((line.amount for line in rated), ZERO),
        counted=_counted(rated),
        setup=_setup(service, wish, price) + _option_setup(service, rows, options),
        term=term,
    )


def list_price(service: Service, day: date) -> Decimal:
    """What a whole term of the service costs as it is now, after discount."""
    chosen = {
        row.option.code: row.choice.value if row.choice else row.quantity
        for row in service.options.select_related("option", "choice")
    }
    wish = Wish(product=service.product, cycle=service.cycle, options=chosen)
    return new_plan(service, wish, day=day).price


def label_of(service: Service, product: Product) -> str:
    return f"{product} – {service.domain}"


def last_change(service: Service) -> ServiceChange | None:
    done = ServiceChange.objects.filter(service=service, status=ServiceChange.Status.APPLIED)
    return done.order_by("-id").first()


def _term(service: Service, claim: Claim) -> Term:
    span = Period(claim.period_start, claim.period_end)
    changed = _changed(service, span)
    if changed:
        return changed
    left = credit_notes.remaining(claim.invoice)
    lines = agreed_lines(claim.invoice, service, span)
    open_still = claim.invoice.status == Invoice.Status.ISSUED and not claim.invoice.settled
    return Term(
        period=span,
        billed=sum((left[line.pk] for line in lines), ZERO),
        since=span.start,
        unpaid=open_still,
        of_days=_whole_days(service, span),
    )


def _changed(service: Service, span: Period) -> Term | None:
    """A term that was changed before: what that change billed for its rest."""
    change = last_change(service)
    parts = change.evidence.get("parts", []) if change else []
    mine = [
        each for each in parts if each["role"] == "debit" and each["period"][1] == str(span.end)
    ]
    if not mine:
        return None
    since = date.fromisoformat(mine[0]["period"][0])
    billed = sum((Decimal(each["amount"]) for each in mine), ZERO)
    return Term(
        period=span,
        billed=billed,
        since=max(since, span.start),
        of_days=_whole_days(service, span),
    )


def _whole_days(service: Service, span: Period) -> int | None:
    part = share(plan_of(service), span)
    return part[1] if part else None


def _price_row(service: Service, wish: Wish) -> Price | None:
    row = Price.objects.filter(
        product=wish.product, cycle=wish.cycle, currency=service.currency
    ).first()
    if row is None and not (_same(service, wish) and service.price_override is not None):
        label = CYCLES[wish.cycle].label.lower() if wish.cycle in CYCLES else wish.cycle
        raise ValidationError(
            {
                "cycle": _("%(product)s is not offered %(label)s in %(currency)s.")
                % {"product": wish.product, "label": label, "currency": service.currency}
            }
        )
    return row


def _same(service: Service, wish: Wish) -> bool:
    return (wish.product.pk, wish.cycle) == (service.product_id, service.cycle)


def _rated(
    service: Service, wish: Wish, price: Price | None, options: Sequence[OptionLine], *, day: date
) -> list[RatedLine]:
    """The lines of a whole term, without setup fees."""
    own = own_price(service, on=clock.today()) if _same(service, wish) else None
    amount = own if own is not None else (price.amount if price else ZERO)
    terms = usage.tranches(wish.product, service.currency)
    agreement = Agreement(
        title=label_of(service, wish.product),
        currency=service.currency,
        cycle=CYCLES[wish.cycle],
        price=amount,
        period=Period(date(2000, 1, 1), date(2000, 1, 2)),
        zone=clock.business_zone(),
        options=tuple(options),
        terms=terms,
    )
    found = rate(agreement, Observed(reading=usage.reading(service, terms, day))).lines
    rated = [line for line in found if line.kind != LineKind.SETUP]
    lowered = discounts.of_services([service]).get(service.pk, ())
    return [*rated, *discounts.lines(lowered, rated, agreement)]


def _counted(rated: Sequence[RatedLine]) -> str:
    facts = next((line.evidence for line in rated if line.evidence["rule"] == "tranche"), None)
    return (
        _("%(billed_gb)s GB billed") % {"billed_gb": grouped(facts["billed_gb"])} if facts else ""
    )


def _option_line(row: ServiceOption, wish: Wish, service: Service) -> OptionLine:
    price = OptionPrice.objects.filter(
        option=row.option, choice=row.choice, cycle=wish.cycle, currency=service.currency
    ).first()
    return OptionLine(
        code=row.option.code,
        label=row.option.name,
        quantity=1 if row.choice else row.quantity,
        unit_price=price.amount if price else ZERO,
        setup=price.setup_fee if price else ZERO,
        position=row.option.position,
    )


def _setup(service: Service, wish: Wish, price: Price | None) -> Decimal:
    """Of the product, by its own rule; a fee is never given back."""
    if price is None or wish.product.pk == service.product_id:
        return ZERO
    rule = wish.product.setup_on_change
    if rule == Product.SetupOnChange.FULL:
        return price.setup_fee
    if rule == Product.SetupOnChange.NONE:
        return ZERO
    old = Price.objects.filter(
        product=service.product, cycle=service.cycle, currency=service.currency
    ).first()
    return max(ZERO, price.setup_fee - (old.setup_fee if old else ZERO))


def _option_setup(
    service: Service, rows: Sequence[ServiceOption], lines: Sequence[OptionLine]
) -> Decimal:
    """Of what is added alone: more units, or a choice that was not made before."""
    had = {row.option.code: row for row in service.options.select_related("option", "choice")}
    fees = ZERO
    for row, line in zip(rows, lines, strict=True):
        old = had.get(row.option.code)
        if row.option.type == Option.Type.QUANTITY:
            fees += line.setup * max(0, row.quantity - (old.quantity if old else 0))
        elif old is None or old.choice_id != row.choice_id:
            fees += line.setup
    return fees
