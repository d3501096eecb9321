"""The people of a customer. What may be done is decided in accounts.team."""

from __future__ import annotations

from collections.abc import Callable

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts import invites, team
from accounts.access import CustomerRequest
from accounts.invites import InviteGone
from accounts.models import Invite, Membership
from accounts.roles import CUSTOMER_RIGHTS, CustomerRight, CustomerRole
from clientarea.forms.base import ConfirmForm
from clientarea.forms.company import InviteForm, RoleForm
from clientarea.pages import customer_page, show
from clientarea.writes import Done, Sheet, handle, posted

managing = customer_page(CustomerRight.MANAGE_USERS)
ROLES = [
    (role.label, [right.label for right in CustomerRight if right in CUSTOMER_RIGHTS[role]])
    for role in CustomerRole
]


@require_safe
@managing
def index(request: CustomerRequest) -> HttpResponse:
    context = {
        "members": request.customer.memberships.select_related("user").order_by("user__email"),
        "invites": Invite.objects.pending().filter(customer=request.customer),
        "roles": ROLES,
    }
    return show(request, "team/index.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@managing
def invite(request: CustomerRequest) -> HttpResponse:
    form = InviteForm(posted(request), initial={"role": CustomerRole.TECHNICAL})

    def act() -> Done:
        email, role = form.cleaned_data["email"], form.cleaned_data["role"]
        team.invite_member(customer=request.customer, email=email, role=role, by=request.user)
        return _done(_("An invitation is on its way to %s.") % email)

    return handle(request, form, act, _sheet("invite", roles=ROLES))


@require_http_methods(["GET", "HEAD", "POST"])
@managing
def role(request: CustomerRequest, email: str) -> HttpResponse:
    member = _member(request, email)
    form = RoleForm(posted(request), initial={"role": member.role})

    def act() -> Done:
        team.change_role(member, form.cleaned_data["role"])
        return _done(_("The role of %s was changed.") % member.user)

    return handle(request, form, act, _sheet("role", member=member, roles=ROLES))


@require_http_methods(["GET", "HEAD", "POST"])
@managing
def remove(request: CustomerRequest, email: str) -> HttpResponse:
    member = _member(request, email)
    form = ConfirmForm(posted(request))

    def act() -> Done:
        name = str(member.user)
        team.remove_member(member)
        return _done(_("%s no longer belongs to the team.") % name)

    return handle(request, form, act, _sheet("remove", member=member))


@require_POST
@managing
def invite_again(request: CustomerRequest, email: str) -> HttpResponse:
    return _with_invite(request, email, invites.send_again, _("The invitation was sent again."))


@require_POST
@managing
def invite_withdraw(request: CustomerRequest, email: str) -> HttpResponse:
    return _with_invite(request, email, invites.withdraw, _("The invitation was withdrawn."))


def _with_invite(
    request: CustomerRequest, email: str, act: Callable[[Invite], object], said: str
) -> HttpResponse:
    pending = Invite.objects.pending().filter(customer=request.customer)
    try:
        act(get_object_or_404(pending, email__iexact=email))
    except InviteGone:
        messages.info(request, _("This invitation was used or withdrawn in the meantime."))
    else:
        messages.success(request, said)
    return redirect("clientarea:team")


def _member(request: CustomerRequest, email: str) -> Membership:
    members = request.customer.memberships.select_related("user")
    return get_object_or_404(members, user__email__iexact=email)


def _sheet(name: str, **context: object) -> Sheet:
    return Sheet(
        template=f"team/{name}.html", back=reverse("clientarea:team"), context=dict(context)
    )


def _done(message: str) -> Done:
    return Done(url=reverse("clientarea:team"), message=message)
