"""Distribution lists and their members, which may be addresses anywhere."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial

from django.utils.translation import gettext as _

from provisioning.contract import (
    ListStore,
    MailingList,
    ModuleError,
    NotFound,
    PermanentError,
)
from provisioning.modules.polarismail import reading
from provisioning.modules.polarismail.answers import Refusal
from provisioning.modules.polarismail.names import Names, require_room
from provisioning.modules.polarismail.scope import Scope
from provisioning.modules.polarismail.transport import unless_done


class PolarisMailLists(ListStore):
    def __init__(self, scope: Scope) -> None:
        scope.require_ready()
        self._scope = scope

    def all(self) -> tuple[MailingList, ...]:
        """Without members and their number, which would cost a call for each list."""
        return tuple(MailingList(address=self._scope.address(name)) for name in self._names())

    def members(self, address: str) -> tuple[str, ...]:
        return tuple(sorted(self._members(self._known(address))))

    def create(self, mailing_list: MailingList) -> None:
        """PermanentError names members that could not be added to the list, which is kept."""
        scope = self._scope
        local = scope.new_local(mailing_list.address)
        members = scope.addresses(mailing_list.members or (), field="members")
        with scope.alone():
            names = Names.read(scope)
            names.require_free(local)
            most = scope.plan.lists
            require_room(len(names.lists), most, _("distribution lists"), field="address")
            unless_done(
                lambda: scope.client.call("add_list", local=local, domain=scope.domain),
                lambda: local in self._names(),
            )
        self._change(local, add=members, remove=())

    def update(self, mailing_list: MailingList) -> None:
        """Members, when they are given: a list has nothing else, and keeps its name."""
        local = self._known(mailing_list.address)
        if mailing_list.members is None:
            return
        wanted = set(self._scope.addresses(mailing_list.members, field="members"))
        present = set(self._members(local))
        self._change(local, add=sorted(wanted - present), remove=sorted(present - wanted))

    def change_members(self, address: str, *, add: Iterable[str], remove: Iterable[str]) -> None:
        local = self._known(address)
        present = set(self._members(local))
        more = self._scope.addresses(add, field="members")
        fewer = self._scope.addresses(remove, field="members")
        self._change(
            local,
            add=[member for member in more if member not in present],
            remove=[member for member in fewer if member in present],
        )

    def delete(self, address: str) -> None:
        scope, local = self._scope, self._scope.local(address)
        if local not in self._names():
            return
        try:
            unless_done(
                lambda: scope.client.call("remove_list", local=local, domain=scope.domain),
                lambda: local not in self._names(),
            )
        except Refusal:
            if local in self._names():
                raise

    def _names(self) -> list[str]:
        return reading.lists(self._scope.client, self._scope.domain)

    def _members(self, local: str) -> list[str]:
        return reading.members(self._scope.client, self._scope.domain, local)

    def _known(self, address: str) -> str:
        local = self._scope.local(address)
        if local not in self._names():
            raise NotFound(f"The list {address} is not on the platform.")
        return local

    def _change(self, local: str, *, add: Iterable[str], remove: Iterable[str]) -> None:
        """One call for each member; the others are tried when one fails."""
        call, domain = self._scope.client.call, self._scope.domain
        trouble: list[str] = []
        for name, members, wanted in (("add_member", add, True), ("remove_member", remove, False)):
            for member in members:
                act = partial(call, name, local=local, domain=domain, member=member)
                done = partial(self._is_member, local, member, wanted=wanted)
                trouble += _attempt(act, done, member)
        if trouble:
            address = self._scope.address(local)
            said = _("%(address)s is there, but not all members were changed: %(names)s") % {
                "address": address,
                "names": "; ".join(trouble),
            }
            raise PermanentError(said, message=said)

    def _is_member(self, local: str, member: str, *, wanted: bool) -> bool:
        return (member in self._members(local)) is wanted


def _attempt(act: Callable[[], object], done: Callable[[], bool], member: str) -> list[str]:
    try:
        unless_done(act, done)
    except ModuleError as error:
        return [f"{member} ({error.detail})"]
    return []
