from __future__ import annotations

import pytest
from allauth.core.context import request_context
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP
from django.core.exceptions import ValidationError
from django.urls import reverse

from accounts import people
from accounts.models import AuditEvent
from accounts.roles import StaffRole
from tests.factories.accounts import MembershipFactory, StaffFactory

pytestmark = pytest.mark.django_db
HOME = "/probe/staff/"


def test_strangers_sign_in_first(client):
    assert client.get(HOME).url == f"/accounts/login/?next={HOME}"


def test_customers_are_refused(client):
    client.force_login(MembershipFactory().user)
    assert client.get(HOME).status_code == 403


def test_staff_without_a_second_factor_are_sent_to_set_one_up_when_it_is_required(client, settings):
    settings.STAFF_REQUIRE_MFA = True
    staff = StaffFactory()
    client.force_login(staff)
    assert client.get(HOME).url == reverse("mfa_index")
    assert client.get("/probe/staff/view/").url == reverse("mfa_index")
    assert b"Staff need a second factor" in client.get(reverse("mfa_index")).content
    TOTP.activate(staff, "JBSWY3DPEHPK3PXP")
    assert client.get(HOME).status_code == 200


def test_recovery_codes_alone_are_no_second_factor(client, settings):
    settings.STAFF_REQUIRE_MFA = True
    staff = StaffFactory()
    RecoveryCodes.activate(staff)
    client.force_login(staff)
    assert client.get(HOME).status_code == 302


def test_staff_without_a_second_factor_cannot_view_as_a_customer_when_it_is_required(
    client, settings
):
    settings.STAFF_REQUIRE_MFA = True
    customer = MembershipFactory().customer
    client.force_login(StaffFactory())
    path = reverse("accounts:impersonation_start", args=[customer.public_id])
    assert client.post(path).url == reverse("mfa_index")
    assert not AuditEvent.objects.filter(action="impersonation.started").exists()


def test_without_the_requirement_a_password_is_enough(client):
    client.force_login(StaffFactory())
    assert client.get(HOME).status_code == 200


def test_the_last_owner_can_neither_be_disabled_nor_demoted():
    owner = StaffFactory()
    StaffFactory(is_active=False)
    StaffFactory(staff_role=StaffRole.SUPPORT)
    for act in (people.disable, lambda user: people.change_staff_role(user, "")):
        with pytest.raises(ValidationError):
            act(owner)
    owner.refresh_from_db()
    assert (owner.is_active, owner.staff_role) == (True, StaffRole.OWNER)
    assert not AuditEvent.objects.exists()


def test_one_of_two_owners_can_go():
    first, _second = StaffFactory(), StaffFactory()
    people.change_staff_role(first, StaffRole.READ_ONLY)
    event = AuditEvent.objects.get(action="staff.role_changed")
    assert (event.before, event.after) == ({"staff_role": "owner"}, {"staff_role": "read_only"})


def test_a_staff_role_nobody_knows_is_refused():
    StaffFactory()
    other = StaffFactory()
    with pytest.raises(ValidationError):
        people.change_staff_role(other, "god")
    other.refresh_from_db()
    assert other.staff_role == StaffRole.OWNER


def test_staff_start_a_reset_but_never_choose_the_password(rf, mailoutbox):
    user = MembershipFactory().user
    before = user.password
    request = rf.get("/")
    with request_context(request):
        people.send_password_reset(request, user)
    user.refresh_from_db()
    assert user.password == before
    assert "/password/reset/key/" in mailoutbox[0].body


def test_removing_second_factors_is_written_down_without_them():
    user = MembershipFactory().user
    TOTP.activate(user, "JBSWY3DPEHPK3PXP")
    people.remove_second_factors(user)
    event = AuditEvent.objects.get(action="user.second_factors_removed")
    assert event.before == {"second_factors": ["totp"]}
    assert not Authenticator.objects.exists()
