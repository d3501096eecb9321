"""What a billing run of a day would do: looked at, and thrown away after some days."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from accounts.models import Customer
from config import clock


class DryRun(models.Model):
    """Progress and outcome of one look ahead; its documents are rows of their own."""

    class Status(models.TextChoices):
        RUNNING = "running", "Running"
        DONE = "done", "Done"
        FAILED = "failed", "Failed"
        INTERRUPTED = "interrupted", "Interrupted"

    business_date = models.DateField()
    status = models.CharField(max_length=20, choices=Status, default=Status.RUNNING)
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    started_at = models.DateTimeField(default=clock.now)
    heartbeat_at = models.DateTimeField(default=clock.now)
    finished_at = models.DateTimeField(null=True)
    due_services = models.PositiveIntegerField(default=0)
    billed_services = models.PositiveIntegerField(default=0)
    issued_invoices = models.PositiveIntegerField(default=0)
    held_invoices = models.PositiveIntegerField(default=0)
    totals = models.JSONField(default=dict)  # by currency, as text
    differences = models.JSONField(default=list)  # [[currency, this run, last month]]
    steps = models.JSONField(default=list)  # [[invoice id, step]], of dunning
    mails = models.JSONField(default=list)  # [[kind, number]]
    failures = models.JSONField(default=list)  # [{"service": id, "error": sentence}]
    stop_reason = models.TextField(blank=True)
    error = models.TextField(blank=True)

    class Meta:
        ordering = ("-id",)

    def __str__(self) -> str:
        return f"Dry run for {self.business_date}"


class DryRunDocument(models.Model):
    """`lines` are [description, quantity, unit price, amount], numbers as text."""

    run = models.ForeignKey(DryRun, on_delete=models.CASCADE, related_name="documents")
    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="+")
    currency = models.CharField(max_length=3)
    total = models.DecimalField(max_digits=16, decimal_places=4)
    hold_reason = models.TextField(blank=True)
    lines = models.JSONField(default=list)

    class Meta:
        ordering = ("id",)

    def __str__(self) -> str:
        return f"{self.customer}: {self.total} {self.currency}"
