from __future__ import annotations

import re

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.totp.internal.auth import TOTP
from django.core import mail
from django.urls import reverse

from accounts.models import AuditEvent
from tests.factories.accounts import PASSWORD, UserFactory

pytestmark = pytest.mark.django_db
NEW = "another long passphrase"
RESET = "/accounts/password/reset/"


def ask_for_link(client, user) -> str:
    client.post(RESET, {"email": user.email})
    found = re.search(r"/accounts/password/reset/key/\S+", str(mail.outbox[-1].body))
    assert found
    return found[0]


def use(client, link, password=NEW):
    """Follow the link to its form, which keeps the key out of the address."""
    page = client.get(link, follow=True)
    if not page.redirect_chain:
        return page
    form = page.redirect_chain[-1][0]
    return client.post(form, {"password1": password, "password2": password}, follow=True)


def has_password(user, password):
    user.refresh_from_db()
    return user.check_password(password)


def test_a_reset_link_changes_the_password_once(client):
    user = UserFactory()
    link = ask_for_link(client, user)
    use(client, link)
    assert has_password(user, NEW)
    again = use(client, link, "a third long passphrase")
    assert b"no longer works" in again.content
    assert has_password(user, NEW)


def test_a_reset_link_dies_when_the_password_changes(client):
    user = UserFactory()
    link = ask_for_link(client, user)
    user.set_password("changed in between")
    user.save()
    assert b"no longer works" in use(client, link).content
    assert has_password(user, "changed in between")


def test_a_reset_link_dies_when_the_address_changes(client):
    user = UserFactory()
    link = ask_for_link(client, user)
    address = EmailAddress.objects.create(user=user, email="moved@example.com", verified=True)
    address.set_as_primary()
    assert b"no longer works" in use(client, link).content
    assert has_password(user, PASSWORD)


def test_a_reset_keeps_the_second_factor(client):
    user = UserFactory()
    TOTP.activate(user, "JBSWY3DPEHPK3PXP")
    use(client, ask_for_link(client, user))
    response = client.post("/accounts/login/", {"login": user.email, "password": NEW})
    assert response.url == reverse("mfa_authenticate")


def test_a_reset_for_an_unknown_or_disabled_address_gets_the_same_answer_and_no_link(client):
    known = client.post(RESET, {"email": UserFactory().email})
    mail.outbox.clear()
    for email in ("nobody@example.com", UserFactory(is_active=False).email):
        answer = client.post(RESET, {"email": email})
        assert (answer.status_code, answer.url) == (known.status_code, known.url)
    assert "/password/reset/key/" not in "".join(str(message.body) for message in mail.outbox)


@pytest.mark.parametrize("password", ["short", "password1234", "1234567890"])
def test_a_weak_password_is_refused_beside_its_field(client, password):
    user = UserFactory()
    page = use(client, ask_for_link(client, user), password)
    assert page.context["form"].errors.keys() & {"password1", "password2"}
    assert has_password(user, PASSWORD)


def test_changing_the_password_asks_for_the_old_one(client):
    user = UserFactory()
    client.force_login(user)
    data = {"oldpassword": "not it", "password1": NEW, "password2": NEW}
    page = client.post(reverse("account_change_password"), data)
    assert "oldpassword" in page.context["form"].errors
    assert has_password(user, PASSWORD)


def test_changing_the_password_is_told_by_mail_and_written_down_without_it(client):
    user = UserFactory()
    client.force_login(user)
    data = {"oldpassword": PASSWORD, "password1": NEW, "password2": NEW}
    client.post(reverse("account_change_password"), data)
    assert has_password(user, NEW)
    assert [message.to for message in mail.outbox] == [[user.email]]
    event = AuditEvent.objects.get(action="user.password_changed")
    assert NEW not in str(vars(event))


def test_a_new_address_counts_only_once_it_is_proven(client):
    user = UserFactory()
    old = user.email
    client.post("/accounts/login/", {"login": old, "password": PASSWORD})
    client.post(reverse("account_reauthenticate"), {"password": PASSWORD})
    client.post(reverse("account_email"), {"action_add": "", "email": "next@example.com"})
    user.refresh_from_db()
    assert user.email == old
    link = re.search(r"/accounts/confirm-email/\S+", str(mail.outbox[-1].body))
    assert link
    client.post(link[0])
    user.refresh_from_db()
    assert user.email == "next@example.com"
    assert [
        event.after for event in AuditEvent.objects.filter(action="user.address_confirmed")
    ] == [{"email": "next@example.com"}]
    assert old in {address for message in mail.outbox for address in message.to}


def test_links_in_mail_name_the_panel_and_not_the_host_a_visitor_claimed(client, settings):
    settings.ALLOWED_HOSTS = ["*"]
    client.post(RESET, {"email": UserFactory().email}, HTTP_HOST="evil.example")
    assert "http://testserver/accounts/password/reset/key/" in mail.outbox[0].body
    assert "evil.example/" not in mail.outbox[0].body
