"""Every URL of the client area against everybody who might knock."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, reverse

from accounts.models import Customer
from accounts.roles import CUSTOMER_RIGHTS, IMPERSONATION_RIGHTS, CustomerRight, CustomerRole
from accounts.team import invite_member
from billing.models import GatewayAccount, GatewayCustomer, Invoice, Order, SavedMethod
from clientarea import urls
from provisioning import directory
from provisioning.models import Service
from provisioning.modules.smartermail.simulator import SmarterMailSimulator
from tests.clientarea.conftest import DOMAIN, writes
from tests.factories import CustomerFactory, MembershipFactory, StaffFactory, UserFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("dns")]
VIEW, MAIL, SIGN_ON = (
    CustomerRight.VIEW_SERVICES,
    CustomerRight.MANAGE_MAIL,
    CustomerRight.SIGN_ON,
)
MONEY, PEOPLE = CustomerRight.VIEW_INVOICES, CustomerRight.MANAGE_USERS
ORDER, PAY = CustomerRight.ORDER, CustomerRight.PAY


@dataclass(frozen=True)
class Case:
    """`of` is whose page it is: a service's, an invoice's, a member's, or everybody's own."""

    right: CustomerRight
    of: str = "service"
    args: tuple[str, ...] = field(default=())
    method: str = "get"
    absent: bool = False  # there is nothing of the kind in these tests


DELETED = "1"  # what the platform calls the first thing that was deleted
ANNA, INFO, TEAM = f"anna@{DOMAIN}", f"info@{DOMAIN}", f"staff@{DOMAIN}"
CASES = {
    "home": Case(VIEW, "own"),
    "service": Case(VIEW),
    "sign_on": Case(SIGN_ON, method="post"),
    "mailboxes": Case(VIEW),
    "mailboxes_export": Case(VIEW),
    "mailbox_create": Case(MAIL),
    "mailbox_edit": Case(MAIL, args=(ANNA,)),
    "mailbox_password": Case(MAIL, args=(ANNA,)),
    "mailbox_delete": Case(MAIL, args=(ANNA,)),
    "mailbox_login": Case(SIGN_ON, args=(ANNA,), method="post"),
    "aliases": Case(VIEW),
    "aliases_export": Case(VIEW),
    "alias_create": Case(MAIL),
    "alias_edit": Case(MAIL, args=(INFO,)),
    "alias_delete": Case(MAIL, args=(INFO,)),
    "redirects": Case(VIEW),
    "redirect_create": Case(MAIL),
    "lists": Case(VIEW),
    "list_create": Case(MAIL),
    "list_members": Case(MAIL, args=(TEAM,)),
    "list_edit": Case(MAIL, args=(TEAM,)),
    "list_delete": Case(MAIL, args=(TEAM,)),
    "domain_aliases": Case(VIEW),
    "domain_alias_delete": Case(MAIL, args=("second.example",)),
    "settings_index": Case(VIEW),
    "settings": Case(VIEW, args=("catch-all",)),
    "mailbox_settings": Case(VIEW, args=(ANNA, "auto-responder")),
    "dkim": Case(VIEW),
    "dkim_enable": Case(MAIL, method="post"),
    "dkim_disable": Case(MAIL, method="post"),
    "dns": Case(VIEW),
    "dns_refresh": Case(VIEW, method="post"),
    "dns_pills": Case(VIEW),
    "dmarc": Case(VIEW),
    "activity": Case(VIEW),
    "service_check": Case(VIEW, method="post"),
    "service_start_again": Case(MAIL, method="post"),
    "service_reveal": Case(SIGN_ON, method="post"),
    "groups": Case(VIEW, "grouped"),
    "group_move": Case(MAIL, "grouped", args=("staff",)),
    "group_delete": Case(MAIL, "grouped", args=("staff",)),
    "deleted": Case(VIEW, "grouped"),
    "deleted_restore": Case(MAIL, "grouped", args=(DELETED,)),
    "service_cancel": Case(ORDER),
    "plan": Case(ORDER),
    "plan_cancel": Case(ORDER, absent=True),
    "cancellation_withdraw": Case(ORDER),
    "invoices": Case(MONEY, "own"),
    "invoice": Case(MONEY, "invoice"),
    "invoice_pdf": Case(MONEY, "invoice"),
    "invoice_pay": Case(PAY, "invoice", args=("stripe",), method="post"),
    "invoice_paid": Case(PAY, "invoice"),
    "invoice_use_credit": Case(PAY, "invoice", method="post"),
    "invoice_charge": Case(PAY, "invoice", method="post"),
    "payments": Case(MONEY, "own"),
    "statement": Case(MONEY, "own"),
    "cards": Case(MONEY, "own"),
    "card_add": Case(PAY, "own", args=("stripe",), method="post"),
    "card_added": Case(PAY, "own"),
    "card_default": Case(PAY, "card", method="post"),
    "card_remove": Case(PAY, "card"),
    "orders": Case(ORDER, "own"),
    "order": Case(ORDER, "order"),
    "company": Case(PEOPLE, "own"),
    "team": Case(PEOPLE, "own"),
    "team_invite": Case(PEOPLE, "own"),
    "member_role": Case(PEOPLE, "member"),
    "member_remove": Case(PEOPLE, "member"),
    "invite_again": Case(PEOPLE, "invite", method="post"),
    "invite_withdraw": Case(PEOPLE, "invite", method="post"),
}
every_url = pytest.mark.parametrize("name", sorted(CASES))


def names(patterns: list[URLPattern | URLResolver]) -> Iterator[str]:
    for each in patterns:
        if isinstance(each, URLResolver):
            yield from names(each.url_patterns)
        else:
            assert each.name, f"{each} has no name"
            yield each.name


@pytest.fixture
def invoice(acme: Customer) -> Invoice:
    return Invoice.objects.create(
        customer=acme, number="INV-7", status="issued", currency="EUR", total=7,
        issued_on=date(2026, 3, 1), due_on=date(2026, 3, 15),
    )  # fmt: skip


@pytest.fixture
def card(acme: Customer, settings) -> SavedMethod:
    """Kept at a gateway that does not answer."""
    settings.STRIPE_API_BASE = "http://127.0.0.1:9"
    GatewayAccount.objects.create(code="stripe", label="Card", settings={"secret_key": "sk_x"})
    GatewayCustomer.objects.create(customer=acme, gateway="stripe", external_id="cus_7")
    return SavedMethod.objects.create(
        customer=acme, gateway="stripe", external_id="pm_7", label="Visa ending 4242"
    )


@pytest.fixture
def knock(request, service: Service, invoice: Invoice, card, simulator: SmarterMailSimulator):
    """Opens a page of Acme's in a browser of somebody's choice."""
    owner = request.getfixturevalue("owner")
    service.lists.create(address=TEAM)
    service.domain_aliases.create(name="second.example")
    order = Order.objects.create(customer=service.customer, currency="EUR", token="form")
    invite_member(customer=service.customer, email="guest@acme.example", role="billing", by=None)
    ids = {
        "own": [],
        "service": [service.public_id],
        "invoice": [invoice.public_id],
        "card": [card.external_id],
        "order": [order.public_id],
        "member": [owner.email],
        "invite": ["guest@acme.example"],
    }
    simulator.journal.clear()

    def open_page(client: Client, name: str, method: str = ""):
        case = CASES[name]
        if case.of == "grouped":
            args = _of_grouped(request.getfixturevalue("grouped"), case)
        else:
            args = [*ids[case.of], *case.args]
        url = reverse(f"clientarea:{name}", args=args)
        return getattr(client, method or case.method)(url)

    return open_page


def _of_grouped(service: Service, case: Case) -> list[str]:
    """The platform's own name of what was deleted is known once it is deleted."""
    keys = {DELETED: directory.list_deleted(service)[0].id}
    return [service.public_id, *(keys.get(arg, arg) for arg in case.args)]


