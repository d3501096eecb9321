"""Saved cards that come to the end of their time, which is the end of their last day."""

from __future__ import annotations

from datetime import date, timedelta

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from accounts.models import Customer
from billing.models import GatewayAccount, Invoice, SavedMethod, Seller
from billing.payments import methods
from config import clock
from provisioning.models import Service

LIVE = (Service.Desired.PENDING, Service.Desired.ACTIVE, Service.Desired.SUSPENDED)


def is_over(method: SavedMethod) -> bool:
    return method.expires_on is not None and method.expires_on < clock.today()


def is_soon(method: SavedMethod) -> bool:
    """It still pays today."""
    last = method.expires_on
    return last is not None and not is_over(method) and last <= clock.today() + notice()


def words(method: SavedMethod) -> str:
    assert method.expires_on is not None
    told = (
        _("%(card)s expired on %(day)s.") if is_over(method) else _("%(card)s expires on %(day)s.")
    )
    return told % {"card": method, "day": date_format(method.expires_on, "DATE_FORMAT")}


def near(customer: Customer) -> SavedMethod | None:
    """The card that is charged, where it has expired or soon will."""
    method = methods.default_of(customer)
    return method if method and (is_over(method) or is_soon(method)) else None


def to_announce(since: date) -> QuerySet[SavedMethod]:
    """Cards that are charged and expire within the notice, or before an open invoice falls due, of
    customers who still have something to be charged for. What expired before `since` is history.
    """
    owed = Invoice.objects.filter(
        customer=OuterRef("customer"), kind=Invoice.Kind.INVOICE, status=Invoice.Status.ISSUED
    )
    due_later = Exists(owed.filter(due_on__gt=OuterRef("expires_on")))
    running = Exists(Service.objects.filter(customer=OuterRef("customer"), desired__in=LIVE))
    on = GatewayAccount.objects.filter(enabled=True).values("code")
    rows = SavedMethod.objects.filter(
        is_default=True, removed_at__isnull=True, gateway__in=on, expires_on__gte=since
    )
    soon = Q(expires_on__lte=clock.today() + notice()) | Q(due_later)
    return rows.filter(soon, Q(running) | Q(Exists(owed))) if notice() else rows.none()


def notice() -> timedelta:
    days = Seller.objects.order_by("pk").values_list("card_notice_days", flat=True).first()
    return timedelta(days=days or 0)
