"""People: members of customers, invites, and the staff with their roles."""

from __future__ import annotations

from typing import Any

from allauth.mfa.models import Authenticator
from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import Exists, OuterRef, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse

from accounts import invites, people, team
from accounts.access import StaffRequest
from accounts.models import Invite, Membership, User
from accounts.roles import CustomerRole, StaffRight, StaffRole
from backoffice.base import ReadOnly, may
from backoffice.buttons import REFUSALS, Answer, Button, ObjectForm, blame
from backoffice.look import PlainForm, ago, badge

NO_ROLE = "No staff role: a customer's person"


class RoleForm(ObjectForm):
    role = forms.ChoiceField(choices=CustomerRole.choices)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["role"].initial = self.obj.role


class StaffRoleForm(ObjectForm):
    staff_role = forms.ChoiceField(
        label="Staff role", choices=[("", NO_ROLE), *StaffRole.choices], required=False
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["staff_role"].initial = self.obj.staff_role


class StaffInviteForm(PlainForm):
    email = forms.EmailField(label="E-mail address")
    staff_role = forms.ChoiceField(label="Role", choices=StaffRole.choices)


def _change_role(_request: StaffRequest, member: Membership, data: dict[str, Any]) -> Answer:
    team.change_role(member, data["role"])
    return f"{member.user} is now {member.get_role_display().lower()} of {member.customer}."


def _remove_member(_request: StaffRequest, member: Membership, _data: dict[str, Any]) -> Answer:
    customer, text = member.customer_id, f"{member.user} no longer belongs to {member.customer}."
    team.remove_member(member)
    messages.success(_request, text)
    return redirect("admin:accounts_customer_change", customer)


class MembershipAdmin(ReadOnly):
    list_display = ("user", "customer", "role", "created_at")
    list_select_related = ("user", "customer")
    search_fields = ("user__email__icontains", "customer__company__icontains")
    fields = ("user", "customer", "role", "created_at")
    buttons = (
        Button(
            name="role", label="Change role", icon="manage_accounts", act=_change_role,
            form=RoleForm, right=StaffRight.MANAGE_CUSTOMERS,
        ),
        Button(
            name="remove", label="Remove", icon="person_remove", tone="danger", act=_remove_member,
            warning="The person loses access to this customer. Their own account stays.",
            right=StaffRight.MANAGE_CUSTOMERS,
        ),
    )  # fmt: skip


def _right_over_invite(invite: Invite) -> StaffRight:
    return StaffRight.MANAGE_CUSTOMERS if invite.customer_id else StaffRight.MANAGE_STAFF


def _is_pending(invite: Invite) -> bool:
    return invite.accepted_at is None and invite.withdrawn_at is None


def _send_again(_request: StaffRequest, invite: Invite, _data: dict[str, Any]) -> Answer:
    invites.send_again(invite)
    return f"A new link was sent to {invite.email}; the one before no longer works."


def _withdraw(_request: StaffRequest, invite: Invite, _data: dict[str, Any]) -> Answer:
    invites.withdraw(invite)
    return f"The invite to {invite.email} is withdrawn."


class InviteAdmin(ReadOnly):
    change_right = StaffRight.MANAGE_STAFF
    addable = True
    list_display = ("email", "to", "role_label", "stands", "created_at", "invited_by")
    list_select_related = ("customer", "invited_by")
    search_fields = ("email__icontains",)
    fields = ("email", "to", "role_label", "stands", "invited_by", "created_at", "expires_at")
    buttons = (
        Button(
            name="send-again", label="Send again", icon="forward_to_inbox", act=_send_again,
            right_of=_right_over_invite, shown=_is_pending,
        ),
        Button(
            name="withdraw", label="Withdraw", icon="cancel", act=_withdraw,
            right_of=_right_over_invite, shown=_is_pending,
        ),
    )  # fmt: skip

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """For the staff; people of a customer are invited on the customer's page."""
        if not may(request, StaffRight.MANAGE_STAFF):
            raise PermissionDenied
        form = StaffInviteForm(request.POST or None)
        if request.method == "POST" and form.is_valid():
            user: Any = request.user
            try:
                team.invite_staff(by=user, **form.cleaned_data)
                messages.success(request, f"An invite was sent to {form.cleaned_data['email']}.")
                return redirect("admin:accounts_invite_changelist")
            except REFUSALS as error:
                blame(form, error)
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": "Invite to the staff",
            "form": form,
            "back": reverse("admin:accounts_invite_changelist"),
        }
        return TemplateResponse(request, "backoffice/plain_form.html", context)

    @admin.display(description="to")
    def to(self, invite: Invite) -> str:
        return str(invite.customer or "The staff")

    @admin.display(description="status")
    def stands(self, invite: Invite) -> str:
        if invite.accepted_at:
            return badge("Accepted", "good")
        if invite.withdrawn_at:
            return badge("Withdrawn")
        if not invite.is_usable:
            return badge("Expired", "warn")
        return badge("Sent", "info") if invite.sent_at else badge("Not sent yet", "warn")


