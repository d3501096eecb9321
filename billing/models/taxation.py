"""What is known of customers' VAT numbers, and which invoices wait for it."""

from __future__ import annotations

from django.db import models

from accounts.models import Customer
from billing.models.invoices import Invoice
from config import clock


class VatStatus(models.Model):
    """What the EU's service last said of a customer's number. Its silence changes no answer."""

    class Answer(models.TextChoices):
        UNKNOWN = "", "Not known yet"
        VALID = "valid", "Valid"
        INVALID = "invalid", "Not valid"

    customer = models.OneToOneField(Customer, on_delete=models.CASCADE, related_name="vat")
    number = models.CharField(max_length=40)  # the one that was asked for, with its prefix
    answer = models.CharField(max_length=10, blank=True, choices=Answer, default=Answer.UNKNOWN)
    answered_at = models.DateTimeField(null=True)
    consultation = models.CharField(max_length=60, blank=True)  # proof that it was asked
    tried_at = models.DateTimeField(null=True)
    trouble = models.CharField(max_length=120, blank=True)  # why the last try gave no answer

    class Meta:
        verbose_name_plural = "VAT numbers"

    def __str__(self) -> str:
        return self.number


class VatCheck(models.Model):
    """One question to the EU's service and what came of it; kept as evidence."""

    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="vat_checks")
    number = models.CharField(max_length=40)
    requester = models.CharField(max_length=40, blank=True)
    answer = models.CharField(max_length=10, blank=True, choices=VatStatus.Answer)
    consultation = models.CharField(max_length=60, blank=True)
    name = models.CharField(max_length=250, blank=True)
    address = models.CharField(max_length=400, blank=True)
    trouble = models.CharField(max_length=120, blank=True)
    at = models.DateTimeField(default=clock.now)

    class Meta:
        ordering = ("-id",)

    def __str__(self) -> str:
        return f"{self.number}: {self.answer or self.trouble}"


class TaxRecheck(models.Model):
    """Tax was charged because a VAT number could not be checked; it is given back if it proves
    valid.
    """

    class Outcome(models.TextChoices):
        WAITING = "", "Waiting for an answer"
        CREDITED = "credited", "Tax given back"
        STANDS = "stands", "Tax stands"

    invoice = models.OneToOneField(Invoice, on_delete=models.CASCADE, related_name="tax_recheck")
    number = models.CharField(max_length=40)
    outcome = models.CharField(max_length=10, blank=True, choices=Outcome, default=Outcome.WAITING)
    created_at = models.DateTimeField(default=clock.now)
    done_at = models.DateTimeField(null=True)

    class Meta:
        indexes = (models.Index(fields=("outcome", "number")),)

    def __str__(self) -> str:
        return f"{self.invoice}: {self.number}"
