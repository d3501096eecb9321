"""The vendor's daily figures. Their formats are only half known, so they are read by name, and
what cannot be read is no figure: this file is the place to correct when more is known.
"""

from __future__ import annotations

import csv
import io
from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any

from provisioning.contract import PermanentError
from provisioning.modules.opensrs.scope import whole

# Names under which a figure may stand, the likeliest first.
_STORAGE = "storage"
_BYTES = ("storage_current_size", "bytes_used", "bytes")
_PERIODS = ("period", "date", "day", "when")
_ACCOUNT_COLUMNS = ("account", "user", "mailbox", "email", "address")
_SIZE_COLUMNS = (
    "storage_current_size", "bytes_used", "quota_used", "storage_used", "storage", "usage",
)  # fmt: skip


def latest_day(snapshots: Any) -> str:
    """PermanentError when there is no daily report."""
    days = snapshots.get("day") if isinstance(snapshots, Mapping) else None
    dates = [str(day) for day in days] if isinstance(days, list) else []
    if not dates:
        raise PermanentError("The platform has no daily report.")
    return max(dates)


def latest_storage(summary: Any) -> int | None:
    """Bytes stored in the newest period of a summary."""
    storage = _newest(summary).get(_STORAGE)
    if not isinstance(storage, Mapping):
        return whole(storage)
    return next((found for name in _BYTES if (found := whole(storage.get(name))) is not None), None)


def bytes_by_domain(text: str) -> dict[str, int]:
    """One line per account. PermanentError when the columns that are needed are not there."""
    table = csv.DictReader(io.StringIO(text.lstrip("\ufeff")))
    names = {str(name).strip().lower(): name for name in table.fieldnames or ()}
    account, size = _first(names, _ACCOUNT_COLUMNS), _first(names, _SIZE_COLUMNS)
    if account is None or size is None:
        raise PermanentError("The platform's report has no column of accounts or of sizes.")
    totals: dict[str, int] = defaultdict(int)
    unreadable: set[str] = set()
    for row in table:
        domain = str(row.get(account) or "").rpartition("@")[2].strip().lower()
        found = whole(row.get(size))
        if found is None:
            unreadable.add(domain)
        else:
            totals[domain] += found
    return {domain: total for domain, total in totals.items() if domain not in unreadable}


def _first(names: Mapping[str, str], wanted: Iterable[str]) -> str | None:
    return next((names[name] for name in wanted if name in names), None)


def _newest(summary: Any) -> Mapping[str, Any]:
    """Of a list of periods, in whatever order, or of periods by name."""
    if isinstance(summary, Mapping):
        if _STORAGE in summary or not summary:
            return summary
        found = summary[max(summary, key=str)]
        return found if isinstance(found, Mapping) else {}
    rows = [row for row in summary if isinstance(row, Mapping)] if isinstance(summary, list) else []
    if not rows:
        return {}
    named = next((name for name in _PERIODS if all(name in row for row in rows)), None)
    return max(rows, key=lambda row: str(row[named])) if named else rows[0]