def _right_over(person: User) -> StaffRight:
    """Who may touch the account of a member of staff may touch the panel itself."""
    return StaffRight.MANAGE_STAFF if person.is_staff else StaffRight.MANAGE_CUSTOMERS


def _change_staff_role(_request: StaffRequest, person: User, data: dict[str, Any]) -> Answer:
    people.change_staff_role(person, data["staff_role"])
    return f"{person} has a new role and signs in again."


def _disable(_request: StaffRequest, person: User, _data: dict[str, Any]) -> Answer:
    people.disable(person)
    return f"{person} can no longer sign in."


def _enable(_request: StaffRequest, person: User, _data: dict[str, Any]) -> Answer:
    people.enable(person)
    return f"{person} can sign in again."


def _send_reset(request: StaffRequest, person: User, _data: dict[str, Any]) -> Answer:
    people.send_password_reset(request, person)
    return f"A link to choose a new password was sent to {person}."


def _remove_factors(_request: StaffRequest, person: User, _data: dict[str, Any]) -> Answer:
    people.remove_second_factors(person)
    return f"{person} signs in with the password alone until a new second factor is set up."


class UserAdmin(ReadOnly):
    list_display = ("email", "name", "staff", "second_factor", "stands", "last_seen")
    list_filter = ("staff_role", "is_active")
    search_fields = ("email__icontains", "name__icontains")
    fields = ("email", "name", "staff", "stands", "last_seen", "date_joined")
    panels_template = "backoffice/user_panels.html"
    buttons = (
        Button(
            name="staff-role", label="Change staff role", icon="manage_accounts",
            act=_change_staff_role, form=StaffRoleForm, right=StaffRight.MANAGE_STAFF,
        ),
        Button(
            name="reset", label="Send password link", icon="lock_reset", act=_send_reset,
            right_of=_right_over, shown=lambda person: person.is_active,
        ),
        Button(
            name="remove-factors", label="Remove second factor", icon="no_encryption",
            act=_remove_factors, right_of=_right_over, tone="danger",
            warning="Do this only after you have made sure who is asking. Every session ends.",
        ),
        Button(
            name="disable", label="Disable", icon="block", act=_disable, right_of=_right_over,
            tone="danger", warning="The person cannot sign in any more; every session ends.",
            shown=lambda person: person.is_active,
        ),
        Button(
            name="enable", label="Enable", icon="check", act=_enable, right_of=_right_over,
            shown=lambda person: not person.is_active,
        ),
    )  # fmt: skip

    def get_queryset(self, request: HttpRequest) -> QuerySet[User]:
        factors = Authenticator.objects.filter(user=OuterRef("pk"))
        rows: QuerySet[User] = super().get_queryset(request)
        return rows.annotate(has_factor=Exists(factors))

    def panels(self, request: HttpRequest, obj: User) -> dict[str, Any]:
        return {"members": obj.memberships.select_related("customer")}

    @admin.display(description="staff role", ordering="staff_role")
    def staff(self, person: User) -> str:
        return badge(person.get_staff_role_display(), "info") if person.is_staff else "–"

    @admin.display(description="second factor")
    def second_factor(self, person: Any) -> str:
        return badge("On", "good") if person.has_factor else "–"

    @admin.display(description="status", ordering="is_active")
    def stands(self, person: User) -> str:
        return badge("Active", "good") if person.is_active else badge("Disabled", "bad")

    @admin.display(description="last sign-in", ordering="last_login")
    def last_seen(self, person: User) -> str:
        return ago(person.last_login)
