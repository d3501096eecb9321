"""Staff see the client area as a customer. They stay who they are; only the customer is shown.

No user of the customer is ever signed in, so there is no password, second factor or session of
theirs to reach. One session wears one hat: while it lasts the admin site is closed to it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from accounts.audit import record
from accounts.models import Customer, User
from accounts.roles import StaffRight
from accounts.sessions import rotate
from config import clock

LASTS = timedelta(minutes=60)
SESSION_KEY = "impersonation"
NESTED = _("Stop viewing the client area as one customer before you view it as another.")
ENDED = _("You no longer view the client area as a customer: {reason}.")


@dataclass(frozen=True)
class Impersonation:
    customer: Customer
    until: datetime


def start(request: HttpRequest, customer: Customer) -> None:
    """The caller has checked the right to impersonate; a second one inside the first is refused."""
    if current(request) is not None:
        raise PermissionDenied(NESTED)
    until = clock.now() + LASTS
    request.session[SESSION_KEY] = {"customer": customer.pk, "until": until.timestamp()}
    _remember(request, Impersonation(customer, until))
    rotate(request)
    record("impersonation.started", customer, after={"until": until.isoformat()})


def stop(request: HttpRequest, *, reason: str) -> Customer | None:
    """End it, if there is one; answers with the customer who was shown."""
    shown = current(request)
    if request.session.pop(SESSION_KEY, None) is None:
        return None
    _remember(request, None)
    rotate(request)
    if shown is None:
        return None
    record("impersonation.stopped", shown.customer, after={"reason": reason})
    return shown.customer


def current(request: HttpRequest) -> Impersonation | None:
    """Who is shown to this request; `enforce` has seen to it that it still may be."""
    return getattr(request, "impersonation", None)


def enforce(request: HttpRequest) -> None:
    """End what has run out of time or right. Called once a request, before any view."""
    _remember(request, _stored(request))
    ended = SESSION_KEY in request.session and _reason_to_end(request)
    if ended:
        stop(request, reason=ended)
        messages.info(request, ENDED.format(reason=_(ended)))


def _stored(request: HttpRequest) -> Impersonation | None:
    stored = request.session.get(SESSION_KEY)
    if stored is None:
        return None
    customer = Customer.objects.filter(pk=stored["customer"]).first()
    if customer is None:
        return None
    return Impersonation(customer, datetime.fromtimestamp(stored["until"], UTC))


def _remember(request: HttpRequest, shown: Impersonation | None) -> None:
    request.impersonation = shown  # type: ignore[attr-defined]


def _reason_to_end(request: HttpRequest) -> str:
    shown, user = current(request), request.user
    if shown is None:
        return "the customer is gone"
    if not (isinstance(user, User) and user.has_right(StaffRight.IMPERSONATE)):
        return "your role no longer allows it"
    return "time is up" if clock.now() >= shown.until else ""
