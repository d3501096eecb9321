"""People who come by themselves: an account, and the customer they order for."""

from __future__ import annotations

from collections.abc import Mapping

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils.translation import get_language

from accounts.audit import facts, record
from accounts.models import Customer, Membership, User
from accounts.people import create_person
from accounts.roles import CustomerRole
from config.language import known


@transaction.atomic
def sign_up(*, email: str, password: str, details: Mapping[str, str]) -> User:
    """A person who must confirm the address before the first sign-in, with a customer."""
    user = create_person(email=email, password=password, name=details["name"], proven=False)
    open_customer(user, {"email": email, **details})
    return user


@transaction.atomic
def open_customer(user: User, details: Mapping[str, str]) -> Customer:
    """A customer of whom the person is the owner; one person opens one."""
    User.objects.select_for_update().get(pk=user.pk)
    if user.is_staff or Membership.objects.filter(user=user).exists():
        raise PermissionDenied
    customer = Customer.objects.create(language=known(get_language() or ""), **details)
    Membership.objects.create(user=user, customer=customer, role=CustomerRole.OWNER)
    record("customer.signed_up", customer, after=facts(customer))
    return customer
