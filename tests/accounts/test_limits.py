from __future__ import annotations

from typing import Any

import pytest
from allauth.urls import urlpatterns as allauth_patterns
from django.urls import URLPattern, URLResolver, reverse

from accounts.models import User
from accounts.urls import urlpatterns as own_patterns
from tests.factories.accounts import PASSWORD, CustomerFactory, StaffFactory, UserFactory

pytestmark = pytest.mark.django_db
ARGUMENTS: dict[str, dict[str, Any]] = {
    "account_confirm_email": {"key": "x"},
    "account_reset_password_from_key": {"uidb36": "1", "key": "x"},
    "mfa_remove_webauthn": {"pk": 1},
    "mfa_edit_webauthn": {"pk": 1},
}


def names(patterns) -> list[str]:
    found: list[str] = []
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            found += names(pattern.url_patterns)
        elif isinstance(pattern, URLPattern) and pattern.name:
            found.append(pattern.name)
    return sorted(set(found))


WAYS_IN = {name: reverse(name, kwargs=ARGUMENTS.get(name)) for name in names(allauth_patterns)} | {
    "setup": reverse("accounts:setup"),
    "invite": reverse("accounts:invite", args=["x"]),
}


def test_every_address_of_the_accounts_room_is_a_way_in_or_needs_a_signed_in_person():
    others = {"switch_customer", "impersonation_end", "impersonation_start", "language"}
    assert set(names(own_patterns)) == others | {"setup", "invite"}


@pytest.mark.parametrize("path", WAYS_IN.values(), ids=WAYS_IN.keys())
@pytest.mark.parametrize("method", ["get", "post"])
def test_every_way_in_answers_429_to_a_guesser(client, settings, path, method):
    settings.ACCOUNT_RATE_LIMITS = {"entrance": "3/m/ip", "entrance_page": "3/m/ip"}
    statuses = [getattr(client, method)(path).status_code for _ in range(4)]
    assert 429 not in statuses[:3]
    assert statuses[3] == 429


def test_the_limit_holds_over_all_ways_in_together(client, settings):
    settings.ACCOUNT_RATE_LIMITS = {"entrance": "3/m/ip"}
    paths = [WAYS_IN[name] for name in ("account_login", "setup", "invite")]
    assert 429 not in [client.post(path).status_code for path in paths]
    assert client.post(WAYS_IN["account_reset_password"]).status_code == 429


def test_another_visitor_is_not_limited_by_the_guesser(client, settings):
    settings.ACCOUNT_RATE_LIMITS = {"entrance": "1/m/ip"}
    client.post(WAYS_IN["account_login"])
    assert client.post(WAYS_IN["account_login"]).status_code == 429
    other = client.post(WAYS_IN["account_login"], REMOTE_ADDR="192.0.2.9")
    assert other.status_code == 200


def test_guesses_at_one_address_from_many_places_are_refused_even_with_the_right_password(client):
    user = UserFactory()
    for n in range(6):
        data = {"login": user.email, "password": f"guess {n}"}
        client.post("/accounts/login/", data, REMOTE_ADDR=f"192.0.2.{n}")
    data = {"login": user.email, "password": PASSWORD}
    page = client.post("/accounts/login/", data, REMOTE_ADDR="192.0.2.99")
    assert b"Too many failed login attempts" in page.content
    assert "_auth_user_id" not in client.session


def test_reset_mails_to_one_address_are_limited(client, mailoutbox):
    email = UserFactory().email
    path = WAYS_IN["account_reset_password"]
    answers = [client.post(path, {"email": email}, REMOTE_ADDR=f"192.0.2.{n}") for n in range(4)]
    assert [answer.status_code for answer in answers] == [302, 302, 302, 429]
    assert len(mailoutbox) == 3


def test_a_refused_set_up_post_makes_nobody(client, settings):
    settings.ACCOUNT_RATE_LIMITS = {"entrance": "1/m/ip"}
    client.post(WAYS_IN["setup"])
    assert client.post(WAYS_IN["setup"], {"key": "x"}).status_code == 429
    assert not User.objects.exists()


def test_signed_in_work_elsewhere_is_not_limited(client, settings):
    settings.ACCOUNT_RATE_LIMITS = {"entrance": "1/m/ip", "entrance_page": "1/m/ip"}
    client.force_login(StaffFactory())
    path = reverse("accounts:impersonation_start", args=[CustomerFactory().public_id])
    assert 429 not in [client.post(path).status_code for _ in range(5)]
