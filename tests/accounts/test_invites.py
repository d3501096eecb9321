from __future__ import annotations

import re
from datetime import timedelta

import pytest
import time_machine
from allauth.account.models import EmailAddress
from django.contrib.auth import get_user
from django.core.exceptions import ValidationError
from django.urls import reverse

from accounts import invites
from accounts.models import AuditEvent, Invite, Membership, User
from accounts.roles import CustomerRole, StaffRole
from accounts.team import accept_invite, invite_member, invite_staff
from config import clock
from tests.factories.accounts import (
    PASSWORD,
    CustomerFactory,
    MembershipFactory,
    StaffFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db
FORM = {"name": "Ann", "password1": PASSWORD, "password2": PASSWORD}


@pytest.fixture
def mailed(mailoutbox, django_capture_on_commit_callbacks):
    """Carry out an invite and give the key that was mailed."""

    def send(act, **values):
        with django_capture_on_commit_callbacks(execute=True):
            act(**values)
        found = re.search(r"/invite/([^/\s]+)/", mailoutbox[-1].body)
        assert found
        return found[1]

    return send


def invited(mailed, **values):
    values = {"customer": CustomerFactory(), "email": "ann@example.com", "role": "owner"} | values
    return mailed(invite_member, by=None, **values)


def page(key) -> str:
    return reverse("accounts:invite", args=[key])


def test_an_invited_person_chooses_a_password_and_is_in(client, mailed, mailoutbox):
    customer = CustomerFactory(company="Acme Ltd")
    key = invited(mailed, customer=customer, email="Ann@Example.com")
    assert mailoutbox[0].to == ["ann@example.com"]
    assert "http://testserver/invite/" in mailoutbox[0].body
    assert client.post(page(key), FORM).url == "/"
    membership = Membership.objects.get()
    assert (membership.customer, membership.role) == (customer, CustomerRole.OWNER)
    assert get_user(client) == membership.user
    assert EmailAddress.objects.get().verified


def test_a_link_works_once(client, mailed):
    key = invited(mailed)
    client.post(page(key), FORM)
    client.logout()
    again = client.post(page(key), FORM | {"password1": "x" * 20, "password2": "x" * 20})
    assert again.status_code == 404
    assert User.objects.get().check_password(PASSWORD)


def test_a_link_expires_after_a_week(client, mailed):
    key = invited(mailed)
    with time_machine.travel(clock.now() + timedelta(days=7, seconds=1), tick=False):
        assert client.get(page(key)).status_code == 404
        assert client.post(page(key), FORM).status_code == 404
    assert not User.objects.exists()


def test_only_the_hash_of_the_key_is_kept(mailed):
    key = invited(mailed)
    stored = str(Invite.objects.values().get()) + str(list(AuditEvent.objects.values()))
    assert key not in stored
    assert Invite.objects.get().key_hash not in str(list(AuditEvent.objects.values()))


def test_a_withdrawn_link_is_dead(client, mailed):
    key = invited(mailed)
    invites.withdraw(Invite.objects.get())
    assert client.post(page(key), FORM).status_code == 404
    assert not User.objects.exists()


def test_sending_again_kills_the_link_mailed_before(client, mailed):
    first = invited(mailed)
    second = mailed(invites.send_again, invite=Invite.objects.get())
    assert client.get(page(first)).status_code == 404
    assert client.get(page(second)).status_code == 200


def test_inviting_the_same_person_again_replaces_the_invite(client, mailed):
    customer = CustomerFactory()
    first = invited(mailed, customer=customer)
    second = invited(mailed, customer=customer, role="billing")
    assert client.get(page(first)).status_code == 404
    client.post(page(second), FORM)
    assert Membership.objects.get().role == CustomerRole.BILLING


def test_an_accepted_invite_is_neither_sent_again_nor_withdrawn(client, mailed, mailoutbox):
    client.post(page(invited(mailed)), FORM)
    sent = len(mailoutbox)
    for act in (invites.send_again, invites.withdraw):
        with pytest.raises(invites.InviteGone):
            act(Invite.objects.get())
    assert len(mailoutbox) == sent


def test_a_person_who_has_an_account_signs_in_to_accept(client, mailed):
    user = UserFactory(email="ann@example.com")
    key = invited(mailed)
    assert client.post(page(key), FORM).status_code == 200
    assert not Membership.objects.exists()
    assert b"Sign in with it to join" in client.get(page(key)).content
    client.force_login(user)
    client.post(page(key))
    assert Membership.objects.get().user == user
    assert user.check_password(PASSWORD)


def test_somebody_else_who_is_signed_in_cannot_accept(client, mailed):
    UserFactory(email="ann@example.com")
    key = invited(mailed)
    client.force_login(UserFactory())
    client.post(page(key))
    assert not Membership.objects.exists()
    with pytest.raises(ValidationError):
        accept_invite(key, UserFactory())
    assert Invite.objects.get().is_usable


def test_a_weak_password_is_refused_and_the_link_stays_good(client, mailed):
    key = invited(mailed)
    refused = client.post(page(key), FORM | {"password1": "short", "password2": "short"})
    assert "password1" in refused.context["form"].errors
    assert refused.context["form"]["name"].value() == "Ann"
    assert not User.objects.exists()
    assert client.post(page(key), FORM).status_code == 302


def test_a_member_is_not_invited_twice(mailoutbox):
    member = MembershipFactory()
    with pytest.raises(ValidationError) as refused:
        invite_member(
            customer=member.customer, email=member.user.email.upper(), role="owner", by=None
        )
    assert "email" in refused.value.message_dict
    assert not Invite.objects.exists()
    assert mailoutbox == []


def test_a_role_nobody_knows_is_refused(mailoutbox):
    with pytest.raises(ValidationError):
        invite_member(customer=CustomerFactory(), email="a@example.com", role="god", by=None)
    assert not Invite.objects.exists()


def test_a_mail_server_that_is_down_leaves_an_unsent_invite(mailed, monkeypatch, settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 9
    with pytest.raises(IndexError):  # nothing was mailed
        invited(mailed)
    assert Invite.objects.get().sent_at is None
    assert Invite.objects.get().is_usable


def test_staff_join_by_invite_with_their_role(client, mailed):
    key = mailed(invite_staff, email="sam@example.com", staff_role="support", by=StaffFactory())
    assert client.post(page(key), FORM).url == "/admin/"
    sam = User.objects.get(email="sam@example.com")
    assert sam.staff_role == StaffRole.SUPPORT
    assert AuditEvent.objects.filter(action="staff.joined", object_id=str(sam.pk)).exists()


def test_staff_are_not_invited_twice():
    staff = StaffFactory()
    with pytest.raises(ValidationError):
        invite_staff(email=staff.email, staff_role="owner", by=staff)
    assert not Invite.objects.exists()


def test_a_made_up_key_says_nothing(client):
    assert client.get(page("made-up")).status_code == 404
