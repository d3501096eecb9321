"""The auto-responder of a mailbox: plain text, and times in UTC."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from functools import partial
from typing import Any

from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _

from provisioning.contract import (
    Field,
    FieldSet,
    InvalidInput,
    Kind,
    SettingsPage,
    SettingsSeen,
    SettingsStore,
    TemporaryError,
)
from provisioning.contract.mail_settings import Attempt
from provisioning.modules.smartermail.accounts import moment
from provisioning.modules.smartermail.html_text import to_text
from provisioning.modules.smartermail.mailboxes import user_data
from provisioning.modules.smartermail.scope import Scope
from provisioning.modules.smartermail.words import (
    AUDIENCES,
    NEVER,
    NOBODY,
    RESPONDER,
    RESPONDER_KEYS,
)

PAGE = SettingsPage(
    code="auto-responder",
    label=_("Automatic reply"),
    help=_("An answer to everybody who writes to this mailbox, for example during holidays."),
    of_mailbox=True,
    fields=FieldSet(
        (
            Field(code="enabled", label=_("Reply automatically"), kind=Kind.BOOLEAN, default=False),
            Field(code="subject", label=_("Subject"), default="", max_length=200),
            Field(
                code="body",
                label=_("Message"),
                kind=Kind.LONG_TEXT,
                default="",
                max_length=20_000,
                help=_("For people of your own domain."),
            ),
            Field(
                code="audience",
                label=_("Who else gets a reply"),
                kind=Kind.CHOICE,
                default=NOBODY,
                choices=AUDIENCES,
            ),
            Field(
                code="external",
                label=_("Message for them"),
                kind=Kind.LONG_TEXT,
                default="",
                max_length=20_000,
                help=_("Blank: the same as above."),
            ),
            Field(
                code="starts",
                label=_("From"),
                kind=Kind.MOMENT,
                help=_("Blank: as long as it is switched on."),
            ),
            Field(code="ends", label=_("Until"), kind=Kind.MOMENT),
            Field(
                code="direct_only",
                label=_("Only when this address itself is among the recipients"),
                kind=Kind.BOOLEAN,
                default=False,
            ),
        )
    ),
)
FORMATTED = _("This message was formatted in the webmail. Saving keeps its text alone.")
_WIRE = {
    "enabled": "enabled",
    "subject": "subject",
    "direct_only": "autoRespondOnDirectMailOnly",
}


class Responder(SettingsStore):
    def __init__(self, scope: Scope) -> None:
        super().__init__(PAGE)
        self._scope = scope

    def read(self, address: str = "") -> SettingsSeen:
        present = self._present(self._local(address))
        notices = (FORMATTED,) if present.get("isHTML") is True else ()
        return SettingsSeen(values=_values(present), notices=notices)

    def values(self, address: str) -> Mapping[str, Any]:
        return _values(self._present(self._scope.local(address)))

    def attempts(self, changes: Mapping[str, Any], address: str) -> Iterable[Attempt]:
        """Some builds take the settings in a wrapper, some at the root and ignore the wrapper."""
        local = self._local(address)
        present = self._present(local)
        wanted = {**_values(present), **changes}
        _check(wanted)
        known = {key: present[key] for key in RESPONDER_KEYS if key in present}
        wire = {**known, **_sent(changes, wanted)}
        return (
            partial(self._post, local, {RESPONDER: wire}),
            partial(self._post, local, wire),
        )

    def _local(self, address: str) -> str:
        """NotFound: nobody else's settings may be met for want of this mailbox."""
        local = self._scope.local(address)
        user_data(self._scope, local)
        return local

    def _present(self, local: str) -> Mapping[str, Any]:
        reply = self._scope.user(local).get("auto-responder", "false")
        found = reply.get(RESPONDER, reply)
        if not isinstance(found, Mapping) or "enabled" not in found:
            raise TemporaryError("The server's answer holds no auto-responder.")
        return found

    def _post(self, local: str, body: Mapping[str, Any]) -> tuple[str, ...]:
        self._scope.user(local).post("auto-responder", json=body)
        return ()


def _values(present: Mapping[str, Any]) -> dict[str, Any]:
    body, external = _text(present, "body"), _text(present, "externalReply")
    dated = present.get("useActiveDateRange") is True
    return {
        "enabled": present.get("enabled") is True,
        "subject": str(present.get("subject") or ""),
        "body": body,
        "audience": str(present.get("externalAudience") or NOBODY),
        "external": "" if external == body else external,
        "starts": moment(present.get("startDateUtc")) if dated else None,
        "ends": moment(present.get("endDateUtc")) if dated else None,
        "direct_only": present.get("autoRespondOnDirectMailOnly") is True,
    }


def _text(present: Mapping[str, Any], key: str) -> str:
    text = str(present.get(key) or "").replace("\r\n", "\n")
    return to_text(text) if present.get("isHTML") is True else text


def _check(wanted: Mapping[str, Any]) -> None:
    for code, what in (("subject", gettext("a subject")), ("body", gettext("a message"))):
        if wanted["enabled"] and not str(wanted[code] or "").strip():
            raise InvalidInput(code, gettext("An automatic reply needs %(what)s.") % {"what": what})
    starts, ends = wanted["starts"], wanted["ends"]
    if (starts is None) != (ends is None):
        missing = "starts" if starts is None else "ends"
        raise InvalidInput(missing, gettext("Give both times, or neither."))
    if starts is not None and starts >= ends:
        raise InvalidInput("ends", gettext("The end comes after the beginning."))


def _sent(changes: Mapping[str, Any], wanted: Mapping[str, Any]) -> dict[str, Any]:
    """What is changed, and the texts always: as plain ones, whatever they were before."""
    audience, body = wanted["audience"], wanted["body"]
    same = body if audience != NOBODY else ""
    wire = {_WIRE[code]: changes[code] for code in _WIRE if code in changes}
    wire |= {"isHTML": False, "body": body, "externalReply": wanted["external"] or same}
    if "audience" in changes:
        wire["externalAudience"] = int(audience)
    if not changes.keys().isdisjoint({"starts", "ends"}):
        wire["useActiveDateRange"] = wanted["starts"] is not None
        wire["startDateUtc"] = _wire_time(wanted["starts"])
        wire["endDateUtc"] = _wire_time(wanted["ends"])
    return wire


def _wire_time(value: datetime | None) -> str:
    return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ") if value else NEVER
