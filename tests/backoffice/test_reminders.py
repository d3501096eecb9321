"""Tax, dunning and e-mails in the admin site."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from billing.mail import sending
from billing.models import (
    BillingProfile,
    DunningPolicy,
    Invoice,
    MailTemplate,
    SentMail,
    TaxRate,
    TerminationRequest,
    VatStatus,
)
from config import clock
from provisioning.models import Command
from tests.backoffice.world import formdata, press, said, url_of
from tests.billing import build
from tests.dunning import build as documents
from tests.factories import ProductFactory, ServiceFactory
from tests.support.vies import UNAVAILABLE, ViesSimulator

FRENCH = "FR40303265045"
TERMS = {"grouping": "due_date", "monthly_day": "1", "grace_days": "5"}
TEXT = {"code": "payment_received", "language": "en", "subject": "Thanks, {{ name }}"}


@pytest.fixture
def vies(settings: Any, db: None):
    build.seller(tax_number="DE136695976", email="billing@northwind.example")
    with ViesSimulator() as running:
        settings.VIES_URL = running.url
        yield running


def test_staff_look_a_vat_number_up_and_read_the_answer_with_its_proof(
    boss: Client, vies: ViesSimulator
) -> None:
    customer = build.customer(country="FR", tax_number=FRENCH)
    vies.valid.add(FRENCH)

    answer = press(boss, customer, "check-vat")

    assert f"{FRENCH}: valid" in said(answer)
    page = boss.get(url_of(customer)).content.decode()
    assert "WAPIAAAA00000001" in page and "BEISPIEL SARL" in page


def test_silence_of_the_service_is_told_as_such(boss: Client, vies: ViesSimulator) -> None:
    customer = build.customer(country="FR", tax_number=FRENCH)
    vies.trouble = (500, UNAVAILABLE)

    assert "gave no answer (MS_UNAVAILABLE)" in said(press(boss, customer, "check-vat"))
    assert VatStatus.objects.get().answer == ""


def test_a_product_takes_a_tax_class_that_a_rate_names_and_no_other(boss: Client) -> None:
    build.vat("7", tax_class="reduced")
    product = ProductFactory(module="")
    data = formdata(boss, url_of(product))

    boss.post(url_of(product), data | {"tax_class": "reducd"})
    product.refresh_from_db()
    assert product.tax_class == ""

    boss.post(url_of(product), data | {"tax_class": "reduced"})
    product.refresh_from_db()
    assert product.tax_class == "reduced"


def test_a_first_tax_is_never_compound(boss: Client) -> None:
    url = reverse("admin:billing_taxrate_add")
    sent = {"name": "X", "rate": "5", "valid_from": "2026-01-01", "level": "1", "compound": "on"}

    assert boss.post(url, sent).status_code == 200
    assert not TaxRate.objects.exists()


def test_terms_of_billing_are_kept_for_the_customer(boss: Client, db: None) -> None:
    customer = build.customer()

    sent = TERMS | {"grouping": "monthly", "monthly_day": "15", "tranche_notices": "on"}
    press(boss, customer, "billing", **sent, dunning_exempt_until="2026-08-01")

    profile = BillingProfile.objects.get(customer=customer)
    assert (profile.grace_days, profile.dunning_exempt_until) == (5, date(2026, 8, 1))
    assert (profile.grouping, profile.monthly_day) == ("monthly", 15)
    assert (profile.continuous, profile.auto_credit, profile.is_business) == (False, False, False)
    assert profile.tranche_notices


@pytest.mark.parametrize(("name", "value"), [("grouping", "yearly"), ("monthly_day", "32")])
def test_terms_of_billing_that_cannot_be_are_refused(
    boss: Client, db: None, name: str, value: str
) -> None:
    press(boss, build.customer(), "billing", **TERMS | {name: value})

    assert not BillingProfile.objects.exists()


def test_a_policy_shows_its_timeline_and_cannot_be_changed_in_place(boss: Client) -> None:
    policy = DunningPolicy.objects.get(is_default=True)
    page = boss.get(url_of(policy))
    text = page.content.decode()

    assert "Ask staff to terminate" in text
    assert (clock.today() + timedelta(days=45)).isoformat() in text
    formset = page.context["inline_admin_formsets"][0]
    assert not formset.has_change_permission and not formset.has_add_permission


def test_a_changed_policy_is_a_new_version_from_the_day_it_is_put_to_use(boss: Client) -> None:
    policy = DunningPolicy.objects.get(is_default=True)
    press(boss, policy, "revise")
    draft = DunningPolicy.objects.get(version=2)
    data = formdata(boss, url_of(draft)) | {"steps-0-offset": "-5"}

    boss.post(url_of(draft), data)
    press(boss, draft, "publish", form_token="another-token-of-a-form")

    draft.refresh_from_db()
    policy.refresh_from_db()
    assert (draft.is_default, draft.retired, policy.is_default) == (True, False, False)
    assert draft.steps.first().offset == -5
    assert policy.steps.first().offset == -3


def test_staff_dismiss_a_termination_and_the_service_stays(boss: Client) -> None:
    service = ServiceFactory(delivered=True)
    invoice = documents.invoice(service)
    request = TerminationRequest.objects.create(
        service=service, invoice=invoice, not_before=clock.today() + timedelta(days=1)
    )
    assert "may not be terminated before" in press(boss, request, "approve").content.decode()
    request.refresh_from_db()
    assert request.status == "waiting"

    press(boss, request, "dismiss", note="They called.", form_token="another-token-of-a-form")

    request.refresh_from_db()
    assert (request.status, request.note) == ("dismissed", "They called.")
    assert not Command.objects.exists()


def test_a_new_text_begins_with_the_built_in_one(boss: Client) -> None:
    url = reverse("admin:billing_mailtemplate_add")

    form = boss.get(url, {"code": "payment_received"}).context["adminform"].form

    assert "{{ amount }}" in form.initial["subject"]


def test_a_text_is_saved_previewed_and_sent_as_a_test(boss: Client, vies: ViesSimulator) -> None:
    url = reverse("admin:billing_mailtemplate_add")
    boss.post(url, TEXT | {"body": "{{ amount }} arrived."})
    row = MailTemplate.objects.get()

    page = boss.get(url_of(row)).content.decode()
    press(boss, row, "test", recipient="me@northwind.example")
    sending.sweep()

    assert "21.42 EUR arrived." in page
    mail = SentMail.objects.get()
    assert (mail.recipient, mail.subject, mail.status) == (
        "me@northwind.example",
        "Thanks, Ada Example",
        "sent",
    )


@pytest.mark.parametrize("body", ["{{ password }}", "{% include 'x' %}", "{{ name|safe }}"])
def test_a_text_with_code_or_unknown_names_is_refused(boss: Client, body: str) -> None:
    answer = boss.post(reverse("admin:billing_mailtemplate_add"), TEXT | {"body": body})

    assert list(answer.context["adminform"].form.errors) == ["body"]
    assert not MailTemplate.objects.exists()


def test_a_message_is_sent_again_from_the_log(boss: Client, vies: ViesSimulator) -> None:
    row = SentMail.objects.create(
        key="x", code="payment_received", recipient="ada@example.com", subject="Thanks",
        body="Ada", status="failed",
    )  # fmt: skip

    press(boss, row, "resend")

    assert SentMail.objects.exclude(pk=row.pk).get().recipient == "ada@example.com"


def test_an_invoice_shows_why_it_bears_no_tax(boss: Client, vies: ViesSimulator) -> None:
    invoice = documents.invoice(
        tax_evidence={
            "rule": "reverse_charge",
            "reason": "Reverse charge.",
            "consultation": "WAPI1",
        }
    )
    Invoice.objects.filter(pk=invoice.pk).update(tax=Decimal(0))

    page = boss.get(url_of(invoice)).content.decode()

    assert "Reverse charge." in page and "WAPI1" in page
