from __future__ import annotations

from typing import Any

import pytest
from django.core import mail
from django.test import Client
from django.urls import reverse

from accounts.models import AuditEvent, Customer, Invite, Membership, User
from accounts.team import invite_member
from billing.models import Invoice
from tests.backoffice.world import formdata, press, said, url_of
from tests.factories import CustomerFactory, MembershipFactory, StaffFactory, UserFactory


def new_customer(**values: Any) -> dict[str, Any]:
    return {
        "name": "Ann", "company": "Fern", "email": "ann@example.com", "country": "DE",
        "currency": "EUR", "language": "en", "time_zone": "Europe/Berlin",
    } | values  # fmt: skip


def test_a_customer_is_added(boss: Client) -> None:
    boss.post(reverse("admin:accounts_customer_add"), new_customer())
    customer = Customer.objects.get()
    assert (str(customer), customer.country) == ("Fern", "DE")
    assert AuditEvent.objects.get(action="customer.added").customer == customer


@pytest.mark.parametrize(
    ("field", "typed"), [("country", "Germany"), ("currency", "XXX"), ("time_zone", "Mars")]
)
def test_what_would_reach_an_invoice_wrongly_is_refused(
    field: str, typed: str, boss: Client
) -> None:
    page = boss.post(reverse("admin:accounts_customer_add"), new_customer(**{field: typed}))
    assert field in page.context["adminform"].form.errors
    assert not Customer.objects.exists()


def test_a_currency_that_is_no_longer_offered_is_kept(boss: Client) -> None:
    customer = CustomerFactory(currency="SEK")
    boss.post(url_of(customer), formdata(boss, url_of(customer)) | {"city": "Malmö"})
    customer.refresh_from_db()
    assert (customer.currency, customer.city) == ("SEK", "Malmö")


def test_the_page_shows_what_is_open(boss: Client) -> None:
    customer = CustomerFactory()
    for number, status in ((1, "issued"), (2, "paid"), (3, "issued")):
        Invoice.objects.create(
            customer=customer, currency="EUR", number=str(number), status=status, total=10
        )
    assert boss.get(url_of(customer)).context["balances"] == ["20.00 EUR"]


@pytest.mark.django_db(transaction=True)
def test_a_person_is_invited_and_the_invite_sent_again_and_withdrawn(boss: Client) -> None:
    customer = CustomerFactory()
    press(boss, customer, "invite", email="jo@example.com", role="technical")
    invite = Invite.objects.get()
    assert (invite.role, [message.to for message in mail.outbox]) == (
        "technical",
        [["jo@example.com"]],
    )
    press(boss, invite, "send-again")
    assert len(mail.outbox) == 2
    press(boss, invite, "withdraw")
    assert "not possible" in said(press(boss, invite, "send-again"))
    assert len(mail.outbox) == 2


def test_a_person_who_belongs_already_is_refused_beside_the_field(boss: Client) -> None:
    member = MembershipFactory()
    page = press(boss, member.customer, "invite", email=member.user.email, role="owner")
    assert "already belongs" in str(page.context["form"].errors["email"])
    assert not Invite.objects.exists()


def test_roles_change_through_the_use_case_that_keeps_an_owner(boss: Client) -> None:
    owner = MembershipFactory()
    page = press(boss, owner, "role", role="billing")
    assert "last owner" in str(page.context["form"].errors["role"])
    owner.refresh_from_db()
    assert owner.role == "owner"

    other = MembershipFactory(customer=owner.customer, role="technical")
    press(boss, other, "role", role="billing")
    other.refresh_from_db()
    assert other.role == "billing"


def test_a_member_is_removed_but_never_the_last_owner(boss: Client) -> None:
    owner = MembershipFactory()
    other = MembershipFactory(customer=owner.customer, role="technical")
    press(boss, other, "remove")
    press(boss, owner, "remove")
    assert list(Membership.objects.all()) == [owner]


def test_staff_see_the_client_area_as_a_customer(boss: Client) -> None:
    customer = CustomerFactory()
    url = boss.get(url_of(customer)).context["impersonate_url"]
    assert boss.get(url).status_code == 405
    boss.post(url)
    assert AuditEvent.objects.filter(action="impersonation.started", customer=customer).exists()
    assert boss.get("/admin/").status_code == 403


def test_the_button_to_see_as_a_customer_is_for_those_who_may(signed_in: Any) -> None:
    customer = CustomerFactory()
    for role, shown in (("support", True), ("read_only", False)):
        page = signed_in(role).get(url_of(customer)).content.decode()
        assert ("See as customer" in page) == shown


def test_the_owner_invites_staff(boss: Client) -> None:
    url = reverse("admin:accounts_invite_add")
    boss.post(url, {"email": "sam@example.com", "staff_role": "support"})
    invite = Invite.objects.get()
    assert (invite.email, invite.staff_role) == ("sam@example.com", "support")


def test_a_staff_role_is_given_and_the_last_owner_keeps_theirs(boss: Client, owner: User) -> None:
    person = StaffFactory(staff_role="support")
    press(boss, person, "staff-role", staff_role="billing")
    person.refresh_from_db()
    assert person.staff_role == "billing"

    page = press(boss, owner, "staff-role", staff_role="support")
    assert "last owner" in str(page.context["form"].errors["staff_role"])
    owner.refresh_from_db()
    assert owner.staff_role == "owner"


@pytest.mark.parametrize("button", ["disable", "reset", "remove-factors"])
def test_support_may_help_customers_but_not_touch_staff(button: str, signed_in: Any) -> None:
    browser, colleague, customer = signed_in("support"), StaffFactory(), UserFactory()
    assert press(browser, colleague, button).status_code == 403
    assert press(browser, customer, button).status_code == 302
    colleague.refresh_from_db()
    assert colleague.is_active


def test_a_disabled_person_is_enabled_again(boss: Client) -> None:
    person = UserFactory()
    press(boss, person, "disable")
    person.refresh_from_db()
    assert not person.is_active
    press(boss, person, "enable")
    person.refresh_from_db()
    assert person.is_active


def test_people_are_not_edited_by_a_form(boss: Client) -> None:
    person = UserFactory()
    assert boss.post(url_of(person), {"staff_role": "owner"}).status_code == 403
    person.refresh_from_db()
    assert not person.is_staff


def test_search_finds_domains_customers_and_people(boss: Client) -> None:
    member = MembershipFactory(customer=CustomerFactory(company="Copper Beech"))
    found = boss.get("/admin/search/?extended=1&s=copper").content.decode()
    assert url_of(member.customer) in found
    assert url_of(member.user) in boss.get(f"/admin/search/?s={member.user.email}").content.decode()


def test_an_invite_of_a_customer_is_theirs_to_handle_who_manage_customers(signed_in: Any) -> None:
    invite = invite_member(
        customer=CustomerFactory(), email="jo@example.com", role="owner", by=None
    )
    assert press(signed_in("billing"), invite, "withdraw").status_code == 302
    assert Invite.objects.get().withdrawn_at
