"""Mailboxes: judged first, counted under a lock, then one act; the aliases are a step after it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _

from provisioning.contract import (
    ConflictError,
    InvalidInput,
    Mailbox,
    MailboxChange,
    MailboxStore,
    ModuleError,
    NotFound,
    Written,
    unless_done,
)
from provisioning.modules.opensrs.aliases import OpenSrsAliases
from provisioning.modules.opensrs.scope import Scope
from provisioning.modules.opensrs.settings import GB, MAILBOX_FIELDS, TIERS, setting
from provisioning.modules.opensrs.stores import check_loop, check_password, check_room, one_line
from provisioning.modules.opensrs.wire import MAILBOX, User

_LONGEST_NAME = 512
_MOST_RECIPIENTS = 1000
_TAKEN = _("This name is already in use.")
_FIELDS = {field.code: field for field in MAILBOX_FIELDS}


class OpenSrsMailboxes(MailboxStore):
    def __init__(self, scope: Scope) -> None:
        scope.require_claim()
        self._scope = scope
        self._wire = scope.wire

    def get(self, address: str) -> Mailbox:
        return mailbox_of(self._mailbox(self._scope.address(address)))

    def create(self, address: str, change: MailboxChange) -> Written:
        whole = self._scope.new_address(address)
        if not change.password:
            raise InvalidInput("password", gettext("Enter a password."))
        change = self._judged(User(address=whole, kind=MAILBOX), change)
        aliases = self._new_aliases(change)
        with self._scope.lock():
            check_room(self._scope, MAILBOX)
            if self._wire.find(whole) is not None:
                raise ConflictError(f"{whole} exists already.", message=_TAKEN)
            incomplete = self._created(whole, change)
            return self._with_aliases(whole, aliases or None, incomplete)

    def update(self, address: str, change: MailboxChange) -> Written:
        whole = self._scope.address(address)
        now = self._mailbox(whole)
        change = self._judged(now, change)
        aliases = self._new_aliases(change)
        with self._scope.lock():
            states = self._scope.services()
            incomplete = self._wire.change_mailbox(now, change, services=states)
            return self._with_aliases(whole, aliases, incomplete)

    def set_password(self, address: str, password: str) -> None:
        self.update(address, MailboxChange(password=password))

    def delete(self, address: str) -> None:
        whole = self._scope.address(address)
        with self._scope.lock():
            found = self._wire.find(whole)
            if found is None:
                return
            if found.kind != MAILBOX:
                raise NotFound(f"{whole} is not a mailbox.")
            self._delete(found)

    def _mailbox(self, address: str) -> User:
        found = self._wire.find(address)
        if found is None or found.kind != MAILBOX:
            raise NotFound(f"{address} is no mailbox on the platform.")
        return found

    def _created(self, address: str, change: MailboxChange) -> tuple[str, ...]:
        incomplete: tuple[str, ...] = ()

        def act() -> None:
            nonlocal incomplete
            incomplete = self._wire.create_mailbox(address, change)

        unless_done(act, lambda: self._wire.find(address) is not None)
        return incomplete

    def _delete(self, found: User) -> None:
        """Where aliases are objects of their own they would be left over."""
        if self._wire.aliases_are_objects and found.aliases:
            self._wire.change_aliases(found.address, add=(), remove=found.aliases)
        try:
            unless_done(
                lambda: self._wire.delete(found.address),
                lambda: self._wire.find(found.address) is None,
            )
        except NotFound:
            return

    def _with_aliases(
        self, address: str, aliases: tuple[str, ...] | None, incomplete: tuple[str, ...]
    ) -> Written:
        if aliases is None:
            return Written(incomplete=incomplete)
        try:
            OpenSrsAliases(self._scope).set_for(address, aliases)
        except ModuleError as error:
            failed = gettext("The aliases could not be changed: %(detail)s") % {
                "detail": error.detail
            }
            return Written(incomplete=(*incomplete, failed))
        return Written(incomplete=incomplete)

    def _new_aliases(self, change: MailboxChange) -> tuple[str, ...] | None:
        if change.aliases is None:
            return None
        given = (self._scope.new_address(alias, field="aliases") for alias in change.aliases)
        return tuple(dict.fromkeys(given))

    def _judged(self, now: User, change: MailboxChange) -> MailboxChange:
        """Everything is judged before anything is sent. InvalidInput."""
        if change.password:
            check_password(self._scope, now.address, change.password)
        if change.quota_bytes is not None:
            self._check_quota(now, change.quota_bytes)
        name = change.display_name
        if name is not None:
            name = one_line("display_name", name, _LONGEST_NAME)
        return replace(
            change,
            display_name=name,
            forward_to=self._checked_forward(now, change),
            extra=_checked_extra(change.extra),
        )

    def _checked_forward(self, now: User, change: MailboxChange) -> tuple[str, ...] | None:
        if change.forward_to is None:
            return None
        to = self._scope.recipients(change.forward_to, field="forward_to")
        if len(to) > _MOST_RECIPIENTS:
            raise InvalidInput(
                "forward_to",
                gettext("At most %(number)s addresses.") % {"number": _MOST_RECIPIENTS},
            )
        check_loop(self._scope, now, to, field="forward_to")
        return to

    def _check_quota(self, now: User, quota: int) -> None:
        most = int(setting(self._scope.account.settings, "quota_maximum_gb")) * GB
        steps = [tier for tier in TIERS if tier <= most]
        if quota in steps or quota == now.quota_bytes:
            return
        sizes = ", ".join(f"{tier // GB}" for tier in steps)
        raise InvalidInput(
            "quota_bytes",
            gettext("A mailbox has one of these sizes in GB: %(sizes)s.") % {"sizes": sizes},
        )


def mailbox_of(user: User) -> Mailbox:
    return Mailbox(
        address=user.address,
        display_name=user.name,
        size_bytes=user.size_bytes,
        quota_bytes=user.quota_bytes,
        enabled=user.enabled,
        last_login_at=user.last_login_at,
        forward_to=user.recipients if user.forwarding else (),
        forward_keeps_copy=user.keeps_copy,
        extra=user.extra,
    )


def _checked_extra(extra: Mapping[str, Any]) -> dict[str, Any]:
    checked = {}
    for code, value in extra.items():
        if code not in _FIELDS:
            raise InvalidInput(code, gettext("There is no %(code)s here.") % {"code": code})
        field, text = _FIELDS[code], one_line(code, str(value or ""), _FIELDS[code].max_length)
        problem = field.validate(text) if field.validate else None
        if not problem and field.choices and text not in dict(field.choices):
            problem = gettext("%(text)s is none of the choices.") % {"text": text}
        if problem:
            raise InvalidInput(code, problem)
        checked[code] = text
    return checked
