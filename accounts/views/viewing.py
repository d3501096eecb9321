"""Whose client area is shown: another of one's own customers, or a customer seen by staff."""

from __future__ import annotations

from allauth.account.utils import get_next_redirect_url
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from accounts import access, impersonation
from accounts.access import NOT_WHILE_VIEWING, StaffRequest, require_staff_right
from accounts.models import Customer
from accounts.roles import StaffRight

NO_LONGER = _("You no longer view the client area as {customer}.")


@require_POST
@login_required
def switch(request: HttpRequest) -> HttpResponse:
    if impersonation.current(request) is not None:
        raise PermissionDenied(NOT_WHILE_VIEWING)
    access.switch_customer(request, request.POST.get("customer", ""))
    return redirect(settings.LOGIN_REDIRECT_URL)


@require_POST
@require_staff_right(StaffRight.IMPERSONATE)
def start_impersonation(request: StaffRequest, public_id: str) -> HttpResponse:
    customer = get_object_or_404(Customer, public_id=public_id)
    impersonation.start(request, customer)
    return redirect(settings.LOGIN_REDIRECT_URL)


@require_POST
@login_required
def end_impersonation(request: HttpRequest) -> HttpResponse:
    customer = impersonation.stop(request, reason="stopped")
    if customer is not None:
        messages.success(request, NO_LONGER.format(customer=customer))
    return redirect(get_next_redirect_url(request) or settings.ADMIN_PATH)
