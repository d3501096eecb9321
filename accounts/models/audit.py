from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NoReturn

from django.conf import settings
from django.db import models

from config import clock


class AppendOnly(Exception):
    """Somebody tried to change or delete what happened."""

    def __init__(self) -> None:
        super().__init__("Audit events are append-only.")


class AuditQuerySet(models.QuerySet["AuditEvent"]):
    def update(self, **kwargs: Any) -> NoReturn:
        raise AppendOnly

    def delete(self) -> NoReturn:
        raise AppendOnly

    def bulk_update(
        self,
        objs: Iterable[AuditEvent],
        fields: Iterable[str],
        batch_size: int | None = None,
    ) -> NoReturn:
        raise AppendOnly


class AuditEvent(models.Model):
    """Who changed what. Append-only: `accounts.audit.record` writes rows, nobody edits them."""

    at = models.DateTimeField(default=clock.now, db_index=True)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    # Stays when the user is gone; "system" for the panel.
    actor_label = models.CharField(max_length=254)
    # The customer a member of staff impersonated.
    acting_for = models.CharField(max_length=254, blank=True)
    action = models.CharField(max_length=80, db_index=True)  # dotted, e.g. "service.suspended"
    object_type = models.CharField(max_length=60)
    object_id = models.CharField(max_length=40, blank=True)
    object_label = models.CharField(max_length=250, blank=True)
    customer = models.ForeignKey(
        "accounts.Customer", null=True, on_delete=models.SET_NULL, related_name="+"
    )
    before = models.JSONField(default=dict)
    after = models.JSONField(default=dict)
    ip = models.GenericIPAddressField(null=True)
    request_id = models.CharField(max_length=40, blank=True)

    objects = AuditQuerySet.as_manager()

    class Meta:
        ordering = ("-at", "-id")
        indexes = (models.Index(fields=("object_type", "object_id")),)

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M} {self.actor_label} {self.action} {self.object_label}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self._state.adding:
            raise AppendOnly
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> NoReturn:
        raise AppendOnly
