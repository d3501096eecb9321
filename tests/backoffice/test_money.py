from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client

from accounts.models import AuditEvent
from billing import tasks
from billing.models import BillingRun, DryRun, Invoice, InvoiceLine
from config import clock
from config.celery import app
from provisioning.models import Service
from tests.backoffice.world import list_url, press, url_of
from tests.billing import build
from tests.factories import ProductFactory

RUN, DRY_RUN = "/admin/billing/billingrun/run-now/", "/admin/billing/billingrun/dry-run/"
TODAY = date(2026, 4, 1)
ONCE = {"form_token": "token-of-one-form"}


@pytest.fixture(autouse=True)
def _first_of_april(time_machine: Any) -> None:
    time_machine.move_to("2026-04-01T09:00:00+00:00", tick=False)


@pytest.fixture
def due(db: None) -> Service:
    build.seller()
    return build.service(build.product(price="6.00"), anchor=date(2026, 3, 1))


@pytest.fixture
def draft(due: Service, boss: Client, sent: Any, settings: Any) -> Invoice:
    """Held, because the usage of a metered service is out of date."""
    settings.USAGE_STALE_POLICY = "hold"
    Service.objects.update(product=build.metered())
    build.reading(due, "21", at=build.noon(date(2026, 3, 2)))
    run_now(boss, sent)
    return Invoice.objects.get(status=Invoice.Status.DRAFT)


def run_now(boss: Client, sent: list[tuple[Any, ...]], **data: str) -> None:
    boss.post(RUN, ONCE | data)
    work_off(sent)


def work_off(sent: list[tuple[Any, ...]]) -> None:
    """What the workers were told to do, and what came of it."""
    while sent:
        name, *arguments = sent.pop(0)
        getattr(tasks, name)(*arguments)


def look(boss: Client, sent: list[tuple[Any, ...]], day: str = "2026-04-01") -> str:
    """The address of what a worker found."""
    where: str = boss.post(DRY_RUN, {"business_date": day})["Location"]
    work_off(sent)
    return where


def test_a_dry_run_shows_what_would_be_issued_and_keeps_nothing(
    boss: Client, due: Service, sent: Any
) -> None:
    text = boss.get(look(boss, sent)).content.decode()
    assert str(due.customer) in text and "6.00 EUR" in text
    assert not Invoice.objects.exists() and not BillingRun.objects.exists()
    due.refresh_from_db()
    assert due.next_due == TODAY


def test_a_dry_run_looks_ahead(boss: Client, due: Service, sent: Any) -> None:
    look(boss, sent, "2026-06-01")
    assert DryRun.objects.get().totals == {"EUR": "18.00"}


def test_a_dry_run_is_a_worker_s_and_its_page_comes_again_until_it_is_done(
    boss: Client, due: Service, sent: Any
) -> None:
    where = boss.post(DRY_RUN, {"business_date": "2026-04-01"})["Location"]
    page = boss.get(where)
    assert page["Refresh"] and "0 of 1 services" in page.content.decode()
    assert "6.00 EUR" not in page.content.decode()
    assert boss.post(DRY_RUN, {"business_date": "2026-04-01"})["Location"] == where
    assert sent == [("work_dry_run", DryRun.objects.get().pk)]

    work_off(sent)
    page = boss.get(where)
    assert "Refresh" not in page
    assert "Under way" not in page.content.decode()
    assert "2026-04-01" in boss.get(DRY_RUN).content.decode()


