"""Who belongs to a customer, and how people join: invites, roles, leaving."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.audit import facts, record
from accounts.invites import claim, create_invite
from accounts.models import Customer, Invite, Membership, User
from accounts.roles import CustomerRole, StaffRole

LAST_OWNER = _(
    "The last owner cannot leave or be given another role. Make somebody else an owner first."
)
NOT_YOURS = _("This invite is for another e-mail address.")
CHOOSE_ROLE = _("Choose a role.")
IS_MEMBER = _("{email} already belongs to {team}.")


def invite_member(*, customer: Customer, email: str, role: str, by: User | None) -> Invite:
    """Mail a link to join ``customer``; replaces a pending one. ValidationError keyed by field."""
    if role not in CustomerRole.values:
        raise ValidationError({"role": CHOOSE_ROLE})
    if customer.memberships.filter(user__email__iexact=email).exists():
        raise ValidationError({"email": IS_MEMBER.format(email=email, team=customer)})
    return create_invite(Invite(customer=customer, email=email, role=role, invited_by=by))


def invite_staff(*, email: str, staff_role: str, by: User | None) -> Invite:
    if staff_role not in StaffRole.values:
        raise ValidationError({"staff_role": CHOOSE_ROLE})
    if User.objects.filter(email__iexact=email).exclude(staff_role="").exists():
        raise ValidationError({"email": IS_MEMBER.format(email=email, team=_("the staff"))})
    return create_invite(Invite(email=email, staff_role=staff_role, invited_by=by))


@transaction.atomic
def accept_invite(key: str, user: User) -> Invite:
    """Let ``user`` in by the link; raises InviteGone when it was used, withdrawn or has expired."""
    invite = claim(key)
    if invite.email.lower() != user.email.lower():
        raise ValidationError(NOT_YOURS)
    if invite.customer is None:
        _join_staff(user, invite.staff_role)
    else:
        _join_customer(user, invite.customer, invite.role)
    record("invite.accepted", invite, after={"email": invite.email, "role": invite.role_label})
    return invite


@transaction.atomic
def change_role(membership: Membership, role: str) -> Membership:
    if role not in CustomerRole.values:
        raise ValidationError({"role": CHOOSE_ROLE})
    if role != CustomerRole.OWNER:
        _keep_an_owner(membership)
    before = facts(membership)
    membership.role = role
    membership.save(update_fields=["role"])
    record("member.role_changed", membership, before=before, after=facts(membership))
    return membership


@transaction.atomic
def remove_member(membership: Membership) -> None:
    _keep_an_owner(membership)
    record("member.removed", membership, before=facts(membership))
    membership.delete()


def _keep_an_owner(membership: Membership) -> None:
    """Two owners who leave at once meet at these locked rows, so that one of them stays."""
    owners = Membership.objects.filter(
        customer=membership.customer_id, role=CustomerRole.OWNER, user__is_active=True
    )
    locked = [owner.pk for owner in owners.select_for_update(of=("self",)).order_by("pk")]
    if locked == [membership.pk]:
        raise ValidationError({"role": LAST_OWNER})


def _join_customer(user: User, customer: Customer, role: str) -> None:
    membership, created = Membership.objects.get_or_create(
        user=user, customer=customer, defaults={"role": role}
    )
    if created:
        record("member.joined", membership, after=facts(membership))


def _join_staff(user: User, staff_role: str) -> None:
    before = facts(user)
    user.staff_role = staff_role
    user.save(update_fields=["staff_role"])
    record("staff.joined", user, before=before, after=facts(user))
