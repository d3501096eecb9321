"""Rows of `account-list-search`: mailboxes, aliases and lists in one call per page."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from provisioning.contract import TemporaryError
from provisioning.modules.smartermail.scope import Scope, local_part, whole

ALIAS, LIST = 4, 5
_PAGE = 99_999
Row = Mapping[str, Any]


def account_rows(scope: Scope, *flags: str) -> list[Row]:
    """All rows of these kinds. Servers may ignore the flags, so callers check `accountType` too."""
    return _search(scope, "account-list-search", "results", flags)


def quick_rows(scope: Scope) -> list[Row]:
    return _search(scope, "account-search-quick", "users", ("users",))


def is_mailbox(row: Row) -> bool:
    return row.get("accountType") not in (ALIAS, LIST)


def name_of(row: Row) -> str:
    return local_part(str(row.get("userName") or row.get("emailAddress") or ""))


def customer_mailboxes(scope: Scope) -> list[Row]:
    rows = account_rows(scope, "users")
    return [row for row in rows if is_mailbox(row) and name_of(row) not in ("", scope.hidden)]


def moment(value: Any) -> datetime | None:
    """The wire's "never" is the year 1."""
    try:
        found = datetime.fromisoformat(str(value))
    except ValueError:
        return None
    if found.year <= 1:
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def _search(scope: Scope, path: str, key: str, flags: tuple[str, ...]) -> list[Row]:
    rows: list[Row] = []
    while True:
        # All keys, always: some builds fail when one is missing.
        criteria = {
            "search": None,
            "searchFlags": list(flags),
            "skip": len(rows),
            "take": _PAGE,
            "sortField": "userName",
            "sortDescending": False,
        }
        reply = scope.way.search(path, json=criteria)
        page = reply.get(key)
        if not isinstance(page, list):
            raise TemporaryError(f"The server's answer to {path} has no {key}.")
        rows += [row for row in page if isinstance(row, Mapping)]
        # A server may give fewer rows than asked for; where it tells the total, that decides.
        total = whole(reply.get("totalCount", reply.get("total")))
        if not page or (len(page) < _PAGE and len(rows) >= (total or 0)):
            return rows
