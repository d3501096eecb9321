"""Leaving: at once, or when the term has ended."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.roles import CustomerRight
from billing.models import CancellationRequest
from billing.orders import cancellations
from clientarea.forms.base import ConfirmForm
from clientarea.forms.shop import CancelServiceForm
from clientarea.pages import ServiceRequest, service_page
from clientarea.writes import Done, Sheet, handle, posted
from provisioning.models import Service

When = CancellationRequest.When


@require_http_methods(["GET", "HEAD", "POST"])
@service_page(CustomerRight.ORDER)
def cancel(request: ServiceRequest) -> HttpResponse:
    service = request.service
    back = reverse("clientarea:service", args=[service.public_id])
    if service.ended:
        return redirect(back)
    if CancellationRequest.objects.filter(service=service).exists():
        return redirect("clientarea:cancellation_withdraw", service.public_id)
    form = CancelServiceForm(posted(request), days=_days(service))

    def act() -> Done:
        data = form.cleaned_data
        made = cancellations.request(
            service, when=data["when"], reason=data["reason"], by=request.user
        )
        day = date_format(made.due_on, "DATE_FORMAT")
        return Done(
            url=back, message=_("%(name)s ends on %(day)s.") % {"name": service, "day": day}
        )

    return handle(request, form, act, Sheet(template="services/cancel.html", back=back))


@require_http_methods(["GET", "HEAD", "POST"])
@service_page(CustomerRight.ORDER)
def withdraw(request: ServiceRequest) -> HttpResponse:
    service = request.service
    back = reverse("clientarea:service", args=[service.public_id])
    found = CancellationRequest.objects.filter(service=service).first()
    if found is None or found.done_at:
        return redirect(back)
    form = ConfirmForm(posted(request))

    def act() -> Done:
        cancellations.withdraw(found, by=request.user)
        return Done(url=back, message=_("The cancellation was withdrawn. The service goes on."))

    context = {"cancellation": found}
    sheet = Sheet(template="services/cancel_withdraw.html", back=back, context=context)
    return handle(request, form, act, sheet)


def _days(service: Service) -> dict[str, str]:
    days = cancellations.last_day_choices(service)
    words = {
        When.END_OF_TERM: _("At the end of the term, on %s"),
        When.AT_ONCE: _("At once, on %s: the mailboxes and all mail in them are deleted"),
    }
    return {
        str(when): text % date_format(days[when], "DATE_FORMAT") for when, text in words.items()
    }
