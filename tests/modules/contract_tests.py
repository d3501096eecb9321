"""What every platform module must do, shown against its own simulator on a real socket.

A vendor inherits `ModuleContract` and provides three fixtures and two looks into its simulator.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from typing import Any, ClassVar

import pytest

from provisioning.contract import (
    Account,
    Alias,
    Capability,
    ConflictError,
    MailboxChange,
    MailingList,
    MisconfiguredError,
    Module,
    ModuleError,
    Observed,
    ServerLink,
    State,
    TemporaryError,
    UnsupportedError,
)
from provisioning.simulation import Simulator
from tests.modules.panel import MemoryTokens, Panel
from tests.modules.settings_contract import SettingsContract

PASSWORD = "Quiet-Harbour-7!x"
DEADLINE = 1.0
BROKEN: dict[str, dict[str, Any]] = {
    "hang": {"kind": "hang"},
    "close": {"kind": "close"},
    "garbage": {"kind": "garbage"},
    "no HTTP": {"kind": "bad-http"},
    "empty": {"kind": "empty"},
    "half an answer": {"kind": "truncated"},
    "HTML": {"kind": "status", "status": 200, "body": "<html>Welcome</html>"},
    "500": {"kind": "status", "status": 500},
}

# By the capability that they need.
READINGS: dict[str, Callable[[Module, Account], object]] = {
    Capability.SUSPEND: lambda module, account: module.observe(account),
    Capability.USAGE: lambda module, account: module.read_usage([account]),
    Capability.MAILBOXES: lambda module, account: module.snapshot(account),
    Capability.FEATURES: lambda module, account: module.read_features(account),
    Capability.INVENTORY: lambda module, account: list(module.inventory()),
    Capability.DKIM: lambda module, account: module.dkim(account).read(),
}


def seen(observed: Observed) -> tuple[State, bool | None]:
    return observed.state, observed.restricted


class ModuleContract(SettingsContract):
    kind: ClassVar[type[Module]]
    # What a creation ends in before the world outside has done its part, see `settle`.
    created: ClassVar[State] = State.ACTIVE
    # How the simulator's journal calls the requests of this platform's wire.
    method: ClassVar[str] = "POST"

    @pytest.fixture
    def simulator(self) -> Simulator:
        """Started, and stopped afterwards."""
        raise NotImplementedError

    @pytest.fixture
    def link(self, simulator: Simulator) -> ServerLink:
        """With working credentials."""
        raise NotImplementedError

    @pytest.fixture
    def account(self) -> Account:
        """A service that is not on the platform yet."""
        raise NotImplementedError

    def add_stranger(self, simulator: Any, domain: str) -> None:
        """Put a domain that somebody else made on the platform."""
        raise NotImplementedError

    def domains(self, simulator: Any) -> list[str]:
        """Every domain on the platform."""
        raise NotImplementedError

    def settle(self, simulator: Any, panel: Panel) -> None:
        """What must happen outside before a new account works, such as a DNS record."""

    def alias_targets(
        self, panel: Panel, simulator: Any
    ) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """Where an alias may lead at first, and after a change."""
        return ("a@home.example",), ("a@home.example", "b@home.example")

    @pytest.fixture
    def panel(self, link: ServerLink, account: Account) -> Panel:
        return Panel(self.kind, link, account)

    @pytest.fixture
    def delivered(self, panel: Panel, simulator: Any) -> Panel:
        panel.create()
        self.settle(simulator, panel)
        assert panel.keep(panel.observe()).state is State.ACTIVE
        return panel

    def need(self, capability: Capability) -> None:
        if capability not in self.kind.capabilities:
            pytest.skip(f"{self.kind.label} has no {capability}")

    def at(self, panel: Panel, local: str) -> str:
        return f"{local}@{panel.account.domain}"

    def test_creating_twice_leaves_one_account(self, panel, simulator) -> None:
        assert panel.observe().state is State.MISSING
        assert panel.create().state is self.created
        assert panel.create().state is self.created
        self.settle(simulator, panel)
        assert panel.observe().state is State.ACTIVE
        assert self.domains(simulator) == [panel.account.domain]

    def test_a_strangers_account_is_refused_and_left_alone(self, panel, simulator) -> None:
        self.add_stranger(simulator, panel.account.domain)
        before = panel.observe().state
        with pytest.raises(ConflictError):
            panel.create()
        with pytest.raises(ConflictError):
            panel.terminate()
        with pytest.raises(ConflictError):
            panel.suspend()
        with pytest.raises((ConflictError, UnsupportedError)):
            panel.restrict()
        assert self.domains(simulator) == [panel.account.domain]
        assert panel.observe().state is before

    def test_a_creation_whose_every_answer_is_lost_ends_in_one_account(
        self, panel, simulator
    ) -> None:
        simulator.fault("apply-then-close", method=self.method, times=2)
        assert panel.retried(panel.create).state is self.created
        assert self.domains(simulator) == [panel.account.domain]

    def test_suspending_twice_and_releasing_twice(self, delivered) -> None:
        self.need(Capability.SUSPEND)
        assert [delivered.suspend().state for _ in range(2)] == [State.SUSPENDED] * 2
        assert delivered.observe().state is State.SUSPENDED
        assert [delivered.unsuspend().state for _ in range(2)] == [State.ACTIVE] * 2

    def test_outgoing_mail_is_stopped_and_allowed_whatever_else_happens(self, delivered) -> None:
        if not self.kind.restricts(delivered.link.settings):
            pytest.skip(f"{self.kind.label} cannot stop outgoing mail alone")
        stopped, allowed = (State.ACTIVE, True), (State.ACTIVE, False)
        assert seen(delivered.observe()) == allowed
        assert [seen(delivered.restrict()) for _ in range(2)] == [stopped] * 2
        delivered.suspend()
        assert seen(delivered.unsuspend()) == stopped
        assert seen(delivered.change_package()) == stopped
        assert [seen(delivered.unrestrict()) for _ in range(2)] == [allowed] * 2
        assert seen(delivered.observe()) == allowed

    def test_a_platform_that_cannot_stop_outgoing_mail_alone_says_so_and_does_nothing(
        self, delivered
    ) -> None:
        if self.kind.restricts(delivered.link.settings):
            pytest.skip(f"{self.kind.label} can")
        before = delivered.observe()
        for act in (delivered.restrict, delivered.unrestrict):
            with pytest.raises(UnsupportedError):
                act()
        assert delivered.observe() == before

    def test_terminating_twice_and_terminating_what_never_was(self, delivered, simulator) -> None:
        self.need(Capability.TERMINATE)
        for _ in range(2):
            assert delivered.terminate().state in self.kind.after_terminate
            assert delivered.observe().state in self.kind.after_terminate
        if self.kind.after_terminate == {State.MISSING}:
            assert self.domains(simulator) == []
        delivered.account = never_delivered(delivered.account, "never-was")
        assert delivered.terminate().state is State.MISSING

    def test_an_existing_account_can_be_adopted_and_is_ours_then(self, panel, simulator) -> None:
        self.need(Capability.INVENTORY)
        self.add_stranger(simulator, panel.account.domain)
        found = panel.run(lambda module: list(module.inventory()))
        assert [row.domain for row in found] == [panel.account.domain]
        assert panel.adopt().state is State.ACTIVE
        assert panel.suspend().state is State.SUSPENDED

    def test_a_wrong_password_is_for_staff_to_mend(self, panel, link, simulator) -> None:
        panel.link = replace(link, password="wrong", tokens=MemoryTokens())
        for act in (panel.observe, panel.create, lambda: panel.run(lambda m: m.check_connection())):
            with pytest.raises(MisconfiguredError):
                act()
        assert self.domains(simulator) == []

    @pytest.mark.parametrize("fault", BROKEN)
    def test_a_server_in_trouble_is_a_temporary_error_within_the_deadline(
        self, delivered, simulator, fault
    ) -> None:
        delivered.read_timeout, delivered.budget = 0.2, DEADLINE
        simulator.fault(times=None, **BROKEN[fault])
        started = time.monotonic()
        acts: list[Callable[[Module], object]] = [lambda module: module.observe(delivered.account)]
        if Capability.USAGE in self.kind.capabilities:
            acts.append(lambda module: module.read_usage([delivered.account]))
        if Capability.MAILBOXES in self.kind.capabilities:
            acts.append(lambda module: module.snapshot(delivered.account))
        for act in acts:
            with pytest.raises(TemporaryError):
                delivered.run(act)
        assert time.monotonic() - started < DEADLINE * len(acts) + 1

    def test_a_server_that_is_down_is_a_temporary_error(self, delivered, simulator) -> None:
        simulator.stop()
        with pytest.raises(TemporaryError):
            delivered.observe()
        with pytest.raises(TemporaryError):
            delivered.terminate()

    def test_test_connection_tells_how_fast_the_server_is(self, delivered) -> None:
        report = delivered.run(lambda module: module.check_connection())
        assert report.latency_ms >= 0
        assert report.accounts in (None, 1)

    @pytest.mark.parametrize("capability", READINGS)
    def test_what_only_looks_is_logged_as_reading(self, delivered, capability) -> None:
        self.need(Capability(capability))
        delivered.link.tokens.forget()  # so that signing in is among it
        delivered.calls.clear()
        delivered.run(lambda module: READINGS[capability](module, delivered.account))
        assert [call.operation for call in delivered.calls if not call.reads] == []

    def test_what_changes_something_is_logged_as_that(self, delivered) -> None:
        self.need(Capability.SUSPEND)
        for act in (delivered.suspend, delivered.unsuspend):
            delivered.calls.clear()
            act()
            assert not all(call.reads for call in delivered.calls)

    def test_no_secret_reaches_the_call_log(self, delivered, link) -> None:
        if Capability.MAILBOXES in self.kind.capabilities:
            change = MailboxChange(password=PASSWORD)
            delivered.run(
                lambda m: m.mailboxes(delivered.account).create(self.at(delivered, "bob"), change)
            )
        tokens = [text for text in link.tokens.texts() if "access" in text]
        secrets = [PASSWORD, link.password, *delivered.account.secrets.values()]
        assert delivered.calls
        for call in delivered.calls:
            logged = f"{call.url} {call.request} {call.response} {call.error}"
            assert not [secret for secret in secrets if secret and secret in logged]
            assert not [part for text in tokens for part in _long_parts(text) if part in logged]

    def test_usage_nobody_knows_is_unknown_and_not_zero(self, delivered) -> None:
        self.need(Capability.USAGE)
        gone = never_delivered(delivered.account, "gone")
        report = delivered.run(lambda module: module.read_usage([delivered.account, gone]))
        assert set(report.readings) == {delivered.account.key}
        assert set(report.unknown) == {"gone"}
        assert all(isinstance(r.value, Decimal) for r in report.readings[delivered.account.key])

    def test_features_of_an_empty_account_are_off(self, delivered) -> None:
        self.need(Capability.FEATURES)
        state = delivered.run(lambda module: module.read_features(delivered.account))
        assert not any(state.enabled.values())

    def test_a_mailbox_is_made_changed_and_removed(self, delivered) -> None:
        self.need(Capability.MAILBOXES)
        bob, account = self.at(delivered, "bob"), delivered.account
        change = MailboxChange(password=PASSWORD, display_name="Bob")
        written = delivered.run(lambda m: m.mailboxes(account).create(bob, change))
        assert written.incomplete == ()
        assert _addresses(delivered) == [bob]
        with pytest.raises(ConflictError):
            delivered.run(lambda m: m.mailboxes(account).create(bob, change))
        rename = MailboxChange(display_name="Robert")
        delivered.run(lambda m: m.mailboxes(account).update(bob, rename))
        assert delivered.run(lambda m: m.mailboxes(account).get(bob)).display_name == "Robert"
        for _ in range(2):
            delivered.run(lambda m: m.mailboxes(account).delete(bob))
        assert _addresses(delivered) == []

    def test_a_weak_password_is_refused_before_anything_is_made(self, delivered) -> None:
        self.need(Capability.MAILBOXES)
        bob, account = self.at(delivered, "bob"), delivered.account
        with pytest.raises(ModuleError):
            delivered.run(lambda m: m.mailboxes(account).create(bob, MailboxChange(password="x")))
        assert _addresses(delivered) == []

    def test_forwards_come_back_as_they_were_set(self, delivered) -> None:
        self.need(Capability.FORWARDS)
        bob, account = self.at(delivered, "bob"), delivered.account
        change = MailboxChange(
            password=PASSWORD, forward_to=("bob@home.example",), forward_keeps_copy=True
        )
        delivered.run(lambda m: m.mailboxes(account).create(bob, change))
        found = delivered.run(lambda m: m.mailboxes(account).get(bob))
        assert (found.forward_to, found.forward_keeps_copy) == (("bob@home.example",), True)

    def test_an_alias_is_made_changed_and_removed(self, delivered, simulator) -> None:
        self.need(Capability.ALIASES)
        first, second = self.alias_targets(delivered, simulator)
        sales, account = self.at(delivered, "sales"), delivered.account
        alias = Alias(address=sales, targets=first)
        delivered.run(lambda m: m.aliases(account).save(alias, create=True))
        with pytest.raises(ConflictError):
            delivered.run(lambda m: m.aliases(account).save(alias, create=True))
        changed = replace(alias, targets=second)
        delivered.run(lambda m: m.aliases(account).save(changed, create=False))
        assert _snapshot(delivered).aliases[0].targets == second
        for _ in range(2):
            delivered.run(lambda m: m.aliases(account).delete(sales))
        assert _snapshot(delivered).aliases == ()

    def test_a_list_is_made_filled_and_removed(self, delivered) -> None:
        self.need(Capability.LISTS)
        team, account = self.at(delivered, "team"), delivered.account
        wanted = MailingList(address=team, members=("a@home.example",))
        delivered.run(lambda m: m.lists(account).create(wanted))
        delivered.run(
            lambda m: m.lists(account).change_members(
                team, add=["b@home.example"], remove=["a@home.example"]
            )
        )
        assert delivered.run(lambda m: m.lists(account).members(team)) == ("b@home.example",)
        for _ in range(2):
            delivered.run(lambda m: m.lists(account).delete(team))
        assert _snapshot(delivered).lists == ()

    def test_a_domain_alias_is_added_and_removed(self, delivered) -> None:
        self.need(Capability.DOMAIN_ALIASES)
        account = delivered.account
        delivered.run(lambda m: m.domain_aliases(account).add("other.example"))
        assert [alias.name for alias in _snapshot(delivered).domain_aliases] == ["other.example"]
        with pytest.raises(ConflictError):
            delivered.run(lambda m: m.domain_aliases(account).add("other.example"))
        for _ in range(2):
            delivered.run(lambda m: m.domain_aliases(account).delete("other.example"))
        assert _snapshot(delivered).domain_aliases == ()

    def test_dkim_is_switched_on_and_off(self, delivered) -> None:
        self.need(Capability.DKIM)
        account = delivered.account
        key = delivered.run(lambda m: m.dkim(account).enable())
        assert key.selector and key.public_key and key.state in ("active", "standby")
        assert delivered.run(lambda m: m.dkim(account).disable()).state in ("none", "disabled")

    def test_addresses_of_another_domain_are_out_of_reach(self, delivered, simulator) -> None:
        self.need(Capability.MAILBOXES)
        self.add_stranger(simulator, "stranger.example")
        account, theirs = delivered.account, "postmaster@stranger.example"
        before = simulator.journal.total
        for act in (
            lambda m: m.mailboxes(account).get(theirs),
            lambda m: m.mailboxes(account).delete(theirs),
            lambda m: m.mailboxes(account).set_password(theirs, PASSWORD),
        ):
            with pytest.raises(ModuleError):
                delivered.run(act)
        assert simulator.journal.total == before


def never_delivered(account: Account, name: str) -> Account:
    return replace(account, key=name, domain=f"{name}.example", inputs={}, data={}, secrets={})


def _snapshot(panel: Panel) -> Any:
    return panel.run(lambda module: module.snapshot(panel.account))


def _addresses(panel: Panel) -> list[str]:
    return [mailbox.address for mailbox in _snapshot(panel).mailboxes]


def _long_parts(text: str) -> list[str]:
    return [part for part in text.split('"') if len(part) > 30]
