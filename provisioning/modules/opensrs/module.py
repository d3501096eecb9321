"""OpenSRS Hosted Email in the contract's terms."""

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
    DeletedStore,
    DnsExpectations,
    DomainAliasStore,
    GroupStore,
    Limits,
    ListStore,
    LoginLink,
    MailboxStore,
    Module,
    Observed,
    PasswordPolicy,
    Progress,
    RemoteAccount,
    Snapshot,
    UsageReport,
)
from provisioning.modules.opensrs import directory, dns, lifecycle, signon, usage
from provisioning.modules.opensrs.aliases import OpenSrsAliases
from provisioning.modules.opensrs.app import AppWire
from provisioning.modules.opensrs.app_client import AppClient
from provisioning.modules.opensrs.deleted import OpenSrsDeleted
from provisioning.modules.opensrs.domain_aliases import OpenSrsDomainAliases
from provisioning.modules.opensrs.forwards import OpenSrsForwards
from provisioning.modules.opensrs.groups import OpenSrsGroups
from provisioning.modules.opensrs.mailboxes import OpenSrsMailboxes
from provisioning.modules.opensrs.oma_accounts import OmaWire
from provisioning.modules.opensrs.oma_client import SECRET_NAMES, OmaClient
from provisioning.modules.opensrs.scope import Scope
from provisioning.modules.opensrs.settings import (
    APP,
    FORWARDS,
    GB,
    MAILBOX_FIELDS,
    MAILBOXES,
    OMA_PORT,
    PRODUCT_FIELDS,
    SERVER_FIELDS,
    TIERS,
    bought,
    cluster_of,
    setting,
)
from provisioning.modules.opensrs.wire import Wire


