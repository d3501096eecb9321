"""The panel's addresses, and a few pages that stand for those behind each guard."""

from __future__ import annotations

from typing import cast

from django.http import HttpRequest, HttpResponse
from django.urls import path

from accounts.access import (
    CustomerRequest,
    StaffRequest,
    owned_or_404,
    require_right,
    require_staff_right,
    staff_login_required,
)
from accounts.audit import record
from accounts.models import Invite, User
from accounts.roles import CustomerRight, StaffRight
from config.urls import urlpatterns as panel


def customer_page(right: CustomerRight):
    @require_right(right)
    def page(request: CustomerRequest) -> HttpResponse:
        return HttpResponse(f"{request.customer.company}|{right}")

    return page


def staff_page(right: StaffRight):
    @require_staff_right(right)
    def page(request: StaffRequest) -> HttpResponse:
        return HttpResponse(right)

    return page


@require_right(CustomerRight.VIEW_SERVICES)
def one_invite(request: CustomerRequest, pk: int) -> HttpResponse:
    return HttpResponse(owned_or_404(request, Invite, pk=pk).email)


@staff_login_required
def staff_home(request: StaffRequest) -> HttpResponse:
    return HttpResponse("staff")


def noted(request: HttpRequest) -> HttpResponse:
    record("probe.noted", cast(User, request.user))
    return HttpResponse("noted")


urlpatterns = [
    *(path(f"probe/{right}/", customer_page(right)) for right in CustomerRight),
    *(path(f"probe/staff/{right}/", staff_page(right)) for right in StaffRight),
    path("probe/invite/<int:pk>/", one_invite),
    path("probe/staff/", staff_home),
    path("probe/noted/", noted),
    *panel,
]
