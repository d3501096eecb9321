"""What is still to be put on a service's next document."""

from __future__ import annotations

from django.db import models

from billing.models.invoices import Invoice
from config import clock
from provisioning.models import Service


class Adjustment(models.Model):
    """A line that waits for the next document of its service: late usage, or a part of a term.

    `key` is unique for a service, so what is found twice is billed once. `invoice` is empty
    while it waits; a draft that is thrown away gives it back.
    """

    service = models.ForeignKey(Service, on_delete=models.CASCADE, related_name="adjustments")
    key = models.CharField(max_length=200)
    description = models.TextField()
    amount = models.DecimalField(max_digits=16, decimal_places=4)
    period_start = models.DateField()
    period_end = models.DateField()  # first day that is no longer in the period
    evidence = models.JSONField(default=dict)
    invoice = models.ForeignKey(
        Invoice, on_delete=models.SET_NULL, null=True, related_name="adjustments"
    )
    created_at = models.DateTimeField(default=clock.now, editable=False)

    class Meta:
        ordering = ("id",)
        constraints = (models.UniqueConstraint(fields=("service", "key"), name="adjusted_once"),)

    def __str__(self) -> str:
        return self.description
