"""What the platform behind a service declares: here pages learn what they may show."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, TypeVar

from config.language import told
from provisioning import directory, registry
from provisioning.connection.links import account_of, product_settings
from provisioning.contract import (
    AliasTarget,
    Capability,
    Feature,
    Limits,
    MisconfiguredError,
    Module,
    PasswordPolicy,
    Proof,
    SettingsPage,
)
from provisioning.models import Service

D = TypeVar("D", Feature, SettingsPage)


@dataclass(frozen=True)
class Nouns:
    """What the platform calls its lists and groups."""

    list_noun: str
    list_plural: str
    list_help: str
    group_noun: str
    group_plural: str


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
        declared = self.module.features if self.module else ()
        return tuple(_translated(each) for each in declared)

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
    def quota_steps(self) -> tuple[int, ...]:
        """The only sizes that a mailbox may have here, in bytes; empty: any."""
        steps = self.module.quota_steps if self.module else ()
        most = self.limits.max_quota_bytes
        return tuple(step for step in steps if most is None or step <= most)

    @property
    def aliases_have_one_mailbox(self) -> bool:
        return self.module is not None and self.module.alias_target is AliasTarget.MAILBOX

    @property
    def offers_redirects(self) -> bool:
        return self.has(Capability.ALIASES) and not self.aliases_have_one_mailbox

    @property
    def password_policy(self) -> PasswordPolicy:
        return self.module.password_policy(self.settings) if self.module else PasswordPolicy()

    @property
    def domain_pages(self) -> tuple[SettingsPage, ...]:
        """Settings of the whole domain."""
        pages = self.module.settings_pages if self.module else ()
        return tuple(_translated(page) for page in pages if not page.of_mailbox)

    @property
    def mailbox_pages(self) -> tuple[SettingsPage, ...]:
        pages = self.module.settings_pages if self.module else ()
        return tuple(_translated(page) for page in pages if page.of_mailbox)

    @cached_property
    def proof(self) -> Proof | None:
        """What is still to be proven before the account can be used."""
        if self.module is None or self.service.server is None:
            return None
        return self.module.proof(account_of(self.service))

    @property
    def nouns(self) -> Nouns:
        module = self.module or Module
        return Nouns(
            told(module.list_noun),
            told(module.list_plural),
            told(module.list_help),
            told(module.group_noun),
            told(module.group_plural),
        )

    @property
    def list_details(self) -> frozenset[str]:
        return self.module.list_details if self.module else Module.list_details

    @property
    def webmail_url(self) -> str:
        server = self.service.server
        if self.module is None or server is None:
            return ""
        return self.module.webmail_url(server.hostname, server.port, secure=server.secure)

    @property
    def offers_domain_aliases(self) -> bool:
        return self.has(Capability.DOMAIN_ALIASES) and self.limits.domain_aliases != 0


def _translated(declared: D) -> D:
    return replace(declared, label=told(declared.label), help=told(declared.help))
