"""ispmanager 6 in the contract's terms: hosting accounts and reseller accounts, two modules."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from typing import Any, ClassVar

from django.utils.translation import gettext_noop as _

from provisioning.contract import (
    Account,
    AliasStore,
    AliasTarget,
    Capability,
    ConnectionReport,
    DkimStore,
    DnsExpectations,
    Fact,
    Limits,
    Link,
    ListStore,
    LoginLink,
    MailboxStore,
    Module,
    Observed,
    PasswordPolicy,
    Place,
    Progress,
    RemoteAccount,
    SettingsStore,
    Snapshot,
    State,
    UnsupportedError,
    UsageReport,
)
from provisioning.contract.metering import MeteringTerms, TrancheTerms
from provisioning.modules.ispmanager import (
    creation,
    directory,
    dns,
    editions,
    kinds,
    lifecycle,
    mail_domain,
    server,
    signon,
    usage,
)
from provisioning.modules.ispmanager.aliases import IspAliases
from provisioning.modules.ispmanager.client import SECRET_NAMES, Client
from provisioning.modules.ispmanager.dkim import IspDkim
from provisioning.modules.ispmanager.limits import (
    HOSTING_LIMITS,
    MIB,
    RESELLER_LIMITS,
    chosen,
    meaning,
)
from provisioning.modules.ispmanager.lists import IspLists
from provisioning.modules.ispmanager.mailboxes import MAILBOX_FIELDS, IspMailboxes
from provisioning.modules.ispmanager.scope import Scope
from provisioning.modules.ispmanager.settings import (
    HOSTING_FIELDS,
    IP_OPTIONS,
    RESELLER_FIELDS,
    SERVER_FIELDS,
    setting,
)

_OF_ACCOUNTS = frozenset(
    {
        Capability.SUSPEND,
        Capability.TERMINATE,
        Capability.CHANGE_PACKAGE,
        Capability.CHANGE_PASSWORD,
        Capability.INVENTORY,
        Capability.STAFF_LOGIN,
        Capability.CUSTOMER_LOGIN,
        Capability.SERVER_LOGIN,
        Capability.USAGE,
    }
)
_OF_MAIL = frozenset(
    {
        Capability.MAILBOXES,
        Capability.MAILBOX_QUOTA,
        Capability.FORWARDS,
        Capability.ALIASES,
        Capability.LISTS,
        Capability.DKIM,
        Capability.MAIL_SETTINGS,
        Capability.DNS_GUIDE,
    }
)


class IspManagerBase(Module):
    """What the two kinds have in common: the life of an account, sign-on and usage."""

    kind: ClassVar[kinds.Kind]
    default_port = 1500
    username_label = "Administrator"
    server_fields = SERVER_FIELDS
    secret_names = SECRET_NAMES

    @cached_property
    def client(self) -> Client:
        return Client(self.link)

    def _scope(self, account: Account) -> Scope:
        return Scope(self.client, self.kind, account)

    def check_connection(self) -> ConnectionReport:
        return server.check_connection(self.client, self.kind)

    def live_choices(self, field_code: str) -> Sequence[tuple[str, str]]:
        if field_code != "template":
            raise UnsupportedError(f"{self.label} has no choices for {field_code}.")
        return server.template_choices(self.client, self.kind)

    def observe(self, account: Account) -> Observed:
        return lifecycle.observe(self._scope(account))

    def create(self, account: Account, progress: Progress) -> Observed:
        return creation.create(self._scope(account), progress)

    def adopt(self, account: Account) -> Observed:
        return lifecycle.adopt(self._scope(account))

    def suspend(self, account: Account, reason: str) -> Observed:
        return lifecycle.switch(self._scope(account), State.SUSPENDED)

    def unsuspend(self, account: Account) -> Observed:
        return lifecycle.switch(self._scope(account), State.ACTIVE)

    def terminate(self, account: Account) -> Observed:
        return lifecycle.terminate(self._scope(account))

    def plan_change(self, account: Account) -> Sequence[str]:
        return lifecycle.plan_change(self._scope(account))

    def change_package(self, account: Account) -> Observed:
        return lifecycle.change_package(self._scope(account))

    def change_password(self, account: Account, password: str) -> Observed:
        return lifecycle.change_password(self._scope(account), password)

    @classmethod
    def offer_problems(
        cls, settings: Mapping[str, Any], options: frozenset[str], places: Sequence[Place]
    ) -> Mapping[str, Sequence[str]]:
        return editions.offer_problems(cls.kind, settings, options, places)

    def staff_login(self, account: Account) -> LoginLink:
        return signon.account_login(self._scope(account))

    def customer_login(self, account: Account) -> LoginLink:
        return signon.account_login(self._scope(account))

    def server_login(self) -> LoginLink:
        return signon.server_login(self.client)

    @classmethod
    def facts(cls, account: Account) -> tuple[Fact, ...]:
        addresses = account.data.get("addresses") or []
        found = (
            Fact(label=_("User name"), value=str(account.data.get("login") or "")),
            Fact(
                label=_("Password"), value=str(account.secrets.get("password") or ""), secret=True
            ),
            Fact(label=_("IP addresses"), value=", ".join(str(address) for address in addresses)),
        )
        return tuple(fact for fact in found if fact.value)

    @classmethod
    def links(cls, account: Account) -> tuple[Link, ...]:
        url = str(account.data.get("panel_url") or "")
        return (Link(label=_("Control panel"), url=url),) if url else ()

    def read_usage(self, accounts: Sequence[Account]) -> UsageReport:
        return usage.read_usage(self.client, self.kind, accounts)

    @classmethod
    def metering(cls, settings: Mapping[str, Any], currency: str) -> MeteringTerms:
        size = int(setting(settings, "tranche_gb") or 0)
        return MeteringTerms(tranche=TrancheTerms(usage.DISK, size) if size > 0 else None)


class IspManager(IspManagerBase):
    code = "ispmanager"
    label = "ispmanager"
    kind = kinds.HOSTING
    username_label = "Administrator or reseller"
    capabilities = _OF_ACCOUNTS | _OF_MAIL
    metrics = usage.HOSTING_METRICS
    product_fields = HOSTING_FIELDS
    known_options = (*IP_OPTIONS, *(limit.code for limit in HOSTING_LIMITS))
    mailbox_fields = MAILBOX_FIELDS
    settings_pages = (mail_domain.PAGE,)
    alias_target = AliasTarget.MAILBOX
    list_noun = _("Distribution list")
    list_plural = _("Distribution lists")
    list_details = frozenset({"description"})

    def inventory(self) -> Iterable[RemoteAccount]:
        return list(usage.hosting_inventory(self.client))

    def snapshot(self, account: Account) -> Snapshot:
        return directory.snapshot(self._scope(account))

    def mailboxes(self, account: Account) -> MailboxStore:
        return IspMailboxes(self._scope(account))

    def aliases(self, account: Account) -> AliasStore:
        return IspAliases(self._scope(account))

    def lists(self, account: Account) -> ListStore:
        return IspLists(self._scope(account))

    def dkim(self, account: Account) -> DkimStore:
        return IspDkim(self._scope(account))

    def mail_settings(self, account: Account, code: str) -> SettingsStore:
        self.settings_page(code)
        return mail_domain.MailDomainSettings(self._scope(account))

    @classmethod
    def limits(cls, settings: Mapping[str, Any], options: Mapping[str, Any]) -> Limits:
        """What the product itself says; the template's limits are known to the panel alone."""
        mailboxes = meaning(chosen(settings, options, "limit_emails"))
        largest = meaning(chosen(settings, options, "limit_email_quota"))
        disk = meaning(chosen(settings, options, "limit_quota"))
        return Limits(
            mailboxes=mailboxes,
            max_quota_bytes=largest * MIB if largest is not None else None,
            disk_bytes=disk * MIB if disk is not None else None,
        )

    @classmethod
    def password_policy(cls, settings: Mapping[str, Any]) -> PasswordPolicy:
        return PasswordPolicy(min_length=max(1, int(setting(settings, "password_min_length"))))

    def dns_expectations(self, account: Account) -> DnsExpectations:
        return dns.dns_expectations(self._scope(account))


class IspManagerReseller(IspManagerBase):
    code = "ispmanager_reseller"
    label = "ispmanager reseller"
    kind = kinds.RESELLER
    capabilities = _OF_ACCOUNTS
    metrics = usage.RESELLER_METRICS
    product_fields = RESELLER_FIELDS
    known_options = tuple(limit.code for limit in RESELLER_LIMITS)

    def inventory(self) -> Iterable[RemoteAccount]:
        return list(usage.reseller_inventory(self.client))
