from __future__ import annotations

from django.db import models

from billing.models.invoices import Invoice
from config import clock
from provisioning.models import Service


class BillingRun(models.Model):
    """One pass of the billing run for a business date: progress and outcome, for people to
    watch.
    """

    class Status(models.TextChoices):
        RUNNING = "running", "Running"
        DONE = "done", "Done"
        INTERRUPTED = "interrupted", "Interrupted"
        STOPPED = "stopped", "Stopped for a person"

    business_date = models.DateField(db_index=True)
    status = models.CharField(max_length=20, choices=Status, default=Status.RUNNING)
    started_at = models.DateTimeField(default=clock.now)
    heartbeat_at = models.DateTimeField(default=clock.now)
    finished_at = models.DateTimeField(null=True)
    due_services = models.PositiveIntegerField(default=0)
    billed_services = models.PositiveIntegerField(default=0)
    issued_invoices = models.PositiveIntegerField(default=0)
    held_invoices = models.PositiveIntegerField(default=0)
    shards = models.PositiveIntegerField(default=1)  # parts that workers bill side by side
    done_shards = models.JSONField(default=list)
    guarded = models.BooleanField(default=True)
    totals = models.JSONField(default=dict)  # issued, by currency, as text
    stop_reason = models.TextField(blank=True)
    failures = models.JSONField(default=list)  # [{"service": id, "error": sentence}]

    class Meta:
        ordering = ("-id",)

    def __str__(self) -> str:
        return f"Billing run for {self.business_date}"


class Claim(models.Model):
    """A service's period of one kind is billed once: the constraint that two runs cannot both
    pass.
    """

    service = models.ForeignKey(Service, on_delete=models.PROTECT, related_name="claims")
    kind = models.CharField(max_length=20)  # "base", "usage", "setup"
    period_start = models.DateField()
    period_end = models.DateField()
    invoice = models.ForeignKey(Invoice, on_delete=models.CASCADE, related_name="claims")

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("service", "kind", "period_start"), name="a_period_is_billed_once"
            ),
        )

    def __str__(self) -> str:
        return f"{self.service} {self.kind} {self.period_start}–{self.period_end}"


class ServiceHold(models.Model):
    """A service the run skips until a person has looked, with the reason."""

    service = models.OneToOneField(Service, on_delete=models.CASCADE, related_name="billing_hold")
    reason = models.TextField()
    created_at = models.DateTimeField(default=clock.now)

    def __str__(self) -> str:
        return f"{self.service}: {self.reason}"
