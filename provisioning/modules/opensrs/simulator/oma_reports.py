"""Yesterday's figures: stats_list, stats_snapshot with its file, stats_summary."""

from __future__ import annotations

import csv
import io
from datetime import timedelta
from urllib.parse import quote

from provisioning.modules.opensrs.simulator.call import Body, Call, Handler, Platform
from provisioning.modules.opensrs.simulator.errors import Refused
from provisioning.modules.opensrs.simulator.model import Domain
from provisioning.simulation import Request, Response, text_response

_DAYS = 3
_MINUTES = 15
COMPANY = "reseller"


def stats_list(call: Call) -> Body:
    days = _days(call) if call.variants.has_reports else []
    return {"snapshots": {"day": days, "week": [], "month": sorted({day[:7] for day in days})}}


def stats_snapshot(call: Call) -> Body:
    kind, name, date = call.text("type"), call.text("object"), call.text("date")
    if kind not in ("company", "domain"):
        raise Refused(5)
    if kind == "company" and name != COMPANY:
        raise Refused(9)
    if date not in _days(call):
        raise Refused(2)
    admin = call.platform.admin
    token = call.platform.tokens.issue(admin, "file", _MINUTES * 60)
    where = f"id={quote(f'{name}:{kind}:{date}', safe='')}&user={quote(admin)}&token={token}"
    return {"snapshot": f"{call.platform.root()}/api/oma_file/get?type=snapshot&{where}"}


def stats_summary(call: Call) -> Body:
    kind, name = call.text("type"), call.text("object")
    if kind != "domain":
        raise Refused(5)
    domain = call.state.own_domain(name)
    storage = {"storage_items_stored": 0, "storage_current_size": _stored(domain)}
    figures: Body = {"messages": {}, "logins": {}, "users": domain.counts()}
    if call.variants.summary != "without storage":
        figures["storage"] = storage
    days = sorted(_days(call), reverse=True)
    if call.variants.summary == "by_period":
        return {"summary": dict.fromkeys(days, figures)}
    return {"summary": [{"period": day, **figures} for day in days]}


def file(platform: Platform, request: Request) -> Response:
    """One line per account; the columns are this simulator's own."""
    query = request.query
    if platform.tokens.holder(query.get("token", ""), "file") != query.get("user"):
        return text_response("expired", status=403)
    name, kind, _date = query.get("id", "::").split(":")
    out = io.StringIO()
    table = csv.writer(out)
    sizes = platform.variants.report_has_sizes
    table.writerow(["account", "type", "quota", *(["storage"] if sizes else []), "logins"])
    for domain in platform.state.own_domains():
        if kind == "domain" and domain.name != name:
            continue
        for one in domain.accounts.values():
            stored = [one.bytes_used] if sizes else []
            table.writerow([one.address, one.kind, one.quota, *stored, 0])
    return text_response(out.getvalue(), content_type="text/csv; charset=utf-8")


def _days(call: Call) -> list[str]:
    today = call.state.clock.now().date()
    return [(today - timedelta(days=ago)).isoformat() for ago in range(_DAYS, 0, -1)]


def _stored(domain: Domain) -> int:
    return sum(account.bytes_used for account in domain.accounts.values())


METHODS: dict[str, Handler] = {
    handler.__name__: handler for handler in (stats_list, stats_snapshot, stats_summary)
}
