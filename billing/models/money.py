"""Money that came in, went out, or is owed back. Rows are evidence: they are added, never edited
away.
"""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Customer
from accounts.models.customers import public_id
from billing.models.invoices import Invoice
from config import clock
from config.crypto import EncryptedJSONField


class GatewayAccount(models.Model):
    """A way to pay that the reseller has switched on, with its keys."""

    code = models.CharField("gateway", max_length=40, unique=True)
    label = models.CharField(max_length=120, help_text="As customers read it")
    enabled = models.BooleanField(default=True)
    settings = EncryptedJSONField(default=dict, blank=True)
    position = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ("position", "code")

    def __str__(self) -> str:
        return self.label


class GatewayCustomer(models.Model):
    """Who a customer is at a gateway. What the gateway tells of anybody else is not believed."""

    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="at_gateways")
    gateway = models.CharField(max_length=40)
    external_id = models.CharField(max_length=120)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("customer", "gateway"), name="gateway_customer_once"),
            models.UniqueConstraint(
                fields=("gateway", "external_id"), name="gateway_customer_is_one_customer"
            ),
        )

    def __str__(self) -> str:
        return f"{self.customer} at {self.gateway}"


class SavedMethod(models.Model):
    """A card or mandate kept at the gateway; we hold its name and nothing to charge it
    elsewhere.
    """

    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="saved_methods")
    gateway = models.CharField(max_length=40)
    external_customer = models.CharField(max_length=120, blank=True)
    external_id = models.CharField(max_length=120)
    label = models.CharField(max_length=120)  # e.g. "Visa ending 4242"
    expires_on = models.DateField(null=True)
    is_default = models.BooleanField(default=False)
    removed_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField(default=clock.now)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("gateway", "external_id"), name="saved_method_once"),
            models.UniqueConstraint(
                fields=("customer",),
                condition=Q(is_default=True, removed_at__isnull=True),
                name="one_default_method_per_customer",
            ),
        )

    def __str__(self) -> str:
        return self.label


class Payment(models.Model):
    """Money received. `external_id` is the gateway's own; the same one twice is the same
    payment.
    """

    class Status(models.TextChoices):
        PENDING = "pending", _("Pending")  # announced by the gateway, e.g. a bank debit
        RECEIVED = "received", _("Received")
        FAILED = "failed", _("Failed")
        REVERSED = "reversed", _("Charged back")

    public_id = models.CharField(max_length=24, unique=True, default=public_id, editable=False)
    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="payments")
    gateway = models.CharField(max_length=40)
    external_id = models.CharField(max_length=120)
    # What it was meant for; how it was really used is in its allocations.
    invoice = models.ForeignKey(
        Invoice, on_delete=models.PROTECT, null=True, related_name="payments"
    )
    status = models.CharField(max_length=10, choices=Status, default=Status.RECEIVED)
    currency = models.CharField(max_length=3)
    amount = models.DecimalField(max_digits=16, decimal_places=4)
    received_on = models.DateField()
    note = models.CharField(max_length=250, blank=True)
    created_at = models.DateTimeField(default=clock.now, editable=False)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )

    class Meta:
        ordering = ("-id",)
        constraints = (
            models.UniqueConstraint(fields=("gateway", "external_id"), name="payment_once"),
            models.CheckConstraint(condition=Q(amount__gt=0), name="payment_is_positive"),
        )

    def __str__(self) -> str:
        return f"{self.gateway} {self.external_id}"


class Refund(models.Model):
    """Money sent back, from the payment it came with. Written before the gateway is called."""

    class Status(models.TextChoices):
        STARTED = "started", _("Started")
        DONE = "done", _("Done")
        FAILED = "failed", _("Failed")

    payment = models.ForeignKey(Payment, on_delete=models.PROTECT, related_name="refunds")
    # Of the wish: asking twice with the same key sends the money once.
    key = models.CharField(max_length=120, unique=True, null=True)
    amount = models.DecimalField(max_digits=16, decimal_places=4)
    status = models.CharField(max_length=10, choices=Status, default=Status.STARTED)
    external_id = models.CharField(max_length=120, blank=True)
    credit_note = models.ForeignKey(
        Invoice, on_delete=models.PROTECT, null=True, related_name="refunds"
    )
    reason = models.CharField(max_length=250)
    error = models.TextField(blank=True)
    created_at = models.DateTimeField(default=clock.now, editable=False)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )

    class Meta:
        ordering = ("-id",)
        constraints = (
            models.CheckConstraint(condition=Q(amount__gt=0), name="refund_is_positive"),
        )

    def __str__(self) -> str:
        return f"Refund of {self.payment}"


class ChargeBack(models.Model):
    """Money of a payment that the payer's bank took back. One that we win comes in again."""

    payment = models.ForeignKey(Payment, on_delete=models.PROTECT, related_name="charge_backs")
    external_id = models.CharField(max_length=120)
    amount = models.DecimalField(max_digits=16, decimal_places=4)
    reason = models.CharField(max_length=250, blank=True)
    taken_on = models.DateField()
    returned_on = models.DateField(null=True)
    created_at = models.DateTimeField(default=clock.now, editable=False)

    class Meta:
        ordering = ("-id",)
        constraints = (
            models.UniqueConstraint(fields=("payment", "external_id"), name="charge_back_once"),
            models.CheckConstraint(condition=Q(amount__gt=0), name="charge_back_is_positive"),
        )

    def __str__(self) -> str:
        return f"Charge-back of {self.payment}"


