from __future__ import annotations

import pytest
from django.urls import reverse

from accounts import access
from accounts.roles import (
    CUSTOMER_RIGHTS,
    STAFF_RIGHTS,
    CustomerRight,
    CustomerRole,
    StaffRight,
    StaffRole,
)
from tests.factories.accounts import CustomerFactory, MembershipFactory, StaffFactory, UserFactory

pytestmark = pytest.mark.django_db
EXPECTED_OF_CUSTOMERS = {
    "owner": "view_services manage_mail sign_on view_invoices pay order manage_users",
    "technical": "view_services manage_mail sign_on",
    "billing": "view_services view_invoices pay order",
}
EXPECTED_OF_STAFF = {
    "owner": "view manage_setup manage_staff manage_customers run_commands terminate "
    "manage_billing sign_on impersonate",
    "billing": "view manage_customers manage_billing impersonate",
    "support": "view manage_customers run_commands sign_on impersonate",
    "read_only": "view",
}


def test_the_tables_say_what_each_role_may_do():
    assert {
        role: set(text.split()) for role, text in EXPECTED_OF_CUSTOMERS.items()
    } == CUSTOMER_RIGHTS
    assert {role: set(text.split()) for role, text in EXPECTED_OF_STAFF.items()} == STAFF_RIGHTS


@pytest.mark.parametrize("role", CustomerRole.values)
@pytest.mark.parametrize("right", CustomerRight.values)
def test_a_page_opens_exactly_to_the_customer_roles_that_have_its_right(client, role, right):
    membership = MembershipFactory(role=role)
    client.force_login(membership.user)
    allowed = right in EXPECTED_OF_CUSTOMERS[role].split()
    assert client.get(f"/probe/{right}/").status_code == (200 if allowed else 403)
    assert membership.has_right(right) == allowed


@pytest.mark.parametrize("role", StaffRole.values)
@pytest.mark.parametrize("right", StaffRight.values)
def test_a_page_opens_exactly_to_the_staff_roles_that_have_its_right(client, role, right):
    staff = StaffFactory(staff_role=role)
    client.force_login(staff)
    allowed = right in EXPECTED_OF_STAFF[role].split()
    assert client.get(f"/probe/staff/{right}/").status_code == (200 if allowed else 403)
    assert staff.has_right(right) == allowed


def test_a_role_nobody_knows_has_no_right(client):
    membership = MembershipFactory(role="sudo")
    client.force_login(membership.user)
    statuses = {client.get(f"/probe/{right}/").status_code for right in CustomerRight.values}
    assert statuses == {403}


def test_a_refusal_names_the_role_the_right_and_who_can_change_it(client):
    owner = MembershipFactory(user__email="boss@example.com")
    client.force_login(MembershipFactory(customer=owner.customer, role="billing").user)
    page = client.get("/probe/manage_mail/").content.decode()
    assert "Billing" in page
    assert "Mailboxes, aliases, lists, DNS" in page
    assert "boss@example.com" in page


def test_a_stranger_is_sent_to_sign_in_and_comes_back(client):
    response = client.get("/probe/view_services/?page=2")
    assert response.url == "/accounts/login/?next=/probe/view_services/%3Fpage%3D2"


def test_a_fragment_for_a_stranger_sends_the_whole_page_to_sign_in(client):
    headers = {"HX-Request": "true", "HX-Current-URL": "http://testserver/mailboxes/?page=2"}
    response = client.get("/probe/view_services/", headers=headers)
    assert response.status_code == 204
    assert response.headers["HX-Redirect"].startswith("/accounts/login/?next=")


def test_a_person_without_a_customer_is_told_what_next(client):
    client.force_login(UserFactory())
    page = client.get("/probe/view_services/")
    assert page.status_code == 403
    assert b"Ask the person who invited you" in page.content


def test_staff_without_a_customer_go_to_the_administration(client):
    client.force_login(StaffFactory())
    assert client.get("/probe/view_services/").url == "/admin/"


def test_a_person_of_two_customers_sees_the_first_and_can_switch(client):
    first = MembershipFactory(customer__company="First Ltd")
    second = MembershipFactory(user=first.user, customer__company="Second Ltd", role="technical")
    client.force_login(first.user)
    assert client.get("/probe/view_services/").content == b"First Ltd|view_services"
    switch = reverse("accounts:switch_customer")
    client.post(switch, {"customer": second.customer.public_id})
    assert client.get("/probe/view_services/").content == b"Second Ltd|view_services"
    assert client.get("/probe/view_invoices/").status_code == 403


def test_nobody_switches_to_a_customer_of_others(client):
    mine = MembershipFactory(customer__company="Mine Ltd")
    client.force_login(mine.user)
    others = [CustomerFactory().public_id, "", "no-such-customer"]
    path = reverse("accounts:switch_customer")
    assert [client.post(path, {"customer": one}).status_code for one in others] == [404] * 3
    assert client.get("/probe/view_services/").content.startswith(b"Mine Ltd")


def test_a_membership_that_ended_closes_the_pages_at_once(client):
    membership = MembershipFactory()
    client.force_login(membership.user)
    assert client.get("/probe/view_services/").status_code == 200
    membership.delete()
    assert client.get("/probe/view_services/").status_code == 403


def test_an_object_of_another_customer_does_not_exist(client, invite_for):
    mine = MembershipFactory()
    own, foreign = invite_for(mine.customer), invite_for(CustomerFactory())
    client.force_login(mine.user)
    assert client.get(f"/probe/invite/{own.pk}/").status_code == 200
    assert client.get(f"/probe/invite/{foreign.pk}/").status_code == 404


def test_memberships_are_read_with_their_customers_in_one_query(django_assert_num_queries):
    user = UserFactory()
    for _ in range(3):
        MembershipFactory(user=user)
    with django_assert_num_queries(1):
        assert len([membership.customer.company for membership in access.memberships(user)]) == 3
