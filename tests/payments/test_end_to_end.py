"""The panel as a web server, and a gateway that posts to it by itself."""

from __future__ import annotations

import time
from collections.abc import Callable

import requests

from billing.gateways.contract import Urls
from billing.models import GatewayEvent, Invoice
from billing.payments import checkout, events
from tests.payments import build


def wait_for(happened: Callable[[], bool], seconds: float = 10) -> None:
    deadline = time.monotonic() + seconds
    while not happened():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def urls(live_server) -> Urls:
    return Urls(done=f"{live_server.url}/invoices/", back=f"{live_server.url}/invoices/")


def told() -> bool:
    return GatewayEvent.objects.filter(kind="checkout.session.completed").exists()


def test_events_arrive_by_themselves_and_pay_the_invoice(live_server, stripe, owner, invoice):
    stripe.sends_to(f"{live_server.url}/payments/stripe/events/")
    page = checkout.start(invoice, "stripe", urls(live_server), save=False)
    requests.post(page.url, data={"card": build.VISA}, timeout=5, allow_redirects=False)
    wait_for(told)
    for row in GatewayEvent.objects.order_by("?"):
        events.work_off(row.pk)
    assert Invoice.objects.get().status == "paid"
    assert build.books_balance(owner)


def test_an_event_nobody_took_is_sent_again(live_server, stripe, invoice):
    stripe.sends_to("http://127.0.0.1:9/nobody")
    page = checkout.start(invoice, "stripe", urls(live_server), save=False)
    requests.post(page.url, data={"card": build.VISA}, timeout=5, allow_redirects=False)
    wait_for(lambda: bool(stripe.postman.answers))
    stripe.sends_to(f"{live_server.url}/payments/stripe/events/")
    wait_for(told)
    assert stripe.postman.answers[0][1] == 0
    assert stripe.postman.answers[-1][1] == 200


def test_a_wrong_signing_secret_is_refused_at_the_door(live_server, stripe, invoice):
    stripe.sends_to(f"{live_server.url}/payments/stripe/events/", "whsec_other")
    page = checkout.start(invoice, "stripe", urls(live_server), save=False)
    requests.post(page.url, data={"card": build.VISA}, timeout=5, allow_redirects=False)
    wait_for(lambda: bool(stripe.postman.answers))
    assert stripe.postman.answers[0][1] == 400
    assert not GatewayEvent.objects.exists()
