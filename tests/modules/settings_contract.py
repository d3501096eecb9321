"""What a platform's pages of settings must do, for every module that declares some."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, ClassVar

import pytest

from provisioning.contract import (
    Capability,
    Field,
    InvalidInput,
    Kind,
    MailboxChange,
    MisconfiguredError,
    Module,
    ModuleError,
    NotFound,
    SettingsPage,
    SettingsSeen,
    UnsupportedError,
    Written,
)
from provisioning.contract.mail_settings import alike
from tests.modules.breaking import patience
from tests.modules.panel import Panel

Changes = Mapping[str, Any]
PASSWORD = "Quiet-Harbour-7!x"
STRUCK: dict[str, dict[str, Any]] = {
    "hang": {"kind": "hang"},
    "close": {"kind": "close"},
    "garbage": {"kind": "garbage"},
    "500": {"kind": "status", "status": 500},
    "refused": {"kind": "refusal"},
    "done, then closed": {"kind": "apply-then-close"},
    "done, then a hang": {"kind": "apply-then-hang"},
    "done, then 500": {"kind": "apply-then-500"},
}
BAD: dict[Kind, Any] = {
    Kind.TEXT: "two\nlines",
    Kind.LONG_TEXT: "x\x00",
    Kind.INTEGER: "many",
    Kind.BOOLEAN: "perhaps",
    Kind.CHOICE: "no such choice",
    Kind.MOMENT: "tomorrow",
    Kind.LINES: ("x\x00",),
}


class SettingsContract:
    kind: ClassVar[type[Module]]
    # By page: two sets of values that can follow each other.
    settings_samples: ClassVar[Mapping[str, tuple[Changes, Changes]]] = {}

    def prepare_settings(self, simulator: Any, panel: Panel) -> None:
        """What the samples need on the platform."""

    @pytest.fixture
    def furnished(self, delivered: Panel, simulator: Any) -> Panel:
        if Capability.MAIL_SETTINGS not in self.kind.capabilities:
            pytest.skip(f"{self.kind.label} has no settings")
        address = f"bob@{delivered.account.domain}"
        change = MailboxChange(password=PASSWORD, display_name="Bob")
        delivered.run(lambda m: m.mailboxes(delivered.account).create(address, change))
        self.prepare_settings(simulator, delivered)
        return delivered

    def pages(self) -> Iterator[SettingsPage]:
        assert set(self.settings_samples) == {page.code for page in self.kind.settings_pages}
        yield from self.kind.settings_pages

    def test_settings_come_back_as_they_were_written_and_others_stay(self, furnished) -> None:
        for page in self.pages():
            for changes in self.settings_samples[page.code]:
                before = read(furnished, page).values
                assert write(furnished, page, changes) == Written()
                after = read(furnished, page).values
                assert set(after) <= {item.code for item in page.fields.fields}
                assert differing(after, {**before, **changes}) == [], page.code

    def test_settings_that_are_not_changed_cost_no_request(self, furnished, simulator) -> None:
        simulator.journal.clear()
        for page in self.pages():
            assert write(furnished, page, {}) == Written()
        assert simulator.journal.total == 0

    def test_a_value_that_cannot_be_is_refused_beside_its_field(self, furnished, simulator) -> None:
        for page in self.pages():
            before = read(furnished, page)
            for item in page.fields.fields:
                with pytest.raises(InvalidInput) as caught:
                    write(furnished, page, {item.code: BAD[item.kind]})
                assert caught.value.field == item.code
                assert read(furnished, page) == before

    def test_a_text_longer_than_its_field_is_refused(self, furnished, simulator) -> None:
        texts = [(p, item) for p in self.pages() for item in p.fields.fields if _is_text(item)]
        simulator.journal.clear()
        for page, item in texts:
            with pytest.raises(InvalidInput, match=str(item.max_length)):
                write(furnished, page, {item.code: "x" * (item.max_length + 1)})
        assert simulator.journal.total == 0

    def test_settings_of_a_mailbox_that_is_not_there_are_not_found(self, furnished) -> None:
        nobody = f"nobody@{furnished.account.domain}"
        for page in self.pages():
            if page.of_mailbox:
                changes = self.settings_samples[page.code][0]
                with pytest.raises(NotFound):
                    read(furnished, page, nobody)
                with pytest.raises(NotFound):
                    write(furnished, page, changes, nobody)

    def test_settings_of_another_domains_mailbox_are_out_of_reach(
        self, furnished, simulator
    ) -> None:
        simulator.journal.clear()
        for page in self.pages():
            if page.of_mailbox:
                with pytest.raises(ModuleError):
                    read(furnished, page, "bob@stranger.example")
        assert simulator.journal.total == 0

    def test_a_page_nobody_declared_is_unsupported(self, delivered) -> None:
        with pytest.raises(UnsupportedError):
            delivered.run(lambda m: m.mail_settings(delivered.account, "no-such-page"))

    @pytest.mark.parametrize("fault", STRUCK)
    def test_settings_struck_anywhere_are_as_wanted_once_written_again(
        self, furnished, simulator, fault
    ) -> None:
        furnished.read_timeout = patience(STRUCK[fault])
        for page in self.pages():
            first, second = self.settings_samples[page.code]
            for position in range(1, self._requests(furnished, simulator, page) + 1):
                write(furnished, page, first)
                wanted = {**read(furnished, page).values, **second}
                simulator.fault(nth=position, **STRUCK[fault])
                _insist(furnished, page, second)
                simulator.faults.clear()
                seen = read(furnished, page).values
                assert differing(seen, wanted) == [], f"{page.code}, request {position}"

    def _requests(self, panel: Panel, simulator: Any, page: SettingsPage) -> int:
        first, second = self.settings_samples[page.code]
        write(panel, page, first)
        simulator.journal.clear()
        write(panel, page, second)
        total: int = simulator.journal.total
        return total


def read(panel: Panel, page: SettingsPage, address: str = "") -> SettingsSeen:
    where = _address(panel, page, address)
    return panel.run(lambda m: m.mail_settings(panel.account, page.code).read(where))


def write(panel: Panel, page: SettingsPage, changes: Changes, address: str = "") -> Written:
    where = _address(panel, page, address)
    return panel.run(lambda m: m.mail_settings(panel.account, page.code).write(changes, where))


def differing(seen: Changes, wanted: Changes) -> list[str]:
    return [code for code, value in wanted.items() if not alike(seen.get(code), value)]


def _address(panel: Panel, page: SettingsPage, address: str) -> str:
    return (address or f"bob@{panel.account.domain}") if page.of_mailbox else ""


def _insist(panel: Panel, page: SettingsPage, changes: Changes) -> None:
    """As a person does whose form comes back with a sentence."""
    for _ in range(4):
        try:
            write(panel, page, changes)
        except MisconfiguredError:
            panel.run(lambda module: module.check_connection())
        except ModuleError as error:
            assert error.message
        else:
            return
    raise AssertionError("the settings were never written")


def _is_text(item: Field) -> bool:
    return item.kind in (Kind.TEXT, Kind.LONG_TEXT)
