from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from config import clock
from config.crypto import EncryptedJSONField
from provisioning.models.services import Service


class Command(models.Model):
    """One intended act on a platform: written with its cause, carried out by a worker, kept as
    evidence.

    queued → running → done
                     → queued again (temporary failure, after `not_before`)
                     → attention (out of attempts, or staff must act) → queued by a person
                     → failed (the platform refused for good)
    """

    class Action(models.TextChoices):
        CREATE = "create", _("Create")
        SUSPEND = "suspend", _("Suspend")
        UNSUSPEND = "unsuspend", _("Unsuspend")
        RESTRICT = "restrict", _("Stop outgoing mail")
        UNRESTRICT = "unrestrict", _("Allow outgoing mail")
        TERMINATE = "terminate", _("Terminate")
        CHANGE_PACKAGE = "change_package", _("Change package")
        CHANGE_PASSWORD = "change_password", _("Change password")
        ADOPT = "adopt", _("Adopt existing account")

    class Status(models.TextChoices):
        QUEUED = "queued", _("Queued")
        RUNNING = "running", _("Running")
        DONE = "done", _("Done")
        ATTENTION = "attention", _("Needs attention")
        FAILED = "failed", _("Refused")
        CANCELLED = "cancelled", _("Cancelled")

    service = models.ForeignKey(Service, on_delete=models.CASCADE, related_name="commands")
    action = models.CharField(max_length=20, choices=Action)
    # What asked for the act, e.g. "order:17" or "staff:3f9c…": the same cause asks only once.
    cause = models.CharField(max_length=100)
    status = models.CharField(max_length=20, choices=Status, default=Status.QUEUED)
    arguments = EncryptedJSONField(default=dict)  # may hold a new password; emptied when finished
    attempts = models.PositiveIntegerField(default=0)
    not_before = models.DateTimeField(default=clock.now)
    lease_until = models.DateTimeField(null=True)
    error_kind = models.CharField(max_length=40, blank=True)
    detail = models.TextField(blank=True)  # for staff, the vendor's own words
    message = models.TextField(blank=True)  # one plain sentence for the customer
    notes = models.JSONField(default=list)
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    created_at = models.DateTimeField(default=clock.now)
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ("-id",)
        constraints = (
            models.UniqueConstraint(
                fields=("service", "action", "cause"), name="one_command_per_cause"
            ),
            # The lock on a service: two workers cannot both hold a running row.
            models.UniqueConstraint(
                fields=("service",),
                condition=models.Q(status="running"),
                name="one_running_command_per_service",
            ),
        )
        indexes = (models.Index(fields=("status", "not_before")),)

    def __str__(self) -> str:
        return f"{self.get_action_display()} {self.service}"
