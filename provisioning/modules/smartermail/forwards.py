"""Forwarding of one mailbox."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _

from provisioning.contract import Field, InvalidInput, Kind, MailboxChange
from provisioning.modules.smartermail.scope import Scope

_SPAM = (
    ("None", _("Forward spam too")),
    ("Delete", _("Delete spam")),
    ("MoveToJunk", _("Keep spam in the junk folder")),
    ("NoProcessing", _("Do not look at spam")),
)
MAILBOX_FIELDS = (
    Field(
        code="spam_forward",
        label=_("Spam in forwarded mail"),
        kind=Kind.CHOICE,
        default="None",
        choices=_SPAM,
        section="Forwarding",
    ),
    Field(
        code="keep_recipients",
        label=_("Keep the original recipients in forwarded mail"),
        kind=Kind.BOOLEAN,
        default=False,
        section="Forwarding",
    ),
)


@dataclass(frozen=True)
class Forward:
    to: tuple[str, ...] = ()
    keeps_copy: bool = True
    extra: Mapping[str, Any] = field(default_factory=dict)


def read_forward(scope: Scope, local: str) -> Forward:
    wire = _read(scope, local)
    targets = wire.get("forwardList")
    return Forward(
        to=tuple(scope.full(str(target)) for target in targets or ()),
        keeps_copy=not wire.get("deleteOnForward"),
        extra={
            "spam_forward": wire.get("spamForwardOption") or "None",
            "keep_recipients": bool(wire.get("keepRecipients")),
        },
    )


def write_forward(scope: Scope, local: str, change: MailboxChange) -> tuple[str, ...]:
    """Replaces the list; an empty one ends forwarding."""
    wire = {**_read(scope, local), **_changed(scope, local, change)}
    body = {"email": scope.address(local), "mailboxForwardList": wire}
    scope.way.post("post-mailbox-forward-list", json=body)
    return ()


def changes_forward(change: MailboxChange) -> bool:
    said = (change.forward_to, change.forward_keeps_copy)
    return any(value is not None for value in said) or bool(change.extra)


def checked_targets(scope: Scope, local: str, values: tuple[str, ...]) -> list[str]:
    targets = scope.targets(values, field="forward_to")
    if scope.address(local) in targets:
        raise InvalidInput("forward_to", gettext("A mailbox cannot forward to itself."))
    return targets


def _read(scope: Scope, local: str) -> dict[str, Any]:
    body = {"email": scope.address(local)}
    found = scope.way.search("get-mailbox-forward-list", json=body).get("mailboxForwardList")
    return dict(found) if isinstance(found, Mapping) else {}


def _changed(scope: Scope, local: str, change: MailboxChange) -> dict[str, Any]:
    wire: dict[str, Any] = {}
    if change.forward_to is not None:
        wire["forwardList"] = checked_targets(scope, local, change.forward_to)
    if change.forward_keeps_copy is not None:
        wire["deleteOnForward"] = not change.forward_keeps_copy
    if "spam_forward" in change.extra:
        option = change.extra["spam_forward"]
        wire["spamForwardOption"] = option if option in dict(_SPAM) else "None"
    if "keep_recipients" in change.extra:
        wire["keepRecipients"] = bool(change.extra["keep_recipients"])
    return wire
