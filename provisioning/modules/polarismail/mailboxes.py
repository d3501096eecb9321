"""Mailboxes: one main act, then steps that may fail one by one and are named when they do."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from functools import partial
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from provisioning.contract import (
    InvalidInput,
    Mailbox,
    MailboxChange,
    MailboxStore,
    ModuleError,
    NotFound,
    Written,
)
from provisioning.modules.polarismail import forwards, passwords, reading, units, wire
from provisioning.modules.polarismail.aliases import PolarisMailAliases
from provisioning.modules.polarismail.answers import Refusal
from provisioning.modules.polarismail.names import Names, require_room
from provisioning.modules.polarismail.plan import Plan, lenient
from provisioning.modules.polarismail.reading import MailboxRow
from provisioning.modules.polarismail.scope import Scope
from provisioning.modules.polarismail.settings import setting
from provisioning.modules.polarismail.transport import unless_done

_LONGEST_NAME = 100
_NOUNS = {
    wire.BASIC: gettext_noop("Basic mailboxes"),
    wire.ENHANCED: gettext_noop("Enhanced mailboxes"),
}
_ONLY_NEW = ("language", "timezone")

# What the step changes, and the act; it returns sentences on what did not come to pass.
Steps = Iterator[tuple[str, Callable[[], tuple[str, ...]]]]


@dataclass(frozen=True, kw_only=True)
class _Account:
    """What a mailbox is to be, checked."""

    name: str
    type: str
    quota_gb: Decimal
    password: str = ""

    def form(self) -> dict[str, str]:
        values = {
            "name": self.name,
            "type": wire.TYPES[self.type],
            "quota_gb": units.wire_gb(self.quota_gb),
        }
        return {**values, "password": self.password} if self.password else values


class PolarisMailMailboxes(MailboxStore):
    def __init__(self, scope: Scope) -> None:
        scope.require_ready()
        self._scope = scope
        self._client = scope.client

    def get(self, address: str) -> Mailbox:
        local = self._scope.local(address)
        row = self._row(local)
        targets = reading.forwards(self._client, self._scope.domain).get(local, ())
        return mailbox_of(self._scope, row, targets)

    def create(self, address: str, change: MailboxChange) -> Written:
        scope, local = self._scope, self._scope.new_local(address)
        if not change.password:
            raise InvalidInput("password", _("Enter a password."))
        self._check(local, change)
        with scope.alone():
            names, plan = Names.read(scope), scope.plan
            names.require_free(local)
            account = self._new(change, names, plan)
            form = {**account.form(), **self._only_new(change)}
            unless_done(
                lambda: self._client.call("add_mailbox", local=local, domain=scope.domain, **form),
                lambda: self._exists(local),
            )
        return _carried_out(self._steps(local, change, new=True), done_before=True)

    def update(self, address: str, change: MailboxChange) -> Written:
        scope, local = self._scope, self._scope.local(address)
        self._check(local, change)
        row = self._row(local)
        changes_account = _changes_account(change)
        if changes_account:
            with scope.alone():
                form = self._changed(row, change).form()
                self._client.call("set_mailbox", local=local, domain=scope.domain, **form)
        written = _carried_out(self._steps(local, change, new=False), done_before=changes_account)
        return Written(incomplete=(*written.incomplete, *_too_late(change)))

    def set_password(self, address: str, password: str) -> None:
        local = self._scope.local(address)
        passwords.check(password)
        form = self._changed(self._row(local), MailboxChange(password=password)).form()
        self._client.call("set_mailbox", local=local, domain=self._scope.domain, **form)

    def delete(self, address: str) -> None:
        """Its aliases go first: each leads to this mailbox alone."""
        scope, local = self._scope, self._scope.local(address)
        if not self._exists(local):
            return
        PolarisMailAliases(scope).drop_for(scope.address(local))
        try:
            unless_done(
                lambda: self._client.call("remove_mailbox", local=local, domain=scope.domain),
                lambda: not self._exists(local),
            )
        except Refusal:
            if self._exists(local):
                raise

    def _row(self, local: str) -> MailboxRow:
        row = reading.mailbox(self._client, self._scope.domain, local)
        if row is None:
            raise NotFound(f"{self._scope.address(local)} is not on the platform.")
        return row

    def _exists(self, local: str) -> bool:
        return reading.mailbox(self._client, self._scope.domain, local) is not None

    def _check(self, local: str, change: MailboxChange) -> None:
        """What is sent later is judged first, so that a wrong part leaves nothing half done."""
        if change.password:
            passwords.check(change.password)
        for alias in change.aliases or ():
            self._scope.new_local(alias, field="aliases")
        forwards.checked(self._scope, local, change)
        if change.features:
            raise InvalidInput("features", _("This platform has no such features."))

    def _new(self, change: MailboxChange, names: Names, plan: Plan) -> _Account:
        settings = self._scope.account.settings
        kind = _type(change) or _usual_type(str(setting(settings, "default_type")), names, plan)
        require_room(names.count(kind), plan.counts[kind], _(_NOUNS[kind]), field="account_type")
        usual = min(Decimal(setting(settings, "default_quota_gb")), plan.quota_gb)
        return _Account(
            name=_plain_name(change.display_name or ""),
            type=kind,
            quota_gb=_quota(change, plan) or usual,
            password=change.password or "",
        )

    def _changed(self, row: MailboxRow, change: MailboxChange) -> _Account:
        """Name, type and size are always sent together, so what stays goes back as it came."""
        # A package with a fault allows nothing new, and still lets a password be changed.
        plan, now = lenient(self._scope.account.options), row.type or wire.BASIC
        kind = _type(change) or now
        if kind != now:
            names = Names.read(self._scope)
            require_room(
                names.count(kind), plan.counts[kind], _(_NOUNS[kind]), field="account_type"
            )
        present = row.quota_gb(self._scope.mb_per_gb) or plan.quota_gb
        wanted = _quota(change, plan, present=present)
        return _Account(
            name=row.name if change.display_name is None else _plain_name(change.display_name),
            type=kind,
            quota_gb=wanted or present,
            password=change.password or "",
        )

    def _only_new(self, change: MailboxChange) -> dict[str, str]:
        settings = self._scope.account.settings
        language = str(change.extra.get("language") or setting(settings, "language")).strip()
        timezone = str(change.extra.get("timezone") or "").strip()
        return {
            "two_factor": str(int(bool(setting(settings, "allow_two_factor")))),
            "language": language or "en",
            **({"timezone": timezone} if timezone else {}),
        }

    def _steps(self, local: str, change: MailboxChange, *, new: bool) -> Steps:
        """A new mailbox has no aliases or forwards that could be taken away."""
        scope = self._scope
        if change.aliases or (change.aliases is not None and not new):
            aliases = PolarisMailAliases(scope)
            set_them = partial(aliases.set_for_mailbox, scope.address(local), change.aliases or ())
            yield gettext_noop("Aliases"), set_them
        if change.forward_to or (change.forward_to is not None and not new):
            targets = forwards.checked(scope, local, change)
            yield gettext_noop("Forwarding"), partial(forwards.write, scope, local, targets)
        # Forwards are written with the mailbox's own sign-in, so it is disabled last.
        if change.enabled is False or (change.enabled and not new):
            yield gettext_noop("Sign-in"), partial(self._switch, local, enabled=change.enabled)

    def _switch(self, local: str, *, enabled: bool) -> tuple[str, ...]:
        name = "enable_mailbox" if enabled else "disable_mailbox"
        self._client.call(name, local=local, domain=self._scope.domain)
        return ()


def mailbox_of(scope: Scope, row: MailboxRow, forward_to: tuple[str, ...]) -> Mailbox:
    base = row.base(scope.mb_per_gb)
    return Mailbox(
        address=scope.address(row.local),
        display_name=row.name,
        size_bytes=None if row.usage is None else units.bytes_of(row.usage, base),
        quota_bytes=None if row.quota is None else units.bytes_of(row.quota, base),
        enabled=not row.disabled,
        last_login_at=row.last_login,
        forward_to=forward_to,
        extra={"account_type": row.type} if row.type else {},
    )


def _carried_out(steps: Steps, *, done_before: bool) -> Written:
    """Raises when nothing at all came to pass."""
    incomplete: list[str] = []
    for part, step in steps:
        try:
            incomplete += step()
        except ModuleError as error:
            if not done_before:
                raise
            told = _("%(part)s could not be changed: %(detail)s")
            incomplete.append(told % {"part": _(part), "detail": error.detail})
        done_before = True
    return Written(incomplete=tuple(incomplete))


def _changes_account(change: MailboxChange) -> bool:
    said = (change.password, change.display_name, change.quota_bytes, _type(change) or None)
    return any(value is not None for value in said)


def _type(change: MailboxChange) -> str:
    kind = str(change.extra.get("account_type") or "")
    if kind and kind not in wire.TYPES:
        raise InvalidInput("account_type", _("A mailbox is Basic or Enhanced."))
    return kind


def _usual_type(usual: str, names: Names, plan: Plan) -> str:
    """The product's usual type, or the other one where only that has room."""
    order = sorted(wire.TYPES, key=lambda kind: kind != usual)
    free = (kind for kind in order if names.count(kind) < plan.counts[kind])
    return next(free, order[0])


def _quota(change: MailboxChange, plan: Plan, *, present: Decimal | None = None) -> Decimal | None:
    """In GB; None when none is asked for. What a mailbox has already it may keep."""
    if change.quota_bytes is None:
        return None
    wanted = units.gb_from_bytes(change.quota_bytes)
    if present is not None and units.same(wanted, present):
        return present
    if wanted <= 0 or wanted > plan.quota_gb:
        most = units.shown_gb(plan.quota_gb)
        raise InvalidInput(
            "quota_bytes", _("The size is above 0 and at most %(most)s.") % {"most": most}
        )
    return wanted


def _plain_name(value: str) -> str:
    name = " ".join(value.split())
    if len(name) > _LONGEST_NAME or not name.isprintable():
        raise InvalidInput(
            "display_name",
            _("Use at most %(number)s ordinary characters.") % {"number": _LONGEST_NAME},
        )
    return name


def _too_late(change: MailboxChange) -> tuple[str, ...]:
    """Forms send a type's neighbours along; only what was filled in is worth a word."""
    asked: list[Any] = [code for code in _ONLY_NEW if change.extra.get(code)]
    if not asked:
        return ()
    return (_("Language and time zone are chosen when a mailbox is made and were not changed."),)
