"""What the platform behind a service declares: here pages learn what they may show."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from provisioning import directory, registry
from provisioning.contract import (
    Capability,
    Feature,
    Limits,
    MisconfiguredError,
    Module,
    PasswordPolicy,
)
from provisioning.links import product_settings
from provisioning.models import Service


@dataclass(frozen=True)
class Platform:
    """`module` is None while the panel lacks the module of the service."""

    service: Service
    module: type[Module] | None

    @classmethod
    def of(cls, service: Service) -> Platform:
        code = service.server.module if service.server else service.product.module
        try:
            return cls(service, registry.module_class(code))
        except MisconfiguredError:
            return cls(service, None)

    def has(self, capability: Capability) -> bool:
        return self.module is not None and capability in self.module.capabilities

    @cached_property
    def settings(self) -> Mapping[str, Any]:
        return product_settings(self.service.product) if self.module else {}

    @property
    def features(self) -> tuple[Feature, ...]:
        return self.module.features if self.module else ()

    @property
    def offered_features(self) -> tuple[Feature, ...]:
        """Those that the customer may switch; the others keep the state they have."""
        if self.module is None or not self.has(Capability.FEATURES):
            return ()
        offered = self.module.offered_features(self.settings)
        return tuple(feature for feature in self.features if feature.code in offered)

    @cached_property
    def limits(self) -> Limits:
        return directory.limits(self.service) if self.module else Limits()

    @property
    def password_policy(self) -> PasswordPolicy:
        return self.module.password_policy(self.settings) if self.module else PasswordPolicy()

    @property
    def list_noun(self) -> str:
        return self.module.list_noun if self.module else Module.list_noun

    @property
    def webmail_url(self) -> str:
        server = self.service.server
        if self.module is None or server is None:
            return ""
        return self.module.webmail_url(server.hostname, server.port, secure=server.secure)

    @property
    def offers_domain_aliases(self) -> bool:
        return self.has(Capability.DOMAIN_ALIASES) and self.limits.domain_aliases != 0
