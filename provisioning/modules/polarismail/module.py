"""PolarisMail in the contract's terms."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from typing import Any

from django.utils.translation import gettext_noop as _

from provisioning.contract import (
    Account,
    AliasStore,
    AliasTarget,
    Capability,
    ConnectionReport,
    DkimStore,
    DnsExpectations,
    DomainAliasStore,
    Fact,
    Limits,
    ListStore,
    LoginLink,
    MailboxStore,
    Module,
    Observed,
    PasswordPolicy,
    Progress,
    Proof,
    RemoteAccount,
    Snapshot,
    UsageReport,
)
from provisioning.modules.polarismail import (
    creation,
    directory,
    dns,
    lifecycle,
    passwords,
    plan,
    server,
    showing,
    signon,
    usage,
    wire,
)
from provisioning.modules.polarismail.aliases import PolarisMailAliases
from provisioning.modules.polarismail.client import Client
from provisioning.modules.polarismail.dkim import PolarisMailDkim
from provisioning.modules.polarismail.domain_aliases import PolarisMailDomainAliases
from provisioning.modules.polarismail.lists import PolarisMailLists
from provisioning.modules.polarismail.mailboxes import PolarisMailMailboxes
from provisioning.modules.polarismail.scope import Scope
from provisioning.modules.polarismail.settings import (
    MAILBOX_FIELDS,
    PRODUCT_FIELDS,
    SERVER_FIELDS,
    setting,
)
from provisioning.modules.polarismail.units import GB


class PolarisMail(Module):
    code = "polarismail"
    label = "PolarisMail"
    username_label = "Sub-Admin"
    capabilities = frozenset(
        {
            Capability.SUSPEND,
            Capability.TERMINATE,
            Capability.CHANGE_PACKAGE,
            Capability.INVENTORY,
            Capability.SERVER_LOGIN,
            Capability.STAFF_LOGIN,
            Capability.MAILBOX_LOGIN,
            Capability.USAGE,
            Capability.MAILBOXES,
            Capability.MAILBOX_QUOTA,
            Capability.FORWARDS,
            Capability.ALIASES,
            Capability.LISTS,
            Capability.DOMAIN_ALIASES,
            Capability.DKIM,
            Capability.DNS_GUIDE,
        }
    )
    metrics = usage.METRICS
    server_fields = SERVER_FIELDS
    product_fields = PRODUCT_FIELDS
    required_options = plan.REQUIRED
    known_options = plan.REQUIRED
    option_labels = plan.LABELS
    mailbox_fields = MAILBOX_FIELDS
    alias_target = AliasTarget.MAILBOX
    list_noun = _("Distribution list")
    list_plural = _("Distribution lists")
    list_details = frozenset()
    after_terminate = lifecycle.AFTER_TERMINATE
    secret_names = wire.SECRET_NAMES

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
        return lifecycle.switch(self._scope(account), active=False)

    def unsuspend(self, account: Account) -> Observed:
        return lifecycle.switch(self._scope(account), active=True)

    def terminate(self, account: Account) -> Observed:
        return lifecycle.terminate(self._scope(account))

    def plan_change(self, account: Account) -> Sequence[str]:
        return lifecycle.plan_change(self._scope(account))

    def change_package(self, account: Account) -> Observed:
        return lifecycle.change_package(self._scope(account))

    def server_login(self) -> LoginLink:
        return signon.admin_panel(self.client)

    def staff_login(self, account: Account) -> LoginLink:
        return signon.admin_panel(self.client)

    def mailbox_login(self, account: Account, address: str) -> LoginLink:
        return signon.mailbox_login(self._scope(account), address)

    def read_usage(self, accounts: Sequence[Account]) -> UsageReport:
        return usage.read_usage(self.client, accounts)

    def snapshot(self, account: Account) -> Snapshot:
        return directory.snapshot(self._scope(account))

    def mailboxes(self, account: Account) -> MailboxStore:
        return PolarisMailMailboxes(self._scope(account))

    def aliases(self, account: Account) -> AliasStore:
        return PolarisMailAliases(self._scope(account))

    def lists(self, account: Account) -> ListStore:
        return PolarisMailLists(self._scope(account))

    def domain_aliases(self, account: Account) -> DomainAliasStore:
        return PolarisMailDomainAliases(self._scope(account))

    def dkim(self, account: Account) -> DkimStore:
        return PolarisMailDkim(self._scope(account))

    @classmethod
    def facts(cls, account: Account) -> tuple[Fact, ...]:
        return showing.facts(account)

    @classmethod
    def proof(cls, account: Account) -> Proof | None:
        return showing.proof(account)

    @classmethod
    def first_steps(cls, account: Account) -> tuple[str, ...]:
        return showing.first_steps(account)

    @classmethod
    def limits(cls, settings: Mapping[str, Any], options: Mapping[str, Any]) -> Limits:
        bought = plan.lenient(options)
        return Limits(
            mailboxes=sum(bought.counts.values()),
            aliases=bought.aliases,
            lists=bought.lists,
            domain_aliases=int(setting(settings, "max_domain_aliases")),
            max_quota_bytes=int(bought.quota_gb * GB),
        )

    @classmethod
    def password_policy(cls, settings: Mapping[str, Any]) -> PasswordPolicy:
        return passwords.POLICY

    def dns_expectations(self, account: Account) -> DnsExpectations:
        return dns.dns_expectations(self._scope(account))

    @classmethod
    def webmail_url(cls, hostname: str, port: int, *, secure: bool) -> str:
        """Known for the vendor's own hosts; others have none that we know of."""
        return wire.VENDOR_WEBMAIL if hostname.strip().lower() == wire.VENDOR_HOST else ""
