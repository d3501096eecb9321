"""Mailing lists. The server knows them by number, the panel by address."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from provisioning.contract import (
    ConflictError,
    ListStore,
    MailingList,
    NotFound,
    PermanentError,
    TemporaryError,
    unless_done,
)
from provisioning.modules.smartermail.aliases import IN_USE
from provisioning.modules.smartermail.scope import Scope, local_part, whole

_AREA = "mailing-lists"
_PAGE = 1000


class SmarterMailLists(ListStore):
    def __init__(self, scope: Scope) -> None:
        self._scope = scope
        self._way = scope.way

    def all(self) -> tuple[MailingList, ...]:
        """Members are counted here and read with `members`."""
        return tuple(self._list(row) for row in self._rows())

    def members(self, address: str) -> tuple[str, ...]:
        number = self._number(self._scope.local(address))
        found: list[str] = []
        while True:
            criteria = {
                "skip": len(found),
                "take": _PAGE,
                "search": "",
                "subscriberType": "Subscriber",
                "sortField": "emailAddress",
                "sortDescending": False,
            }
            reply = self._way.search(_AREA, number, "subscriber-search", json=criteria)
            page = _items(reply)
            found += [str(row.get("emailAddress") or "").lower() for row in page]
            if not page or len(found) >= (whole(reply.get("total")) or 0):
                return tuple(sorted(filter(None, found)))

    def create(self, mailing_list: MailingList) -> None:
        name = self._scope.new_local(mailing_list.address)
        members = self._scope.targets(mailing_list.members or (), field="members")
        if self._find(name):
            raise ConflictError(f"{name} is a list already.", message=IN_USE)
        body = {"listAddress": name, **self._settings(mailing_list)}
        unless_done(
            lambda: self._way.post(_AREA, "add", json=body), lambda: self._find(name) is not None
        )
        if members:
            self._fill(name, members)

    def update(self, mailing_list: MailingList) -> None:
        number = self._number(self._scope.local(mailing_list.address))
        self._way.post(_AREA, number, "settings", json=self._settings(mailing_list))
        if mailing_list.members is not None:
            wanted = set(self._scope.targets(mailing_list.members, field="members"))
            present = set(self.members(mailing_list.address))
            self.change_members(mailing_list.address, add=wanted - present, remove=present - wanted)

    def change_members(self, address: str, *, add: Iterable[str], remove: Iterable[str]) -> None:
        number = self._number(self._scope.local(address))
        changes = (("subscriber-add", add), ("subscriber-remove", remove))
        for operation, values in changes:
            addresses = self._scope.targets(tuple(sorted(values)), field="members")
            if addresses:
                self._way.post(_AREA, number, operation, json=addresses)

    def delete(self, address: str) -> None:
        name = self._scope.local(address)
        row = self._find(name)
        if row is None:
            return
        number = str(row["id"])
        unless_done(
            lambda: self._way.post(_AREA, number, "delete"), lambda: self._find(name) is None
        )

    def _fill(self, name: str, members: list[str]) -> None:
        """A list without its members is taken back, so that the same request can be made again."""
        number = self._number(name)
        try:
            self._way.post(_AREA, number, "subscriber-add", json=members)
        except PermanentError:
            self._way.post(_AREA, number, "delete")
            raise

    def _settings(self, mailing_list: MailingList) -> dict[str, Any]:
        said = {
            "moderatorAddress": mailing_list.owner,
            "description": mailing_list.description,
        }
        return {name: value for name, value in said.items() if value}

    def _list(self, row: Mapping[str, Any]) -> MailingList:
        return MailingList(
            address=self._scope.full(str(row.get("listAddress") or "")),
            member_count=whole(row.get("listSubscriberCount")),
            owner=str(row.get("moderatorAddress") or ""),
            description=str(row.get("description") or ""),
        )

    def _rows(self) -> list[Mapping[str, Any]]:
        return _items(self._way.get(_AREA, "list"))

    def _find(self, name: str) -> Mapping[str, Any] | None:
        rows = self._rows()
        return next((row for row in rows if local_part(str(row.get("listAddress"))) == name), None)

    def _number(self, name: str) -> str:
        row = self._find(name)
        if row is None:
            raise NotFound(f"The list {name} is not on the server.")
        return str(row["id"])


def _items(reply: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    rows = reply.get("items")
    if not isinstance(rows, list):
        raise TemporaryError("The server's answer on mailing lists is not readable.")
    return [row for row in rows if isinstance(row, Mapping)]
