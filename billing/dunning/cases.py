"""What dunning knows of many invoices, read in a constant number of queries."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from django.core.exceptions import ObjectDoesNotExist
from django.db.models import F

from billing.dunning.steps import Case, Key, Step
from billing.models import (
    BillingProfile,
    ChargeAttempt,
    DunningEvent,
    DunningPolicy,
    DunningStep,
    Invoice,
    InvoiceLine,
    LateFee,
    Payment,
    ProductGrace,
)
from config import clock
from provisioning.models import Service


@dataclass(frozen=True, kw_only=True)
class Known:
    """An invoice with its case, the steps of its policy, and the services it bills."""

    invoice: Invoice
    case: Case
    steps: tuple[Step, ...]
    rows: dict[int, DunningStep]
    services: tuple[Service, ...]


class Policies:
    """All of them, read once. A changed policy is a new version; an invoice keeps the one that
    stood when it was issued.
    """

    def __init__(self) -> None:
        rows = DunningPolicy.objects.filter(retired=False).prefetch_related("steps")
        self.versions: dict[str, list[DunningPolicy]] = defaultdict(list)
        for row in rows.order_by("created_at", "version"):
            self.versions[row.name].append(row)
        self.default = next((row.name for row in rows if row.is_default), "")

    def of(self, name: str, issued_on: date) -> DunningPolicy | None:
        zone = clock.business_zone()
        versions = self.versions.get(name, [])
        stood = [row for row in versions if row.created_at.astimezone(zone).date() <= issued_on]
        return (stood[-1] if stood else versions[0]) if versions else None

    def first_day(self) -> int:
        """The largest number of days before the due date at which any step is taken."""
        offsets = [
            step.offset
            for rows in self.versions.values()
            for row in rows
            for step in row.steps.all()
        ]
        return -min(offsets, default=0)


def open_invoices(on: date, policies: Policies) -> list[int]:
    """Ids of all that may have a step due, in the order of their age."""
    rows = Invoice.objects.filter(
        kind=Invoice.Kind.INVOICE,
        status=Invoice.Status.ISSUED,
        settled__lt=F("total"),
        due_on__lte=on + timedelta(days=max(0, policies.first_day())),
    )
    return list(rows.order_by("pk").values_list("pk", flat=True))


def known(ids: Sequence[int], policies: Policies) -> list[Known]:
    """Those of `ids` that are still open."""
    invoices = list(
        Invoice.objects.filter(pk__in=ids, status=Invoice.Status.ISSUED, settled__lt=F("total"))
        .select_related("customer__billing__policy")
        .order_by("pk")
    )
    services = _services(ids)
    graces = {
        row.product_id: row for row in ProductGrace.objects.select_related("policy")
    }  # few: one a product
    taken, waiting, fees = _taken(ids), _waiting(ids), _fees(ids)
    return [
        _known(
            each,
            services[each.pk],
            policies,
            _Facts(graces, taken[each.pk], each.pk in waiting, each.pk in fees),
        )
        for each in invoices
    ]


@dataclass(frozen=True)
class _Facts:
    graces: dict[int, ProductGrace]
    taken: dict[Key, date]
    paused: bool
    is_fee: bool


def _known(
    invoice: Invoice, services: tuple[Service, ...], policies: Policies, facts: _Facts
) -> Known:
    profile = _profile(invoice)
    graces = [facts.graces[each.product_id] for each in services if each.product_id in facts.graces]
    assert invoice.due_on is not None
    policy = policies.of(_name(profile, graces, policies), invoice.issued_on or invoice.due_on)
    rows = {row.pk: row for row in policy.steps.all()} if policy else {}
    case = Case(
        due_on=invoice.due_on,
        taken=facts.taken,
        grace=profile.grace_days + max((row.days for row in graces), default=0),
        exempt_until=profile.dunning_exempt_until,
        no_late_fee=profile.late_fee_exempt or facts.is_fee,
        paused=facts.paused,
    )
    return Known(
        invoice=invoice,
        case=case,
        steps=tuple(step_of(row) for row in rows.values()),
        rows=rows,
        services=services,
    )


def step_of(row: DunningStep) -> Step:
    return Step(
        offset=row.offset, action=row.action, business_days=row.business_days, pk=row.pk or 0
    )


def _profile(invoice: Invoice) -> BillingProfile:
    try:
        found: BillingProfile = invoice.customer.billing
    except ObjectDoesNotExist:
        return BillingProfile(customer=invoice.customer)
    return found


def _name(profile: BillingProfile, graces: Sequence[ProductGrace], policies: Policies) -> str:
    """The customer's policy, else the product's with the longest grace, else the default."""
    if profile.policy:
        return profile.policy.name
    own = [row for row in graces if row.policy]
    gentlest = max(own, key=lambda row: row.days, default=None)
    return gentlest.policy.name if gentlest and gentlest.policy else policies.default


def _services(ids: Sequence[int]) -> dict[int, tuple[Service, ...]]:
    pairs = InvoiceLine.objects.filter(invoice__in=ids, service__isnull=False).order_by("pk")
    found: dict[int, dict[int, None]] = defaultdict(dict)
    for invoice, service in pairs.values_list("invoice_id", "service_id"):
        found[invoice][service] = None
    wanted = {pk for each in found.values() for pk in each}
    rows = Service.objects.select_related("server", "product", "customer").in_bulk(wanted)
    return defaultdict(
        tuple, {invoice: tuple(rows[pk] for pk in each) for invoice, each in found.items()}
    )


def _taken(ids: Sequence[int]) -> dict[int, dict[Key, date]]:
    rows = DunningEvent.objects.filter(invoice__in=ids)
    found: dict[int, dict[Key, date]] = defaultdict(dict)
    for invoice, offset, action, on in rows.values_list(
        "invoice_id", "step__offset", "step__action", "on"
    ):
        found[invoice][offset, action] = on
    return found


def _waiting(ids: Sequence[int]) -> set[int]:
    """Invoices for which money is on its way."""
    payments = Payment.objects.filter(invoice__in=ids, status=Payment.Status.PENDING)
    under_way = (ChargeAttempt.Status.STARTED, ChargeAttempt.Status.PENDING)
    charges = ChargeAttempt.objects.filter(invoice__in=ids, status__in=under_way)
    return {
        pk
        for rows in (payments, charges)
        for pk in rows.values_list("invoice_id", flat=True)
        if pk is not None
    }


def _fees(ids: Sequence[int]) -> set[int]:
    rows = LateFee.objects.filter(document__in=ids)
    return set(rows.values_list("document_id", flat=True))
