from __future__ import annotations

from django.conf import settings
from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Customer
from accounts.models.customers import public_id
from billing.models.invoices import Invoice
from config import clock
from config.periods import CYCLE_CHOICES
from products.models import Product
from provisioning.models import Service


class Promotion(models.Model):
    """A discount by code. Uses are counted by a conditional update, so a race cannot exceed the
    limit.
    """

    class Type(models.TextChoices):
        PERCENT = "percent", "Percent"
        FIXED = "fixed", "Fixed amount"

    code = models.CharField(max_length=40, unique=True)
    name = models.CharField(max_length=120, help_text="As printed on invoices")
    type = models.CharField(max_length=10, choices=Type)
    value = models.DecimalField(max_digits=14, decimal_places=4, validators=[MinValueValidator(0)])
    currency = models.CharField(max_length=3, blank=True, help_text="Fixed amounts only")
    recurrences = models.PositiveIntegerField(
        default=1, help_text="How many invoices of a service it applies to; 0 is for life"
    )
    products = models.ManyToManyField(Product, blank=True, help_text="None chosen: all")
    cycles = models.JSONField(default=list, blank=True)  # cycle codes; empty: all
    valid_from = models.DateField(null=True, blank=True)
    valid_to = models.DateField(null=True, blank=True)
    max_uses = models.PositiveIntegerField(null=True, blank=True)
    uses = models.PositiveIntegerField(default=0, editable=False)
    once_per_customer = models.BooleanField(default=True)
    active = models.BooleanField(default=True)

    class Meta:
        ordering = ("code",)
        constraints = (
            models.CheckConstraint(
                condition=~Q(type="percent") | Q(value__lte=100), name="percent_up_to_100"
            ),
            models.CheckConstraint(
                condition=Q(max_uses__isnull=True) | Q(uses__lte=models.F("max_uses")),
                name="uses_within_limit",
            ),
        )

    def __str__(self) -> str:
        return self.code


class ServiceDiscount(models.Model):
    """A promotion as it applies to one service; `remaining` null is for life."""

    service = models.ForeignKey(Service, on_delete=models.CASCADE, related_name="discounts")
    promotion = models.ForeignKey(Promotion, on_delete=models.PROTECT, related_name="discounts")
    name = models.CharField(max_length=120)
    type = models.CharField(max_length=10, choices=Promotion.Type)
    value = models.DecimalField(max_digits=14, decimal_places=4)
    remaining = models.PositiveIntegerField(null=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("service", "promotion"), name="discount_once"),
        )

    def __str__(self) -> str:
        return f"{self.name} on {self.service}"


class Order(models.Model):
    """A static picture of what was ordered, at which prices. Afterwards the service drives
    billing.
    """

    class Status(models.TextChoices):
        PENDING = "pending", _("Pending")
        ACCEPTED = "accepted", _("Accepted")
        CANCELLED = "cancelled", _("Cancelled")
        FRAUD = "fraud", _("Fraud")

    public_id = models.CharField(max_length=24, unique=True, default=public_id, editable=False)
    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="orders")
    status = models.CharField(max_length=10, choices=Status, default=Status.PENDING)
    currency = models.CharField(max_length=3)
    promotion = models.ForeignKey(Promotion, on_delete=models.PROTECT, null=True, blank=True)
    invoice = models.OneToOneField(
        Invoice, on_delete=models.PROTECT, null=True, blank=True, related_name="order"
    )
    # The form token of the checkout: sending it twice makes one order.
    token = models.CharField(max_length=60, unique=True)
    terms_accepted_at = models.DateTimeField(null=True)
    ip = models.GenericIPAddressField(null=True)
    created_at = models.DateTimeField(default=clock.now, editable=False)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    notes = models.TextField("notes for staff", blank=True)

    class Meta:
        ordering = ("-id",)

    def __str__(self) -> str:
        return f"Order {self.pk}"


class OrderItem(models.Model):
    order = models.ForeignKey(Order, on_delete=models.CASCADE, related_name="items")
    product = models.ForeignKey(Product, on_delete=models.PROTECT, related_name="+")
    service = models.OneToOneField(
        Service, on_delete=models.PROTECT, null=True, related_name="order_item"
    )
    domain = models.CharField(max_length=253)
    cycle = models.CharField(max_length=20, choices=CYCLE_CHOICES)
    options = models.JSONField(default=dict)  # option code -> value or quantity
    recurring = models.DecimalField(max_digits=14, decimal_places=4)
    setup = models.DecimalField(max_digits=14, decimal_places=4)
    due_today = models.DecimalField(max_digits=14, decimal_places=4)

    class Meta:
        ordering = ("id",)

    def __str__(self) -> str:
        return f"{self.product} {self.domain}"


class ServiceChange(models.Model):
    """A change of product, cycle or options in mid-term, with the amounts that were shown."""

    class Status(models.TextChoices):
        WAITING = "waiting", _("Waiting for payment")
        SCHEDULED = "scheduled", _("At the end of the term")
        APPLIED = "applied", _("Applied")
        CANCELLED = "cancelled", _("Cancelled")
        EXPIRED = "expired", _("Expired")

    service = models.ForeignKey(Service, on_delete=models.CASCADE, related_name="changes")
    status = models.CharField(max_length=10, choices=Status)
    product = models.ForeignKey(Product, on_delete=models.PROTECT, related_name="+")
    cycle = models.CharField(max_length=20, choices=CYCLE_CHOICES)
    options = models.JSONField(default=dict)
    credit = models.DecimalField(max_digits=16, decimal_places=4)
    debit = models.DecimalField(max_digits=16, decimal_places=4)
    evidence = models.JSONField(default=dict)
    invoice = models.OneToOneField(
        Invoice, on_delete=models.PROTECT, null=True, related_name="service_change"
    )
    apply_on = models.DateField(null=True)
    expires_on = models.DateField(null=True)
    created_at = models.DateTimeField(default=clock.now, editable=False)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )

    class Meta:
        ordering = ("-id",)
        constraints = (
            models.UniqueConstraint(
                fields=("service",),
                condition=Q(status__in=("waiting", "scheduled")),
                name="one_pending_change_per_service",
            ),
            models.CheckConstraint(
                condition=Q(credit__gte=0, debit__gte=0),
                name="change_amounts_not_negative",
            ),
        )

    def __str__(self) -> str:
        return f"{self.service} → {self.product}"


class CancellationRequest(models.Model):
    """The customer wants out: at once, or when the paid term ends."""

    class When(models.TextChoices):
        AT_ONCE = "at_once", _("At once")
        END_OF_TERM = "end_of_term", _("At the end of the term")

    service = models.OneToOneField(Service, on_delete=models.CASCADE, related_name="cancellation")
    when = models.CharField(max_length=20, choices=When)
    reason = models.TextField(blank=True)
    due_on = models.DateField()
    done_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField(default=clock.now, editable=False)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )

    def __str__(self) -> str:
        return f"{self.service} ends {self.due_on}"
