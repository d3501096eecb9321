"""The one class a vendor folder implements: declared data, life cycle, usage, mail directory."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, ClassVar, Protocol

from django.utils.translation import gettext_noop as _

from provisioning.contract.account import (
    Account,
    ConnectionReport,
    FeatureState,
    LoginLink,
    Observed,
    RemoteAccount,
    State,
    UsageReport,
)
from provisioning.contract.directory import (
    AliasStore,
    DeletedStore,
    DkimStore,
    DomainAliasStore,
    GroupStore,
    Limits,
    ListStore,
    MailboxStore,
    PasswordPolicy,
    Snapshot,
)
from provisioning.contract.dns import DnsExpectations
from provisioning.contract.errors import UnsupportedError
from provisioning.contract.fields import Field, FieldSet
from provisioning.contract.http import HttpClient
from provisioning.contract.mail_settings import SettingsPage, SettingsStore
from provisioning.contract.metering import MeteringTerms, Metric
from provisioning.contract.showing import Fact, Link, Proof


class Capability(StrEnum):
    SUSPEND = "suspend"
    RESTRICT = "restrict"  # outgoing mail stops; incoming mail and sign-in go on
    TERMINATE = "terminate"
    CHANGE_PACKAGE = "change_package"
    CHANGE_PASSWORD = "change_password"  # noqa: S105
    INVENTORY = "inventory"
    STAFF_LOGIN = "staff_login"
    CUSTOMER_LOGIN = "customer_login"
    MAILBOX_LOGIN = "mailbox_login"
    SERVER_LOGIN = "server_login"
    USAGE = "usage"
    FEATURES = "features"
    MAILBOXES = "mailboxes"
    MAILBOX_QUOTA = "mailbox_quota"
    FORWARDS = "forwards"
    ALIASES = "aliases"
    LISTS = "lists"
    DOMAIN_ALIASES = "domain_aliases"
    GROUPS = "groups"
    RESTORE = "restore"  # deleted mailboxes can be brought back for a while
    DKIM = "dkim"
    MAIL_SETTINGS = "mail_settings"  # pages of settings, `Module.settings_pages`
    DNS_GUIDE = "dns_guide"


class AliasTarget(StrEnum):
    """Where an alias of the platform may lead."""

    ADDRESSES = "addresses"  # any number of addresses, anywhere
    MAILBOX = "mailbox"  # exactly one mailbox of the same domain


class TokenStore(Protocol):
    """Session tokens shared by all workers, encrypted where they rest. Keys are local to one
    server.
    """

    def get(self, key: str) -> dict[str, Any] | None: ...
    def set(self, key: str, value: dict[str, Any], *, seconds: float) -> None: ...
    def delete(self, key: str) -> None: ...
    def lock(self, key: str, *, seconds: float) -> AbstractContextManager[object]: ...


@dataclass(frozen=True, kw_only=True)
class ServerLink:
    """An open way to one server: where it is, who we are there, and the HTTP client to use.

    `http` is bound to the server's base address, its TLS choice, the call log and the time budget.
    """

    hostname: str
    port: int
    secure: bool
    username: str
    password: str = field(repr=False)
    settings: Mapping[str, Any] = field(repr=False)
    http: HttpClient
    tokens: TokenStore


@dataclass(frozen=True, kw_only=True)
class Place:
    """A server that a product may be put on: what its record says, and its edition as last seen."""

    name: str
    edition: str = ""
    settings: Mapping[str, Any] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, kw_only=True)
class Feature:
    """A billable switch on a mailbox, such as ActiveSync."""

    code: str
    label: str
    help: str = ""


# Stores progress of a creation at once and durably, before the next request goes out: a marker
# that lets the same creation recognise its own work after a lost answer. Arguments: data, secrets.
Progress = Callable[[Mapping[str, Any], Mapping[str, str]], None]


class Module(ABC):
    """A mail platform. One instance is bound to one server and one time budget; cheap to make."""

    code: ClassVar[str]
    label: ClassVar[str]
    default_port: ClassVar[int] = 443
    default_port_insecure: ClassVar[int | None] = None
    username_label: ClassVar[str] = "User name"
    password_label: ClassVar[str] = "Password"  # noqa: S105
    capabilities: ClassVar[frozenset[Capability]]
    metrics: ClassVar[tuple[Metric, ...]] = ()
    features: ClassVar[tuple[Feature, ...]] = ()
    server_fields: ClassVar[FieldSet] = FieldSet()
    product_fields: ClassVar[FieldSet] = FieldSet()
    # What people may type for one service, e.g. a name it is to have there: `Account.inputs`.
    service_fields: ClassVar[FieldSet] = FieldSet()
    required_options: ClassVar[tuple[str, ...]] = ()
    known_options: ClassVar[tuple[str, ...]] = ()
    # What people read for the codes above; a code without one is shown in words.
    option_labels: ClassVar[Mapping[str, str]] = {}
    mailbox_fields: ClassVar[tuple[Field, ...]] = ()
    settings_pages: ClassVar[tuple[SettingsPage, ...]] = ()
    alias_flags: ClassVar[tuple[Field, ...]] = ()
    alias_target: ClassVar[AliasTarget] = AliasTarget.ADDRESSES
    list_noun: ClassVar[str] = _("Mailing list")
    list_plural: ClassVar[str] = _("Mailing lists")
    list_help: ClassVar[str] = _("One address that reaches many people.")
    # What a list has besides its address and members.
    list_details: ClassVar[frozenset[str]] = frozenset({"description", "owner"})
    group_noun: ClassVar[str] = _("Group")
    group_plural: ClassVar[str] = _("Groups")
    # The only sizes in bytes that a mailbox may have; empty: any.
    quota_steps: ClassVar[tuple[int, ...]] = ()
    # How an account may look once it is terminated; a platform may keep it, e.g. suspended.
    after_terminate: ClassVar[frozenset[State]] = frozenset({State.MISSING})
    # Names of wire fields whose values are masked in the module log, for `HttpClient(secrets=…)`.
    secret_names: ClassVar[frozenset[str]] = frozenset()

    def __init__(self, link: ServerLink) -> None:
        self.link = link

    # -- server
    # ---------------------------------------------------------------------------------------

    @abstractmethod
    def check_connection(self) -> ConnectionReport: ...

    def live_choices(self, field_code: str) -> Sequence[tuple[str, str]]:
        """Choices of a product setting read from the server, as (value, label)."""
        raise UnsupportedError(f"{self.label} has no choices for {field_code}.")

    def inventory(self) -> Iterable[RemoteAccount]:
        raise UnsupportedError(f"{self.label} cannot list its accounts.")

    # -- life cycle
    # -----------------------------------------------------------------------------------

    @abstractmethod
    def observe(self, account: Account) -> Observed:
        """Read only. State.UNKNOWN only when the platform answered and the answer makes no
        sense.
        """

    @abstractmethod
    def create(self, account: Account, progress: Progress) -> Observed:
        """Create, resume our own half-done work, or raise ConflictError for a stranger's
        account.
        """

    def adopt(self, account: Account) -> Observed:
        """Take over an account that exists already, after staff chose it. NotFound."""
        return self.observe(account)

    def suspend(self, account: Account, reason: str) -> Observed:
        raise UnsupportedError(f"{self.label} cannot suspend.")

    def unsuspend(self, account: Account) -> Observed:
        raise UnsupportedError(f"{self.label} cannot unsuspend.")

    @classmethod
    def restricts(cls, server: Mapping[str, Any]) -> bool:
        """Whether a server with these settings can stop outgoing mail alone."""
        return Capability.RESTRICT in cls.capabilities

    def restrict(self, account: Account, reason: str) -> Observed:
        """Outgoing mail stops, also of mailboxes that come later; incoming mail and sign-in go on.
        The state stays what it is, and `restricted` is seen. May be repeated.
        """
        raise UnsupportedError(f"{self.label} cannot stop outgoing mail alone.")

    def unrestrict(self, account: Account) -> Observed:
        raise UnsupportedError(f"{self.label} cannot stop outgoing mail alone.")

    def terminate(self, account: Account) -> Observed:
        """Looks first: an account that is gone, or ended as `after_terminate` says, is a success.
        What staff still have to do goes into the notes.
        """
        raise UnsupportedError(f"{self.label} cannot terminate.")

    def plan_change(self, account: Account) -> Sequence[str]:
        """Sentences on why the account's present contents do not fit the settings in `account`."""
        return ()

    def change_package(self, account: Account) -> Observed:
        """Push the settings and options in `account`. DoesNotFit."""
        raise UnsupportedError(f"{self.label} cannot change packages.")

    def change_password(self, account: Account, password: str) -> Observed:
        """Of the account's own administrator. InvalidInput("password")."""
        raise UnsupportedError(f"{self.label} has no account password.")

    # -- what can be sold
    # -----------------------------------------------------------------------------------------

    @classmethod
    def offer_problems(
        cls, settings: Mapping[str, Any], options: frozenset[str], places: Sequence[Place]
    ) -> Mapping[str, Sequence[str]]:
        """Sentences on what could not be delivered on the servers that a product may be put on, by
        the code of a setting or option. `options` are the codes offered. No platform is called.
        """
        return {}

    # -- sign-on
    # --------------------------------------------------------------------------------------

    def server_login(self) -> LoginLink:
        """Staff, into the server's own administration."""
        raise UnsupportedError(f"{self.label} has no sign-on to the server itself.")

    def staff_login(self, account: Account) -> LoginLink:
        raise UnsupportedError(f"{self.label} has no sign-on for staff.")

    def customer_login(self, account: Account) -> LoginLink:
        raise UnsupportedError(f"{self.label} has no sign-on for customers.")

    def mailbox_login(self, account: Account, address: str) -> LoginLink:
        raise UnsupportedError(f"{self.label} has no sign-on for mailboxes.")

    # -- what is shown of a service; no platform is called
    # -----------------------------------------------------------------------------------------

    @classmethod
    def links(cls, account: Account) -> tuple[Link, ...]:
        """Quick links for the customer and staff, of use while the account is active."""
        return ()

    @classmethod
    def facts(cls, account: Account) -> tuple[Fact, ...]:
        """What else is worth knowing of the account, e.g. its name on the platform."""
        return ()

    @classmethod
    def proof(cls, account: Account) -> Proof | None:
        """What is still to be proven before the account can be used; None when nothing is."""
        return None

    @classmethod
    def first_steps(cls, account: Account) -> tuple[str, ...]:
        """Sentences on what the customer does next, in order."""
        return ()

    # -- metering
    # -------------------------------------------------------------------------------------

    def read_usage(self, accounts: Sequence[Account]) -> UsageReport:
        raise UnsupportedError(f"{self.label} reports no usage.")

    def read_features(self, account: Account) -> FeatureState:
        raise UnsupportedError(f"{self.label} has no billable mailbox features.")

    @classmethod
    def metering(cls, settings: Mapping[str, Any], currency: str) -> MeteringTerms:
        """How a product with these settings is metered. No platform is called."""
        return MeteringTerms()

    @classmethod
    def offered_features(cls, settings: Mapping[str, Any]) -> frozenset[str]:
        """Feature codes that customers may switch themselves."""
        return frozenset()

    # -- mail directory
    # -------------------------------------------------------------------------------

    def snapshot(self, account: Account) -> Snapshot:
        raise UnsupportedError(f"{self.label} has no mail directory.")

    def mailboxes(self, account: Account) -> MailboxStore:
        raise UnsupportedError(f"{self.label} has no mailboxes.")

    def aliases(self, account: Account) -> AliasStore:
        raise UnsupportedError(f"{self.label} has no aliases.")

    def lists(self, account: Account) -> ListStore:
        raise UnsupportedError(f"{self.label} has no lists.")

    def domain_aliases(self, account: Account) -> DomainAliasStore:
        raise UnsupportedError(f"{self.label} has no domain aliases.")

    def groups(self, account: Account) -> GroupStore:
        raise UnsupportedError(f"{self.label} has no groups.")

    def deleted(self, account: Account) -> DeletedStore:
        raise UnsupportedError(f"{self.label} cannot bring back what was deleted.")

    def dkim(self, account: Account) -> DkimStore:
        raise UnsupportedError(f"{self.label} has no DKIM settings.")

    def mail_settings(self, account: Account, code: str) -> SettingsStore:
        """The page of `settings_pages` with this code; UnsupportedError when there is none."""
        raise UnsupportedError(f"{self.label} has no settings called {code}.")

    @classmethod
    def settings_page(cls, code: str) -> SettingsPage:
        """UnsupportedError when there is none of this code."""
        found = next((page for page in cls.settings_pages if page.code == code), None)
        if found is None:
            raise UnsupportedError(f"{cls.label} has no settings called {code}.")
        return found

    @classmethod
    def limits(cls, settings: Mapping[str, Any], options: Mapping[str, Any]) -> Limits:
        return Limits()

    @classmethod
    def password_policy(cls, settings: Mapping[str, Any]) -> PasswordPolicy:
        return PasswordPolicy()

    def dns_expectations(self, account: Account) -> DnsExpectations:
        """What the customer's DNS should hold. May read DKIM state from the platform."""
        raise UnsupportedError(f"{self.label} has no DNS guide.")

    @classmethod
    def webmail_url(cls, hostname: str, port: int, *, secure: bool) -> str:
        """Where mailbox users sign in by hand; empty when there is no such page."""
        return ""
