"""A mail platform in memory: a real Module with state, and faults before or after the act."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any

import pytest

from provisioning import registry
from provisioning.contract import (
    Account,
    Alias,
    AliasStore,
    Capability,
    ConflictError,
    ConnectionReport,
    Feature,
    FeatureState,
    Field,
    FieldSet,
    InvalidInput,
    Kind,
    Limits,
    LoginLink,
    Mailbox,
    MailboxChange,
    MailboxStore,
    Module,
    NotFound,
    Observed,
    PasswordPolicy,
    Progress,
    Reading,
    RemoteAccount,
    SettingsPage,
    SettingsSeen,
    SettingsStore,
    Snapshot,
    State,
    UsageReport,
    Written,
)
from provisioning.contract.mail_settings import Attempt
from provisioning.contract.metering import (
    FeatureTerms,
    MeteringTerms,
    Metric,
    SeatFeature,
    TrancheTerms,
    Unit,
)

DISK = Metric("disk", "Disk space", Unit.BYTES)
MAILBOXES = Metric("mailboxes", "Mailboxes", Unit.COUNT)

Stored = dict[tuple[str, str], dict[str, Any]]


@dataclass
class Domain:
    marker: str = ""
    state: State = State.ACTIVE
    restricted: bool = False
    size: Decimal | str | None = Decimal(0)
    limit: int = 0
    password: str = ""
    mailboxes: dict[str, Mailbox] = field(default_factory=dict)
    aliases: dict[str, Alias] = field(default_factory=dict)
    settings: Stored = field(default_factory=dict)  # by page and address


@dataclass
class Fault:
    error: Exception
    times: int
    after: bool


class Platform:
    """One server's state. `calls` are the names of what was asked, in order."""

    def __init__(self) -> None:
        self.domains: dict[str, Domain] = {}
        self.calls: list[str] = []
        self.born_waiting = False
        self.before: Callable[[str], None] = lambda operation: None
        self._faults: dict[str, list[Fault]] = defaultdict(list)

    def fail(
        self, operation: str, error: Exception, *, times: int = 1, after: bool = False
    ) -> None:
        """`operation` "*" strikes everything; `after`: the act is done, its answer lost."""
        self._faults[operation].append(Fault(error, times, after))

    @contextmanager
    def doing(self, operation: str) -> Iterator[None]:
        self.calls.append(operation)
        self.before(operation)
        planned = [*self._faults[operation], *self._faults["*"]]
        fault = next((each for each in planned if each.times > 0), None)
        if fault:
            fault.times -= 1
            if not fault.after:
                raise fault.error
        yield
        if fault:
            raise fault.error

    def domain(self, account: Account) -> Domain:
        try:
            return self.domains[account.domain]
        except KeyError:
            raise NotFound(f"{account.domain} is not here") from None


PLATFORMS: dict[str, Platform] = defaultdict(Platform)

GREETING = (
    Field(code="enabled", label="On", kind=Kind.BOOLEAN, default=False),
    Field(code="text", label="Text", kind=Kind.LONG_TEXT, default="", max_length=1000),
)
PAGES = (
    SettingsPage(code="greeting", label="Greeting", fields=FieldSet(GREETING)),
    SettingsPage(code="away", label="Away", fields=FieldSet(GREETING), of_mailbox=True),
)


