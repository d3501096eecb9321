"""Forwards of one mailbox, changed with its own sign-in. The mailbox always keeps a copy."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial

from django.utils.translation import gettext as _

from provisioning.contract import InvalidInput, MailboxChange, ModuleError
from provisioning.modules.polarismail import loose, reading, wire
from provisioning.modules.polarismail.client import MailboxClient
from provisioning.modules.polarismail.scope import Scope
from provisioning.modules.polarismail.transport import unless_done


def checked(scope: Scope, local: str, change: MailboxChange) -> list[str]:
    """InvalidInput("forward_to" or "forward_keeps_copy")."""
    targets = scope.addresses(change.forward_to or (), field="forward_to")
    if scope.address(local) in targets:
        raise InvalidInput("forward_to", _("A mailbox cannot forward to itself."))
    if targets and change.forward_keeps_copy is False:
        raise InvalidInput("forward_keeps_copy", _("The mailbox always keeps a copy here."))
    return targets


def write(scope: Scope, local: str, wanted: Iterable[str]) -> tuple[str, ...]:
    """Makes exactly these the mailbox's forwards. Sentences on what failed."""
    present = set(reading.forwards(scope.client, scope.domain).get(local, ()))
    add, remove = sorted(set(wanted) - present), sorted(present - set(wanted))
    if not add and not remove:
        return ()
    box = MailboxClient(scope.client, local, scope.domain)
    trouble = []
    for name, targets in (("add_forward", add), ("remove_forward", remove)):
        for target in targets:
            trouble += _attempt(box, name, target)
    return tuple(trouble)


def _attempt(box: MailboxClient, name: str, target: str) -> list[str]:
    wanted = name == "add_forward"
    try:
        unless_done(partial(box.call, name, target=target), lambda: (target in _own(box)) is wanted)
    except ModuleError as error:
        told = _("The forward to %(target)s could not be removed: %(detail)s")
        if wanted:
            told = _("The forward to %(target)s could not be added: %(detail)s")
        return [told % {"target": target, "detail": error.detail}]
    return []


def _own(box: MailboxClient) -> set[str]:
    rows = loose.rows(box.call("forwards").data)
    return {loose.name(wire.facts("forward", row)["target"]) for row in rows}
