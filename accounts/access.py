"""Which customer a request is for and what it may do there; which staff may enter."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Concatenate, ParamSpec, TypeVar, cast

from allauth.mfa.models import Authenticator
from allauth.mfa.utils import is_mfa_enabled
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.db import models
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext_lazy as _

from accounts import impersonation
from accounts.models import Customer, Membership, User
from accounts.roles import (
    CUSTOMER_RIGHTS,
    IMPERSONATION_RIGHTS,
    CustomerRight,
    CustomerRole,
    StaffRight,
)

P = ParamSpec("P")
M = TypeVar("M", bound=models.Model)
AnyView = Callable[Concatenate[HttpRequest, P], HttpResponseBase]  # as the URL table calls it
SESSION_KEY = "customer"
SECOND_FACTORS = (Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN)

NO_CUSTOMER = _(
    "You are signed in, but your account belongs to no customer. "
    "Ask the person who invited you for a new invite."
)
STAFF_REFUSAL = _("Your staff role does not include “{right}”. An owner can change your role.")
STAFF_ONLY = _("This part of the panel is for the staff.")
ONE_HAT = _("You are viewing the client area as a customer. Stop viewing to work as staff again.")
NOT_WHILE_VIEWING = _("This is not possible while you view the client area as a customer.")
FACTOR_NEEDED = _("Staff need a second factor. Set up an authenticator app or a passkey to go on.")
NEEDS_RIGHT = _("It needs the right “{right}”.")
ROLE_REFUSAL = _("Your role for {customer} ({role}) does not include “{right}”.")
ASK_OWNERS = _("An owner can change that: {owners}.")
ASK_US = _("Ask us to change that.")


@dataclass(frozen=True)
class Access:
    """One person's hold on one customer for this request."""

    customer: Customer
    role: str
    rights: frozenset[str]
    impersonated: bool = False

    def has_right(self, right: str) -> bool:
        """Whether this request may do `right` (a CustomerRight)."""
        return right in self.rights


class CustomerRequest(HttpRequest):
    """What a view behind `require_right` receives."""

    user: User
    customer: Customer
    access: Access


CustomerView = Callable[Concatenate[CustomerRequest, P], HttpResponseBase]


class StaffRequest(HttpRequest):
    """What a view behind `require_staff_right` receives."""

    user: User


StaffView = Callable[Concatenate[StaffRequest, P], HttpResponseBase]


def memberships(user: User) -> models.QuerySet[Membership]:
    return Membership.objects.filter(user=user).select_related("customer").order_by("pk")


def current_access(request: HttpRequest) -> Access | None:
    """The customer of this session: the impersonated one, the chosen one, or the first."""
    if not hasattr(request, "_access"):
        request._access = _find_access(request)  # type: ignore[attr-defined]
    return cast("Access | None", request._access)  # type: ignore[attr-defined]


def switch_customer(request: HttpRequest, public_id: str) -> Customer:
    """Make another of the user's own customers the current one; 404 for anybody else's."""
    own = memberships(cast(User, request.user))
    customer = get_object_or_404(own, customer__public_id=public_id).customer
    request.session[SESSION_KEY] = customer.pk
    return customer


def require_right(right: CustomerRight) -> Callable[[CustomerView[P]], AnyView[P]]:
    """For views of the client area: sign-in, a customer, the right, or else what next."""

    def decorate(view: CustomerView[P]) -> AnyView[P]:
        @wraps(view)
        def guarded(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
            refusal = _customer_gate(request, right)
            if refusal is not None:
                return refusal
            return view(cast(CustomerRequest, request), *args, **kwargs)

        return guarded

    return decorate


def owned_or_404(
    request: CustomerRequest, rows: type[M] | models.QuerySet[M], **lookup: object
) -> M:
    """One row of the current customer; another customer's does not exist."""
    return get_object_or_404(rows, customer=request.customer, **lookup)


def staff_gate(request: HttpRequest) -> HttpResponse | None:
    """What keeps a request out of staff pages: sign-in, a refusal, a missing second factor."""
    user = request.user
    if not isinstance(user, User):
        return _sign_in(request)
    if not user.is_staff:
        raise PermissionDenied(STAFF_ONLY)
    if impersonation.current(request) is not None:
        raise PermissionDenied(ONE_HAT)
    if settings.STAFF_REQUIRE_MFA and not is_mfa_enabled(user, SECOND_FACTORS):
        messages.warning(request, FACTOR_NEEDED)
        return redirect("mfa_index")
    return None


def staff_login_required(view: StaffView[P]) -> AnyView[P]:
    @wraps(view)
    def guarded(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        refusal = staff_gate(request)
        if refusal is not None:
            return refusal
        return view(cast(StaffRequest, request), *args, **kwargs)

    return guarded


def require_staff_right(right: StaffRight) -> Callable[[StaffView[P]], AnyView[P]]:
    def decorate(view: StaffView[P]) -> AnyView[P]:
        @wraps(view)
        def checked(
            request: StaffRequest, /, *args: P.args, **kwargs: P.kwargs
        ) -> HttpResponseBase:
            if not request.user.has_right(right):
                raise PermissionDenied(STAFF_REFUSAL.format(right=right.label))
            return view(request, *args, **kwargs)

        return staff_login_required(checked)

    return decorate


def _customer_gate(request: HttpRequest, right: CustomerRight) -> HttpResponse | None:
    user = request.user
    if not isinstance(user, User):
        return _sign_in(request)
    access = current_access(request)
    if access is None:
        return _without_customer(user)
    if not access.has_right(right):
        raise PermissionDenied(_refusal(access, right))
    request.customer, request.access = access.customer, access  # type: ignore[attr-defined]
    return None


def _find_access(request: HttpRequest) -> Access | None:
    if not isinstance(request.user, User):
        return None
    shown = impersonation.current(request)
    if shown is not None:
        return Access(shown.customer, CustomerRole.OWNER, IMPERSONATION_RIGHTS, impersonated=True)
    membership = _chosen(memberships(request.user), request.session.get(SESSION_KEY))
    if membership is None:
        return None
    rights = CUSTOMER_RIGHTS.get(membership.role, frozenset())
    return Access(membership.customer, membership.role, rights)


def _chosen(own: models.QuerySet[Membership], chosen: int | None) -> Membership | None:
    rows = list(own)
    first = rows[0] if rows else None
    return next((row for row in rows if row.customer_id == chosen), first)


def _without_customer(user: User) -> HttpResponse:
    if user.is_staff:
        return redirect(settings.ADMIN_PATH)
    raise PermissionDenied(NO_CUSTOMER)


def _refusal(access: Access, right: CustomerRight) -> str:
    if access.impersonated:
        return f"{NOT_WHILE_VIEWING} {NEEDS_RIGHT.format(right=right.label)}"
    owners = access.customer.memberships.filter(role=CustomerRole.OWNER, user__is_active=True)
    names = ", ".join(owners.order_by("pk").values_list("user__email", flat=True)[:3])
    ask = ASK_OWNERS.format(owners=names) if names else ASK_US
    role = dict(CustomerRole.choices).get(access.role, access.role)
    refusal = ROLE_REFUSAL.format(customer=access.customer, role=role, right=right.label)
    return f"{refusal} {ask}"


def _sign_in(request: HttpRequest) -> HttpResponse:
    response = redirect_to_login(request.get_full_path())
    if request.headers.get("HX-Request"):  # a fragment cannot show a sign-in page: leave this one
        target = redirect_to_login(request.headers.get("HX-Current-URL", "/")).url
        return HttpResponse(status=204, headers={"HX-Redirect": target})
    return response
