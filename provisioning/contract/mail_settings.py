"""Settings of a mail domain or of one mailbox: declared as fields, read and written as a page."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _

from provisioning.contract.checks import problem
from provisioning.contract.directory import Written
from provisioning.contract.errors import InvalidInput, ModuleError, PermanentError
from provisioning.contract.fields import FieldSet
from provisioning.contract.lookback import unless_done

Choices = tuple[tuple[str, str], ...]
# Does one write, and returns sentences on the parts of it that did not come to pass.
Attempt = Callable[[], tuple[str, ...]]

UNSEEN = _(
    "The change was accepted, but the mail platform did not answer when it was looked at again."
)
KEPT = _("The mail platform accepted this and kept what it had.")


@dataclass(frozen=True, kw_only=True)
class SettingsPage:
    """`code` is part of a URL and unique in its module. `of_mailbox`: else of the whole domain."""

    code: str
    label: str
    fields: FieldSet
    help: str = ""
    of_mailbox: bool = False

    def check(self, changes: Mapping[str, Any]) -> None:
        """InvalidInput, naming the first field whose value cannot be."""
        declared = {item.code: item for item in self.fields.fields}
        for code, value in changes.items():
            item = declared.get(code)
            wrong = problem(item, value) if item else gettext("There is no such setting.")
            if wrong:
                raise InvalidInput(code, wrong)


@dataclass(frozen=True, kw_only=True)
class SettingsSeen:
    """Typed `values` by field, without those that are not to be had here; `choices` of the fields
    that have live ones; and `notices`, sentences on what a person should know before saving.
    """

    values: Mapping[str, Any]
    choices: Mapping[str, Choices] = field(default_factory=dict)
    notices: tuple[str, ...] = ()


class SettingsStore(ABC):
    """One page of one account. `address` is the mailbox where the page is of one, else blank."""

    def __init__(self, page: SettingsPage) -> None:
        self.page = page

    @abstractmethod
    def read(self, address: str = "") -> SettingsSeen:
        """Fresh from the platform. NotFound, UnsupportedError when it does not tell or allow."""

    @abstractmethod
    def attempts(self, changes: Mapping[str, Any], address: str) -> Iterable[Attempt]:
        """Ways to write the changes, each a whole one and safe to repeat, the likeliest first; the
        next is for a platform that kept its values. What is not in `changes` stays as it is.
        """

    def values(self, address: str) -> Mapping[str, Any]:
        """What `read` tells, for a look at what became of a write; may leave out the rest."""
        return self.read(address).values

    def write(self, changes: Mapping[str, Any], address: str = "") -> Written:
        """InvalidInput naming a field, also when the platform accepts a value and keeps its own."""
        self.page.check(changes)
        refusal: PermanentError | None = None
        for attempt in self.attempts(changes, address) if changes else ():
            try:
                return self._carried_out(attempt, changes, address)
            except PermanentError as error:
                refusal = refusal or error
        if refusal is not None:
            raise refusal
        return Written()

    def _carried_out(self, attempt: Attempt, changes: Mapping[str, Any], address: str) -> Written:
        said: list[str] = []
        unless_done(lambda: said.extend(attempt()), lambda: not self._ignored(changes, address))
        try:
            ignored = self._ignored(changes, address)
        except ModuleError:
            return Written(incomplete=(*said, gettext(UNSEEN)))
        if ignored:
            detail = f"Accepted, and unchanged afterwards: {', '.join(ignored)}."
            raise InvalidInput(ignored[0], detail, message=KEPT)
        return Written(incomplete=tuple(said))

    def _ignored(self, changes: Mapping[str, Any], address: str) -> list[str]:
        seen = self.values(address)
        return [code for code, wanted in changes.items() if not alike(seen.get(code), wanted)]


def alike(seen: Any, wanted: Any) -> bool:
    """Whether a value is what was asked for, as exactly as platforms keep one: lines in any order
    and case, texts without regard to blanks, moments to the second.
    """
    if isinstance(wanted, str):
        return str(seen or "").split() == wanted.split()
    if isinstance(wanted, tuple):
        return {str(line).lower() for line in seen or ()} == {line.lower() for line in wanted}
    if isinstance(wanted, datetime):
        return isinstance(seen, datetime) and abs((seen - wanted).total_seconds()) < 1
    return bool(seen == wanted)