def test_a_broker_that_does_not_answer_is_said_and_nothing_waits_for_it(
    boss: Client, due: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    def down(*_args: Any, **_options: Any) -> None:
        raise OSError

    monkeypatch.setattr(app, "send_task", down)
    looked = boss.get(boss.post(DRY_RUN, {"business_date": "2026-04-01"})["Location"])
    assert "message broker does not answer" in looked.content.decode()
    billed = boss.post(RUN, ONCE, follow=True)
    assert "message broker does not answer" in billed.content.decode()
    assert DryRun.objects.get().status == "failed"
    assert BillingRun.objects.get().status == "interrupted"
    assert not Invoice.objects.exists()


def test_a_run_now_issues_once_however_often_it_is_clicked(
    boss: Client, due: Service, sent: Any
) -> None:
    assert not boss.get(RUN).context["form"].errors and not Invoice.objects.exists()
    pages = {boss.post(RUN, ONCE)["Location"] for _click in range(2)}
    row = BillingRun.objects.get()
    assert pages == {url_of(row)}
    assert "Refresh" in boss.get(url_of(row))

    work_off(sent)
    invoice = Invoice.objects.get()
    assert (invoice.status, invoice.total) == (Invoice.Status.ISSUED, Decimal(6))
    assert BillingRun.objects.get().status == "done"
    assert "Refresh" not in boss.get(url_of(row))
    assert AuditEvent.objects.filter(action="billing_run.started").exists()


@pytest.mark.parametrize("url", [RUN, DRY_RUN])
def test_without_a_seller_a_run_says_so(url: str, boss: Client) -> None:
    page = boss.post(url, ONCE | {"business_date": "2026-04-01"}, follow=True)
    assert "seller" in page.content.decode().lower()
    assert not Invoice.objects.exists()


def test_failures_of_a_run_are_named_with_their_services(boss: Client, due: Service) -> None:
    failures = [{"service": due.pk, "error": "It has no price in EUR."}]
    run = BillingRun.objects.create(business_date=TODAY, status="done", failures=failures)
    text = boss.get(url_of(run)).content.decode()
    assert due.domain in text and "It has no price in EUR." in text


def test_a_draft_shows_why_it_is_held(boss: Client, draft: Invoice) -> None:
    page = boss.get(url_of(draft)).content.decode()
    assert draft.hold_reason and draft.hold_reason.split(".")[0] in page
    assert "Rate again" in page


def test_a_draft_is_issued_as_it_is_and_only_once(boss: Client, draft: Invoice) -> None:
    for _click in range(2):
        press(boss, draft, "issue")
    draft.refresh_from_db()
    assert draft.status == Invoice.Status.ISSUED and draft.number
    assert AuditEvent.objects.filter(action="invoice.issued").count() == 1


def test_a_draft_is_rated_again_on_fresh_usage_and_issued(boss: Client, draft: Invoice) -> None:
    service = Service.objects.get()
    build.reading(service, "9", at=build.noon(date(2026, 3, 31)))
    press(boss, draft, "release")
    draft.refresh_from_db()
    assert draft.status == Invoice.Status.ISSUED
    assert draft.lines.get(kind="base").quantity == 1


def test_a_discarded_draft_falls_due_again(boss: Client, draft: Invoice) -> None:
    press(boss, draft, "discard")
    assert not Invoice.objects.exists()
    assert Service.objects.get().next_due == TODAY


def test_an_issued_invoice_offers_no_change_and_takes_none(
    boss: Client, due: Service, sent: Any
) -> None:
    run_now(boss, sent)
    invoice = Invoice.objects.get()
    before = Invoice.objects.values().get()
    shown = {each["button"].name for each in boss.get(url_of(invoice)).context["page_buttons"]}
    assert shown.isdisjoint({"issue", "release", "discard"})
    for name in ("issue", "release", "discard"):
        press(boss, invoice, name)
    assert boss.post(url_of(invoice), {"total": "1"}).status_code == 405
    assert Invoice.objects.values().get() == before


def test_each_line_tells_why_it_was_charged(boss: Client, due: Service, sent: Any) -> None:
    run_now(boss, sent)
    page = boss.get(url_of(Invoice.objects.get()))
    [(line, reasons)] = page.context["lines"]
    assert dict(reasons)["Calculation"] == "1 × 6.00 EUR = 6.00 EUR"
    assert line.description in page.content.decode()


def test_a_line_that_a_person_wrote_has_no_evidence_and_is_shown(
    boss: Client, due: Service
) -> None:
    invoice = Invoice.objects.create(customer=due.customer, currency="EUR")
    InvoiceLine.objects.create(
        invoice=invoice, position=1, kind="manual", description="Help by phone", quantity=1,
        unit_price=Decimal(40), amount=Decimal(40),
    )  # fmt: skip
    assert "Help by phone" in boss.get(url_of(invoice)).content.decode()


def test_an_invoice_prints_and_downloads(boss: Client, due: Service, sent: Any) -> None:
    run_now(boss, sent)
    invoice = Invoice.objects.get()
    pdf = boss.get(url_of(invoice, "pdf"))
    assert pdf["Content-Type"] == "application/pdf" and pdf.content.startswith(b"%PDF")
    paper = boss.get(url_of(invoice, "print")).content.decode()
    assert str(invoice) in paper and "6.00 EUR" in paper and "<script" not in paper


def test_the_seller_is_one_row(boss: Client) -> None:
    seller = build.seller()
    assert boss.get(list_url(type(seller)))["Location"] == url_of(seller)
    assert boss.get("/admin/billing/seller/add/").status_code == 403


def test_home_names_what_waits_and_leads_there(boss: Client, draft: Invoice) -> None:
    page = boss.get("/admin/")
    titles = [each["title"] for each in page.context["concerns"]]
    assert "Invoice drafts that are held" in titles
    for each in page.context["concerns"]:
        rows = boss.get(each["url"]).context["cl"].result_list
        assert len(rows) == int(each["count"]), each["title"]


def test_home_of_a_new_panel_says_what_to_do_first(boss: Client) -> None:
    page = boss.get("/admin/")
    assert len(page.context["first_steps"]) == 8
    assert "Nothing waits for you" in page.content.decode()


def test_the_next_run_is_the_next_hour_it_is_planned_for(boss: Client, settings: Any) -> None:
    settings.BILLING_HOUR = 4
    ProductFactory()
    numbers = {label: value for label, value, _url in boss.get("/admin/").context["numbers"]}
    assert numbers["Next billing run"] == "Thu 02 Apr, 04:00"
    assert clock.today() == TODAY


def test_a_stopped_run_asks_and_goes_on_when_told_to(
    due: Service, boss: Client, sent: Any, settings: Any
) -> None:
    settings.BILLING_GUARD_FLOOR, settings.BILLING_GUARD_FACTOR = 1, 2
    BillingRun.objects.create(business_date=date(2026, 3, 1), status="done", totals={"EUR": "1.00"})
    run_now(boss, sent)
    assert not Invoice.objects.exists()
    assert b"let it go on" in boss.get(RUN).content
    run_now(boss, sent, form_token="another", go_on="on")
    assert Invoice.objects.get().total == Decimal("6.00")
