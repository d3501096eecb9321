from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.core.exceptions import ValidationError
from django.db import connection

from accounts.models import AuditEvent, Membership
from accounts.roles import CustomerRole
from accounts.team import change_role, remove_member
from tests.factories.accounts import MembershipFactory


@pytest.mark.django_db
def test_a_role_changes_and_is_written_down():
    owner = MembershipFactory()
    member = MembershipFactory(customer=owner.customer, role="technical")
    change_role(member, "billing")
    member.refresh_from_db()
    assert member.role == CustomerRole.BILLING
    event = AuditEvent.objects.get(action="member.role_changed")
    assert (event.before, event.after) == ({"role": "technical"}, {"role": "billing"})
    assert event.customer == owner.customer


@pytest.mark.django_db
@pytest.mark.parametrize("act", [lambda m: change_role(m, "technical"), remove_member])
def test_the_last_owner_stays(act):
    owner = MembershipFactory()
    MembershipFactory(customer=owner.customer, role="technical")
    MembershipFactory(customer=owner.customer, user__is_active=False)
    with pytest.raises(ValidationError):
        act(owner)
    owner.refresh_from_db()
    assert owner.role == CustomerRole.OWNER
    assert not AuditEvent.objects.exists()


@pytest.mark.django_db
def test_an_owner_leaves_when_another_stays():
    leaving = MembershipFactory()
    staying = MembershipFactory(customer=leaving.customer)
    remove_member(leaving)
    assert list(Membership.objects.all()) == [staying]
    assert AuditEvent.objects.get().action == "member.removed"


@pytest.mark.django_db
def test_a_role_nobody_knows_is_refused():
    member = MembershipFactory(role="technical")
    with pytest.raises(ValidationError):
        change_role(member, "god")
    member.refresh_from_db()
    assert member.role == CustomerRole.TECHNICAL


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_two_owners_who_leave_at_once_leave_one_behind():
    first = MembershipFactory()
    second = MembershipFactory(customer=first.customer)

    def leave(membership) -> bool:
        try:
            remove_member(membership)
        except ValidationError:
            return False
        finally:
            connection.close()
        return True

    with ThreadPoolExecutor(2) as pool:
        left = list(pool.map(leave, [first, second]))
    assert sorted(left) == [False, True]
    assert Membership.objects.count() == 1
