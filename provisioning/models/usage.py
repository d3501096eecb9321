from __future__ import annotations

from django.db import models

from config import clock
from provisioning.models.services import Service


class UsageReading(models.Model):
    """One measured value. Append-only; an implausible one is parked until a person decides."""

    class State(models.TextChoices):
        GOOD = "good", "Good"
        PARKED = "parked", "Parked for a person"
        REJECTED = "rejected", "Rejected"

    service = models.ForeignKey(Service, on_delete=models.CASCADE, related_name="readings")
    metric = models.CharField(max_length=40)
    value = models.DecimalField(
        max_digits=30, decimal_places=4, null=True
    )  # null: `raw` is no number
    raw = models.CharField(max_length=200, blank=True)
    at = models.DateTimeField(default=clock.now)
    source = models.CharField(max_length=80)
    state = models.CharField(max_length=10, choices=State, default=State.GOOD)
    reason = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering = ("-at", "-id")
        indexes = (models.Index(fields=("service", "metric", "-at")),)

    def __str__(self) -> str:
        return f"{self.service} {self.metric} {self.value} ({self.state})"


class FeatureInterval(models.Model):
    """A span in which a billable feature was on for a mailbox. `ended_at` null: it still is."""

    service = models.ForeignKey(Service, on_delete=models.CASCADE, related_name="feature_intervals")
    address = models.CharField(max_length=320)
    feature = models.CharField(max_length=40)
    started_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    mailbox_deleted = models.BooleanField(default=False)
    source = models.CharField(max_length=40)  # "panel" or "poll"

    class Meta:
        ordering = ("started_at", "id")
        constraints = (
            models.UniqueConstraint(
                fields=("service", "address", "feature"),
                condition=models.Q(ended_at__isnull=True),
                name="one_open_interval_per_feature",
            ),
            models.CheckConstraint(
                condition=models.Q(ended_at__isnull=True)
                | models.Q(ended_at__gte=models.F("started_at")),
                name="interval_ends_after_start",
            ),
        )

    def __str__(self) -> str:
        return f"{self.address} {self.feature} {self.started_at}–{self.ended_at or ''}"
