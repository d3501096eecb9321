from __future__ import annotations

from allauth.account.utils import perform_login
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters

from accounts import setup
from accounts.forms import SetupForm

WRONG_KEY = _(
    "This key is not the newest one, or it has expired. Run “manage.py setup_link” again."
)


@never_cache
@sensitive_post_parameters("password1", "password2", "key")
def first_owner(request: HttpRequest) -> HttpResponse:
    if not setup.is_open():
        raise Http404
    form = SetupForm(request.POST or None, initial={"key": request.GET.get("key", "")})
    if request.method == "POST" and form.is_valid():
        response = _create(request, form)
        if response is not None:
            return response
    return render(request, "account/setup.html", {"form": form})


def _create(request: HttpRequest, form: SetupForm) -> HttpResponse | None:
    data = form.cleaned_data
    try:
        owner = setup.create_owner(
            data["key"], email=data["email"], name=data["name"], password=data["password1"]
        )
    except setup.WrongKey:
        form.add_error("key", WRONG_KEY)
        return None
    except setup.SetupClosed:
        raise Http404 from None
    response: HttpResponse = perform_login(request, owner)
    return response
