"""Actions on the account and on domains."""

from __future__ import annotations

import secrets
from typing import Any

from provisioning.modules.polarismail.simulator.call import (
    DOMAIN_NAME,
    DONE,
    Action,
    Call,
    Refused,
    Reply,
)
from provisioning.modules.polarismail.simulator.model import BASIC, ENHANCED, Domain

EDITABLE = ("editdomainactive", "editcatchall", "editdtzone", "editexchangeenabled")


def stats(call: Call) -> dict[str, Any]:
    users = [user for domain in call.state.domains.values() for user in domain.users.values()]
    kinds = [user.account_type for user in users]
    limits = call.variants
    return {
        "curemails": call.figure(kinds.count(BASIC), int),
        "cureemails": call.figure(kinds.count(ENHANCED), str),
        "curocemails": "0",
        "curexemails": "0",
        "maxemails": call.figure(limits.max_basic, str),
        "maxeemails": call.figure(limits.max_enhanced, str),
        "maxocemails": "0",
        "maxexemails": "0",
        "curdomains": call.figure(len(call.state.domains), str),
        "maxdomains": call.figure(limits.max_domains, str),
        "curquota": call.figure(sum(user.quota for user in users), str),
        "maxquota": "0",
        "autogrow_quota": "1",
    }


def available(call: Call) -> str:
    name = call.text("domain").lower()
    if not DOMAIN_NAME.fullmatch(name):
        raise Refused("Invalid domain name")
    aliases = {alias for domain in call.state.domains.values() for alias in domain.alias_domains}
    if name in call.state.domains or name in call.state.elsewhere or name in aliases:
        raise Refused("Domain already exists in our system")
    return "Domain is available"


def add(call: Call) -> str:
    name = call.text("newdomain").lower()
    available(Call(call.state, call.tokens, call.variants, {"domain": name}))
    if len(call.state.domains) >= call.variants.max_domains:
        raise Refused("You have reached the maximum number of domains")
    call.state.add(name)
    return "Domain added"


def remove(call: Call) -> str:
    del call.state.domains[call.domain().name]
    return "Domain removed"


def update(call: Call) -> str:
    domain = call.domain()
    if "editdomainactive" in call.form:
        domain.active = call.flag("editdomainactive")
    return DONE


def list_all(call: Call) -> Any:
    return call.listing(
        [
            {
                "id": call.figure(domain.id, str),
                "domain": domain.name,
                "isauditdomain": "0",
                "domaintype": "1",
                "active": call.figure(domain.active, str),
            }
            for domain in call.state.domains.values()
        ]
    )


def info(call: Call) -> dict[str, Any]:
    domain = call.domain()
    return {
        "dtzone": "UTC",
        "expiry_notifications": 0,
        "catchall": "",
        "domaintype": "1",
        "webmail": "",
        "vusers": call.figure(len(domain.users), int),
        "aliases": call.figure(len(domain.aliases), int),
        "lists": call.figure(len(domain.lists), int),
        "active": call.figure(domain.active, str),
        "exchange_enabled": "0",
        "audit_enabled": "0",
        "localdelivery": "1",
        "totalQuota": call.figure(sum(user.quota for user in domain.users.values()), int),
        "homecountry": "",
    }


def verification(call: Call) -> Reply:
    """The one inverted answer: done means that there is still something to do."""
    domain = call.domain()
    if domain.published and not domain.verified:
        domain.verified = True
        call.state.touch()
    if domain.verified:
        raise Refused("This domain is verified")
    value: Any = domain.txt
    if call.variants.verification == "object":
        value = {"type": "TXT", "host": "mx-verification", "value": domain.txt}
    return Reply(value, {"message": "Please create this TXT record."})


def list_alias_domains(call: Call) -> Any:
    rows = call.domain().alias_domains.items()
    return call.listing([{"alias_domain_id": id, "alias_domain": name} for name, id in rows])


def add_alias_domain(call: Call) -> str:
    domain, name = call.verified_domain(), call.text("adomain").lower()
    available(Call(call.state, call.tokens, call.variants, {"domain": name}))
    domain.alias_domains[name] = call.state.number()
    return DONE


def remove_alias_domain(call: Call) -> str:
    if call.domain().alias_domains.pop(call.text("adomain").lower(), None) is None:
        raise Refused("Alias domain not found")
    return DONE


def dkim(call: Call) -> dict[str, Any]:
    domain = call.domain()
    known = domain.dkim_enabled or call.variants.dkim_known_when_off
    return {
        "dkim_enabled": call.figure(domain.dkim_enabled and domain.published, str),
        "dkim_host": _dkim_host(call, domain) if known and domain.dkim_key else "",
        "dkim_key": domain.dkim_key if known else "",
    }


def enable_dkim(call: Call) -> Reply:
    domain = call.verified_domain()
    domain.dkim_key = domain.dkim_key or f"v=DKIM1; k=rsa; p={secrets.token_hex(60)}"
    domain.dkim_enabled = True
    return Reply(DONE, {"dkimhost": _dkim_host(call, domain), "dkimkey": domain.dkim_key})


def disable_dkim(call: Call) -> str:
    call.domain().dkim_enabled = False
    return DONE


def _dkim_host(call: Call, domain: Domain) -> str:
    tail = f".{domain.name}" if call.variants.dkim_host == "full" else ""
    return f"ea1._domainkey{tail}"


ONE = ("domain",)
TWO = ("domain", "adomain")

ACTIONS: dict[str, Action] = {
    "getAdminStats": Action(stats),
    "isDomainAvailable": Action(available, ONE),
    "addDomain": Action(add, ("newdomain",), writes=True),
    "removeDomain": Action(remove, ONE, writes=True),
    "updateDomain": Action(update, ONE, EDITABLE, writes=True),
    "getAllDomains": Action(list_all),
    "getDomainInfo": Action(info, ONE),
    "getDomainVerification": Action(verification, ONE),
    "getAliasDomains": Action(list_alias_domains, ONE),
    "addAliasDomain": Action(add_alias_domain, TWO, writes=True),
    "removeAliasDomain": Action(remove_alias_domain, TWO, writes=True),
    "getDKIM": Action(dkim, ONE),
    "enableDKIM": Action(enable_dkim, ONE, writes=True),
    "disableDKIM": Action(disable_dkim, ONE, writes=True),
}
