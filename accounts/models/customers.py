from __future__ import annotations

import secrets

from django.conf import settings
from django.db import models

from accounts.models.users import User
from accounts.roles import CUSTOMER_RIGHTS, CustomerRole
from config import clock


def public_id() -> str:
    """An unguessable name for URLs; primary keys never leave the panel."""
    return secrets.token_urlsafe(12)


def sellers_zone() -> str:
    """Most customers live where their seller does."""
    return settings.TIME_ZONE


class Customer(models.Model):
    """The debtor: who is billed. People reach it through memberships."""

    public_id = models.CharField(max_length=24, unique=True, default=public_id, editable=False)
    name = models.CharField("contact name", max_length=120)
    company = models.CharField(max_length=150, blank=True)
    email = models.EmailField("billing e-mail")
    phone = models.CharField(max_length=40, blank=True)
    address = models.CharField(max_length=250, blank=True)
    city = models.CharField(max_length=100, blank=True)
    region = models.CharField("state or region", max_length=100, blank=True)
    postcode = models.CharField(max_length=20, blank=True)
    country = models.CharField(max_length=2, help_text="ISO 3166 code of two letters")
    tax_number = models.CharField(max_length=40, blank=True)
    tax_exempt = models.BooleanField(default=False)
    currency = models.CharField(max_length=3)
    language = models.CharField(
        max_length=10,
        choices=settings.LANGUAGES,
        default="en",
        help_text="Of invoices, e-mails and the client area",
    )
    time_zone = models.CharField(max_length=60, default=sellers_zone)
    notes = models.TextField("notes for staff", blank=True)
    created_at = models.DateTimeField(default=clock.now, editable=False)
    users: models.ManyToManyField[User, Membership] = models.ManyToManyField(
        settings.AUTH_USER_MODEL, through="Membership", related_name="customers"
    )

    class Meta:
        ordering = ("company", "name")
        indexes = (models.Index(fields=("company", "name")),)

    def __str__(self) -> str:
        return self.company or self.name


class Membership(models.Model):
    """What one person may do for one customer."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="memberships"
    )
    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="memberships")
    role = models.CharField(max_length=20, choices=CustomerRole)
    created_at = models.DateTimeField(default=clock.now, editable=False)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("user", "customer"), name="one_membership_per_customer"
            ),
        )

    def __str__(self) -> str:
        return f"{self.user} · {self.customer}"

    def has_right(self, right: str) -> bool:
        """Whether this member may do `right` (a CustomerRight)."""
        return right in CUSTOMER_RIGHTS.get(self.role, frozenset())
