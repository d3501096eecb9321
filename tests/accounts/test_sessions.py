from __future__ import annotations

import pytest
from allauth.mfa.totp.internal.auth import TOTP
from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.models import Session
from django.test import Client
from django.urls import reverse

from accounts import people, sessions
from accounts.roles import StaffRole
from tests.factories.accounts import PASSWORD, MembershipFactory, StaffFactory, UserFactory

pytestmark = pytest.mark.django_db
PAGE = "/probe/view_services/"


@pytest.fixture
def member(db):
    return MembershipFactory().user


def signed_in(user) -> Client:
    client = Client()
    client.post("/accounts/login/", {"login": user.email, "password": PASSWORD})
    return client


def may_see(client) -> bool:
    status: int = client.get(PAGE).status_code
    return status == 200


def test_signing_in_gives_the_session_a_new_key(client, member):
    client.get("/accounts/login/")
    session = client.session
    session["left over"] = 1
    session.save()
    before = session.session_key
    client.cookies["session"] = before
    client.post("/accounts/login/", {"login": member.email, "password": PASSWORD})
    assert client.session.session_key != before
    assert not Session.objects.filter(session_key=before).exists()


def test_a_disabled_person_is_out_at_the_next_request_and_stays_out_when_enabled(member):
    client = signed_in(member)
    assert may_see(client)
    people.disable(member)
    assert client.get(PAGE).headers["Location"].startswith("/accounts/login/")
    people.enable(member)
    assert not may_see(client)
    assert may_see(signed_in(member))


def test_the_session_row_of_a_disabled_person_is_gone(member):
    client = signed_in(member)
    member.is_active = False
    member.save()
    client.get(PAGE)
    assert not Session.objects.exists()


def test_changing_the_password_ends_every_session_here_too(member):
    here, there = signed_in(member), signed_in(member)
    new = "another long passphrase"
    data = {"oldpassword": PASSWORD, "password1": new, "password2": new}
    here.post(reverse("account_change_password"), data)
    assert not may_see(here)
    assert not may_see(there)


def test_losing_a_second_factor_ends_the_other_sessions_and_keeps_this_one(member):
    here, there = signed_in(member), signed_in(member)
    TOTP.activate(member, "JBSWY3DPEHPK3PXP")
    here.post(reverse("account_reauthenticate"), {"password": PASSWORD})
    here.post(reverse("mfa_deactivate_totp"))
    assert may_see(here)
    assert not may_see(there)


def test_taking_second_factors_away_by_staff_ends_every_session(member):
    client = signed_in(member)
    TOTP.activate(member, "JBSWY3DPEHPK3PXP")
    people.remove_second_factors(member)
    assert not may_see(client)
    assert not member.authenticator_set.exists()


def test_a_changed_staff_role_ends_the_sessions_of_that_person(settings):
    StaffFactory()
    support = StaffFactory(staff_role=StaffRole.SUPPORT)
    client = signed_in(support)
    assert client.get("/probe/staff/").status_code == 200
    people.change_staff_role(support, StaffRole.READ_ONLY)
    assert client.get("/probe/staff/").status_code == 302


def test_ending_all_sessions_of_one_person_leaves_the_others_alone(member):
    mine, theirs = signed_in(member), signed_in(MembershipFactory().user)
    sessions.end_all(member)
    assert not may_see(mine)
    assert may_see(theirs)


def test_the_list_of_devices_shows_and_ends_the_others(member):
    here, there = signed_in(member), signed_in(member)
    assert len(here.get(reverse("usersessions_list")).context["sessions"]) == 2
    here.post(reverse("usersessions_list"))
    assert may_see(here)
    assert not may_see(there)


def test_security_changes_ask_for_the_password_again(client):
    client.force_login(UserFactory())
    for name in ("mfa_activate_totp", "mfa_add_webauthn", "mfa_generate_recovery_codes"):
        assert "reauthenticate" in client.get(reverse(name)).url
    data = {"action_add": "", "email": "thief@example.com"}
    assert "reauthenticate" in client.post(reverse("account_email"), data).url
    assert SESSION_KEY in client.session
