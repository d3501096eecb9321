"""APP's commands on the company, its domains and their workgroups."""

from __future__ import annotations

from provisioning.modules.opensrs.simulator import judge
from provisioning.modules.opensrs.simulator.app_call import AppCall, Command, Refusal, Reply, local

_LIMITS = ("mailbox", "filter_only", "alias", "forward_only", "mailing_list")


def create_domain(call: AppCall) -> Reply:
    name = judge.check_domain_name(call.text("domain"))
    if call.state.domain_taken(name):
        raise Refusal(13, "Domain exists")
    call.state.create_domain(name, _domain_attributes(call))
    return {}


def change_domain(call: AppCall) -> Reply:
    call.state.set_domain(call.domain(), _domain_attributes(call))
    return {}


def get_domain(call: AppCall) -> Reply:
    domain = call.domain()
    record = {"DOMAIN": domain.name, "ALIASES": ",".join(domain.aliases)}
    record["SPAM_LEVEL"] = str(domain.attributes.get("spamlevel", "Normal")).lower()
    if call.platform.variants.app_shows_disabled:
        record["DISABLED"] = "T" if domain.disabled else "F"
    return record


def delete_domain(call: AppCall) -> Reply:
    cascade = call.attributes.get("cascade") == "T"
    call.state.delete_domain(call.domain(), cascade=cascade)
    return {}


def create_domain_alias(call: AppCall) -> Reply:
    domain, alias = call.domain(), judge.check_domain_name(call.text("alias"))
    call.state.set_domain(domain, {"aliases": [*domain.aliases, alias]})
    return {}


def delete_domain_alias(call: AppCall) -> Reply:
    alias = call.text("alias").lower()
    for domain in call.state.own_domains():
        if alias in domain.aliases:
            rest = [name for name in domain.aliases if name != alias]
            call.state.set_domain(domain, {"aliases": rest})
            return {}
    raise Refusal(14, "Alias does not exist")


def get_company_domains(call: AppCall) -> Reply:
    names = sorted(domain.name for domain in call.state.own_domains())
    limit = call.attributes.get("limit", "")
    return ("DOMAIN",), [(name,) for name in names[: int(limit) if limit.isdigit() else None]]


def set_domain_disabled_status(call: AppCall) -> Reply:
    call.state.set_domain(call.domain(), {"disabled": call.flag("disabled")})
    return {}


def get_num_domain_mailboxes(call: AppCall) -> Reply:
    counts = call.domain().counts()
    names = ("mailbox", "forward", "filter", "alias")
    return {**{name.upper(): str(counts[name]) for name in names}, "CATCH_ALL": "F"}


def get_domain_mailboxes(call: AppCall) -> Reply:
    rows = []
    for account in call.domain().accounts.values():
        rows.append((local(account.address), account.kind, account.workgroup))
        rows += [(local(alias), "alias", account.workgroup) for alias in account.aliases]
    return ("MAILBOX", "TYPE", "WORKGROUP"), sorted(rows)


def set_domain_mailbox_limits(call: AppCall) -> Reply:
    domain = call.domain()
    for name in _LIMITS:
        if name in call.attributes:
            if not call.attributes[name].isdigit():
                raise Refusal(8, f"{name.upper()} is no number")
            domain.limits[name] = int(call.attributes[name])
    call.state.touch()
    return {}


def get_domain_mailbox_limits(call: AppCall) -> Reply:
    return {name.upper(): str(value) for name, value in call.domain().limits.items()}


def create_workgroup(call: AppCall) -> Reply:
    call.state.create_workgroup(call.domain(), call.text("workgroup"))
    return {}


def delete_workgroup(call: AppCall) -> Reply:
    call.state.delete_workgroup(call.domain(), call.text("workgroup"))
    return {}


def get_domain_workgroups(call: AppCall) -> Reply:
    domain, rows = call.domain(), []
    for name in domain.workgroups:
        inside = [one for one in domain.accounts.values() if one.workgroup == name]
        kinds = [one.kind for one in inside]
        aliases = sum(len(one.aliases) for one in inside)
        counts = (kinds.count("mailbox"), kinds.count("forward"), aliases)
        rows.append((name, *(str(count) for count in counts)))
    return ("WORKGROUP", "MAILBOX_COUNT", "FORWARD_COUNT", "ALIAS_COUNT"), rows


def _domain_attributes(call: AppCall) -> dict[str, object]:
    level = call.attributes.get("spam_level")
    return {"spamlevel": level.title()} if level else {}


COMMANDS: dict[str, Command] = {
    command.__name__: command
    for command in (
        create_domain, change_domain, get_domain, delete_domain, create_domain_alias,
        delete_domain_alias, get_company_domains, set_domain_disabled_status,
        get_num_domain_mailboxes, get_domain_mailboxes, set_domain_mailbox_limits,
        get_domain_mailbox_limits, create_workgroup, delete_workgroup, get_domain_workgroups,
    )
}  # fmt: skip
