"""From an empty database to an invoice, in a browser, with every process of production."""

from __future__ import annotations

from datetime import timedelta

import pytest

from config import clock
from config.periods import add_months
from tests.support.browser import PHONE, Window, needs_chromium
from tests.support.stack import Stack, control, until

GB = 1024**3
DOMAIN = "harbourlegal.example"
PASSWORD = "Nine-Windmills-Turn-4"
SYSADMIN = ("admin", "Simulated-Sys4dmin")
pytestmark = [pytest.mark.postgres, pytest.mark.redis, pytest.mark.browser, needs_chromium]


def fill(page, **fields: str) -> None:
    for name, value in fields.items():
        page.fill(f"[name={name}]", value)


def save(page) -> None:
    page.click("[name=_save]")
    page.wait_for_load_state("networkidle")


def press(page, text: str) -> None:
    page.get_by_role("button", name=text).first.click()
    page.wait_for_load_state("networkidle")


def follow(page, text: str) -> None:
    page.get_by_role("link", name=text).first.click()
    page.wait_for_load_state("networkidle")


def become_owner(page, stack: Stack) -> None:
    link = next(word for word in stack.manage("setup_link").split() if "/setup/" in word)
    page.goto(link)
    fill(page, email="owner@northlight.example", name="Robin Vermeer")
    fill(page, password1=PASSWORD, password2=PASSWORD)
    page.click("form .btn-primary")
    page.wait_for_url("**/admin/**")


def add_seller(page) -> None:
    page.goto("/admin/billing/seller/add/")
    fill(page, name="Northlight Mail B.V.", lead_days="7")
    page.select_option("[name=country]", "NL")
    save(page)


def add_server(page, url: str) -> None:
    page.goto("/admin/provisioning/server/add/?platform=smartermail")
    fill(page, name="mail1", hostname="127.0.0.1", port=url.rpartition(":")[2])
    fill(page, username=SYSADMIN[0], password=SYSADMIN[1])
    page.uncheck("[name=secure]")
    page.check("[name=allow_private]")
    save(page)
    follow(page, "mail1")
    press(page, "Test connection")
    assert "mail1 answers: 100.0.9560" in page.inner_text("body")


def add_product(page) -> None:
    page.goto("/admin/provisioning/servergroup/add/")
    fill(page, name="Amsterdam")
    page.select_option("[name=module]", "smartermail")
    page.select_option("[name=members-0-server]", label="mail1")
    save(page)
    page.goto("/admin/products/productgroup/add/")
    fill(page, name="E-mail")
    save(page)
    page.goto("/admin/products/product/add/?platform=smartermail")
    page.select_option("[name=group]", label="E-mail")
    fill(page, name="Email Hosting")
    page.fill('[name="prices-monthly-EUR-amount"]', "6.00")
    page.select_option("[name=setup_type]", "on_order")
    page.select_option("[name=timing]", "arrears")
    page.select_option("[name=placement]", label="Amsterdam")
    save(page)


def add_customer(page) -> None:
    page.goto("/admin/accounts/customer/add/")
    fill(page, company="Harbour Legal", name="Anna Lindqvist")
    page.select_option("[name=country]", "NL")
    fill(page, email="billing@harbourlegal.example")
    page.select_option("[name=currency]", "EUR")
    save(page)
    page.goto("/admin/accounts/customer/")
    follow(page, "Harbour Legal")
    follow(page, "Invite a person")
    fill(page, email="anna@harbourlegal.example")
    page.select_option("[name=role]", "owner")
    press(page, "Invite a person")


def order(page) -> None:
    page.goto("/admin/provisioning/service/add/")
    fill(page, customer="Harbour Legal")
    page.select_option("[name=product]", index=1)
    press(page, "Continue")
    fill(page, domain=DOMAIN)
    page.check("[name=create_now]")
    press(page, "Add service")


def has(page, text: str, stack: Stack) -> None:
    """After reloading as often as a patient person would: beat sweeps once a minute."""

    def shown() -> bool:
        page.reload()
        return text in page.inner_text("body")

    until(shown, lambda: f"no {text!r} in\n{page.inner_text('body')}\n{stack.tails()}", 90)


def join(page, stack: Stack) -> None:
    page.goto(stack.link_mailed("/invite/"))
    fill(page, name="Anna Lindqvist", password1=PASSWORD, password2=PASSWORD)
    page.click("form .btn-primary")
    page.wait_for_url(f"{stack.url}/")


def add_mailbox(page, local: str) -> None:
    page.goto("/")
    follow(page, "Mailboxes")
    follow(page, "New mailbox")
    fill(page, local_part=local, display_name=local.title(), password=PASSWORD)
    press(page, "Create mailbox")
    assert f"{local}@{DOMAIN}" in page.inner_text("main")


def bill(page, service: str, stack: Stack) -> None:
    page.goto(service)
    press(page, "Sync usage now")
    has(page, "21.00 GB", stack)
    page.goto("/admin/billing/billingrun/run-now/")
    press(page, "Run now")
    page.goto("/admin/billing/invoice/")
    has(page, "18.00", stack)


def a_month_later(stack: Stack) -> None:
    due = add_months(clock.today(), 1)
    stack.move_clock((due - clock.today()).days * 86_400)


def lose_the_order(page, stack: Stack) -> None:
    """Before any worker sees it; five minutes later beat's sweep finds that nothing came of it."""
    assert stack.lose_messages() >= 1
    stack.worker()
    stack.move_clock(timedelta(minutes=5).total_seconds())
    has(page, "Done", stack)


def test_from_an_empty_database_to_the_first_invoice_though_the_queue_loses_the_order(
    stack: Stack, staff: Window
) -> None:
    stack.beat()
    url = stack.platform()
    page = staff.page
    become_owner(page, stack)
    add_seller(page)
    add_server(page, url)
    add_product(page)
    add_customer(page)
    order(page)
    service = page.url
    lose_the_order(page, stack)
    visitor = page.context.browser.new_page(base_url=stack.url, viewport=PHONE)
    staff.watch(visitor)
    join(visitor, stack)
    add_mailbox(visitor, "anna")
    add_mailbox(visitor, "tom")
    control(url, "set_disk", domain=DOMAIN, size=21 * GB)
    a_month_later(stack)
    bill(page, service, stack)
    visitor.goto("/invoices/")
    follow(visitor, "INV-")
    body = visitor.inner_text("main")
    assert "21.00 GB" in body and "18.00" in body
    assert Window(visitor).fits()
    assert staff.faults == []
