from __future__ import annotations

from django.apps import AppConfig


class ClientareaConfig(AppConfig):
    name = "clientarea"
    verbose_name = "Client area"
    default_auto_field = "django.db.models.BigAutoField"