class FakeModule(Module):
    code = "fake"
    label = "Fake Mail"
    capabilities = frozenset(Capability) - {
        Capability.LISTS,
        Capability.DKIM,
        Capability.SERVER_LOGIN,
    }
    metrics = (DISK, MAILBOXES)
    features = (Feature(code="eas", label="ActiveSync"),)
    secret_names = frozenset({"wiresecret"})
    server_fields = FieldSet((Field(code="api_key", label="API key", kind=Kind.SECRET),))
    product_fields = FieldSet(
        (
            Field(code="limit", label="Mailboxes", kind=Kind.INTEGER, default=0, minimum=0),
            Field(code="eas_offered", label="Offer EAS", kind=Kind.BOOLEAN, default=True),
            Field(code="eas_price", label="EAS", kind=Kind.PRICE, default={}),
            Field(code="region", label="Region", live_choices=True, default=""),
        )
    )
    known_options = ("seats",)
    settings_pages = PAGES

    @property
    def platform(self) -> Platform:
        return PLATFORMS[self.link.hostname]

    def check_connection(self) -> ConnectionReport:
        with self.platform.doing("check"):
            count = len(self.platform.domains)
            return ConnectionReport(latency_ms=3, version="1.2", accounts=count)

    def live_choices(self, field_code: str) -> Sequence[tuple[str, str]]:
        with self.platform.doing("choices"):
            return [("eu", "Europe"), ("us", "America")]

    def inventory(self) -> Iterable[RemoteAccount]:
        with self.platform.doing("inventory"):
            return [
                RemoteAccount(domain=name, state=domain.state)
                for name, domain in self.platform.domains.items()
            ]

    def observe(self, account: Account) -> Observed:
        with self.platform.doing("observe"):
            found = self.platform.domains.get(account.domain)
            if found is None:
                return Observed(state=State.MISSING)
            return Observed(state=found.state, restricted=found.restricted)

    def create(self, account: Account, progress: Progress) -> Observed:
        existing = self.platform.domains.get(account.domain)
        if existing and existing.marker != account.data.get("marker"):
            raise ConflictError(f"{account.domain} is somebody else's")
        progress({"marker": account.key}, {"admin_password": "Planted-Account-Secret"})
        with self.platform.doing("create"):
            state = State.WAITING if self.platform.born_waiting else State.ACTIVE
            self.platform.domains.setdefault(
                account.domain, Domain(marker=account.key, state=state)
            )
        return Observed(state=state, data={"linked": True}, notes=("made by the fake",))

    def adopt(self, account: Account) -> Observed:
        with self.platform.doing("adopt"):
            return Observed(state=self.platform.domain(account).state, data={"adopted": True})

    def _switch(self, account: Account, operation: str, state: State) -> Observed:
        with self.platform.doing(operation):
            self.platform.domain(account).state = state
        return Observed(state=state)

    def suspend(self, account: Account, reason: str) -> Observed:
        return self._switch(account, "suspend", State.SUSPENDED)

    def unsuspend(self, account: Account) -> Observed:
        return self._switch(account, "unsuspend", State.ACTIVE)

    def restrict(self, account: Account, reason: str) -> Observed:
        return self._hold(account, "restrict", restricted=True)

    def unrestrict(self, account: Account) -> Observed:
        return self._hold(account, "unrestrict", restricted=False)

    def _hold(self, account: Account, operation: str, *, restricted: bool) -> Observed:
        with self.platform.doing(operation):
            self.platform.domain(account).restricted = restricted
        return Observed(state=self.platform.domain(account).state, restricted=restricted)

    def terminate(self, account: Account) -> Observed:
        with self.platform.doing("terminate"):
            self.platform.domains.pop(account.domain, None)
        return Observed(state=State.MISSING)

    def plan_change(self, account: Account) -> Sequence[str]:
        count, limit = len(self.platform.domain(account).mailboxes), account.settings["limit"]
        fits = not limit or count <= limit
        return [] if fits else [f"{count} mailboxes exist, the new limit is {limit}"]

    def change_package(self, account: Account) -> Observed:
        with self.platform.doing("change_package"):
            self.platform.domain(account).limit = account.settings["limit"]
        return Observed(state=self.platform.domain(account).state)

    def change_password(self, account: Account, password: str) -> Observed:
        with self.platform.doing("change_password"):
            self.platform.domain(account).password = password
        return Observed(state=State.ACTIVE, secrets={"admin_password": password})

    def customer_login(self, account: Account) -> LoginLink:
        with self.platform.doing("customer_login"):
            return LoginLink(url="https://mail.example.net/?t=Planted-Login-Token")

    def read_usage(self, accounts: Sequence[Account]) -> UsageReport:
        with self.platform.doing("usage"):
            here = {each.key: self.platform.domains.get(each.domain) for each in accounts}
        sizes = {key: domain.size if domain else None for key, domain in here.items()}
        return UsageReport(
            readings={
                key: (
                    Reading(metric="disk", value=size),
                    Reading(metric="mailboxes", value=Decimal(4)),
                )
                for key, size in sizes.items()
                if isinstance(size, Decimal)
            },
            unknown={key: "no figure" for key, size in sizes.items() if size is None},
            absurd={key: {"disk": size} for key, size in sizes.items() if isinstance(size, str)},
            source="bulk",
        )

    def read_features(self, account: Account) -> FeatureState:
        with self.platform.doing("features"):
            boxes = self.platform.domain(account).mailboxes.values()
            return FeatureState(
                enabled={"eas": frozenset(box.address for box in boxes if "eas" in box.features)}
            )

    @classmethod
    def metering(cls, settings: Mapping[str, Any], currency: str) -> MeteringTerms:
        price = (settings["eas_price"] or {}).get(currency)
        seat = FeatureTerms((SeatFeature("eas", "ActiveSync", price),)) if price else None
        return MeteringTerms(tranche=TrancheTerms(DISK, 10), features=seat)

    @classmethod
    def offered_features(cls, settings: Mapping[str, Any]) -> frozenset[str]:
        return frozenset({"eas"}) if settings["eas_offered"] else frozenset()

    @classmethod
    def limits(cls, settings: Mapping[str, Any], options: Mapping[str, Any]) -> Limits:
        return Limits(mailboxes=options.get("seats") or settings["limit"] or None)

    @classmethod
    def password_policy(cls, settings: Mapping[str, Any]) -> PasswordPolicy:
        return PasswordPolicy(min_length=8, require_digit=True)

    def snapshot(self, account: Account) -> Snapshot:
        with self.platform.doing("snapshot"):
            domain = self.platform.domain(account)
            boxes = (replace(box, forward_to=()) for box in domain.mailboxes.values())
            return Snapshot(mailboxes=tuple(boxes), aliases=tuple(domain.aliases.values()))

    def mailboxes(self, account: Account) -> MailboxStore:
        return FakeMailboxes(self.platform, self.platform.domain(account))

    def aliases(self, account: Account) -> AliasStore:
        return FakeAliases(self.platform, self.platform.domain(account))

    def mail_settings(self, account: Account, code: str) -> SettingsStore:
        page = self.settings_page(code)
        return FakeSettings(page, self.platform, self.platform.domain(account).settings)


