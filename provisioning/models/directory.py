"""The panel's mirror of what is on the platform. Pages read it; writes go to the platform first."""

from __future__ import annotations

from django.db import models

from provisioning.models.services import Service


class DirectorySync(models.Model):
    """When the mirror of a service was last filled, and what went wrong since."""

    service = models.OneToOneField(Service, on_delete=models.CASCADE, related_name="directory_sync")
    synced_at = models.DateTimeField(null=True)
    # The last write by the panel: a snapshot that was begun before it is out of date.
    changed_at = models.DateTimeField(null=True)
    error = models.TextField(blank=True)
    unreadable = models.JSONField(default=list)

    def __str__(self) -> str:
        return f"{self.service} as of {self.synced_at}"


class Mailbox(models.Model):
    service = models.ForeignKey(Service, on_delete=models.CASCADE, related_name="mailboxes")
    address = models.CharField(max_length=320)
    display_name = models.CharField(max_length=250, blank=True)
    size_bytes = models.BigIntegerField(null=True)
    quota_bytes = models.BigIntegerField(null=True)  # 0 unlimited, null unknown
    enabled = models.BooleanField(default=True)
    last_login_at = models.DateTimeField(null=True)
    features = models.JSONField(default=list)
    forward_to = models.JSONField(null=True)  # null: not read yet
    forward_keeps_copy = models.BooleanField(default=True)
    extra = models.JSONField(default=dict)
    # Lower-case address, name, aliases and forward targets: the one column that search reads.
    search = models.TextField(blank=True)

    class Meta:
        ordering = ("address",)
        constraints = (
            models.UniqueConstraint(fields=("service", "address"), name="mailbox_once_per_service"),
        )

    def __str__(self) -> str:
        return self.address


class Alias(models.Model):
    service = models.ForeignKey(Service, on_delete=models.CASCADE, related_name="aliases")
    address = models.CharField(max_length=320)
    targets = models.JSONField(default=list)
    display_name = models.CharField(max_length=250, blank=True)
    flags = models.JSONField(default=dict)
    search = models.TextField(blank=True)

    class Meta:
        ordering = ("address",)
        constraints = (
            models.UniqueConstraint(fields=("service", "address"), name="alias_once_per_service"),
        )

    def __str__(self) -> str:
        return self.address


class DistributionList(models.Model):
    service = models.ForeignKey(Service, on_delete=models.CASCADE, related_name="lists")
    address = models.CharField(max_length=320)
    description = models.CharField(max_length=250, blank=True)
    owner = models.CharField(max_length=320, blank=True)
    member_count = models.PositiveIntegerField(null=True)
    extra = models.JSONField(default=dict)

    class Meta:
        ordering = ("address",)
        constraints = (
            models.UniqueConstraint(fields=("service", "address"), name="list_once_per_service"),
        )

    def __str__(self) -> str:
        return self.address


class DomainAlias(models.Model):
    service = models.ForeignKey(Service, on_delete=models.CASCADE, related_name="domain_aliases")
    name = models.CharField(max_length=253)

    class Meta:
        ordering = ("name",)
        constraints = (
            models.UniqueConstraint(fields=("service", "name"), name="domain_alias_once"),
        )

    def __str__(self) -> str:
        return self.name
