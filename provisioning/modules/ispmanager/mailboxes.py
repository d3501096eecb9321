"""Mailboxes. A change is one call, so it happens as a whole or not at all."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _

from provisioning.contract import (
    ConflictError,
    Field,
    InvalidInput,
    Kind,
    Mailbox,
    MailboxChange,
    MailboxStore,
    ModuleError,
    NotFound,
    Written,
    unless_done,
)
from provisioning.modules.ispmanager import logins
from provisioning.modules.ispmanager.answers import Node
from provisioning.modules.ispmanager.limits import MIB, meaning
from provisioning.modules.ispmanager.mail_rows import (
    address_of,
    apply,
    delete_address,
    form_of,
    is_list,
    mail_row,
    mebibytes,
    plain_note,
)
from provisioning.modules.ispmanager.scope import Scope
from provisioning.modules.ispmanager.settings import setting

_SWITCHES = ("greylist", "spamassassin")
MAILBOX_FIELDS = (
    Field(
        code="greylist",
        label=_("Greylisting"),
        kind=Kind.BOOLEAN,
        default=False,
        help=_("Unknown senders have to try twice."),
        section="Spam",
    ),
    Field(
        code="spamassassin",
        label="SpamAssassin",
        kind=Kind.BOOLEAN,
        default=False,
        section="Spam",
    ),
)


class IspMailboxes(MailboxStore):
    def __init__(self, scope: Scope) -> None:
        scope.require_claim()
        self._scope = scope

    def get(self, address: str) -> Mailbox:
        full = self._scope.address(address)
        return mailbox_of(self._row(full), form_of(self._scope, full))

    def create(self, address: str, change: MailboxChange) -> Written:
        local = self._scope.local(address)
        full = f"{local}@{self._scope.domain}"
        if not change.password:
            raise InvalidInput("password", gettext("Enter a password."))
        body = {"name": local, "domainname": self._scope.domain, **self._body(full, change)}
        if not body.get("forward"):
            body.pop("dontsave", None)
        if mail_row(self._scope, full) is not None:
            raise ConflictError(
                f"{full} exists already.",
                message=gettext("%(address)s already exists.") % {"address": full},
            )
        unless_done(
            lambda: apply(self._scope, body), lambda: mail_row(self._scope, full) is not None
        )
        return self._suspend_new(full) if change.enabled is False else Written()

    def update(self, address: str, change: MailboxChange) -> Written:
        full = self._scope.address(address)
        body = self._body(full, change)
        row = self._row(full)
        if not body.get("forward", row.value("forward")) and body.get("dontsave") == "on":
            body["dontsave"] = "off"
        if body:
            apply(self._scope, {"elid": full, **body})
        if change.enabled is not None and change.enabled != _enabled(row):
            self._switch(full, enabled=change.enabled)
        return Written()

    def set_password(self, address: str, password: str) -> None:
        self.update(address, MailboxChange(password=password))

    def delete(self, address: str) -> None:
        """Its aliases go with it. A list of this name is none of our business here."""
        full = self._scope.address(address)
        row = mail_row(self._scope, full)
        if row is not None and not is_list(row):
            delete_address(self._scope, full)

    def _row(self, full: str) -> Node:
        row = mail_row(self._scope, full)
        if row is None or is_list(row):
            raise NotFound(f"{full} is no mailbox on the server.")
        return row

    def _switch(self, full: str, *, enabled: bool) -> None:
        func = "email.resume" if enabled else "email.suspend"
        self._scope.client.act(func, full, self._scope.as_user)

    def _suspend_new(self, full: str) -> Written:
        try:
            self._switch(full, enabled=False)
        except ModuleError as error:
            return Written(
                incomplete=(
                    gettext("Sign-in could not be switched off: %(detail)s")
                    % {"detail": error.detail},
                )
            )
        return Written()

    def _body(self, full: str, change: MailboxChange) -> dict[str, str]:
        """The changed fields only: what is not sent stays as it is. InvalidInput."""
        body = {**self._password(change), **_switches(change)}
        if change.display_name is not None:
            body["note"] = plain_note(change.display_name, field="display_name")
        if change.quota_bytes is not None:
            body["maxsize"] = _maxsize(change.quota_bytes)
        if change.aliases is not None:
            names = [self._scope.local(alias, field="aliases") for alias in change.aliases]
            body["aliases"] = " ".join(dict.fromkeys(names))
        return {**body, **self._forward(full, change)}

    def _password(self, change: MailboxChange) -> dict[str, str]:
        if change.password is None:
            return {}
        shortest = int(setting(self._scope.account.settings, "password_min_length"))
        logins.check_password(change.password, shortest=max(1, shortest))
        return {"passwd": change.password, "confirm": change.password}

    def _forward(self, full: str, change: MailboxChange) -> dict[str, str]:
        """Without a copy and without a target, mail would be lost."""
        body = {}
        if change.forward_keeps_copy is not None:
            body["dontsave"] = "off" if change.forward_keeps_copy else "on"
        if change.forward_to is None:
            return body
        targets = self._scope.targets(change.forward_to, field="forward_to")
        if full in targets:
            raise InvalidInput("forward_to", gettext("A mailbox cannot forward to itself."))
        kept = {} if targets else {"dontsave": "off"}
        return {**body, "forward": " ".join(targets), **kept}


def mailbox_of(row: Node, form: Node | None = None) -> Mailbox:
    """From the list; the form adds what the list may lack."""
    best = form or row
    forward = tuple(best.value("forward").split())
    return Mailbox(
        address=address_of(row),
        display_name=best.value("note"),
        size_bytes=_bytes(row.value("size_used")),
        quota_bytes=_quota(best.value("maxsize") if form else row.value("size_total")),
        enabled=_enabled(row),
        forward_to=forward,
        forward_keeps_copy=not (forward and best.value("dontsave") == "on"),
        extra={name: best.value(name) == "on" for name in _SWITCHES if name in best},
    )


def _enabled(row: Node) -> bool:
    return row.value("active") != "off"


def _switches(change: MailboxChange) -> dict[str, str]:
    said: Any = change.extra
    return {name: "on" if said[name] else "off" for name in _SWITCHES if name in said}


def _maxsize(quota: int) -> str:
    """MiB, rounded up; empty is unlimited."""
    if quota < 0:
        raise InvalidInput("quota_bytes", gettext("The size is 0 (unlimited) or more."))
    return str(-(-quota // MIB)) if quota else ""


def _quota(text: str) -> int | None:
    if not text:
        return 0
    if not (text.isascii() and text.isdigit()):
        return None
    return (meaning(text) or 0) * MIB


def _bytes(text: str) -> int | None:
    size = mebibytes(text)
    return None if size is None else int(size)
