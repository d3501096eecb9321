from __future__ import annotations

from decimal import Decimal

from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models import Customer
from accounts.models.customers import public_id
from config import clock
from provisioning.models import Service


class NumberSeries(models.Model):
    """A counter that is locked while a number is taken, so numbers have no gaps."""

    code = models.CharField(max_length=40, unique=True)  # e.g. "invoice:2026"
    last = models.PositiveIntegerField(default=0)

    def __str__(self) -> str:
        return f"{self.code}: {self.last}"


class Invoice(models.Model):
    """A document: an invoice or a credit note. Once issued it is self-contained and never changes.

    `settled` is what payments, credit and credit notes have settled so far, at most `total`.
    """

    class Kind(models.TextChoices):
        INVOICE = "invoice", _("Invoice")
        CREDIT_NOTE = "credit_note", _("Credit note")

    class Status(models.TextChoices):
        DRAFT = "draft", _("Draft")
        ISSUED = "issued", _("Issued")
        PAID = "paid", _("Paid")
        VOID = "void", _("Void")
        WRITTEN_OFF = "written_off", _("Written off")

    public_id = models.CharField(max_length=24, unique=True, default=public_id, editable=False)
    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="invoices")
    kind = models.CharField(max_length=12, choices=Kind, default=Kind.INVOICE)
    corrects = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, related_name="corrections"
    )
    status = models.CharField(max_length=12, choices=Status, default=Status.DRAFT)
    number = models.CharField(max_length=40, unique=True, null=True)
    currency = models.CharField(max_length=3)
    issued_on = models.DateField(null=True)
    due_on = models.DateField(null=True)
    paid_on = models.DateField(null=True)
    seller = models.JSONField(default=dict)  # copied when issued
    buyer = models.JSONField(default=dict)
    net = models.DecimalField(max_digits=16, decimal_places=4, default=0)
    tax = models.DecimalField(max_digits=16, decimal_places=4, default=0)
    total = models.DecimalField(max_digits=16, decimal_places=4, default=0)
    settled = models.DecimalField(max_digits=16, decimal_places=4, default=0)
    # Then lines are gross, and `net` is what is left of their sum without the tax in it.
    prices_include_tax = models.BooleanField(default=False)
    # Why it is taxed so, and on what proof: see `billing.taxation.evidence`.
    tax_evidence = models.JSONField(default=dict)
    # Why a person must look before this draft is issued; empty when nothing stands in the way.
    hold_reason = models.TextField(blank=True)
    notices = models.JSONField(default=list)  # for staff, e.g. "usage is three days old"
    run = models.ForeignKey(
        "billing.BillingRun", on_delete=models.SET_NULL, null=True, related_name="invoices"
    )
    created_at = models.DateTimeField(default=clock.now, editable=False)

    class Meta:
        ordering = ("-id",)
        indexes = (
            models.Index(fields=("customer", "-id")),
            models.Index(fields=("status", "due_on")),
        )
        constraints = (
            models.CheckConstraint(
                condition=models.Q(status="draft", number__isnull=True)
                | models.Q(~models.Q(status="draft"), number__isnull=False),
                name="number_exactly_when_issued",
            ),
            models.CheckConstraint(
                condition=models.Q(settled__gte=0, settled__lte=models.F("total")),
                name="settled_within_total",
            ),
        )

    def __str__(self) -> str:
        return self.number or f"Draft {self.pk}"

    @property
    def open_amount(self) -> Decimal:
        """What is still to be settled; nothing of a draft or of a document that is void."""
        return self.total - self.settled if self.status == self.Status.ISSUED else Decimal(0)


class InvoiceLine(models.Model):
    """`evidence` holds everything needed to recompute `amount`: see `billing.rating.explain`."""

    invoice = models.ForeignKey(Invoice, on_delete=models.CASCADE, related_name="lines")
    position = models.PositiveIntegerField()
    service = models.ForeignKey(
        Service, on_delete=models.SET_NULL, null=True, related_name="invoice_lines"
    )
    kind = models.CharField(max_length=40)
    key = models.CharField(max_length=400, blank=True)
    # On a credit note: the invoice line that is given back.
    credits = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, related_name="credited_by"
    )
    description = models.TextField()
    quantity = models.DecimalField(max_digits=16, decimal_places=4)
    unit_price = models.DecimalField(max_digits=16, decimal_places=4)
    amount = models.DecimalField(max_digits=16, decimal_places=4)
    tax_name = models.CharField(max_length=60, blank=True)
    tax_rate = models.DecimalField(max_digits=7, decimal_places=4, default=0)
    # Of a line with two levels of tax: [[name, rate, compound]]; its rate above is their sum.
    tax_levels = models.JSONField(default=list)
    period_start = models.DateField(null=True)
    period_end = models.DateField(null=True)  # first day that is no longer in the period
    evidence = models.JSONField(default=dict)

    class Meta:
        ordering = ("position",)
        constraints = (
            models.UniqueConstraint(fields=("invoice", "position"), name="line_position"),
        )

    def __str__(self) -> str:
        return self.description


class InvoiceTax(models.Model):
    """Tax of one rate over the sum of its lines, rounded once."""

    invoice = models.ForeignKey(Invoice, on_delete=models.CASCADE, related_name="taxes")
    name = models.CharField(max_length=60)
    rate = models.DecimalField(max_digits=7, decimal_places=4)
    net = models.DecimalField(max_digits=16, decimal_places=4)
    tax = models.DecimalField(max_digits=16, decimal_places=4)

    class Meta:
        ordering = ("-rate",)

    def __str__(self) -> str:
        return f"{self.name} {self.rate}"
