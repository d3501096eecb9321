"""What the domain does with mail by its spam points, instead of the server's own rules."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import pairwise
from typing import Any

from django.utils.translation import gettext, gettext_noop
from django.utils.translation import gettext_noop as _

from provisioning.contract import (
    Field,
    FieldSet,
    InvalidInput,
    Kind,
    SettingsPage,
    SettingsSeen,
    SettingsStore,
    UnsupportedError,
)
from provisioning.contract.mail_settings import Attempt, Choices
from provisioning.modules.smartermail.scope import Scope, present_settings, push_settings
from provisioning.modules.smartermail.words import (
    JUNK_FOLDER,
    SPAM_ALLOWED,
    SPAM_LEVELS,
    SPAM_OVERRIDE,
    SpamAction,
)

LEVELS = dict(zip(("low", "medium", "high"), SPAM_LEVELS, strict=True))
# What is offered: the choice's code, its words, and the action with its argument on the wire.
NOTHING, JUNK, PREFIX, DELETE = "nothing", "junk", "prefix", "delete"
KEPT = "kept"  # set on the server to something else
CHOICES = (
    (NOTHING, _("Deliver it as usual")),
    (JUNK, _("Move it to the junk folder")),
    (PREFIX, _("Put a text before the subject")),
    (DELETE, _("Delete it")),
)
_WIRE = {
    NOTHING: (SpamAction.NOTHING, ""),
    JUNK: (SpamAction.MOVE_TO_FOLDER, JUNK_FOLDER),
    DELETE: (SpamAction.DELETE, ""),
}
NOT_ALLOWED = gettext_noop("Your provider does not let domains choose what is done with spam.")


SECTIONS = {
    "low": _("Low probability of spam"),
    "medium": _("Medium probability of spam"),
    "high": _("High probability of spam"),
}


def _level_fields(level: str) -> tuple[Field, ...]:
    section = SECTIONS[level]
    return (
        Field(
            code=f"{level}_weight",
            label=_("From how many points"),
            kind=Kind.INTEGER,
            required=True,
            minimum=0,
            maximum=10_000,
            section=section,
        ),
        Field(
            code=f"{level}_action",
            label=_("Then"),
            kind=Kind.CHOICE,
            default="",
            required=True,
            live_choices=True,
            section=section,
        ),
        Field(
            code=f"{level}_prefix",
            label=_("Text before the subject"),
            default="",
            max_length=50,
            help=_("Used with the choice “Put a text before the subject”."),
            section=section,
        ),
    )


PAGE = SettingsPage(
    code="spam",
    label=_("Spam"),
    help=_("Every message gets points; the more, the more it looks like spam."),
    fields=FieldSet(
        (
            Field(
                code="override",
                label=_("Use the rules below"),
                kind=Kind.BOOLEAN,
                default=False,
                help=_("Otherwise the rules of the mail server apply."),
            ),
            *(item for level in LEVELS for item in _level_fields(level)),
        )
    ),
)


class Spam(SettingsStore):
    def __init__(self, scope: Scope) -> None:
        super().__init__(PAGE)
        self._scope = scope

    def read(self, address: str = "") -> SettingsSeen:
        settings = self._settings()
        actions = {level: _action(settings, wire) for level, wire in LEVELS.items()}
        return SettingsSeen(
            values=_values(settings),
            choices={f"{level}_action": _offered(action) for level, action in actions.items()},
        )

    def attempts(self, changes: Mapping[str, Any], address: str) -> Iterable[Attempt]:
        settings = self._settings()
        wanted = {**_values(settings), **changes}
        _check_weights(wanted, changes)
        _check_prefixes(wanted, changes)
        body = {SPAM_OVERRIDE: wanted["override"]} if "override" in changes else {}
        for level, wire in LEVELS.items():
            if f"{level}_weight" in changes:
                body[f"spamLevel{wire}Weight"] = wanted[f"{level}_weight"]
            if not changes.keys().isdisjoint({f"{level}_action", f"{level}_prefix"}):
                action = _action(settings, wire)
                body[f"spamLevel{wire}Action"] = {**action, **_chosen(level, wanted, action)}

        def push() -> tuple[str, ...]:
            push_settings(self._scope.client, self._scope.domain, body)
            return ()

        return (push,)

    def _settings(self) -> dict[str, Any]:
        settings = present_settings(self._scope)
        if settings.get(SPAM_ALLOWED) is False:
            raise UnsupportedError(f"{SPAM_ALLOWED} is off.", message=NOT_ALLOWED)
        if SPAM_OVERRIDE not in settings:
            raise UnsupportedError("The server does not tell the domain's rules for spam.")
        return settings


def _values(settings: Mapping[str, Any]) -> dict[str, Any]:
    values: dict[str, Any] = {"override": settings[SPAM_OVERRIDE] is True}
    for level, wire in LEVELS.items():
        action = _action(settings, wire)
        code = _code_of(action)
        values[f"{level}_weight"] = settings.get(f"spamLevel{wire}Weight")
        values[f"{level}_action"] = code
        values[f"{level}_prefix"] = str(action.get("argument") or "") if code == PREFIX else ""
    return values


def _offered(action: Mapping[str, Any]) -> Choices:
    """An action of another kind stays as it is until a person chooses one of ours."""
    return (*CHOICES, (KEPT, _words(action))) if _code_of(action) == KEPT else CHOICES


def _action(settings: Mapping[str, Any], wire: str) -> dict[str, Any]:
    found = settings.get(f"spamLevel{wire}Action")
    return dict(found) if isinstance(found, Mapping) else {"actionType": 0, "argument": ""}


def _code_of(action: Mapping[str, Any]) -> str:
    kind, argument = action.get("actionType"), str(action.get("argument") or "")
    if kind == SpamAction.PREFIX_SUBJECT:
        return PREFIX
    offered: dict[Any, str] = {
        (int(kind), argument.lower()): code for code, (kind, argument) in _WIRE.items()
    }
    return offered.get((kind, argument.lower() if kind == SpamAction.MOVE_TO_FOLDER else ""), KEPT)


def _words(action: Mapping[str, Any]) -> str:
    names = {int(each): each.name.replace("_", " ").capitalize() for each in SpamAction}
    name = names.get(action.get("actionType", -1), "Something else")
    return f"{name} {action.get('argument') or ''}".strip() + " (as set on the server)"


def _check_weights(wanted: Mapping[str, Any], changes: Mapping[str, Any]) -> None:
    codes = [f"{level}_weight" for level in LEVELS]
    if changes.keys().isdisjoint(codes):
        return
    for lower, higher in pairwise(codes):
        less, more = wanted[lower], wanted[higher]
        if not isinstance(less, int) or not isinstance(more, int) or less >= more:
            raise InvalidInput(
                higher, gettext("A higher probability needs more points than a lower one.")
            )


def _check_prefixes(wanted: Mapping[str, Any], changes: Mapping[str, Any]) -> None:
    for level in LEVELS:
        code, has_it = f"{level}_prefix", wanted[f"{level}_action"] == PREFIX
        touched = code in changes or f"{level}_action" in changes
        if has_it and touched and not str(wanted[code] or "").strip():
            raise InvalidInput(code, gettext("Type the text to put before the subject."))
        if changes.get(code) and not has_it:
            wrong = gettext("This text is used with the choice “%(choice)s” alone.") % {
                "choice": gettext(dict(CHOICES)[PREFIX])
            }
            raise InvalidInput(code, wrong)


def _chosen(level: str, wanted: Mapping[str, Any], present: Mapping[str, Any]) -> dict[str, Any]:
    """The wire's action of a level whose action or text is changed. InvalidInput."""
    code, prefix = wanted[f"{level}_action"], str(wanted[f"{level}_prefix"]).strip()
    if code == PREFIX:
        return {"actionType": int(SpamAction.PREFIX_SUBJECT), "argument": prefix}
    if code == KEPT and _code_of(present) == KEPT:
        return {}
    if code not in _WIRE:
        raise InvalidInput(f"{level}_action", gettext("This is none of the choices."))
    kind, argument = _WIRE[code]
    return {"actionType": int(kind), "argument": argument}
