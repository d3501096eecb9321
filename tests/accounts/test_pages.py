from __future__ import annotations

import re

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP
from django.urls import reverse

from tests.factories.accounts import PASSWORD, MembershipFactory, UserFactory

pytestmark = pytest.mark.django_db

SIGNED_OUT = (
    "account_login",
    "account_signup",
    "account_reset_password",
    "account_reset_password_done",
    "account_reset_password_from_key_done",
    "account_email_verification_sent",
    "account_inactive",
    "accounts:setup",
)
SIGNED_IN = (
    "account_logout",
    "account_change_password",
    "account_email",
    "account_reauthenticate",
    "mfa_index",
    "mfa_reauthenticate",
    "mfa_deactivate_totp",
    "mfa_list_webauthn",
    "mfa_add_webauthn",
    "mfa_view_recovery_codes",
    "mfa_generate_recovery_codes",
    "usersessions_list",
)


def assert_fit_for_the_policy(response) -> None:
    """Nothing the strict policy would block: scripts by address or as data, no inline style."""
    html = response.content.decode()
    policy = response.headers["Content-Security-Policy"]
    assert "unsafe-inline" not in policy
    assert "unsafe-eval" not in policy
    for attributes in re.findall(r"<script\b([^>]*)>", html):
        assert "src=" in attributes or 'type="application/json"' in attributes
    assert not re.search(r"<style\b|\sstyle=|\son\w+=", html)
    assert '<meta name="viewport"' in html


@pytest.fixture
def secured(client):
    """A member with every kind of second factor, who just proved who they are."""
    user = MembershipFactory().user
    client.post("/accounts/login/", {"login": user.email, "password": PASSWORD})
    client.post(reverse("account_reauthenticate"), {"password": PASSWORD})
    TOTP.activate(user, "JBSWY3DPEHPK3PXP")
    RecoveryCodes.activate(user)
    key = {"name": "Blue key", "credential": {}}
    Authenticator.objects.create(user=user, type=Authenticator.Type.WEBAUTHN, data=key)
    return user


@pytest.mark.parametrize("name", SIGNED_OUT)
def test_a_page_for_strangers_shows_under_the_strict_policy(client, name):
    response = client.get(reverse(name))
    assert response.status_code == 200
    assert_fit_for_the_policy(response)


@pytest.mark.parametrize("name", SIGNED_IN)
def test_a_page_for_people_shows_under_the_strict_policy(client, secured, name, monkeypatch):
    monkeypatch.setattr(
        "allauth.mfa.webauthn.internal.auth.begin_registration", lambda *_: {"publicKey": {}}
    )
    response = client.get(reverse(name))
    assert response.status_code == 200, response.headers.get("Location")
    assert_fit_for_the_policy(response)


def test_the_page_that_sets_up_the_app_shows_a_picture_and_the_key(client):
    user = UserFactory()
    client.post("/accounts/login/", {"login": user.email, "password": PASSWORD})
    client.post(reverse("account_reauthenticate"), {"password": PASSWORD})
    response = client.get(reverse("mfa_activate_totp"))
    assert b"data:image/svg+xml;base64," in response.content
    assert_fit_for_the_policy(response)


def test_the_page_of_the_second_factor_shows_under_the_strict_policy(client):
    user = UserFactory()
    TOTP.activate(user, "JBSWY3DPEHPK3PXP")
    client.post("/accounts/login/", {"login": user.email, "password": PASSWORD})
    response = client.get(reverse("mfa_authenticate"))
    assert response.status_code == 200
    assert_fit_for_the_policy(response)


def test_not_found_is_a_page_of_the_panel(client):
    response = client.get("/accounts/no/such/page/")
    assert response.status_code == 404
    assert_fit_for_the_policy(response)


def test_too_many_attempts_is_a_page_of_the_panel(client, settings):
    settings.ACCOUNT_RATE_LIMITS = {"entrance": "1/m/ip"}
    client.post("/accounts/login/")
    response = client.post("/accounts/login/")
    assert b"Too many attempts" in response.content
    assert_fit_for_the_policy(response)


def test_a_recovery_code_page_is_not_kept_by_caches(client, secured):
    response = client.get(reverse("mfa_download_recovery_codes"))
    assert "no-store" in response.headers["Cache-Control"]


def test_the_passkey_button_is_hidden_until_a_script_shows_it(client):
    html = client.get("/accounts/login/").content.decode()
    button = re.search(r"<button[^>]*passkey_login[^>]*>", html)
    assert button
    assert " hidden" in button[0]
