"""When a customer's services are invoiced, and which of them share a document."""

from __future__ import annotations

from datetime import date, timedelta

from django.db.models import Exists, OuterRef, Q

from accounts.models import Customer
from billing.models import BillingProfile, Invoice, InvoiceLine
from config import clock
from config.periods import DAY, add_months
from products.models import Product
from provisioning.models import Service

Grouping = BillingProfile.Grouping
MONTH = timedelta(days=31)
USUAL = BillingProfile()


def profile_of(customer: Customer) -> BillingProfile:
    """Loaded with the customer; who has none is billed as usual."""
    found: BillingProfile = getattr(customer, "billing", USUAL)
    return found


def last_due(profile: BillingProfile, business_date: date, *, lead_days: int | None) -> date:
    """The last due date that is invoiced on a day. `lead_days` is None for what must be measured
    first. One invoice a month holds all that is due before the next one.
    """
    if profile.grouping != Grouping.MONTHLY:
        return business_date + timedelta(days=lead_days or 0)
    latest = _monthly_day(profile, business_date)
    if latest > business_date:
        latest = _monthly_day(profile, business_date.replace(day=1) - DAY)
    if lead_days is None:
        return latest
    return _monthly_day(profile, add_months(latest.replace(day=1), 1)) - DAY


def billed_monthly(business_date: date) -> Q:
    """Services that one monthly invoice may hold; `last_due` says which it does."""
    return Q(customer__billing__grouping=Grouping.MONTHLY, next_due__lte=business_date + MONTH)


def waits_for_payment() -> Q:
    """Services of customers who are not invoiced further while a document of the service is
    open.
    """
    open_lines = InvoiceLine.objects.filter(
        service=OuterRef("pk"),
        invoice__status=Invoice.Status.ISSUED,
        invoice__kind=Invoice.Kind.INVOICE,
    )
    return Q(customer__billing__continuous=False) & Q(Exists(open_lines))


def ended_early(business_date: date) -> Q:
    """Paid in advance and terminated in the middle of a term: what was used is billed at once."""
    return Q(
        desired=Service.Desired.TERMINATED,
        terminated_at__lt=clock.start_of_day(business_date),
        next_due__isnull=False,
        activated_at__isnull=False,
        billing_hold__isnull=True,
        product__timing=Product.Timing.ADVANCE,
    )


def last_bill_now(service: Service) -> Service:
    """The due date of a service that has ended is the day after, if that is sooner."""
    ahead = service.product.timing == Product.Timing.ADVANCE
    if ahead and service.terminated_at and service.next_due:
        gone = service.terminated_at.astimezone(clock.business_zone()).date()
        service.next_due = min(service.next_due, gone + DAY)
    return service


def document_of(profile: BillingProfile, *, service: int, due: date) -> str:
    """What is equal for all that stands on one invoice of a customer and currency."""
    if profile.grouping == Grouping.SERVICE:
        return str(service)
    return "" if profile.grouping == Grouping.MONTHLY else due.isoformat()


def _monthly_day(profile: BillingProfile, within: date) -> date:
    first = within.replace(day=1)
    last = add_months(first, 1) - DAY
    return first.replace(day=min(profile.monthly_day, last.day))
