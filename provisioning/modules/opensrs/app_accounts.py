"""Mailboxes, forwards and aliases by APP, where each part of a mailbox is a command of its own."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from provisioning.contract import MailboxChange, ModuleError, NotFound
from provisioning.modules.opensrs.app_client import AppClient
from provisioning.modules.opensrs.scope import whole
from provisioning.modules.opensrs.settings import MB, STAFF
from provisioning.modules.opensrs.wire import ALIAS, FORWARD, LIST, MAILBOX, Row, User, Wire

# Columns, attributes and units that no public source tells, the likeliest first.
_ALIAS_TARGET = ("ALIAS_MAILBOX", "TARGET", "ALIAS_TARGET")
_QUOTA, _USED = ("QUOTA", "MAILBOX_QUOTA"), ("USED", "USAGE", "QUOTA_USED")
_QUOTA_UNIT = MB
_KINDS = {"group_alias": LIST, "mailing_list": LIST, "forward_only": FORWARD}

_ACCESS = ("smtprelay", "imap", "pop", "webmail")
_TEXTS = ("title", "phone", "fax")
# What a command changes, and the command.
Steps = Iterator[tuple[str, Callable[[], object]]]


class AppAccounts(Wire):
    def __init__(self, client: AppClient) -> None:
        self._client = client

    def rows(self, domain: str) -> list[Row]:
        found = self._client.call("get_domain_mailboxes", {"domain": domain}).rows
        rows = [
            Row(
                address=_address(row["MAILBOX"], domain),
                kind=_kind(row.get("TYPE", "")),
                workgroup=row.get("WORKGROUP", ""),
            )
            for row in found
            if row.get("MAILBOX")
        ]
        return [self._with_target(row) if row.kind == ALIAS else row for row in rows]

    def find(self, address: str) -> User | None:
        record = self._record("get_mailbox_any", address)
        if record is None:
            return None
        kind = _kind(record.get("TYPE", "")) or MAILBOX
        if kind == FORWARD:
            return self._forward(address, record)
        return (
            self._mailbox(address, record) if kind == MAILBOX else User(address=address, kind=kind)
        )

    def create_mailbox(self, address: str, change: MailboxChange) -> tuple[str, ...]:
        attributes = {
            **_named(address),
            "workgroup": str(change.extra.get("workgroup") or STAFF),
            "password": change.password or "",
            **_person(change),
        }
        self._client.call("create_mailbox", attributes)
        return _carried_out(self._parts(User(address=address, kind=MAILBOX), change))

    def change_mailbox(
        self, now: User, change: MailboxChange, *, services: Mapping[str, str]
    ) -> tuple[str, ...]:
        attributes = {key: v for key, v in _person(change).items() if v != _known(now).get(key)}
        if change.password:
            attributes["password"] = change.password
        group = str(change.extra.get("workgroup") or "")
        if group and group != now.extra.get("workgroup"):
            attributes["workgroup"] = group
        if attributes:
            self._client.call("change_mailbox", {**_named(now.address), **attributes})
        return _carried_out(self._parts(now, change))

    def save_forward(
        self, address: str, recipients: tuple[str, ...], *, name: str, create: bool
    ) -> None:
        attributes = {**_named(address), "forward_email": ",".join(recipients)}
        if create:
            self._client.call("create_mailbox_forward_only", {**attributes, "workgroup": STAFF})
        else:
            self._client.call("change_mailbox_forward_only", attributes)

    def delete(self, address: str) -> None:
        self._client.call("delete_mailbox_any", _named(address))

    def change_aliases(self, owner: str, *, add: Iterable[str], remove: Iterable[str]) -> None:
        for alias in add:
            local, _, domain = alias.partition("@")
            mailbox = owner.partition("@")[0]
            attributes = {"domain": domain, "alias_mailbox": local, "mailbox": mailbox}
            self._client.call("create_alias_mailbox", attributes)
        for alias in remove:
            try:
                self.delete(alias)
            except NotFound:
                continue

    def move(self, address: str, name: str) -> None:
        self._client.call("change_mailbox", {**_named(address), "workgroup": name})

    def _record(self, name: str, address: str) -> Mapping[str, str] | None:
        try:
            return self._client.call(name, _named(address)).record
        except NotFound:
            return None

    def _with_target(self, row: Row) -> Row:
        record = self._record("get_mailbox_any", row.address) or {}
        target = _first(record, _ALIAS_TARGET)
        domain = row.address.partition("@")[2]
        whole_target = _address(target, domain) if target else ""
        return Row(address=row.address, kind=ALIAS, workgroup=row.workgroup, target=whole_target)

    def _forward(self, address: str, record: Mapping[str, str]) -> User:
        found = self._record("get_mailbox_forward_only", address) or record
        return User(
            address=address,
            kind=FORWARD,
            recipients=_split(found.get("FORWARD_EMAIL", "")),
            forwarding=True,
            keeps_copy=False,
            extra={"workgroup": record.get("WORKGROUP", "")},
        )

    def _mailbox(self, address: str, record: Mapping[str, str]) -> User:
        forward = self._record("get_mailbox_forward", address) or {}
        quota = self._record("get_mailbox_quota", address) or {}
        suspension = self._record("get_mailbox_suspension", address) or {}
        reply = self._record("get_mailbox_autorespond", address) or {}
        rows = self.rows(address.partition("@")[2])
        owned = [row for row in rows if row.kind == ALIAS and row.target == address]
        names = (record.get("FIRST_NAME", ""), record.get("LAST_NAME", ""))
        extra = {code: record.get(code.upper(), "") for code in (*_TEXTS, "workgroup")}
        spam = record.get("SPAM_LEVEL", "").title()
        text = reply.get("TEXT", "") if reply.get("STATE") == "T" else ""
        return User(
            address=address,
            kind=MAILBOX,
            name=" ".join(name for name in names if name),
            aliases=tuple(row.address for row in owned),
            recipients=_split(forward.get("FORWARD", "")),
            forwarding=forward.get("STATE") == "T",
            keeps_copy=forward.get("KEEP_COPY") != "F",
            enabled=not all(suspension.get(name.upper()) == "T" for name in _ACCESS),
            size_bytes=_bytes(_first(quota, _USED)),
            quota_bytes=_bytes(_first(quota, _QUOTA)),
            extra={**extra, "spam_level": spam, "autoresponder": text},
        )

    def _parts(self, now: User, change: MailboxChange) -> Steps:
        def command(name: str, attributes: Mapping[str, str]) -> Callable[[], object]:
            return partial(self._client.call, name, {**_named(now.address), **attributes})

        if change.quota_bytes is not None and change.quota_bytes != now.quota_bytes:
            quota = str(change.quota_bytes // _QUOTA_UNIT)
            yield gettext_noop("The size"), command("set_mailbox_quota", {"quota": quota})
        if change.enabled is not None and change.enabled != now.enabled:
            flag = "F" if change.enabled else "T"
            yield (
                gettext_noop("Sign-in"),
                command("set_mailbox_suspension", dict.fromkeys(_ACCESS, flag)),
            )
        forward = _forwarding(now, change)
        if forward:
            yield gettext_noop("Forwarding"), command("set_mailbox_forward", forward)
        text = change.extra.get("autoresponder")
        if text is not None and text != (now.extra.get("autoresponder") or ""):
            state = {"state": "T" if text else "F", "text": str(text)}
            yield gettext_noop("The automatic reply"), command("set_mailbox_autorespond", state)


def _forwarding(now: User, change: MailboxChange) -> dict[str, str]:
    """A mailbox that forwards nothing keeps its mail, whatever was asked."""
    keeps = now.keeps_copy if change.forward_keeps_copy is None else change.forward_keeps_copy
    to = now.recipients if change.forward_to is None else change.forward_to
    if (to, keeps) == (now.recipients, now.keeps_copy) or not (to or now.forwarding):
        return {}
    if not to:
        return {"forward": "", "keep_copy": "T", "state": "F"}
    return {"forward": ",".join(to), "keep_copy": "T" if keeps else "F", "state": "T"}


def _carried_out(steps: Steps) -> tuple[str, ...]:
    incomplete = []
    for part, step in steps:
        try:
            step()
        except ModuleError as error:
            told = _("%(part)s could not be changed: %(detail)s")
            incomplete.append(told % {"part": _(part), "detail": error.detail})
    return tuple(incomplete)


def _person(change: MailboxChange) -> dict[str, str]:
    attributes = {code: str(change.extra[code] or "") for code in _TEXTS if code in change.extra}
    if change.extra.get("spam_level"):
        attributes["spam_level"] = str(change.extra["spam_level"]).lower()
    if change.display_name is not None:
        first, _, last = change.display_name.partition(" ")
        attributes |= {"first_name": first, "last_name": last}
    return attributes


def _known(now: User) -> dict[str, str]:
    first, _, last = now.name.partition(" ")
    spam = str(now.extra.get("spam_level") or "").lower()
    texts = {code: str(now.extra.get(code) or "") for code in _TEXTS}
    return {**texts, "spam_level": spam, "first_name": first, "last_name": last}


def _named(address: str) -> dict[str, str]:
    local, _, domain = address.partition("@")
    return {"domain": domain, "mailbox": local}


def _address(value: str, domain: str) -> str:
    plain = value.lower()
    return plain if "@" in plain else f"{plain}@{domain}"


def _kind(value: str) -> str:
    return _KINDS.get(value.lower(), value.lower())


def _first(record: Mapping[str, str], names: Iterable[str]) -> str | None:
    return next((record[name] for name in names if name in record), None)


def _split(value: str) -> tuple[str, ...]:
    return tuple(part.strip().lower() for part in value.split(",") if part.strip())


def _bytes(value: str | None) -> int | None:
    found = whole(value)
    return None if found is None else found * _QUOTA_UNIT
