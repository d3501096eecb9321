"""Saved cards that come to the end of their time: told once, shown, and not charged after it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client

from accounts.models import Customer
from billing.dunning import run as dunning
from billing.mail import causes
from billing.models import (
    ChargeAttempt,
    DunningEvent,
    GatewayAccount,
    Payment,
    SavedMethod,
    Seller,
    SentMail,
)
from billing.payments import collect, methods
from config import clock
from tests.backoffice.world import press
from tests.dunning import build as documents
from tests.factories import MembershipFactory, ServiceFactory, StaffFactory
from tests.payments import build
from tests.payments.test_collect import charges
from tests.support import fake_module

pytestmark = pytest.mark.usefixtures("seller", "now")
TODAY = date(2026, 7, 1)
YESTERDAY = date(2026, 6, 30)


@pytest.fixture
def now() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(datetime(2026, 7, 1, 12, tzinfo=UTC), tick=False) as moment:
        yield moment


@pytest.fixture(autouse=True)
def _fake(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    with fake_module.installed(monkeypatch):
        yield


@pytest.fixture
def visa(stripe, owner: Customer) -> SavedMethod:
    return ending(build.card(owner, stripe), TODAY + timedelta(days=30))


@pytest.fixture
def browser(client: Client, owner: Customer) -> Client:
    client.force_login(MembershipFactory(customer=owner).user)
    return client


def ending(card: SavedMethod, on: date) -> SavedMethod:
    card.expires_on = on
    card.save(update_fields=["expires_on"])
    return card


def told() -> list[str]:
    causes.announce()
    rows = SentMail.objects.filter(code="card_expires").order_by("pk")
    return list(rows.values_list("subject", flat=True))


def words(response: Any) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", response.content.decode()).split())


def test_its_owner_is_told_once_a_card_and_expiry_with_a_link_to_the_cards(owner, visa) -> None:
    ServiceFactory(customer=owner, delivered=True)
    assert told() == told() == ["Visa ending 4242 expires on 31 Jul 2026"]
    mail = SentMail.objects.get(code="card_expires")
    assert mail.recipient == owner.email
    assert "/cards/" in mail.body

    ending(visa, TODAY + timedelta(days=20))  # as the gateway says now
    assert len(told()) == 2


def test_a_card_that_goes_on_for_longer_is_not_announced_yet(owner, visa, now) -> None:
    ServiceFactory(customer=owner, delivered=True)
    ending(visa, TODAY + timedelta(days=31))
    assert told() == []

    now.shift(timedelta(days=1))
    assert len(told()) == 1


def test_one_that_ends_before_an_open_invoice_falls_due_is_announced_at_once(owner, visa) -> None:
    ending(visa, TODAY + timedelta(days=40))
    bill = build.invoice(owner, due_on=TODAY + timedelta(days=40))
    assert told() == []

    bill.due_on = TODAY + timedelta(days=41)
    bill.save()
    assert len(told()) == 1


@pytest.mark.parametrize(
    "change",
    [
        lambda card: SavedMethod.objects.update(removed_at=clock.now()),
        lambda card: SavedMethod.objects.update(is_default=False),
        lambda card: SavedMethod.objects.update(expires_on=TODAY - timedelta(days=4)),
        lambda card: SavedMethod.objects.update(expires_on=None),
        lambda card: GatewayAccount.objects.update(enabled=False),
        lambda card: Seller.objects.update(card_notice_days=0),
        lambda card: card.customer.services.update(desired="terminated"),
    ],
    ids=["removed", "not charged", "long over", "no end", "gateway off", "switched off", "gone"],
)
def test_nobody_is_told_of_a_card_that_will_not_be_missed(owner, visa, change) -> None:
    ServiceFactory(customer=owner, delivered=True)
    change(visa)
    assert told() == []


def test_on_its_last_day_a_card_is_charged(stripe, owner, visa, invoice) -> None:
    ending(visa, TODAY)
    assert build.collected(invoice).status == "succeeded"


def test_after_it_the_gateway_is_not_asked_and_the_try_says_so(
    stripe, owner, visa, invoice
) -> None:
    ending(visa, YESTERDAY)
    attempt = build.collected(invoice)
    assert (attempt.status, attempt.method) == ("not_made", visa)
    assert attempt.error == "Visa ending 4242 expired on June 30, 2026."
    assert attempt.finished_at == clock.now()
    assert charges(stripe) == []
    assert not Payment.objects.exists()
    invoice.refresh_from_db()
    assert invoice.settled == 0


def test_dunning_goes_on_past_it(stripe, owner, visa, now) -> None:
    documents.policy((0, "charge"), (1, "charge"), (3, "remind"))
    documents.invoice(ServiceFactory(customer=owner, delivered=True), due_on=TODAY)
    ending(visa, YESTERDAY)

    assert documents.live_through(now, 0, 3) == {
        0: [(0, "charge")], 1: [(1, "charge")], 3: [(3, "remind")],
    }  # fmt: skip
    first = DunningEvent.objects.order_by("pk")[0]
    assert first.outcome == "Not made Visa ending 4242 expired on June 30, 2026."
    assert charges(stripe) == []


def test_another_card_is_charged_by_the_next_step(stripe, owner, visa, now) -> None:
    documents.policy((0, "charge"), (1, "charge"))
    documents.invoice(ServiceFactory(customer=owner, delivered=True), due_on=TODAY)
    ending(visa, YESTERDAY)
    documents.run_on(now, TODAY)
    other = build.card(owner, stripe, build.MASTERCARD)
    methods.make_default(other)

    now.shift(timedelta(days=1))
    dunning.run(clock.today())

    states = ChargeAttempt.objects.order_by("pk").values_list("status", "method__label")
    assert list(states) == [
        ("not_made", "Visa ending 4242"), ("succeeded", "Mastercard ending 4444"),
    ]  # fmt: skip


def test_the_customer_hears_that_nothing_was_collected(stripe, owner, visa, invoice) -> None:
    ending(visa, YESTERDAY)
    collect.charge(invoice)
    causes.announce()
    causes.announce()
    assert SentMail.objects.filter(code="payment_failed").count() == 1


@pytest.mark.parametrize(
    ("days", "on_cards", "at_home"),
    [
        (-1, "June 30, 2026 expired", "Visa ending 4242 expired on June 30, 2026."),
        (30, "July 31, 2026 expires soon", "Visa ending 4242 expires on July 31, 2026."),
        (31, "Aug. 1, 2026", ""),
    ],
)
def test_the_pages_say_how_it_stands(browser, visa, days, on_cards, at_home) -> None:
    ending(visa, TODAY + timedelta(days=days))
    cards, home = words(browser.get("/cards/")), words(browser.get("/"))
    assert on_cards in cards
    assert ("expire" in cards.partition(on_cards)[2]) is False
    assert (at_home in home) if at_home else ("Visa" not in home)


def test_a_card_that_has_expired_is_not_offered_on_the_invoice(
    stripe, browser, visa, invoice
) -> None:
    page = f"/invoices/{invoice.public_id}/"
    assert "Pay with Visa ending 4242" in words(browser.get(page))

    ending(visa, YESTERDAY)
    assert "Pay with Visa" not in words(browser.get(page))
    answer = browser.post(f"{page}charge", follow=True)
    assert "Visa ending 4242 expired on June 30, 2026." in words(answer)
    assert charges(stripe) == []


def test_staff_who_charge_it_read_why_it_was_not(stripe, visa, invoice, client) -> None:
    ending(visa, YESTERDAY)
    client.force_login(StaffFactory())
    answer = press(client, invoice, "charge")
    assert "expired on June 30, 2026" in words(answer)
    assert charges(stripe) == []
