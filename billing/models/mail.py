from __future__ import annotations

from django.db import models

from accounts.models import Customer
from config import clock


class MailTemplate(models.Model):
    """A text staff changed. Without a row the built-in text of `billing.mail` is used."""

    code = models.CharField(max_length=60)
    language = models.CharField(max_length=10, default="en")
    subject = models.CharField(max_length=200)
    body = models.TextField()
    updated_at = models.DateTimeField(default=clock.now)

    class Meta:
        ordering = ("code", "language")
        constraints = (
            models.UniqueConstraint(fields=("code", "language"), name="template_per_language"),
        )

    def __str__(self) -> str:
        return f"{self.code} ({self.language})"


class SentMail(models.Model):
    """A message: written with its cause, sent by a worker, once. `key` names the cause."""

    class Status(models.TextChoices):
        QUEUED = "queued", "Queued"
        SENDING = "sending", "Sending"
        SENT = "sent", "Sent"
        FAILED = "failed", "Failed"

    key = models.CharField(max_length=160, unique=True)  # e.g. "invoice:17:issued"
    code = models.CharField(max_length=60)
    customer = models.ForeignKey(
        Customer, on_delete=models.SET_NULL, null=True, related_name="mails"
    )
    recipient = models.EmailField()
    subject = models.CharField(max_length=200)
    body = models.TextField()
    attachment = models.CharField(max_length=80, blank=True)  # e.g. "invoice:17"
    status = models.CharField(max_length=10, choices=Status, default=Status.QUEUED)
    attempts = models.PositiveIntegerField(default=0)
    unclear = models.PositiveIntegerField(default=0)  # tries of which nobody knows the outcome
    not_before = models.DateTimeField(default=clock.now)
    lease_until = models.DateTimeField(null=True)
    error = models.TextField(blank=True)
    created_at = models.DateTimeField(default=clock.now)
    sent_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ("-id",)
        indexes = (models.Index(fields=("status", "not_before")),)

    def __str__(self) -> str:
        return f"{self.subject} → {self.recipient}"
