from __future__ import annotations

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models

from config.crypto import EncryptedTextField, SettingsField
from products.models import Product


class Server(models.Model):
    """One mail platform the reseller has access to, and what we last saw of it."""

    class Health(models.TextChoices):
        UNKNOWN = "unknown", "Not checked yet"
        UP = "up", "Up"
        DOWN = "down", "Down"
        MISCONFIGURED = "misconfigured", "Needs attention"

    name = models.CharField(max_length=120, unique=True)
    module = models.CharField("platform", max_length=40)
    hostname = models.CharField(max_length=253)
    port = models.PositiveIntegerField(
        default=443, validators=[MinValueValidator(1), MaxValueValidator(65535)]
    )
    secure = models.BooleanField("use TLS", default=True)
    verify_tls = models.BooleanField("verify the certificate", default=True)
    allow_private = models.BooleanField(
        "is on a private network",
        default=False,
        help_text="Allows addresses such as 10.0.0.5 and 127.0.0.1, refused otherwise.",
    )
    username = models.CharField(max_length=200, blank=True)
    password = EncryptedTextField(blank=True)
    settings = SettingsField(default=dict, blank=True)
    capacity = models.PositiveIntegerField(
        null=True, blank=True, help_text="Most services to place here; blank is no limit"
    )
    enabled = models.BooleanField(default=True, help_text="Takes new services and is polled")

    health = models.CharField(max_length=20, choices=Health, default=Health.UNKNOWN, editable=False)
    health_detail = models.TextField(blank=True, editable=False)
    health_at = models.DateTimeField(null=True, editable=False)
    version = models.CharField(max_length=80, blank=True, editable=False)
    edition = models.CharField(max_length=80, blank=True, editable=False)
    account_count = models.PositiveIntegerField(null=True, editable=False)
    latency_ms = models.PositiveIntegerField(null=True, editable=False)
    warnings = models.JSONField(default=list, editable=False)
    # Circuit breaker: after repeated failures nothing is sent before `paused_until`.
    failures = models.PositiveIntegerField(default=0, editable=False)
    paused_until = models.DateTimeField(null=True, editable=False)
    usage_synced_at = models.DateTimeField(null=True, editable=False)

    class Meta:
        ordering = ("name",)

    def __str__(self) -> str:
        return self.name


class ServerGroup(models.Model):
    """Servers of one platform among which new services are spread."""

    class Fill(models.TextChoices):
        LEAST_FULL = "least_full", "The least full server"
        IN_ORDER = "in_order", "In order, until each is full"

    name = models.CharField(max_length=120, unique=True)
    module = models.CharField("platform", max_length=40)
    fill = models.CharField("fill policy", max_length=20, choices=Fill, default=Fill.LEAST_FULL)
    servers: models.ManyToManyField[Server, ServerGroupMember] = models.ManyToManyField(
        Server, through="ServerGroupMember", related_name="groups"
    )

    class Meta:
        ordering = ("name",)

    def __str__(self) -> str:
        return self.name


class ServerGroupMember(models.Model):
    group = models.ForeignKey(ServerGroup, on_delete=models.CASCADE, related_name="members")
    server = models.ForeignKey(Server, on_delete=models.CASCADE, related_name="memberships")
    position = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ("position", "id")
        constraints = (
            models.UniqueConstraint(fields=("group", "server"), name="server_once_in_group"),
        )

    def __str__(self) -> str:
        return f"{self.group}: {self.server}"


class Placement(models.Model):
    """Where the services of a product go. Products themselves know nothing of servers."""

    product = models.OneToOneField(Product, on_delete=models.CASCADE, related_name="placement")
    group = models.ForeignKey(ServerGroup, on_delete=models.PROTECT, related_name="placements")

    def __str__(self) -> str:
        return f"{self.product} → {self.group}"
