from __future__ import annotations

import re
import time

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, hotp_value
from django.contrib.auth import SESSION_KEY, get_user
from django.contrib.auth.hashers import MD5PasswordHasher
from django.core import mail
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import AuditEvent, User
from tests.factories.accounts import PASSWORD, MembershipFactory, StaffFactory, UserFactory

pytestmark = pytest.mark.django_db
LOGIN = "/accounts/login/"
SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"


def sign_in(client, email, password=PASSWORD):
    return client.post(LOGIN, {"login": email, "password": password})


def code_now() -> str:
    return format_hotp_value(hotp_value(SECRET, int(time.time()) // 30))


def visible(response) -> str:
    """The page without what differs in every request: tokens and the typed address."""
    text = re.sub(r'name="csrfmiddlewaretoken" value="[^"]+"', "", response.content.decode())
    return re.sub(r"[\w.]+@example\.com", "", text)


def test_a_customer_signs_in_by_address_in_any_case_and_lands_in_the_client_area(client):
    user = MembershipFactory(user__email="ann@example.com").user
    response = sign_in(client, "Ann@Example.com")
    assert (response.status_code, response.url) == (302, "/")
    assert get_user(client) == user


def test_staff_without_a_customer_land_in_the_administration(client):
    assert sign_in(client, StaffFactory().email).url == "/admin/"


def test_passwords_are_kept_with_argon2(settings):
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
    assert UserFactory().password.startswith("argon2$argon2id$")


def test_an_unknown_address_gets_the_same_answer_as_a_wrong_password(client):
    known = sign_in(client, UserFactory().email, "not the password")
    unknown = sign_in(client, "nobody@example.com", "not the password")
    assert known.status_code == unknown.status_code == 200
    assert visible(known) == visible(unknown)
    assert SESSION_KEY not in client.session


def test_an_unknown_address_costs_as_many_queries_and_hashes_as_a_known_one(client, monkeypatch):
    user = UserFactory()
    hashes: list[str] = []
    encode = MD5PasswordHasher.encode

    def counted(self, password, salt):
        hashes.append(password)
        return encode(self, password, salt)

    monkeypatch.setattr(MD5PasswordHasher, "encode", counted)
    with CaptureQueriesContext(connection) as known:
        sign_in(client, user.email, "wrong")
    with CaptureQueriesContext(connection) as unknown:
        sign_in(client, "nobody@example.com", "wrong")
    assert hashes == ["wrong", "wrong"]
    # The one more looks for the address among the people, after the proven addresses.
    assert len(unknown) - len(known) <= 1


def test_a_failed_sign_in_is_written_down_for_known_and_unknown_addresses(client):
    user = UserFactory()
    sign_in(client, user.email, "hunter2-wrong")
    sign_in(client, "nobody@example.com", "hunter2-wrong")
    events = AuditEvent.objects.filter(action="user.sign_in_failed").order_by("id")
    assert [event.object_label for event in events] == [user.email, "nobody@example.com"]
    assert "hunter2" not in str(list(events.values()))


def test_an_unproven_address_does_not_get_in_but_gets_a_link_that_proves_it(client):
    User.objects.create_user("new@example.com", PASSWORD)
    response = sign_in(client, "new@example.com")
    assert response.url == reverse("account_email_verification_sent")
    assert SESSION_KEY not in client.session
    link = re.search(r"/accounts/confirm-email/\S+", str(mail.outbox[0].body))
    assert link
    client.post(link[0])
    sign_in(client, "new@example.com")
    assert str(get_user(client)) == "new@example.com"


def test_a_disabled_person_is_told_so_only_with_the_right_password(client):
    user = UserFactory(is_active=False)
    assert sign_in(client, user.email).url == reverse("account_inactive")
    assert b"are not correct" in sign_in(client, user.email, "wrong").content
    assert SESSION_KEY not in client.session


def test_a_second_factor_is_asked_for_after_the_password(client):
    user = UserFactory()
    TOTP.activate(user, SECRET)
    assert sign_in(client, user.email).url == reverse("mfa_authenticate")
    assert SESSION_KEY not in client.session
    client.post(reverse("mfa_authenticate"), {"code": "000000"})
    assert SESSION_KEY not in client.session
    client.post(reverse("mfa_authenticate"), {"code": code_now()})
    assert get_user(client) == user


def test_a_code_of_the_authenticator_app_works_once(client):
    user = UserFactory()
    TOTP.activate(user, SECRET)
    code = code_now()
    for _ in range(2):
        sign_in(client, user.email)
        client.post(reverse("mfa_authenticate"), {"code": code})
        entered = SESSION_KEY in client.session
        client.post(reverse("account_logout"))
    assert not entered


def test_a_recovery_code_works_once(client):
    user = UserFactory()
    TOTP.activate(user, SECRET)
    code = RecoveryCodes.activate(user).generate_codes()[0]
    entered = []
    for _ in range(2):
        sign_in(client, user.email)
        client.post(reverse("mfa_authenticate"), {"code": code})
        entered.append(SESSION_KEY in client.session)
        client.post(reverse("account_logout"))
    assert entered == [True, False]


def test_the_secret_of_the_authenticator_app_and_the_recovery_seed_are_sealed_at_rest():
    user = UserFactory()
    TOTP.activate(user, SECRET)
    codes = RecoveryCodes.activate(user)
    stored = str(list(Authenticator.objects.values_list("data", flat=True)))
    assert SECRET not in stored
    assert codes.generate_codes()[0] not in stored


def test_signing_out_ends_the_session_on_the_server(client):
    sign_in(client, UserFactory().email)
    old = client.cookies["session"].value
    client.post(reverse("account_logout"))
    client.cookies["session"] = old
    assert SESSION_KEY not in client.session
    assert AuditEvent.objects.filter(action="user.signed_out").exists()


def test_strangers_cannot_make_an_account(client):
    data = {"email": "me@example.com", "password1": PASSWORD, "password2": PASSWORD}
    response = client.post(reverse("account_signup"), data)
    assert b"By invite only" in response.content
    assert not User.objects.exists()
    assert mail.outbox == []


def test_the_owner_of_the_panel_can_open_it_to_strangers(client, settings):
    settings.SIGNUP_OPEN = True
    data = {"email": "me@example.com", "password1": PASSWORD, "password2": PASSWORD}
    client.post(reverse("account_signup"), data)
    assert User.objects.get().staff_role == ""
    assert SESSION_KEY not in client.session
    assert "/accounts/confirm-email/" in mail.outbox[0].body
