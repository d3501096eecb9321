"""People and customers. Everybody signs in with PASSWORD, at a proven address."""

from __future__ import annotations

from typing import Any

import factory
from allauth.account.models import EmailAddress
from factory.django import DjangoModelFactory

from accounts.models import Customer, Membership, User
from accounts.roles import CustomerRole, StaffRole

PASSWORD = "a long enough passphrase"


class UserFactory(DjangoModelFactory[User]):
    class Meta:
        model = User

    email = factory.Sequence(lambda n: f"person{n}@example.com")
    name = factory.Sequence(lambda n: f"Person {n}")
    password = PASSWORD

    @classmethod
    def _create(cls, model_class: type[User], *args: Any, **kwargs: Any) -> User:
        user = User.objects.create_user(**kwargs)
        EmailAddress.objects.create(user=user, email=user.email, primary=True, verified=True)
        return user


class StaffFactory(UserFactory):
    staff_role = StaffRole.OWNER


class CustomerFactory(DjangoModelFactory[Customer]):
    class Meta:
        model = Customer

    name = factory.Sequence(lambda n: f"Contact {n}")
    company = factory.Sequence(lambda n: f"Company {n} Ltd")
    email = factory.Sequence(lambda n: f"invoices{n}@example.com")
    country = "DE"
    currency = "EUR"


class MembershipFactory(DjangoModelFactory[Membership]):
    class Meta:
        model = Membership

    user = factory.SubFactory(UserFactory)
    customer = factory.SubFactory(CustomerFactory)
    role = CustomerRole.OWNER
