"""Distribution lists: mailboxes that keep nothing and forward to the members."""

from __future__ import annotations

from collections.abc import Iterable

from django.utils.translation import gettext as _

from provisioning.contract import (
    ConflictError,
    InvalidInput,
    ListStore,
    MailingList,
    NotFound,
    TemporaryError,
    unless_done,
)
from provisioning.modules.ispmanager import logins
from provisioning.modules.ispmanager.answers import Node
from provisioning.modules.ispmanager.mail_rows import (
    LIST_MARK,
    address_of,
    apply,
    delete_address,
    form_of,
    is_list,
    mail_row,
    plain_note,
)
from provisioning.modules.ispmanager.scope import Scope

_LOCKED = 30.0  # seconds that one change of members may take


class IspLists(ListStore):
    def __init__(self, scope: Scope) -> None:
        scope.require_claim()
        self._scope = scope

    def members(self, address: str) -> tuple[str, ...]:
        return _members(form_of(self._scope, self._full(address)))

    def create(self, mailing_list: MailingList) -> None:
        """The mailbox needs a password, which nobody is told."""
        local = self._scope.local(mailing_list.address)
        full = f"{local}@{self._scope.domain}"
        members = self._checked(full, mailing_list.members or ())
        password = logins.password()
        body = {
            "name": local,
            "domainname": self._scope.domain,
            "passwd": password,
            "confirm": password,
            "note": _note(mailing_list.description),
            "forward": " ".join(members),
            "dontsave": "on",
        }
        if mail_row(self._scope, full) is not None:
            raise ConflictError(
                f"{full} exists already.",
                message=_("%(address)s already exists.") % {"address": full},
            )
        unless_done(
            lambda: apply(self._scope, body), lambda: mail_row(self._scope, full) is not None
        )

    def update(self, mailing_list: MailingList) -> None:
        full = self._full(mailing_list.address)
        body = {"elid": full}
        if mailing_list.description:
            body["note"] = _note(mailing_list.description)
        if mailing_list.members is not None:
            members = self._checked(full, mailing_list.members)
            body |= {"forward": " ".join(members), "dontsave": "on"}
        apply(self._scope, body)

    def change_members(self, address: str, *, add: Iterable[str], remove: Iterable[str]) -> None:
        """The panel takes the whole list only: one change at a time, and read again afterwards."""
        full = self._full(address)
        more = self._scope.targets(tuple(add), field="members")
        fewer = set(self._scope.targets(tuple(remove), field="members"))
        with self._scope.client.link.tokens.lock(f"list:{full}", seconds=_LOCKED):
            kept = [one for one in _members(form_of(self._scope, full)) if one not in fewer]
            wanted = self._checked(full, (*kept, *more))
            apply(self._scope, {"elid": full, "forward": " ".join(wanted), "dontsave": "on"})
            found = _members(form_of(self._scope, full))
        if set(found) != set(wanted):
            raise TemporaryError(
                f"The members of {full} are not what was set; somebody else may be changing them.",
                maybe_applied=True,
            )

    def delete(self, address: str) -> None:
        full = self._scope.address(address)
        row = mail_row(self._scope, full)
        if row is not None and is_list(row):
            delete_address(self._scope, full)

    def _full(self, address: str) -> str:
        """NotFound unless it is a list; a mailbox that forwards is none."""
        full = self._scope.address(address)
        row = mail_row(self._scope, full)
        if row is None or not is_list(row):
            raise NotFound(f"{full} is no list on the server.")
        return full

    def _checked(self, full: str, members: tuple[str, ...]) -> list[str]:
        found = self._scope.targets(members, field="members")
        if not found:
            raise InvalidInput("members", _("A list needs at least one member."))
        if full in found:
            raise InvalidInput("members", _("A list cannot be a member of itself."))
        return found


def list_of(row: Node) -> MailingList:
    members = _members(row)
    return MailingList(
        address=address_of(row),
        members=members,
        member_count=len(members),
        description=row.value("note").removeprefix(LIST_MARK).strip(),
    )


def _members(node: Node) -> tuple[str, ...]:
    return tuple(node.value("forward").split())


def _note(description: str) -> str:
    return f"{LIST_MARK} {plain_note(description, field='description')}".strip()
