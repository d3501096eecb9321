"""Mail domains and mailboxes."""

from __future__ import annotations

from provisioning.modules.ispmanager.simulator.call import (
    LOCAL_PART,
    Call,
    Function,
    Refused,
    done,
    listing,
)
from provisioning.modules.ispmanager.simulator.documents import El, fields, row
from provisioning.modules.ispmanager.simulator.hosting import check_domain
from provisioning.modules.ispmanager.simulator.model import ADMIN_LEVEL, Mailbox, MailDomain

# Of the last one the code word is a guess of this simulator, not published.
UNKNOWN_ADDRESSES = {"error": "refuse", "ignore": "ignore", "redirect": "redirect to address"}
_SWITCHES = ("dontsave", "greylist", "spamassassin")


def _on(value: bool) -> str:
    return "on" if value else "off"


def domains(call: Call) -> list[El]:
    seen = [
        one
        for one in call.state.mail_domains.values()
        if call.may_see(one.owner) and one.seen_from <= call.now
    ]

    def row_of(one: MailDomain) -> El:
        return row({"name": one.name, "owner": one.owner, "active": _on(_works(call, one))})

    return listing(call, seen, row_of)


def _works(call: Call, domain: MailDomain) -> bool:
    owner = call.state.people.get(domain.owner)
    return domain.active and (owner is None or owner.active)


def edit_domain(call: Call) -> list[El]:
    if not call.elid:
        return _new_domain(call) if call.applies else fields({"name": "", "owner": ""})
    domain = _domain(call, call.elid)
    if not call.applies:
        return _domain_form(call, domain)
    if call.text("defaction", domain.defaction) not in UNKNOWN_ADDRESSES:
        raise Refused("value", "defaction", call.text("defaction"))
    domain.dkim = call.switch("dkim", domain.dkim)
    domain.dkim_selector = call.text("dkim_selector", domain.dkim_selector)
    if not call.variants.ignores_mail_switches:
        domain.defaction = call.text("defaction", domain.defaction)
        for name in call.variants.mail_switches:
            setattr(domain, name, call.switch(name, getattr(domain, name)))
    return done(domain.name)


def _domain_form(call: Call, domain: MailDomain) -> list[El]:
    values = {
        "name": domain.name,
        "owner": domain.owner,
        "defaction": domain.defaction,
        "dkim": _on(domain.dkim),
        "dkim_selector": domain.dkim_selector,
        **{name: _on(getattr(domain, name)) for name in call.variants.mail_switches},
    }
    choices = [El("val", text, {"key": key}) for key, text in UNKNOWN_ADDRESSES.items()]
    listed = (
        [El("slist", "", {"name": "defaction"}, choices)] if call.variants.lists_choices else []
    )
    return [*fields(values), *listed]


def _new_domain(call: Call) -> list[El]:
    name = call.text("name")
    owner = call.text("owner") or call.who.name
    check_domain(name, "emaildomain", call.state.mail_domains)
    if owner not in call.state.people or not call.may_see(owner):
        raise Refused("missed", "owner", owner)
    limits = call.state.people[owner].limits
    held = [one for one in call.state.mail_domains.values() if one.owner == owner]
    _check_limit(limits.get("limit_emaildomains", ""), len(held), "limit_emaildomains")
    call.state.new_mail_domain(name, owner)
    return done(name)


def _domain(call: Call, name: str) -> MailDomain:
    found = call.state.mail_domains.get(name)
    if found is None or not call.may_see(found.owner):
        raise Refused("missed", "emaildomain", name)
    return found


def delete_domain(call: Call) -> list[El]:
    for domain in [_domain(call, key) for key in call.keys]:
        call.state.drop_mail_domain(domain.name)
    return done()


def mailboxes(call: Call) -> list[El]:
    boxes = call.state.mailboxes.values()
    seen = [box for box in boxes if call.may_see(call.state.owner_of(box))]
    return listing(call, seen, lambda box: _mailbox_row(call, box))


def _mailbox_row(call: Call, box: Mailbox) -> El:
    domain = call.state.mail_domains[box.domain]
    return row(
        {
            "name": box.address,
            "owner": domain.owner if call.variants.mail_owner else None,
            "active": _on(box.active and _works(call, domain)),
            "forward": " ".join(box.forward) or None,
            "dontsave": _on(box.dontsave),
            "size_used": box.used or None,
            "size_total": box.maxsize or None,
            "note": box.note or None,
        }
    )


def edit_mailbox(call: Call) -> list[El]:
    if not call.elid:
        return _new_mailbox(call) if call.applies else fields({"name": "", "domainname": ""})
    box = _mailbox(call, call.elid)
    if not call.applies:
        return fields(_form(call, box))
    _change(call, box, _checked(call, box))
    return done(box.address)


def _form(call: Call, box: Mailbox) -> dict[str, str]:
    form = {
        "name": box.local,
        "domainname": box.domain,
        "aliases": " ".join(box.aliases),
        "forward": " ".join(box.forward),
        "maxsize": box.maxsize,
        "note": box.note,
        **{name: _on(getattr(box, name)) for name in _SWITCHES},
    }
    return {**form, "passwd": box.password} if call.variants.form_tells_passwords else form


