"""Change Package: does what is there fit what was bought, and the new size for every mailbox."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from provisioning.contract import DoesNotFit
from provisioning.modules.polarismail import loose, reading, units, wire
from provisioning.modules.polarismail.plan import Plan
from provisioning.modules.polarismail.reading import MailboxRow
from provisioning.modules.polarismail.scope import Scope

_NOUNS = {
    wire.BASIC: gettext_noop("Basic mailboxes"),
    wire.ENHANCED: gettext_noop("Enhanced mailboxes"),
}


def blockers(scope: Scope, plan: Plan) -> list[str]:
    """Sentences on what must go first; empty when everything fits."""
    return _blockers(scope, plan, reading.mailboxes(scope.client, scope.domain))


def fit(scope: Scope, plan: Plan) -> None:
    """Nothing is changed unless everything fits. DoesNotFit."""
    rows = reading.mailboxes(scope.client, scope.domain)
    found = _blockers(scope, plan, rows)
    if found:
        raise DoesNotFit(found)
    for row in _to_resize(scope, plan, rows):
        resize(scope, row, plan.quota_gb)


def resize(scope: Scope, row: MailboxRow, quota_gb: Decimal) -> None:
    scope.client.call(
        "set_mailbox",
        local=row.local,
        domain=scope.domain,
        name=row.name,
        type=wire.TYPES[row.type or wire.BASIC],
        quota_gb=units.wire_gb(quota_gb),
    )


def _blockers(scope: Scope, plan: Plan, rows: Sequence[MailboxRow]) -> list[str]:
    counted = [
        *((_(_NOUNS[kind]), _count(rows, kind), most) for kind, most in plan.counts.items()),
        (_("aliases"), len(reading.aliases(scope.client, scope.domain)), plan.aliases),
        (_("distribution lists"), len(reading.lists(scope.client, scope.domain)), plan.lists),
    ]
    too_many = [
        _("%(count)s %(noun)s exist, the new limit is %(most)s")
        % {"count": count, "noun": noun, "most": most}
        for noun, count, most in counted
        if count > most
    ]
    return [*too_many, *_too_large(scope, plan, rows)]


def _count(rows: Sequence[MailboxRow], kind: str) -> int:
    """Disabled mailboxes count; one whose type is not told is counted as Basic."""
    return sum((row.type or wire.BASIC) == kind for row in rows)


def _too_large(scope: Scope, plan: Plan, rows: Sequence[MailboxRow]) -> list[str]:
    found = []
    for row in rows:
        used = row.usage_gb(scope.mb_per_gb)
        if used is not None and plan.quota_gb and units.exceeds(used, plan.quota_gb):
            most, now = units.shown_gb(plan.quota_gb), units.shown_gb(used)
            told = _("%(address)s uses %(now)s, the new mailbox size is %(most)s")
            found.append(told % {"address": scope.address(row.local), "now": now, "most": most})
    return found


def _to_resize(scope: Scope, plan: Plan, rows: Sequence[MailboxRow]) -> list[MailboxRow]:
    """Mailboxes that had the whole of the old size, and those that are above the new one."""
    before = loose.figure(scope.data.get("quota_gb"))
    found = []
    for row in rows:
        size = row.quota_gb(scope.mb_per_gb)
        if size is None or units.same(size, plan.quota_gb):
            continue
        if units.exceeds(size, plan.quota_gb) or (before is not None and units.same(size, before)):
            found.append(row)
    return found
