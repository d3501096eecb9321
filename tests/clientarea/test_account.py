"""The customer's own details and people."""

from __future__ import annotations

from typing import Any

import pytest
from django.core import mail
from django.test import Client

from accounts.models import AuditEvent, Customer, Invite, Membership
from accounts.roles import CustomerRole
from accounts.team import invite_member
from billing.models import BillingProfile
from provisioning.models import Service
from tests.factories import MembershipFactory, UserFactory

pytestmark = pytest.mark.django_db
DETAILS = {
    "company": "Acme AG",
    "name": "Ada Berg",
    "email": "bills@acme.example",
    "country": "CH",
    "language": "de",
    "time_zone": "Europe/Zurich",
}


def said(response: Any) -> str:
    return " ".join(str(message) for message in response.context["messages"])


def test_details_are_saved_and_written_down(browser: Client, acme: Customer) -> None:
    assert "saved" in said(browser.post("/company/", DETAILS, follow=True))
    acme.refresh_from_db()
    assert (acme.company, acme.country, acme.time_zone) == ("Acme AG", "CH", "Europe/Zurich")
    event = AuditEvent.objects.get(action="customer.details_changed")
    assert event.after["company"] == "Acme AG"
    assert event.actor_label == "owner@acme.example"


@pytest.mark.parametrize(
    ("field", "value"),
    [("country", "Switzerland"), ("country", "1!"), ("email", "x"), ("time_zone", "Mars/Base")],
)
def test_wrong_details_are_refused_and_nothing_is_saved(
    browser: Client, acme: Customer, field: str, value: str
) -> None:
    response = browser.post("/company/", {**DETAILS, field: value})
    assert response.status_code == 422
    assert list(response.context["form"].errors) == [field]
    assert 'value="Acme AG"' in response.content.decode()
    acme.refresh_from_db()
    assert acme.company == "Acme Ltd"


@pytest.mark.parametrize("field", ["currency", "tax_exempt", "notes", "public_id"])
def test_what_is_the_seller_s_to_decide_cannot_be_sent_along(
    browser: Client, acme: Customer, field: str
) -> None:
    before = getattr(acme, field)
    browser.post("/company/", {**DETAILS, field: "USD"})
    acme.refresh_from_db()
    assert getattr(acme, field) == before


def test_who_is_billed_by_tranches_chooses_to_be_told_of_new_ones(
    browser: Client, acme: Customer, service: Service
) -> None:
    assert "new tranche" in browser.get("/company/").content.decode()

    browser.post("/company/", {**DETAILS, "tranche_notices": "on"})
    assert BillingProfile.objects.get(customer=acme).tranche_notices

    browser.post("/company/", DETAILS)
    assert not BillingProfile.objects.get(customer=acme).tranche_notices


def test_nobody_else_is_asked_and_what_is_sent_along_is_ignored(
    browser: Client, acme: Customer, service: Service
) -> None:
    Service.objects.update(desired=Service.Desired.TERMINATED)
    assert "new tranche" not in browser.get("/company/").content.decode()

    browser.post("/company/", {**DETAILS, "tranche_notices": "on"})

    assert not BillingProfile.objects.exists()


def test_somebody_is_invited_by_mail(
    browser: Client, acme: Customer, django_capture_on_commit_callbacks
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        typed = {"email": "new@acme.example", "role": "billing"}
        response = browser.post("/team/invite", typed, follow=True)
    assert said(response) == "An invitation is on its way to new@acme.example."
    assert mail.outbox[0].to == ["new@acme.example"]
    assert Invite.objects.get().role == CustomerRole.BILLING


def test_an_invitation_to_a_member_is_refused_beside_the_address(
    browser: Client, acme: Customer
) -> None:
    response = browser.post("/team/invite", {"email": "owner@acme.example", "role": "owner"})
    assert response.status_code == 422
    assert list(response.context["form"].errors) == ["email"]
    assert not Invite.objects.exists()


def test_an_invitation_is_sent_again_or_withdrawn(browser: Client, acme: Customer) -> None:
    invite_member(customer=acme, email="new@acme.example", role="billing", by=None)
    again = browser.post("/team/invites/new@acme.example/again", follow=True)
    assert said(again) == "The invitation was sent again."
    gone = browser.post("/team/invites/new@acme.example/withdraw", follow=True)
    assert said(gone) == "The invitation was withdrawn."
    assert browser.post("/team/invites/new@acme.example/again").status_code == 404


def test_a_role_is_changed(browser: Client, acme: Customer) -> None:
    member = MembershipFactory(customer=acme, role=CustomerRole.BILLING)
    browser.post(f"/team/members/{member.user.email}/role", {"role": "technical"})
    member.refresh_from_db()
    assert member.role == CustomerRole.TECHNICAL


def test_the_last_owner_stays(browser: Client, acme: Customer, owner) -> None:
    for page, typed in (("role", {"role": "billing"}), ("remove", {})):
        response = browser.post(f"/team/members/{owner.email}/{page}", typed)
        assert response.status_code == 422
        assert "The last owner cannot leave" in response.content.decode()
    assert Membership.objects.get(user=owner).role == CustomerRole.OWNER


def test_a_member_is_removed_and_a_stranger_cannot_be(browser: Client, acme: Customer) -> None:
    member = MembershipFactory(customer=acme, role=CustomerRole.BILLING)
    assert "no longer belongs" in said(
        browser.post(f"/team/members/{member.user.email}/remove", follow=True)
    )
    assert not Membership.objects.filter(pk=member.pk).exists()
    stranger = MembershipFactory(user=UserFactory())
    assert browser.post(f"/team/members/{stranger.user.email}/remove").status_code == 404
    assert Membership.objects.filter(pk=stranger.pk).exists()