def _new_mailbox(call: Call) -> list[El]:
    local, domain = call.text("name"), _domain(call, call.text("domainname"))
    if not LOCAL_PART.fullmatch(local):
        raise Refused("value", "name", local)
    address = f"{local}@{domain.name}"
    _check_free(call, address, "email")
    limits = call.state.people[domain.owner].limits
    _check_limit(
        limits.get("limit_emails", ""), len(call.state.mail_of(domain.owner)), "limit_emails"
    )
    if not call.has("passwd"):
        raise Refused("value", "passwd", "")
    box = Mailbox(address, "")
    changes = _checked(call, box)
    call.state.mailboxes[address] = box
    _change(call, box, changes)
    return done(address)


def _checked(call: Call, box: Mailbox) -> dict[str, list[str]]:
    """Refuses before anything is written; gives the lists that were sent."""
    password = call.text("passwd", "x" * call.variants.shortest_password)
    if not call.variants.shortest_password <= len(password) <= 128:
        raise Refused("value", "passwd", password)
    sent = {name: call.text(name).split() for name in ("aliases", "forward") if call.has(name)}
    for local in sent.get("aliases", []):
        if not LOCAL_PART.fullmatch(local):
            raise Refused("value", "aliases", local)
        if local not in box.aliases:
            _check_free(call, f"{local}@{box.domain}", "email")
    if [one for one in sent.get("forward", []) if one.count("@") != 1]:
        raise Refused("value", "forward", call.text("forward"))
    _check_size(call, box)
    if call.switch("dontsave", box.dontsave) and not sent.get("forward", box.forward):
        raise Refused("value", "dontsave", "on")
    return sent


def _check_size(call: Call, box: Mailbox) -> None:
    size = call.text("maxsize")
    most = call.state.people[call.state.mail_domains[box.domain].owner].limits
    largest = most.get("limit_email_quota", "")
    if size and not size.isdigit():
        raise Refused("value", "maxsize", size)
    limited = call.variants.has_resource_limits and largest.isdigit() and size
    if limited and int(size) > int(largest):
        raise Refused("limit", "limit_email_quota", largest)


def _change(call: Call, box: Mailbox, lists: dict[str, list[str]]) -> None:
    for name in ("maxsize", "note"):
        setattr(box, name, call.text(name, getattr(box, name)))
    box.password = call.text("passwd", box.password)
    for name in _SWITCHES:
        setattr(box, name, call.switch(name, getattr(box, name)))
    for name, values in lists.items():
        setattr(box, name, values)


def _check_free(call: Call, address: str, what: str) -> None:
    local, _, domain = address.partition("@")
    others = [box for box in call.state.mailboxes.values() if box.domain == domain]
    if address in call.state.mailboxes or any(local in box.aliases for box in others):
        raise Refused("exists", what, address)


def _check_limit(most: str, present: int, code: str) -> None:
    if most.isdigit() and present >= int(most):
        raise Refused("limit", code, most)


def _mailbox(call: Call, address: str) -> Mailbox:
    found = call.state.mailboxes.get(address)
    if found is None or not call.may_see(call.state.owner_of(found)):
        raise Refused("missed", "email", address)
    return found


def delete_mailbox(call: Call) -> list[El]:
    for box in [_mailbox(call, key) for key in call.keys]:
        del call.state.mailboxes[box.address]
    return done()


def _switch_mailbox(active: bool) -> Function:
    def run(call: Call) -> list[El]:
        for box in [_mailbox(call, key) for key in call.keys]:
            box.active = active
        return done()

    return Function(run, writes=True)


def presets(call: Call) -> list[El]:
    leveled = call.variants.template_levels
    return listing(
        call,
        call.state.presets.values(),
        lambda one: row({"name": one.name, "level": str(one.level) if leveled else None}),
    )


def edit_preset(call: Call) -> list[El]:
    found = call.state.presets.get(call.elid)
    if found is None:
        raise Refused("missed", "preset", call.elid)
    if call.applies:
        if call.who.level < ADMIN_LEVEL:
            raise Refused("access", "preset.edit")
        found.limits |= {k: v for k, v in call.params.items() if k.startswith("limit_")}
        return done(found.name)
    return fields({"name": found.name, "level": str(found.level), **found.limits})


FUNCTIONS = {
    "emaildomain": Function(domains),
    "emaildomain.edit": Function(edit_domain, writes=True),
    "emaildomain.delete": Function(delete_domain, writes=True),
    "email": Function(mailboxes),
    "email.edit": Function(edit_mailbox, writes=True),
    "email.delete": Function(delete_mailbox, writes=True),
    "email.suspend": _switch_mailbox(False),
    "email.resume": _switch_mailbox(True),
    "preset": Function(presets, 24),
    "preset.edit": Function(edit_preset, 24, writes=True),
}
