"""How a customer is billed and reminded."""

from __future__ import annotations

from django.db import models

from accounts.models import Customer
from billing.models.invoices import Invoice
from config import clock
from products.models import Product
from provisioning.models import Service


class DunningPolicy(models.Model):
    """Steps counted from the due date. A changed policy is a new version; invoices keep theirs."""

    name = models.CharField(max_length=120)
    version = models.PositiveIntegerField(default=1)
    is_default = models.BooleanField(default=False)
    retired = models.BooleanField(default=False)
    created_at = models.DateTimeField(default=clock.now, editable=False)

    class Meta:
        ordering = ("name", "-version")
        verbose_name_plural = "dunning policies"
        constraints = (
            models.UniqueConstraint(fields=("name", "version"), name="policy_version_once"),
            models.UniqueConstraint(
                fields=("is_default",),
                condition=models.Q(is_default=True),
                name="one_default_policy",
            ),
        )

    def __str__(self) -> str:
        return f"{self.name} v{self.version}"


class DunningStep(models.Model):
    class Action(models.TextChoices):
        REMIND = "remind", "Send a reminder"
        CHARGE = "charge", "Charge the saved method"
        LATE_FEE = "late_fee", "Charge a late fee"
        RESTRICT = "restrict", "Restrict outgoing mail, where the platform can"
        SUSPEND = "suspend", "Suspend the services"
        TERMINATE = "terminate", "Ask staff to terminate"

    policy = models.ForeignKey(DunningPolicy, on_delete=models.CASCADE, related_name="steps")
    offset = models.IntegerField("days after the due date", help_text="Negative: before it")
    action = models.CharField(max_length=20, choices=Action)
    business_days = models.BooleanField(
        default=False, help_text="Waits for the next weekday when it falls on a weekend"
    )
    template = models.CharField(max_length=60, blank=True, help_text="E-mail of a reminder")
    fee_percent = models.DecimalField(max_digits=7, decimal_places=4, default=0)
    fee_minimum = models.DecimalField(max_digits=14, decimal_places=4, default=0)
    hold_days = models.PositiveIntegerField(
        default=7, help_text="Of a termination: how long it waits before staff may carry it out"
    )

    class Meta:
        ordering = ("offset", "id")

    def __str__(self) -> str:
        return f"{self.offset:+d} days: {self.get_action_display()}"


class DunningEvent(models.Model):
    """A step that was taken for an invoice: each once."""

    invoice = models.ForeignKey(Invoice, on_delete=models.CASCADE, related_name="dunning_events")
    step = models.ForeignKey(DunningStep, on_delete=models.PROTECT, related_name="+")
    on = models.DateField()
    outcome = models.CharField(max_length=250, blank=True)
    created_at = models.DateTimeField(default=clock.now, editable=False)

    class Meta:
        ordering = ("id",)
        constraints = (
            models.UniqueConstraint(fields=("invoice", "step"), name="step_once_per_invoice"),
        )

    def __str__(self) -> str:
        return f"{self.invoice}: {self.step}"


class DunningRun(models.Model):
    """The dunning of one business date; the day before it tells of an outage."""

    business_date = models.DateField(unique=True)
    started_at = models.DateTimeField(default=clock.now)
    finished_at = models.DateTimeField(null=True)
    steps_taken = models.PositiveIntegerField(default=0)
    delayed = models.JSONField(default=list)  # [{"invoice": id, "reason": sentence}]

    class Meta:
        ordering = ("-business_date",)

    def __str__(self) -> str:
        return f"Dunning for {self.business_date}"


class LateFee(models.Model):
    """A fee for an overdue invoice, charged by a document of its own: one per invoice and rule."""

    invoice = models.ForeignKey(Invoice, on_delete=models.PROTECT, related_name="late_fees")
    step = models.ForeignKey(DunningStep, on_delete=models.PROTECT, related_name="+")
    document = models.OneToOneField(Invoice, on_delete=models.PROTECT, related_name="late_fee_of")

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("invoice", "step"), name="late_fee_once_per_rule"),
        )

    def __str__(self) -> str:
        return f"{self.document} for {self.invoice}"


class TerminationRequest(models.Model):
    """Dunning never terminates: it asks staff, who may after the hold."""

    class Status(models.TextChoices):
        WAITING = "waiting", "Waiting for staff"
        APPROVED = "approved", "Approved"
        DISMISSED = "dismissed", "Dismissed"

    service = models.ForeignKey(
        Service, on_delete=models.CASCADE, related_name="termination_requests"
    )
    invoice = models.ForeignKey(Invoice, on_delete=models.CASCADE, related_name="terminations")
    status = models.CharField(max_length=10, choices=Status, default=Status.WAITING)
    not_before = models.DateField()
    created_at = models.DateTimeField(default=clock.now)
    decided_at = models.DateTimeField(null=True)
    note = models.CharField(max_length=250, blank=True)

    class Meta:
        ordering = ("-id",)
        constraints = (
            models.UniqueConstraint(
                fields=("service", "invoice"), name="termination_asked_once_per_invoice"
            ),
        )

    def __str__(self) -> str:
        return f"{self.service}: {self.get_status_display()}"


class BillingProfile(models.Model):
    """A customer's billing preferences; a customer without a row has the defaults."""

    class Grouping(models.TextChoices):
        DUE_DATE = "due_date", "One invoice per due date"
        SERVICE = "service", "One invoice per service"
        MONTHLY = "monthly", "One invoice a month"

    customer = models.OneToOneField(Customer, on_delete=models.CASCADE, related_name="billing")
    grouping = models.CharField(max_length=10, choices=Grouping, default=Grouping.DUE_DATE)
    monthly_day = models.PositiveIntegerField(default=1)
    continuous = models.BooleanField(
        "invoice while unpaid", default=True, help_text="Go on invoicing while invoices are open"
    )
    auto_credit = models.BooleanField("use account credit", default=True)
    policy = models.ForeignKey(
        DunningPolicy, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    dunning_exempt_until = models.DateField(null=True, blank=True)
    late_fee_exempt = models.BooleanField(default=False)
    grace_days = models.PositiveIntegerField(default=0)
    is_business = models.BooleanField(default=True)
    tranche_notices = models.BooleanField(
        default=False, help_text="An e-mail when a new tranche of disk space begins"
    )

    def __str__(self) -> str:
        return f"Billing of {self.customer}"


class ProductGrace(models.Model):
    """More time before suspension for a product; added to the customer's own grace."""

    product = models.OneToOneField(Product, on_delete=models.CASCADE, related_name="grace")
    days = models.PositiveIntegerField(default=0)
    policy = models.ForeignKey(
        DunningPolicy, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )

    def __str__(self) -> str:
        return f"{self.product}: {self.days} days"
