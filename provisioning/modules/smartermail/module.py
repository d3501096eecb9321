"""SmarterMail in the contract's terms."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from functools import cached_property
from typing import Any

from provisioning.contract import (
    Account,
    AliasStore,
    Capability,
    ConnectionReport,
    DkimStore,
    DnsExpectations,
    DomainAliasStore,
    Feature,
    FeatureState,
    Limits,
    ListStore,
    LoginLink,
    MailboxStore,
    Module,
    Observed,
    PasswordPolicy,
    Progress,
    RemoteAccount,
    SettingsStore,
    Snapshot,
    UsageReport,
)
from provisioning.contract.metering import (
    CombinedPrice,
    FeatureTerms,
    MeteringTerms,
    SeatFeature,
    TrancheTerms,
)
from provisioning.modules.smartermail import (
    creation,
    directory,
    dns,
    features,
    lifecycle,
    mail_settings,
    passwords,
    server,
    signon,
    usage,
)
from provisioning.modules.smartermail.aliases import ALIAS_FLAGS, SmarterMailAliases
from provisioning.modules.smartermail.client import SECRET_NAMES, Client
from provisioning.modules.smartermail.dkim import SmarterMailDkim
from provisioning.modules.smartermail.domain_aliases import SmarterMailDomainAliases
from provisioning.modules.smartermail.forwards import MAILBOX_FIELDS
from provisioning.modules.smartermail.lists import SmarterMailLists
from provisioning.modules.smartermail.mailboxes import SmarterMailMailboxes
from provisioning.modules.smartermail.scope import Scope
from provisioning.modules.smartermail.settings import (
    GB,
    LIMIT_OPTIONS,
    PRODUCT_FIELDS,
    SERVER_FIELDS,
    limit,
    setting,
)

_EAS, _MAPI = features.FEATURES


class SmarterMail(Module):
    code = "smartermail"
    label = "SmarterMail"
    default_port = 443
    default_port_insecure = 9998
    username_label = "System administrator"
    capabilities = frozenset(Capability) - {
        Capability.GROUPS,
        Capability.RESTORE,
        Capability.RESTRICT,  # no documented call stops sending by every way, webmail included
        Capability.SERVER_LOGIN,
    }
    metrics = usage.METRICS
    features = tuple(Feature(code=one.code, label=one.label) for one in features.FEATURES)
    server_fields = SERVER_FIELDS
    product_fields = PRODUCT_FIELDS
    known_options = LIMIT_OPTIONS
    mailbox_fields = MAILBOX_FIELDS
    alias_flags = ALIAS_FLAGS
    settings_pages = mail_settings.PAGES
    secret_names = SECRET_NAMES

    @cached_property
    def client(self) -> Client:
        return Client(self.link)

    def _scope(self, account: Account) -> Scope:
        return Scope(self.client, account)

    def check_connection(self) -> ConnectionReport:
        return server.check_connection(self.client)

    def inventory(self) -> Iterable[RemoteAccount]:
        return usage.inventory(self.client)

    def observe(self, account: Account) -> Observed:
        return lifecycle.observe(self._scope(account))

    def create(self, account: Account, progress: Progress) -> Observed:
        return creation.create(self._scope(account), progress)

    def adopt(self, account: Account) -> Observed:
        return lifecycle.adopt(self._scope(account))

    def suspend(self, account: Account, reason: str) -> Observed:
        return lifecycle.switch(self._scope(account), enabled=False)

    def unsuspend(self, account: Account) -> Observed:
        return lifecycle.switch(self._scope(account), enabled=True)

    def terminate(self, account: Account) -> Observed:
        return lifecycle.terminate(self._scope(account))

    def plan_change(self, account: Account) -> Sequence[str]:
        return lifecycle.plan_change(self._scope(account))

    def change_package(self, account: Account) -> Observed:
        return lifecycle.change_package(self._scope(account))

    def change_password(self, account: Account, password: str) -> Observed:
        return lifecycle.change_password(self._scope(account), password)

    def staff_login(self, account: Account) -> LoginLink:
        return signon.admin_login(self._scope(account))

    def customer_login(self, account: Account) -> LoginLink:
        return signon.admin_login(self._scope(account))

    def mailbox_login(self, account: Account, address: str) -> LoginLink:
        return signon.mailbox_login(self._scope(account), address)

    def read_usage(self, accounts: Sequence[Account]) -> UsageReport:
        return usage.read_usage(self.client, accounts)

    def read_features(self, account: Account) -> FeatureState:
        return features.read_features(self._scope(account))

    @classmethod
    def metering(cls, settings: Mapping[str, Any], currency: str) -> MeteringTerms:
        eas, mapi, both = (
            _price(settings, code, currency)
            for code in ("eas_price", "mapi_price", "combined_price")
        )
        # A price for both together counts only when one of the two has a price of its own.
        combined = CombinedPrice(f"EAS + {_MAPI.label}", both if eas or mapi else Decimal(0))
        return MeteringTerms(
            tranche=TrancheTerms(usage.DISK, max(1, int(setting(settings, "tranche_gb") or 10))),
            features=FeatureTerms(
                features=(
                    SeatFeature(_EAS.code, _EAS.label, eas),
                    SeatFeature(_MAPI.code, _MAPI.label, mapi),
                ),
                combined=combined,
                threshold_days=max(0, int(setting(settings, "addon_threshold_days"))),
                months_multiply=setting(settings, "addon_basis") == "months",
                seat_days=setting(settings, "addon_basis") == "days",
            ),
        )

    @classmethod
    def offered_features(cls, settings: Mapping[str, Any]) -> frozenset[str]:
        return frozenset(one.code for one in features.FEATURES if setting(settings, one.offer))

    def snapshot(self, account: Account) -> Snapshot:
        return directory.snapshot(self._scope(account))

    def mailboxes(self, account: Account) -> MailboxStore:
        return SmarterMailMailboxes(self._scope(account))

    def aliases(self, account: Account) -> AliasStore:
        return SmarterMailAliases(self._scope(account))

    def lists(self, account: Account) -> ListStore:
        return SmarterMailLists(self._scope(account))

    def domain_aliases(self, account: Account) -> DomainAliasStore:
        return SmarterMailDomainAliases(self._scope(account))

    def dkim(self, account: Account) -> DkimStore:
        return SmarterMailDkim(self._scope(account))

    def mail_settings(self, account: Account, code: str) -> SettingsStore:
        return mail_settings.store(self._scope(account), code)

    @classmethod
    def limits(cls, settings: Mapping[str, Any], options: Mapping[str, Any]) -> Limits:
        return Limits(
            mailboxes=limit(settings, options, "max_users") or None,
            aliases=limit(settings, options, "max_aliases") or None,
            lists=limit(settings, options, "max_lists") or None,
            domain_aliases=limit(settings, options, "max_domain_aliases"),
            disk_bytes=limit(settings, options, "disk_limit_gb") * GB or None,
        )

    @classmethod
    def password_policy(cls, settings: Mapping[str, Any]) -> PasswordPolicy:
        return passwords.product_policy(settings)

    def dns_expectations(self, account: Account) -> DnsExpectations:
        return dns.dns_expectations(self._scope(account))

    @classmethod
    def webmail_url(cls, hostname: str, port: int, *, secure: bool) -> str:
        scheme, usual = ("https", 443) if secure else ("http", 80)
        where = hostname if port == usual else f"{hostname}:{port}"
        return f"{scheme}://{where}/interface/root#/login"


def _price(settings: Mapping[str, Any], code: str, currency: str) -> Decimal:
    """A currency without a price, or a price that makes no sense, is not billed."""
    amount = setting(settings, code).get(currency)
    usable = isinstance(amount, Decimal) and amount.is_finite() and amount > 0
    return amount if usable else Decimal(0)
