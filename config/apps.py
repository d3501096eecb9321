from __future__ import annotations

from django.apps import AppConfig
from django.core.checks import Tags, register

from config.checks import dangerous_settings


class ConfigConfig(AppConfig):
    name = "config"
    verbose_name = "Configuration"

    def ready(self) -> None:
        register(dangerous_settings, Tags.security)
