"""OMA methods on the company, its domains and their workgroups."""

from __future__ import annotations

from provisioning.modules.opensrs.simulator import judge
from provisioning.modules.opensrs.simulator.call import Body, Call, Handler, matches
from provisioning.modules.opensrs.simulator.errors import Refused
from provisioning.modules.opensrs.simulator.model import Domain

_WORKGROUP_LIMIT = 30
_DEFAULT_SECONDS = 10_800


def authenticate(call: Call) -> Body:
    reply: Body = {}
    if call.body.get("generate_session_token") and call.variants.session_tokens:
        seconds = int(call.body.get("session_token_duration") or _DEFAULT_SECONDS)
        if not 1 <= seconds <= 86_400:
            raise Refused(5)
        seconds = min(seconds, call.variants.token_seconds)
        token = call.platform.tokens.issue(call.platform.admin, "session", seconds)
        reply = {"session_token": token, "session_token_duration": seconds}
    if call.body.get("fetch_extra_info"):
        role = call.variants.role
        roles = [role] if call.variants.roles_as_list else {role: ["reseller"]}
        reply["extra_info"] = {"roles": roles}
    return reply


def echo(call: Call) -> Body:
    return {name: value for name, value in call.body.items() if name != "credentials"}


def get_domain(call: Call) -> Body:
    domain = call.state.own_domain(call.text("domain"))
    hidden = set()
    if not call.variants.shows_notes:
        hidden.add("notes_external")
    if not call.variants.shows_disabled:
        hidden.add("disabled")
    shown = {"disabled": domain.disabled, **domain.attributes}
    attributes = {name: value for name, value in shown.items() if name not in hidden}
    return {
        "attributes": {"account": domain.name, "aliases": domain.aliases, **attributes},
        "settable_attribute": sorted(judge.DOMAIN_RULES),
        "metadata": {
            "options": {},
            "bulletins": {"manual": [], "auto": []},
            "createtime": domain.created,
            "inherit": {"spamlevel": "Normal"},
        },
    }


def change_domain(call: Call) -> Body:
    name = judge.check_domain_name(call.body.get("domain"))
    attributes = judge.check(call.body.get("attributes"), judge.DOMAIN_RULES)
    present = call.state.domains.get(name)
    if present is None:
        call.state.create_domain(name, attributes)
        return {}
    domain = call.state.own_domain(name)
    if call.body.get("create_only"):
        raise Refused(call.variants.exists_error)
    call.state.set_domain(domain, attributes)
    return {}


def delete_domain(call: Call) -> Body:
    call.state.delete_domain(call.state.own_domain(call.text("domain")))
    return {}


def search_domains(call: Call) -> Body:
    criteria = call.criteria()
    kinds = criteria.get("type") or ["domain", "alias"]
    rows = [
        row
        for domain in call.state.own_domains()
        for row in _domain_rows(call, domain)
        if row["type"] in kinds and matches(criteria.get("match"), str(row["domain"]))
    ]
    return call.page(sorted(rows, key=lambda row: str(row["domain"])), "domains")


def create_workgroup(call: Call) -> Body:
    domain, name = call.state.own_domain(call.text("domain")), call.text("workgroup")
    if len(name) > _WORKGROUP_LIMIT or not name.replace("-", "").replace("_", "").isalnum():
        raise Refused(6, {"workgroup": "has characters that are not allowed"})
    call.state.create_workgroup(domain, name)
    return {}


def delete_workgroup(call: Call) -> Body:
    domain = call.state.own_domain(call.text("domain"))
    call.state.delete_workgroup(domain, call.text("workgroup"))
    return {}


def search_workgroups(call: Call) -> Body:
    criteria = call.criteria()
    if not criteria.get("domain"):
        raise Refused(5)
    domain = call.state.own_domain(str(criteria["domain"]), missing=9)
    rows = [
        {"workgroup": name, "counts": _members(domain, name)}
        for name in domain.workgroups
        if matches(criteria.get("match"), name.lower())
    ]
    return call.page(rows, "workgroups")


def _members(domain: Domain, workgroup: str) -> dict[str, int]:
    inside = [one.kind for one in domain.accounts.values() if one.workgroup == workgroup]
    return {kind: inside.count(kind) for kind in ("mailbox", "forward", "filter")}


def _domain_rows(call: Call, domain: Domain) -> list[Body]:
    counts = {"users": domain.counts()} if call.variants.domain_rows_have_counts else {}
    row: Body = {"domain": domain.name, "type": "domain", **counts}
    return [row, *({"domain": alias, "type": "alias"} for alias in domain.aliases)]


METHODS: dict[str, Handler] = {
    handler.__name__: handler
    for handler in (
        authenticate, echo, get_domain, change_domain, delete_domain, search_domains,
        create_workgroup, delete_workgroup, search_workgroups,
    )
}  # fmt: skip