class OpenSrs(Module):
    code = "opensrs"
    label = "OpenSRS Hosted Email"
    default_port = OMA_PORT
    username_label = "Company administrator (admin@reseller.adm)"
    capabilities = frozenset(
        {
            Capability.SUSPEND, Capability.RESTRICT, Capability.TERMINATE,
            Capability.CHANGE_PACKAGE, Capability.INVENTORY, Capability.STAFF_LOGIN,
            Capability.MAILBOX_LOGIN, Capability.USAGE, Capability.MAILBOXES,
            Capability.MAILBOX_QUOTA, Capability.FORWARDS, Capability.ALIASES, Capability.LISTS,
            Capability.DOMAIN_ALIASES, Capability.GROUPS, Capability.RESTORE,
            Capability.DNS_GUIDE,
        }
    )  # fmt: skip
    metrics = usage.METRICS
    server_fields = SERVER_FIELDS
    product_fields = PRODUCT_FIELDS
    required_options = (MAILBOXES, FORWARDS)
    known_options = (MAILBOXES, FORWARDS)
    option_labels: ClassVar[Mapping[str, str]] = {MAILBOXES: "Mailboxes", FORWARDS: "Forwards"}
    mailbox_fields = MAILBOX_FIELDS
    alias_target = AliasTarget.MAILBOX
    list_noun = _("Forward")
    list_plural = _("Forwards")
    list_help = _("Addresses without a mailbox, whose mail goes on to others.")
    list_details = frozenset({"description"})
    group_noun = _("Workgroup")
    group_plural = _("Workgroups")
    quota_steps = TIERS
    secret_names = SECRET_NAMES

    @cached_property
    def wire(self) -> Wire:
        if self.link.settings.get("protocol") == APP:
            return AppWire(AppClient(self.link))
        return OmaWire(OmaClient(self.link), username=self.link.username)

    def _scope(self, account: Account) -> Scope:
        return Scope(self.wire, self.link.tokens, account)

    def check_connection(self) -> ConnectionReport:
        return self.wire.check()

    def inventory(self) -> Iterable[RemoteAccount]:
        return usage.inventory(self.wire)

    def observe(self, account: Account) -> Observed:
        return lifecycle.observe(self._scope(account))

    def create(self, account: Account, progress: Progress) -> Observed:
        return lifecycle.create(self._scope(account), progress)

    def adopt(self, account: Account) -> Observed:
        return lifecycle.adopt(self._scope(account))

    def suspend(self, account: Account, reason: str) -> Observed:
        return lifecycle.switch(self._scope(account), disabled=True)

    def unsuspend(self, account: Account) -> Observed:
        return lifecycle.switch(self._scope(account), disabled=False)

    @classmethod
    def restricts(cls, server: Mapping[str, Any]) -> bool:
        """APP has no switch of its own for what is sent by webmail."""
        return server.get("protocol") != APP

    def restrict(self, account: Account, reason: str) -> Observed:
        return lifecycle.restrict(self._scope(account))

    def unrestrict(self, account: Account) -> Observed:
        return lifecycle.unrestrict(self._scope(account))

    def terminate(self, account: Account) -> Observed:
        return lifecycle.terminate(self._scope(account))

    def plan_change(self, account: Account) -> Sequence[str]:
        return lifecycle.plan_change(self._scope(account))

    def change_package(self, account: Account) -> Observed:
        return lifecycle.change_package(self._scope(account))

    def staff_login(self, account: Account) -> LoginLink:
        return signon.staff_login(self.link)

    def mailbox_login(self, account: Account, address: str) -> LoginLink:
        return signon.mailbox_login(self._scope(account), self.link, address)

    def read_usage(self, accounts: Sequence[Account]) -> UsageReport:
        source = str(self.link.settings.get("disk_source") or "auto")
        return usage.read_usage(self.wire, self.link.tokens, accounts, disk=source)

    def snapshot(self, account: Account) -> Snapshot:
        most = self.link.settings.get("details_up_to")
        return directory.snapshot(self._scope(account), details_up_to=int(most or 0))

    def mailboxes(self, account: Account) -> MailboxStore:
        return OpenSrsMailboxes(self._scope(account))

    def aliases(self, account: Account) -> AliasStore:
        return OpenSrsAliases(self._scope(account))

    def lists(self, account: Account) -> ListStore:
        return OpenSrsForwards(self._scope(account))

    def domain_aliases(self, account: Account) -> DomainAliasStore:
        return OpenSrsDomainAliases(self._scope(account))

    def groups(self, account: Account) -> GroupStore:
        return OpenSrsGroups(self._scope(account))

    def deleted(self, account: Account) -> DeletedStore:
        return OpenSrsDeleted(self._scope(account))

    @classmethod
    def limits(cls, settings: Mapping[str, Any], options: Mapping[str, Any]) -> Limits:
        return Limits(
            mailboxes=bought(options, MAILBOXES),
            lists=bought(options, FORWARDS),
            aliases=int(setting(settings, "alias_limit")) or None,
            max_quota_bytes=int(setting(settings, "quota_maximum_gb")) * GB,
        )

    @classmethod
    def password_policy(cls, settings: Mapping[str, Any]) -> PasswordPolicy:
        return PasswordPolicy(min_length=int(setting(settings, "password_min_length")))

    def dns_expectations(self, account: Account) -> DnsExpectations:
        cluster = cluster_of(self.link.hostname, str(self.link.settings.get("cluster") or ""))
        wanted = bool(setting(account.settings, "dkim_cnames"))
        domain = self._scope(account).domain
        return dns.dns_expectations(domain, cluster, dkim_cnames=wanted)

    @classmethod
    def webmail_url(cls, hostname: str, port: int, *, secure: bool) -> str:
        cluster = cluster_of(hostname)
        if cluster:
            return f"https://mail.{cluster}.hostedemail.com/mail"
        scheme, usual = ("https", 443) if secure else ("http", 80)
        where = hostname if port == usual else f"{hostname}:{port}"
        return f"{scheme}://{where}/mail"