class FakeMailboxes(MailboxStore):
    def __init__(self, platform: Platform, domain: Domain) -> None:
        self.platform, self.boxes = platform, domain.mailboxes

    def get(self, address: str) -> Mailbox:
        with self.platform.doing("mailbox_get"):
            if address not in self.boxes:
                raise NotFound(address)
            return self.boxes[address]

    def create(self, address: str, change: MailboxChange) -> Written:
        with self.platform.doing("mailbox_create"):
            if address in self.boxes:
                raise ConflictError(address)
            if not change.password:
                raise InvalidInput("password", "A password is needed.")
            self.boxes[address] = _changed(Mailbox(address=address), change)
        return Written()

    def update(self, address: str, change: MailboxChange) -> Written:
        with self.platform.doing("mailbox_update"):
            self.boxes[address] = _changed(self.boxes[address], change)
        return Written()

    def set_password(self, address: str, password: str) -> None:
        with self.platform.doing("mailbox_password"):
            self.boxes[address]

    def delete(self, address: str) -> None:
        with self.platform.doing("mailbox_delete"):
            self.boxes.pop(address, None)


class FakeAliases(AliasStore):
    def __init__(self, platform: Platform, domain: Domain) -> None:
        self.platform, self.rows = platform, domain.aliases

    def save(self, alias: Alias, *, create: bool) -> None:
        with self.platform.doing("alias_save"):
            self.rows[alias.address] = alias

    def delete(self, address: str) -> None:
        with self.platform.doing("alias_delete"):
            self.rows.pop(address, None)


class FakeSettings(SettingsStore):
    def __init__(self, page: SettingsPage, platform: Platform, stored: Stored) -> None:
        super().__init__(page)
        self.platform, self.stored = platform, stored

    def read(self, address: str = "") -> SettingsSeen:
        with self.platform.doing("settings_read"):
            here = self.stored.get((self.page.code, address), {})
            return SettingsSeen(values={**self.page.fields.defaults(), **here})

    def attempts(self, changes: Mapping[str, Any], address: str) -> Iterable[Attempt]:
        def save() -> tuple[str, ...]:
            with self.platform.doing("settings_write"):
                self.stored.setdefault((self.page.code, address), {}).update(changes)
            return ()

        return (save,)


def _changed(mailbox: Mailbox, change: MailboxChange) -> Mailbox:
    names = ("display_name", "quota_bytes", "enabled", "features", "forward_to")
    given = {name: getattr(change, name) for name in names}
    return replace(mailbox, **{name: value for name, value in given.items() if value is not None})


@contextmanager
def installed(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The fake beside the real modules."""
    monkeypatch.setitem(registry.MODULES, "fake", "tests.support.fake_module.FakeModule")
    registry.installed.cache_clear()
    PLATFORMS.clear()
    yield
    registry.installed.cache_clear()