def test_every_url_of_the_client_area_has_its_case() -> None:
    assert set(names(urls.urlpatterns)) == set(CASES)


@every_url
def test_strangers_are_sent_to_the_sign_in(knock, client: Client, name: str, simulator) -> None:
    response = knock(client, name)
    assert response.status_code == 302
    assert response["Location"].startswith("/accounts/login/")
    assert len(simulator.journal) == 0


@every_url
def test_the_pages_of_a_customer_do_not_exist_for_another(
    knock, client: Client, name: str, simulator
) -> None:
    client.force_login(MembershipFactory(customer=CustomerFactory(company="Nosy")).user)
    for method in ("get", "post"):
        response = knock(client, name, method)
        allowed = (200, 302, 405, 422) if CASES[name].of == "own" else (404, 405)
        assert response.status_code in allowed
        for fact in ("Acme", DOMAIN, "INV-7"):
            assert fact not in response.content.decode()
    assert len(simulator.journal) == 0


@every_url
@pytest.mark.parametrize("role", [CustomerRole.BILLING, CustomerRole.TECHNICAL])
def test_a_member_may_do_what_the_role_says_and_nothing_else(
    knock, client: Client, acme: Customer, name: str, role: CustomerRole
) -> None:
    client.force_login(MembershipFactory(customer=acme, role=role).user)
    response = knock(client, name)
    allowed = CASES[name].right in CUSTOMER_RIGHTS[role]
    assert (response.status_code == 403) != allowed


@every_url
def test_staff_who_view_as_the_customer_see_all_but_people_and_sign_on(
    knock, client: Client, acme: Customer, name: str
) -> None:
    client.force_login(StaffFactory())
    client.post(reverse("accounts:impersonation_start", args=[acme.public_id]))
    response = knock(client, name)
    allowed = CASES[name].right in IMPERSONATION_RIGHTS
    assert (response.status_code == 403) != allowed


@every_url
def test_the_owner_gets_every_page_and_looking_changes_nothing(
    knock, browser: Client, name: str, simulator
) -> None:
    response = knock(browser, name)
    wanted = (404,) if CASES[name].absent else (200, 302)
    assert response.status_code in wanted, response.content
    if response.status_code == 302:
        assert not response["Location"].startswith("/accounts/")
    if CASES[name].method == "get":
        assert writes(simulator) == []


def test_staff_without_a_customer_are_shown_to_their_own_site(client: Client) -> None:
    client.force_login(StaffFactory())
    assert client.get("/")["Location"] == "/admin/"


def test_somebody_who_belongs_to_nobody_is_told_what_to_do(client: Client) -> None:
    client.force_login(UserFactory())
    response = client.get("/")
    assert response.status_code == 403
    assert "Ask the person who invited you" in response.content.decode()
