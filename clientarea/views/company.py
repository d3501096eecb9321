from __future__ import annotations

from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.access import CustomerRequest
from accounts.roles import CustomerRight
from billing import preferences
from clientarea.company import update_details
from clientarea.forms.company import CompanyForm, details_of
from clientarea.pages import customer_page
from clientarea.writes import Done, Sheet, handle, posted


@require_http_methods(["GET", "HEAD", "POST"])
@customer_page(CustomerRight.MANAGE_USERS)
def details(request: CustomerRequest) -> HttpResponse:
    customer = request.customer
    wanted = preferences.wants_tranche_notices(customer)
    form = CompanyForm(
        posted(request),
        initial=details_of(customer) | {"tranche_notices": wanted},
        tranches=preferences.has_tranches(customer),
    )
    here = reverse("clientarea:company")

    def act() -> Done:
        update_details(customer, form.details())
        if "tranche_notices" in form.cleaned_data:
            asked = form.cleaned_data["tranche_notices"]
            preferences.set_tranche_notices(customer, wanted=asked)
        return Done(url=here, message=_("The details were saved. New invoices will show them."))

    return handle(request, form, act, Sheet(template="company.html", back=here))
