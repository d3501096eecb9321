from __future__ import annotations

from allauth.account.utils import perform_login
from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters

from accounts import invites, sessions
from accounts.adapters import AccountAdapter
from accounts.forms import NewPersonForm
from accounts.models import Invite, User
from accounts.people import create_person
from accounts.team import accept_invite


@never_cache
@sensitive_post_parameters("password1", "password2")
def invite(request: HttpRequest, key: str) -> HttpResponse:
    """New people choose a name and a password; those who have an account sign in and confirm."""
    try:
        found = invites.find(key)
        known = User.objects.filter(email__iexact=found.email).exists()
        return _confirm(request, found, key) if known else _join(request, found, key)
    except invites.InviteGone:
        return render(request, "account/invite_gone.html", status=404)


def _join(request: HttpRequest, found: Invite, key: str) -> HttpResponse:
    form = NewPersonForm(request.POST or None, known_email=found.email)
    if request.method == "POST" and form.is_valid():
        user = _create(found, key, form)
        response: HttpResponse = perform_login(request, user)
        return response
    return render(request, "account/invite.html", {"form": form, "invite": found})


@transaction.atomic
def _create(found: Invite, key: str, form: NewPersonForm) -> User:
    data = form.cleaned_data
    user = create_person(email=found.email, name=data["name"], password=data["password1"])
    accept_invite(key, user)
    return user


def _confirm(request: HttpRequest, found: Invite, key: str) -> HttpResponse:
    user = request.user
    theirs = isinstance(user, User) and user.email.lower() == found.email
    if request.method == "POST" and isinstance(user, User) and theirs:
        accept_invite(key, user)
        sessions.rotate(request)
        messages.success(request, _("You now belong to {team}.").format(team=found.team))
        return redirect(AccountAdapter().get_login_redirect_url(request))
    return render(request, "account/invite_confirm.html", {"invite": found, "theirs": theirs})
