"""Another plan or other quantities: choose, see what it costs, confirm."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.roles import CustomerRight
from billing.changes import request as changes
from billing.changes.preview import PENDING, Preview, preview
from billing.models import ServiceChange
from clientarea.forms.base import ConfirmForm
from clientarea.forms.plan import ChooseForm, PlanForm, offered
from clientarea.pages import UNPROCESSABLE, ServiceRequest, service_page, show
from clientarea.writes import Done, Sheet, handle, posted, submit


@require_http_methods(["GET", "HEAD", "POST"])
@service_page(CustomerRight.ORDER)
def change(request: ServiceRequest) -> HttpResponse:
    service = request.service
    waiting = pending(request)
    if waiting is not None and request.method == "POST":
        return redirect("clientarea:plan", service.public_id)
    if waiting is not None:
        return show(request, "services/plan_waiting.html", {"change": waiting})
    prices = offered(service)
    asked = request.GET.get("plan", f"{service.product_id}-{service.cycle}")
    price = prices.get(asked) or next(iter(prices.values()), None)
    if price is None or service.ended:
        return redirect("clientarea:service", service.public_id)
    choose = ChooseForm(initial={"plan": asked}, prices=prices.items())
    form = PlanForm(posted(request), service=service, price=price)
    found = None
    if "confirm" in request.POST:
        answer = submit(request, form, lambda: _confirmed(request, form), back=request.path)
        if answer is not None:
            return answer
    elif request.method == "POST" and form.is_valid():
        found = _preview(request, form)
    context = {
        "choose": choose,
        "form": form,
        "price": price,
        "preview": found,
        "nothing_to_change": form.is_as_now and not form.options,
        "others": len(prices) > 1,
    }
    status = UNPROCESSABLE if form.is_bound and form.errors else 200
    return show(request, "services/plan.html", context, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
@service_page(CustomerRight.ORDER)
def cancel(request: ServiceRequest) -> HttpResponse:
    back = reverse("clientarea:plan", args=[request.service.public_id])
    row = get_object_or_404(request.service.changes, status__in=PENDING)
    form = ConfirmForm(posted(request))

    def act() -> Done:
        changes.cancel(row, by=request.user)
        return Done(url=back, message=_("The change was cancelled. Your plan stays as it is."))

    return handle(request, form, act, Sheet(template="services/plan_cancel.html", back=back))


def pending(request: ServiceRequest) -> ServiceChange | None:
    rows = request.service.changes.filter(status__in=PENDING)
    return rows.select_related("product", "invoice").first()


def _preview(request: ServiceRequest, form: PlanForm) -> Preview | None:
    try:
        return preview(request.service, form.wish())
    except ValidationError as error:
        form.blame(error)
        return None


def _confirmed(request: ServiceRequest, form: PlanForm) -> Done:
    made = changes.request(request.service, form.wish(), by=request.user)
    if made.invoice is not None and made.status == ServiceChange.Status.WAITING:
        url = reverse("clientarea:invoice", args=[made.invoice.public_id])
        return Done(url=url, message=_("The change is made as soon as this invoice is paid."))
    url = reverse("clientarea:service", args=[request.service.public_id])
    if made.apply_on:
        day = date_format(made.apply_on, "DATE_FORMAT")
        return Done(url=url, message=_("The change is made at the end of the term, on %s.") % day)
    return Done(url=url, message=_("The change is being made."))
