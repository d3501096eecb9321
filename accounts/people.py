"""What staff do to the accounts of people. Nobody but the person chooses a password."""

from __future__ import annotations

from allauth.account.forms import ResetPasswordForm
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from accounts import sessions
from accounts.audit import facts, record
from accounts.models import User
from accounts.roles import StaffRole

LAST_STAFF_OWNER = _(
    "The last owner cannot be disabled or lose the role. Make somebody else an owner first."
)


@transaction.atomic
def create_person(
    *, email: str, password: str, name: str, staff_role: str = "", proven: bool = True
) -> User:
    """A new user. The address is `proven` when the link that brought them was mailed, or printed;
    else they cannot sign in before they have confirmed it.
    """
    user = User.objects.create_user(email, password, name=name, staff_role=staff_role)
    EmailAddress.objects.create(user=user, email=user.email, primary=True, verified=proven)
    record("user.created", user, after=facts(user))
    return user


@transaction.atomic
def disable(user: User) -> None:
    """Refuse sign-in and end every session at its next request."""
    _keep_a_staff_owner(user)
    _change(user, "user.disabled", is_active=False)
    sessions.end_all(user)


@transaction.atomic
def enable(user: User) -> None:
    _change(user, "user.enabled", is_active=True)


@transaction.atomic
def change_staff_role(user: User, staff_role: str) -> None:
    """Give or take (``""``) a staff role; the person signs in again to act under it."""
    if staff_role and staff_role not in StaffRole.values:
        raise ValidationError({"staff_role": _("Choose a role.")})
    if staff_role != StaffRole.OWNER:
        _keep_a_staff_owner(user)
    _change(user, "staff.role_changed", staff_role=staff_role)
    sessions.end_all(user)


@transaction.atomic
def remove_second_factors(user: User) -> None:
    """For a person who lost phone and recovery codes; ends every session."""
    kinds = list(Authenticator.objects.filter(user=user).values_list("type", flat=True))
    Authenticator.objects.filter(user=user).delete()
    record("user.second_factors_removed", user, before={"second_factors": sorted(kinds)})
    sessions.end_all(user)


def send_password_reset(request: HttpRequest, user: User) -> None:
    """Mail the same one-time link the person could ask for."""
    form = ResetPasswordForm(data={"email": user.email})
    if form.is_valid():
        form.save(request)
    record("user.password_reset_sent", user)


def _change(user: User, action: str, **values: object) -> None:
    before = facts(user)
    for name, value in values.items():
        setattr(user, name, value)
    user.save(update_fields=list(values))
    record(action, user, before=before, after=facts(user))


def _keep_a_staff_owner(user: User) -> None:
    owners = User.objects.filter(staff_role=StaffRole.OWNER, is_active=True)
    locked = list(owners.select_for_update().order_by("pk").values_list("pk", flat=True))
    if locked == [user.pk]:
        raise ValidationError({"staff_role": LAST_STAFF_OWNER})
