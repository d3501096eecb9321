"""A real browser with a virtual key, since the ceremony is the browser's."""

from __future__ import annotations

import os
import shutil

import pytest
from django.urls import reverse

from tests.factories.accounts import PASSWORD, MembershipFactory

CHROMIUM = os.environ.get("CHROMIUM") or next(
    filter(None, map(shutil.which, ("chromium", "chromium-headless-shell", "google-chrome"))), None
)
KEY = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}
pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(not CHROMIUM, reason="needs a Chromium; CHROMIUM names its executable"),
]


@pytest.fixture
def member(settings, monkeypatch):
    """Somebody to sign in, made before the browser's event loop starts."""
    settings.MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = True
    monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")
    return MembershipFactory().user


@pytest.fixture
def page(member, live_server):
    """One page of a phone's width whose every script error fails the test."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=CHROMIUM, args=["--no-sandbox", "--disable-quic"]
        )
        page = browser.new_page(base_url=live_server.url, viewport={"width": 390, "height": 844})
        page.set_default_timeout(10_000)
        faults: list[str] = []
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.on("console", lambda line: faults.append(line.text) if "Policy" in line.text else None)
        yield page
        browser.close()
    assert faults == []


def add_virtual_key(page) -> None:
    protocol = page.context.new_cdp_session(page)
    protocol.send("WebAuthn.enable")
    protocol.send("WebAuthn.addVirtualAuthenticator", {"options": KEY})


def sign_in(page, user) -> None:
    page.goto(reverse("account_login"))
    page.fill("#id_login", user.email)
    page.fill("#id_password", PASSWORD)
    page.click("form .btn-primary")


def add_passkey(page) -> None:
    page.goto(reverse("mfa_add_webauthn"))
    page.fill("#id_password", PASSWORD)
    page.click("form .btn-primary")
    page.check("#id_passwordless")
    page.click("#mfa_webauthn_add")
    page.wait_for_url("**/recovery-codes/")


def sign_out(page) -> None:
    page.goto(reverse("account_logout"))
    page.click("form .btn-primary")


def test_a_passkey_signs_in_without_a_password_and_is_a_second_factor(page, member):
    add_virtual_key(page)
    sign_in(page, member)
    add_passkey(page)
    sign_out(page)
    page.goto(reverse("account_login"))
    page.click("#passkey_login")
    page.wait_for_url(lambda url: "/accounts/" not in url)
    sign_out(page)
    sign_in(page, member)
    page.wait_for_url("**/2fa/authenticate/")
    page.click("#mfa_webauthn_authenticate")
    page.wait_for_url(lambda url: "/accounts/" not in url)


def test_a_browser_without_the_key_stays_out_and_is_told_so(page, member):
    add_virtual_key(page)
    page.goto(reverse("account_login"))
    page.click("#passkey_login")
    page.wait_for_selector("#passkey-failed")
    assert page.url.endswith(reverse("account_login"))
