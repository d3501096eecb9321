from __future__ import annotations

from django.db import models
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from accounts.models import Customer
from accounts.models.customers import public_id
from config import clock
from config.crypto import EncryptedJSONField, SettingsField
from config.periods import CYCLE_CHOICES
from products.models import Option, OptionChoice, Product
from provisioning.contract import State
from provisioning.models.servers import Server


class Service(models.Model):
    """One customer's use of one product. `desired` is what the panel wants, `observed` what it
    last saw.
    """

    class Desired(models.TextChoices):
        PENDING = "pending", _("Pending")  # ordered, not yet to be delivered
        ACTIVE = "active", _("Active")
        SUSPENDED = "suspended", _("Suspended")
        TERMINATED = "terminated", _("Terminated")
        CANCELLED = "cancelled", _("Cancelled")  # never delivered

    class Observed(models.TextChoices):
        UNKNOWN = State.UNKNOWN, _("Unknown")
        MISSING = State.MISSING, _("Not on the platform")
        WAITING = State.WAITING, _("Waiting")
        ACTIVE = State.ACTIVE, _("Active")
        SUSPENDED = State.SUSPENDED, _("Suspended")

    public_id = models.CharField(max_length=24, unique=True, default=public_id, editable=False)
    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="services")
    product = models.ForeignKey(Product, on_delete=models.PROTECT, related_name="services")
    server = models.ForeignKey(
        Server, on_delete=models.PROTECT, null=True, blank=True, related_name="services"
    )
    domain = models.CharField(max_length=253)

    desired = models.CharField(max_length=20, choices=Desired, default=Desired.PENDING)
    observed = models.CharField(max_length=20, choices=Observed, default=Observed.MISSING)
    observed_detail = models.TextField(blank=True)
    observed_at = models.DateTimeField(null=True)
    # Each reason must be lifted before the service is released: {"staff": "abuse report",
    # "dunning": "..."}.
    suspend_reasons = models.JSONField(default=dict, blank=True)
    # Likewise why outgoing mail is to be stopped, and whether it was when last seen.
    restrict_reasons = models.JSONField(default=dict, blank=True)
    restricted = models.BooleanField(default=False)
    # What was typed of the module's own service fields, as `FieldSet.dump` gives it.
    inputs = SettingsField(default=dict, blank=True)
    module_data = models.JSONField(default=dict, blank=True)
    module_secrets = EncryptedJSONField(default=dict, blank=True)

    cycle = models.CharField(max_length=20, choices=CYCLE_CHOICES)
    currency = models.CharField(max_length=3)
    anchor = models.DateField(help_text="First day that is billed; due dates are counted from it")
    # First day that is billed, where the first period is a part of one; counted from the anchor.
    begins_on = models.DateField(null=True, blank=True, editable=False)
    next_due = models.DateField(
        null=True, blank=True, db_index=True, help_text="End of the running period"
    )
    price_override = models.DecimalField(
        max_digits=14,
        decimal_places=4,
        null=True,
        blank=True,
        help_text="Replaces the product's price for this service",
    )
    price_override_reason = models.CharField(max_length=200, blank=True)
    price_override_until = models.DateField(
        null=True, blank=True, help_text="Last day of the own price; blank: no end"
    )
    charge_setup = models.BooleanField(
        "charge the setup fee", default=True, help_text="On the first invoice"
    )
    created_at = models.DateTimeField(default=clock.now, editable=False)
    activated_at = models.DateTimeField(null=True, editable=False)
    terminated_at = models.DateTimeField(null=True, editable=False)
    notes = models.TextField("notes for staff", blank=True)

    class Meta:
        ordering = ("domain", "id")
        constraints = (
            # A domain is sold once per module's product at a time; ended services do not count.
            models.UniqueConstraint(
                Lower("domain"),
                "product",
                condition=~models.Q(desired__in=("terminated", "cancelled")),
                name="live_domain_once_per_product",
            ),
            models.UniqueConstraint(
                Lower("domain"),
                "server",
                condition=~models.Q(desired__in=("terminated", "cancelled")),
                name="live_domain_once_per_server",
            ),
        )
        indexes = (
            models.Index(fields=("desired", "next_due")),
            models.Index(fields=("domain", "id")),
        )

    def __str__(self) -> str:
        return self.domain

    @property
    def ended(self) -> bool:
        return self.desired in (self.Desired.TERMINATED, self.Desired.CANCELLED)


class ServiceOption(models.Model):
    """What was chosen of a configurable option: a choice, a quantity, or yes (quantity 1)."""

    service = models.ForeignKey(Service, on_delete=models.CASCADE, related_name="options")
    option = models.ForeignKey(Option, on_delete=models.PROTECT, related_name="+")
    choice = models.ForeignKey(
        OptionChoice, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    quantity = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("service", "option"), name="option_once_per_service"),
        )

    def __str__(self) -> str:
        return f"{self.option}: {self.choice or self.quantity}"
