from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.urls import reverse

from accounts.models import AuditEvent
from accounts.roles import IMPERSONATION_RIGHTS, CustomerRight, StaffRole
from config import clock
from tests.factories.accounts import CustomerFactory, MembershipFactory, StaffFactory

pytestmark = pytest.mark.django_db
END = "/view-as/end/"


@pytest.fixture
def acme(db):
    return CustomerFactory(company="Acme Ltd")


@pytest.fixture
def staff(client):
    staff = StaffFactory(staff_role=StaffRole.SUPPORT, email="sam@example.com")
    client.force_login(staff)
    return staff


def view_as(client, customer):
    return client.post(reverse("accounts:impersonation_start", args=[customer.public_id]))


def actions() -> list[str]:
    return [event.action for event in AuditEvent.objects.order_by("id")]


def test_staff_see_the_client_area_as_the_customer_until_they_stop(client, staff, acme):
    assert view_as(client, acme).url == "/"
    assert client.get("/probe/view_services/").content == b"Acme Ltd|view_services"
    assert client.post(END).url == "/admin/"
    assert client.get("/probe/view_services/").url == "/admin/"
    assert actions() == ["impersonation.started", "impersonation.stopped"]


def test_every_event_meanwhile_names_the_staff_and_the_customer(client, staff, acme):
    view_as(client, acme)
    client.get("/probe/noted/")
    client.post(END)
    client.get("/probe/noted/")
    events = AuditEvent.objects.filter(action="probe.noted").order_by("id")
    assert [(e.actor_label, e.acting_for) for e in events] == [
        ("sam@example.com", "Acme Ltd"),
        ("sam@example.com", ""),
    ]
    assert AuditEvent.objects.get(action="impersonation.started").customer == acme


@pytest.mark.parametrize("right", CustomerRight.values)
def test_secrets_of_the_customer_and_their_team_stay_closed(client, staff, acme, right):
    view_as(client, acme)
    closed = {CustomerRight.MANAGE_USERS, CustomerRight.SIGN_ON, CustomerRight.PAY}
    assert (right in IMPERSONATION_RIGHTS) == (right not in closed)
    assert client.get(f"/probe/{right}/").status_code == (403 if right in closed else 200)


@pytest.mark.parametrize(
    "name",
    [
        "account_change_password",
        "account_email",
        "mfa_index",
        "usersessions_list",
        "accounts:setup",
    ],
)
def test_security_pages_are_refused_meanwhile(client, staff, acme, name):
    view_as(client, acme)
    for method in (client.get, client.post):
        page = method(reverse(name))
        assert page.status_code == 403
        assert b"while you view the client area as a customer" in page.content
        assert b"Stop viewing as Acme Ltd" in page.content


def test_invites_are_refused_meanwhile(client, staff, acme):
    view_as(client, acme)
    assert client.get(reverse("accounts:invite", args=["x"])).status_code == 403


def test_signing_out_is_possible_meanwhile(client, staff, acme):
    view_as(client, acme)
    client.post(reverse("account_logout"))
    assert client.get("/probe/view_services/").url.startswith("/accounts/login/")


def test_staff_pages_are_refused_meanwhile(client, staff, acme):
    view_as(client, acme)
    assert client.get("/probe/staff/").status_code == 403
    assert client.get("/probe/staff/view/").status_code == 403


def test_a_second_impersonation_inside_the_first_is_refused(client, staff, acme):
    view_as(client, acme)
    assert view_as(client, CustomerFactory()).status_code == 403
    assert client.get("/probe/view_services/").content.startswith(b"Acme Ltd")
    assert actions() == ["impersonation.started"]


def test_it_ends_after_an_hour(client, staff, acme):
    view_as(client, acme)
    with time_machine.travel(clock.now() + timedelta(minutes=59), tick=False):
        assert client.get("/probe/view_services/").status_code == 200
    with time_machine.travel(clock.now() + timedelta(minutes=60, seconds=1), tick=False):
        assert client.get("/probe/view_services/").url == "/admin/"
    assert AuditEvent.objects.get(action="impersonation.stopped").after == {"reason": "time is up"}


@pytest.mark.parametrize("role", [StaffRole.READ_ONLY, ""])
def test_it_ends_with_the_right_to_it(client, staff, acme, role):
    view_as(client, acme)
    type(staff).objects.filter(pk=staff.pk).update(staff_role=role)
    assert client.get("/probe/view_services/").status_code in (302, 403)
    assert "impersonation.stopped" in actions()


def test_it_ends_when_the_customer_is_deleted(client, staff, acme):
    view_as(client, acme)
    acme.delete()
    assert client.get("/probe/view_services/").url == "/admin/"


@pytest.mark.parametrize("role", [StaffRole.READ_ONLY, None])
def test_nobody_without_the_right_starts_it(client, acme, role):
    user = StaffFactory(staff_role=role) if role else MembershipFactory().user
    client.force_login(user)
    assert view_as(client, acme).status_code == 403
    assert actions() == []


def test_it_starts_by_post_alone(client, staff, acme):
    path = reverse("accounts:impersonation_start", args=[acme.public_id])
    assert client.get(path).status_code == 405
    assert actions() == []


def test_the_session_gets_a_new_key_at_start_and_end(client, staff, acme):
    keys = [client.session.session_key]
    view_as(client, acme)
    keys.append(client.session.session_key)
    client.post(END)
    keys.append(client.session.session_key)
    assert len(set(keys)) == 3


def test_a_member_of_staff_keeps_their_own_customers_apart(client, staff, acme):
    own = MembershipFactory(user=staff, customer__company="Own Ltd").customer
    view_as(client, acme)
    switch = client.post(reverse("accounts:switch_customer"), {"customer": own.public_id})
    assert switch.status_code == 403
    assert client.get("/probe/view_services/").content.startswith(b"Acme Ltd")
    client.post(END)
    assert client.get("/probe/view_services/").content.startswith(b"Own Ltd")


def test_the_pages_know_that_somebody_is_viewed(client, staff, acme):
    view_as(client, acme)
    context = client.get("/probe/manage_users/").context
    assert context["impersonating"].customer == acme
    assert context["current_customer"] == acme
    assert "manage_users" not in context["membership_rights"]