class CreditEntry(models.Model):
    """The customer's account credit as a ledger: the balance is the sum, and is never below
    zero.
    """

    class Kind(models.TextChoices):
        OVERPAYMENT = "overpayment", _("Overpayment")
        CREDIT_NOTE = "credit_note", _("Credit note")
        TOP_UP = "top_up", _("Top-up")
        STAFF = "staff", _("Adjustment by staff")
        APPLIED = "applied", _("Used for an invoice")
        RETURNED = "returned", _("Returned from an invoice")
        REFUNDED = "refunded", _("Paid out")
        REVERSED = "reversed", _("Charged back")

    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="credit")
    currency = models.CharField(max_length=3)
    amount = models.DecimalField(max_digits=16, decimal_places=4)  # signed
    kind = models.CharField(max_length=20, choices=Kind)
    document = models.ForeignKey(Invoice, on_delete=models.PROTECT, null=True, related_name="+")
    payment = models.ForeignKey(Payment, on_delete=models.PROTECT, null=True, related_name="+")
    refund = models.ForeignKey(Refund, on_delete=models.PROTECT, null=True, related_name="+")
    note = models.CharField(max_length=250, blank=True)
    created_at = models.DateTimeField(default=clock.now, editable=False)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )

    class Meta:
        ordering = ("-id",)
        indexes = (models.Index(fields=("customer", "currency")),)
        constraints = (
            models.CheckConstraint(condition=~Q(amount=0), name="credit_entry_is_not_zero"),
        )

    def __str__(self) -> str:
        return f"{self.customer} {self.get_kind_display()} {self.amount} {self.currency}"


class Allocation(models.Model):
    """What settles an invoice: part of a payment, of account credit, or of a credit note.

    A negative amount takes back an earlier one, after a charge-back.
    """

    invoice = models.ForeignKey(Invoice, on_delete=models.PROTECT, related_name="allocations")
    amount = models.DecimalField(max_digits=16, decimal_places=4)
    payment = models.ForeignKey(
        Payment, on_delete=models.PROTECT, null=True, related_name="allocations"
    )
    credit = models.ForeignKey(
        CreditEntry, on_delete=models.PROTECT, null=True, related_name="allocations"
    )
    credit_note = models.ForeignKey(
        Invoice, on_delete=models.PROTECT, null=True, related_name="credits"
    )
    created_at = models.DateTimeField(default=clock.now, editable=False)

    class Meta:
        ordering = ("id",)
        constraints = (
            models.CheckConstraint(
                condition=Q(payment__isnull=False, credit__isnull=True, credit_note__isnull=True)
                | Q(payment__isnull=True, credit__isnull=False, credit_note__isnull=True)
                | Q(payment__isnull=True, credit__isnull=True, credit_note__isnull=False),
                name="allocation_has_one_source",
            ),
        )

    def __str__(self) -> str:
        return f"{self.amount} for {self.invoice}"


class ChargeAttempt(models.Model):
    """One try to collect an invoice, from a saved method or on the gateway's own page (then
    `method` is null and `external_id` is that page's). Written before the gateway is called.
    """

    class Status(models.TextChoices):
        OPEN = "open", _("On the payment page")
        STARTED = "started", _("Started")
        SUCCEEDED = "succeeded", _("Succeeded")
        PENDING = "pending", _("Waiting for the gateway")
        ACTION = "action", _("The customer must confirm")
        FAILED = "failed", _("Declined")
        NOT_MADE = "not_made", _("Not made")

    invoice = models.ForeignKey(Invoice, on_delete=models.PROTECT, related_name="charge_attempts")
    number = models.PositiveIntegerField()
    gateway = models.CharField(max_length=40, default="")
    method = models.ForeignKey(SavedMethod, on_delete=models.PROTECT, null=True, related_name="+")
    amount = models.DecimalField(max_digits=16, decimal_places=4)
    status = models.CharField(max_length=10, choices=Status, default=Status.STARTED)
    external_id = models.CharField(max_length=120, blank=True)
    error = models.TextField(blank=True)
    created_at = models.DateTimeField(default=clock.now)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ("-id",)
        constraints = (
            models.UniqueConstraint(fields=("invoice", "number"), name="charge_attempt_once"),
            models.UniqueConstraint(
                fields=("invoice",),
                condition=Q(status__in=("started", "pending")),
                name="one_open_attempt_per_invoice",
            ),
        )

    def __str__(self) -> str:
        return f"Attempt {self.number} for {self.invoice}"

    @property
    def reference(self) -> str:
        """What the gateway knows the attempt by: the same one is the same charge."""
        return f"{self.invoice.public_id}-{self.number}"


class GatewayEvent(models.Model):
    """A notification of a gateway: stored first, handled once, in whatever order it came."""

    gateway = models.CharField(max_length=40)
    event_id = models.CharField(max_length=120)
    kind = models.CharField(max_length=80)
    body = models.JSONField(default=dict)
    received_at = models.DateTimeField(default=clock.now)
    handled_at = models.DateTimeField(null=True)
    outcome = models.CharField(max_length=250, blank=True)
    # It contradicts our own rows: nothing was booked, and a person has to look.
    refused = models.BooleanField(default=False)

    class Meta:
        ordering = ("-id",)
        constraints = (
            models.UniqueConstraint(fields=("gateway", "event_id"), name="gateway_event_once"),
        )

    def __str__(self) -> str:
        return f"{self.gateway} {self.kind} {self.event_id}"
