"""One row of everything the admin site has a page for, with secrets planted where they are kept."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import Model
from django.test import Client
from django.urls import reverse

from accounts import audit
from accounts.team import invite_staff
from billing.models import (
    BillingRun,
    ChargeAttempt,
    DryRun,
    DunningPolicy,
    DunningRun,
    GatewayAccount,
    GatewayEvent,
    Invoice,
    InvoiceLine,
    MailTemplate,
    NumberSeries,
    Order,
    Payment,
    ProductGrace,
    Promotion,
    Seller,
    SentMail,
    TaxRate,
    TerminationRequest,
)
from config.crypto import Sealed
from products.models import Option
from provisioning.models import (
    Command,
    ModuleCall,
    Service,
    UsageReading,
)
from tests.factories import (
    CommandFactory,
    MailboxFactory,
    MembershipFactory,
    OptionFactory,
    PlacementFactory,
    ProductFactory,
    ReadingFactory,
    ServerFactory,
    ServerGroupFactory,
    ServiceFactory,
)

World = dict[type[Model], Any]
PLANTED = (
    "Planted-Server-Secret", "Planted-Api-Key", "Planted-Admin-Pw", "Planted-New-Pw",
    "Planted-Gateway-Key", "Planted-Signing-Key",
)  # fmt: skip


def make_world() -> World:
    server = ServerFactory(settings={"api_key": Sealed.of("Planted-Api-Key")})
    product = ProductFactory()
    group = ServerGroupFactory(servers=[server])
    PlacementFactory(product=product, group=group)
    service = ServiceFactory(server=server, product=product)
    service.module_secrets = {"admin_password": "Planted-Admin-Pw"}
    service.save()
    command = CommandFactory(
        service=service,
        action=Command.Action.CHANGE_PASSWORD,
        status=Command.Status.ATTENTION,
        arguments={"password": "Planted-New-Pw"},
    )
    option = OptionFactory(type=Option.Type.DROPDOWN, values=["eu", "us"])
    member = MembershipFactory(customer=service.customer)
    rows = (
        server, product, product.group, group, service, command, option, option.group, member,
        member.user, service.customer,
        MailboxFactory(service=service),
        ReadingFactory(service=service, state=UsageReading.State.PARKED),
        invite_staff(email="new@example.com", staff_role="support", by=None),
        audit.record("test.made", service, after={"domain": service.domain}),
        ModuleCall.objects.create(
            server=server, service=service, operation="put", method="POST", url="/x", duration_ms=3
        ),
        *_money(service),
    )  # fmt: skip
    return {type(row): row for row in rows}


def _money(service: Service) -> tuple[Model, ...]:
    run = BillingRun.objects.create(business_date=date(2026, 3, 1), status="done")
    draft = Invoice.objects.create(
        customer=service.customer, currency="EUR", hold_reason="Usage is unknown.", run=run
    )
    InvoiceLine.objects.create(
        invoice=draft, position=1, service=service, kind="base", description="Mail",
        quantity=Decimal(1), unit_price=Decimal(6), amount=Decimal(6),
    )  # fmt: skip
    return (
        run,
        draft,
        DryRun.objects.create(business_date=date(2026, 3, 1), status="done"),
        Seller.objects.create(name="Northwind Mail", country="DE"),
        TaxRate.objects.create(name="VAT", rate=Decimal(19), valid_from=date(2020, 1, 1)),
        NumberSeries.objects.create(code="invoice:2026", last=7),
        Order.objects.create(customer=service.customer, currency="EUR", token="form"),
        Promotion.objects.create(code="SPRING", name="Spring", type="percent", value=Decimal(10)),
        *_payments(draft),
        *_reminders(service, draft),
    )


def _payments(invoice: Invoice) -> tuple[Model, ...]:
    keys = {"secret_key": "Planted-Gateway-Key", "webhook_secret": "Planted-Signing-Key"}
    return (
        GatewayAccount.objects.create(code="stripe", label="Card", settings=keys),
        GatewayEvent.objects.create(
            gateway="stripe", event_id="evt_1", kind="x", body={"topic": "other", "subject": ""}
        ),
        ChargeAttempt.objects.create(invoice=invoice, number=1, gateway="stripe", amount=6),
        Payment.objects.create(
            customer=invoice.customer, gateway="bank", external_id="TX-1", currency="EUR",
            amount=5, received_on=date(2026, 3, 1),
        ),
    )  # fmt: skip


def _reminders(service: Service, invoice: Invoice) -> tuple[Model, ...]:
    return (
        DunningPolicy.objects.create(name="Gentle", retired=True),
        ProductGrace.objects.create(product=service.product, days=3),
        DunningRun.objects.create(business_date=date(2026, 3, 1)),
        TerminationRequest.objects.create(
            service=service, invoice=invoice, not_before=date(2026, 3, 9)
        ),
        MailTemplate.objects.create(code="payment_received", subject="Thanks", body="{{ name }}"),
        SentMail.objects.create(
            key="payment:1", code="payment_received", customer=service.customer,
            recipient="ada@example.com", subject="Thanks", body="Ada", status="failed",
        ),
    )  # fmt: skip


def url_of(row: Model, view: str = "change") -> str:
    meta = row._meta
    return reverse(f"admin:{meta.app_label}_{meta.model_name}_{view}", args=[row.pk])


def do_url(row: Model, button: str) -> str:
    meta = row._meta
    return reverse(f"admin:{meta.app_label}_{meta.model_name}_do", args=[row.pk, button])


def list_url(model: type[Model]) -> str:
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")


def press(browser: Client, row: Model, button: str, **data: Any) -> Any:
    """As a person does: with a token of the form's own."""
    data = {"form_token": "token-of-one-form"} | data
    return browser.post(do_url(row, button), data)


def said(response: Any) -> str:
    """The messages on the page that follows."""
    return " ".join(str(message) for message in response.wsgi_request._messages)


def formdata(browser: Client, url: str) -> dict[str, Any]:
    """What the browser would send back if nothing was changed on the page."""
    page = browser.get(url)
    form = page.context["adminform"].form
    data: dict[str, Any] = {}
    for bound in form:
        data |= _values(bound)
    for formset in page.context["inline_admin_formsets"]:
        for bound in formset.formset.management_form:
            data |= _values(bound)
        for inline in formset.formset.forms:
            for bound in inline:
                data |= _values(bound)
    return {name: value for name, value in data.items() if value is not None}


def _values(bound: Any) -> dict[str, Any]:
    value = bound.value()
    widget = bound.field.widget
    if hasattr(widget, "cells"):  # a price grid has inputs of its own
        rows = widget.get_context(bound.html_name, value, {})["rows"]
        inputs = [each for _cycle, row in rows for cell in row for each in cell.values()]
        return {each["name"]: each["value"] for each in inputs}
    if isinstance(value, bool):
        return {bound.html_name: "on"} if value else {}
    if isinstance(value, list | tuple):
        return {bound.html_name: [getattr(each, "pk", each) for each in value]}
    return {bound.html_name: "" if value is None else value}
