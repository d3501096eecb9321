"""Who decides in which language a page is shown."""

from __future__ import annotations

from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client
from django.utils import translation

from accounts.models import Customer, User
from accounts.signup import sign_up
from accounts.team import invite_member
from tests.factories import CustomerFactory, MembershipFactory, UserFactory

pytestmark = pytest.mark.django_db
FRENCH_BROWSER = {"accept-language": "fr-CH,fr;q=0.9,en;q=0.5"}


@pytest.fixture
def acme() -> Customer:
    return CustomerFactory(language="de")


@pytest.fixture
def anna(acme: Customer, client: Client) -> User:
    user = UserFactory()
    MembershipFactory(user=user, customer=acme)
    client.force_login(user)
    return user


def choose(client: Any, language: str, here: str = "/") -> HttpResponse:
    return client.post("/language/", {"language": language, "next": here})


def test_a_visitor_reads_what_the_browser_asks_for(client) -> None:
    page = client.get("/accounts/login/", headers=FRENCH_BROWSER)
    assert 'lang="fr"' in page.content.decode()
    assert page["Content-Language"] == "fr"
    assert "Se connecter" in page.content.decode()


def test_a_language_that_is_not_offered_falls_back_to_the_installations(client) -> None:
    page = client.get("/accounts/login/", headers={"accept-language": "ja"})
    assert '<html lang="en"' in page.content.decode()


def test_a_visitor_chooses_another_language_and_stays_on_the_page(client) -> None:
    response = choose(client, "de", "/accounts/login/?next=/invoices/")
    assert response["Location"] == "/accounts/login/?next=/invoices/"
    page = client.get("/accounts/login/", headers=FRENCH_BROWSER).content.decode()
    assert "Anmelden" in page


def test_nobody_is_led_to_another_site_by_the_choice(client) -> None:
    response = choose(client, "de", "https://evil.example/")
    assert response["Location"] == "/"


def test_a_signed_in_person_reads_the_language_of_their_customer(client, anna) -> None:
    page = client.get("/", headers=FRENCH_BROWSER)
    assert '<html lang="de"' in page.content.decode()
    assert page["Content-Language"] == "de"


def test_what_a_person_chose_comes_before_the_customers_language(client, anna, acme) -> None:
    choose(client, "fr")
    anna.refresh_from_db()
    acme.refresh_from_db()
    assert '<html lang="fr"' in client.get("/").content.decode()
    assert (anna.language, acme.language) == ("fr", "de")


@pytest.mark.parametrize("language", ["nl", "", "de-DE; drop", "../en"])
def test_a_language_that_is_none_is_not_kept(client, anna, language) -> None:
    response = choose(client, language)
    anna.refresh_from_db()
    assert anna.language == ""
    assert not response.cookies


def test_the_choice_is_not_made_by_a_link(client, anna) -> None:
    assert client.get("/language/?language=fr").status_code == 405
    anna.refresh_from_db()
    assert anna.language == ""


def test_the_administration_is_in_english_whatever_the_browser_says(client) -> None:
    client.force_login(UserFactory(staff_role="owner", language="de"))
    page = client.get("/admin/", headers=FRENCH_BROWSER)
    assert '<html lang="en"' in page.content.decode()


def test_who_signs_up_gets_documents_in_the_language_they_read(client) -> None:
    with translation.override("fr"):
        user = sign_up(
            email="jean@exemple.fr", password="a-long-password",
            details={"name": "Jean", "country": "FR", "currency": "EUR"},
        )  # fmt: skip
    assert user.customers.get().language == "fr"


def test_an_invite_is_mailed_in_the_language_of_the_customer(
    acme, mailoutbox, django_capture_on_commit_callbacks
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        invite_member(customer=acme, email="new@acme.example", role="technical", by=None)
    (mail,) = mailoutbox
    assert mail.subject.startswith("Sie sind eingeladen")
    assert "Ihre Rolle: Technik" in mail.body
