from __future__ import annotations

from django.db import models

from config import clock
from provisioning.models.commands import Command
from provisioning.models.servers import Server
from provisioning.models.services import Service


class ModuleCall(models.Model):
    """One call to a platform: the module log. Secrets are masked before a row is made."""

    at = models.DateTimeField(default=clock.now, db_index=True)
    server = models.ForeignKey(Server, on_delete=models.CASCADE, related_name="calls")
    service = models.ForeignKey(Service, on_delete=models.SET_NULL, null=True, related_name="calls")
    command = models.ForeignKey(Command, on_delete=models.SET_NULL, null=True, related_name="calls")
    operation = models.CharField(max_length=120)
    method = models.CharField(max_length=10)
    url = models.CharField(max_length=500)
    request = models.TextField(blank=True)
    response = models.TextField(blank=True)
    status = models.PositiveIntegerField(null=True)
    duration_ms = models.PositiveIntegerField()
    error = models.TextField(blank=True)

    class Meta:
        ordering = ("-id",)

    def __str__(self) -> str:
        return f"{self.method} {self.operation} {self.status or self.error}"
