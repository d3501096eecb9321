"""Forwards: addresses without a mailbox that pass mail on, to one recipient or to a thousand."""

from __future__ import annotations

from collections.abc import Iterable

from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _

from provisioning.contract import (
    ConflictError,
    InvalidInput,
    ListStore,
    MailingList,
    NotFound,
    unless_done,
)
from provisioning.modules.opensrs.scope import Scope
from provisioning.modules.opensrs.stores import check_loop, check_room, one_line
from provisioning.modules.opensrs.wire import FORWARD, User

MOST_RECIPIENTS = 1000
_LONGEST_NAME = 512
_TAKEN = _("This name is already in use.")


class OpenSrsForwards(ListStore):
    def __init__(self, scope: Scope) -> None:
        scope.require_claim()
        self._scope = scope
        self._wire = scope.wire

    def members(self, address: str) -> tuple[str, ...]:
        return self._forward(self._scope.address(address)).recipients

    def create(self, mailing_list: MailingList) -> None:
        address = self._scope.new_address(mailing_list.address)
        new = User(address=address, kind=FORWARD)
        recipients = self._recipients(new, mailing_list.members or ())
        name = one_line("description", mailing_list.description, _LONGEST_NAME)
        with self._scope.lock():
            check_room(self._scope, FORWARD)
            if self._wire.find(address) is not None:
                raise ConflictError(f"{address} exists already.", message=_TAKEN)
            unless_done(
                lambda: self._wire.save_forward(address, recipients, name=name, create=True),
                lambda: self._wire.find(address) is not None,
            )

    def update(self, mailing_list: MailingList) -> None:
        address = self._scope.address(mailing_list.address)
        name = one_line("description", mailing_list.description, _LONGEST_NAME)
        with self._scope.lock():
            now = self._forward(address)
            given = mailing_list.members
            to = now.recipients if given is None else self._recipients(now, given)
            self._wire.save_forward(address, to, name=name, create=False)

    def change_members(self, address: str, *, add: Iterable[str], remove: Iterable[str]) -> None:
        whole = self._scope.address(address)
        more = self._scope.recipients(add, field="members")
        fewer = set(self._scope.recipients(remove, field="members"))
        with self._scope.lock():
            now = self._forward(whole)
            wanted = [one for one in (*now.recipients, *more) if one not in fewer]
            to = self._recipients(now, wanted)
            self._wire.save_forward(whole, to, name=now.name, create=False)

    def delete(self, address: str) -> None:
        whole = self._scope.address(address)
        with self._scope.lock():
            found = self._wire.find(whole)
            if found is None:
                return
            if found.kind != FORWARD:
                raise NotFound(f"{whole} is not a forward.")
            self._delete(whole)

    def _delete(self, address: str) -> None:
        try:
            unless_done(
                lambda: self._wire.delete(address), lambda: self._wire.find(address) is None
            )
        except NotFound:
            return

    def _forward(self, address: str) -> User:
        found = self._wire.find(address)
        if found is None or found.kind != FORWARD:
            raise NotFound(f"{address} is no forward on the platform.")
        return found

    def _recipients(self, forward: User, values: Iterable[str]) -> tuple[str, ...]:
        found = self._scope.recipients(values, field="members")
        if not found:
            raise InvalidInput(
                "members", gettext("A forward needs a recipient; delete it otherwise.")
            )
        if len(found) > MOST_RECIPIENTS:
            raise InvalidInput(
                "members",
                gettext("A forward has %(number)s recipients at most.")
                % {"number": MOST_RECIPIENTS},
            )
        check_loop(self._scope, forward, found, field="members")
        return found
