"""What stands between a customer and the use of a service: a proof, too much, a wrong choice."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.test import Client

from accounts.models import AuditEvent, Customer
from accounts.roles import CustomerRole
from clientarea import condition
from config import clock
from provisioning import directory, services
from provisioning.contract import MailboxChange
from provisioning.models import Command, Mailbox, Service
from provisioning.modules.polarismail.simulator import PolarisMailSimulator
from tests.clientarea.conftest import to
from tests.factories import MembershipFactory
from tests.support import platforms
from tests.support.platforms import DOMAIN

pytestmark = pytest.mark.django_db
GOOD = "Fresh-Breeze7_Q"
ANNA = f"anna@{DOMAIN}"


@pytest.fixture
def prover() -> Iterator[PolarisMailSimulator]:
    """A platform that wants a domain to be proven first."""
    with PolarisMailSimulator(admin_password=platforms.PASSWORD) as running:
        yield running


@pytest.fixture
def waiting(prover: PolarisMailSimulator, acme: Customer) -> Service:
    service = platforms.ordered("polarismail", prover, acme)
    platforms.carried_out(services.deliver(service, cause="order:1"))
    service.refresh_from_db()
    return service


def test_a_service_that_waits_shows_the_record_with_its_deadline(
    browser: Client, waiting: Service, prover: PolarisMailSimulator
) -> None:
    text = browser.get(to("service", waiting)).content.decode()
    value = prover.state.domain(DOMAIN).txt
    assert f'data-copy-text="{value}"' in text
    assert 'data-copy-text="mx-verification"' in text
    assert "It has to be there before" in text
    assert "Check again" in text


def test_checking_again_sees_the_record_at_once(
    browser: Client, waiting: Service, prover: PolarisMailSimulator
) -> None:
    answer = browser.post(to("service_check", waiting), follow=True)
    assert "Not yet" in answer.content.decode()
    prover.state.publish_verification(DOMAIN)
    answer = browser.post(to("service_check", waiting), follow=True)
    assert "the service can be used" in answer.content.decode()
    waiting.refresh_from_db()
    assert waiting.observed == Service.Observed.ACTIVE
    prover.journal.clear()
    browser.post(to("service_check", waiting))
    assert len(prover.journal) == 0  # an active service is not asked about


@pytest.fixture
def expired(waiting: Service, prover: PolarisMailSimulator, browser: Client) -> Service:
    prover.clock.advance(25 * 3600)
    browser.post(to("service_check", waiting))
    waiting.refresh_from_db()
    return waiting


def test_a_proof_that_came_too_late_is_started_again_once(
    browser: Client, expired: Service, prover: PolarisMailSimulator
) -> None:
    assert condition.of(expired) is condition.TOO_LATE
    page = browser.get(to("service", expired))
    token = page.context["card"].start_token
    for _click in range(2):
        browser.post(to("service_start_again", expired), {"form_token": token})
    again = expired.commands.filter(action=Command.Action.CREATE, cause=f"again:{token}")
    assert again.count() == 1
    assert expired.commands.count() == 2
    platforms.carried_out(again.get())
    expired.refresh_from_db()
    assert condition.of(expired) is condition.WAITING_FOR_PROOF
    assert prover.state.domain(DOMAIN).txt in browser.get(to("service", expired)).content.decode()


def test_nothing_is_started_again_that_was_not_given_up(browser: Client, waiting: Service) -> None:
    browser.post(to("service_start_again", waiting), {"form_token": "x"})
    assert waiting.commands.count() == 1


def test_those_who_do_not_manage_mail_cannot_start_again(
    client: Client, expired: Service, acme: Customer
) -> None:
    client.force_login(MembershipFactory(customer=acme, role=CustomerRole.BILLING).user)
    assert client.post(to("service_start_again", expired)).status_code == 403
    assert expired.commands.count() == 1


@pytest.fixture
def proven(waiting: Service, prover: PolarisMailSimulator, browser: Client) -> Service:
    prover.state.publish_verification(DOMAIN)
    browser.post(to("service_check", waiting))
    return waiting


def test_a_complaint_about_a_declared_field_is_shown_beside_it(
    browser: Client, proven: Service
) -> None:
    for number in range(2):
        change = MailboxChange(password=GOOD, extra={"account_type": "enhanced"})
        directory.create_mailbox(proven, f"full{number}@{DOMAIN}", change)
    typed = {
        "local_part": "anna",
        "password": GOOD,
        "extra-account_type": "enhanced",
        "form_token": "x",
    }
    refused = browser.post(to("mailbox_create", proven), typed)
    assert refused.status_code == 422
    assert "extra-account_type" in refused.context["form"].errors
    assert not Mailbox.objects.filter(address=ANNA).exists()


def test_an_alias_of_one_mailbox_is_chosen_from_a_list_of_them(
    browser: Client, proven: Service
) -> None:
    directory.create_mailbox(proven, ANNA, MailboxChange(password=GOOD))
    page = browser.get(to("alias_create", proven))
    choices = [value for value, _label in page.context["form"].fields["targets"].choices]
    assert choices == ["", ANNA]
    assert "exactly one mailbox" in page.content.decode()
    typed = {"local_part": "x", "targets": "stranger@else.example", "form_token": "x"}
    refused = browser.post(to("alias_create", proven), typed)
    assert refused.status_code == 422
    assert "targets" in refused.context["form"].errors
    assert browser.get(to("redirects", proven)).status_code == 404


def test_more_than_was_bought_is_told_with_what_to_delete_first(
    browser: Client, proven: Service
) -> None:
    for number in range(8):
        Mailbox.objects.create(
            service=proven,
            address=f"person{number}@{DOMAIN}",
            last_login_at=clock.now() - timedelta(days=number) if number else None,
        )
    for page in ("service", "mailboxes"):
        text = browser.get(to(page, proven)).content.decode()
        assert "8 exist and 6 are in your package. Delete 2" in text
        assert f"person0@{DOMAIN}, person7@{DOMAIN}" in text


def test_a_secret_of_the_account_is_shown_to_those_who_may_sign_on_and_is_on_record(
    browser: Client, client: Client, acme: Customer
) -> None:
    with platforms.running("ispmanager") as simulator:
        service = platforms.delivered("ispmanager", simulator, acme)
    secret = service.module_secrets["password"]
    assert secret not in browser.get(to("service", service)).content.decode()
    page = browser.post(to("service_reveal", service), {"fact": "Password"})
    assert secret in page.content.decode()
    event = AuditEvent.objects.get(action="service.secret_shown")
    assert secret not in str(event.after)
    assert browser.post(to("service_reveal", service), {"fact": "User name"}).status_code == 302
    client.force_login(MembershipFactory(customer=acme, role=CustomerRole.BILLING).user)
    assert client.post(to("service_reveal", service), {"fact": "Password"}).status_code == 403
