"""What an account is given besides itself: domains, zones and addresses."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

from provisioning.modules.ispmanager.simulator.call import (
    DOMAIN_NAME,
    Call,
    Function,
    Refused,
    done,
    listing,
)
from provisioning.modules.ispmanager.simulator.documents import El, fields, row
from provisioning.modules.ispmanager.simulator.model import Address, Person


@dataclass(slots=True)
class FirstThings:
    """The first site, mail domain, FTP user and address, as the wizard's last page asks for."""

    site: str
    mail: str
    ftp: str
    family: str

    @classmethod
    def wanted(cls, call: Call) -> Self:
        site = "" if call.text("webdomain") == "off" else call.text("webdomain_name")
        mail = "" if call.text("emaildomain") == "off" else call.text("emaildomain_name")
        for name, what, held in (
            (site, "webdomain", call.state.sites),
            (mail, "emaildomain", call.state.mail_domains),
        ):
            check_domain(name, what, held) if name else None
        ftp = call.text("ftp_user_name") if call.text("ftp_user", "on") == "on" else ""
        family = call.text("iptype", "ipv4") if call.text("ipsrc") == "auto" else ""
        if family and call.variants.has_addresses:
            free_address(call, family)
        return cls(site, mail, ftp, family)

    def give(self, call: Call, person: Person, late: float) -> None:
        if self.mail:
            call.state.new_mail_domain(self.mail, person.name, seen_from=late)
        if self.site:
            call.state.sites[self.site] = person.name
        for name in filter(None, (self.site, self.mail)):
            call.state.zones.setdefault(name, person.name)
        if self.ftp:
            person.ftp_users[self.ftp] = person.password
        if self.family and call.variants.has_addresses:
            address = free_address(call, self.family)
            address.owner, address.iprole = person.name, "assigned"


def check_domain(name: str, what: str, held: object) -> None:
    if not DOMAIN_NAME.fullmatch(name):
        raise Refused("value", f"{what}_name", name)
    if isinstance(held, dict) and name in held:
        raise Refused("exists", what, name)


def free_address(call: Call, family: str) -> Address:
    for address in call.state.addresses:
        if address.iprole == "free" and address.iptype == family:
            return address
    raise Refused("missed", "ipaddr", family)


def sites(call: Call) -> list[El]:
    def row_of(one: tuple[str, str]) -> El:
        name, owner = one
        return row({"id": name, "name": name, "owner": owner, "active": "on"})

    seen = [(name, owner) for name, owner in call.state.sites.items() if call.may_see(owner)]
    return listing(call, seen, row_of)


def zones(call: Call) -> list[El]:
    seen = [(name, owner) for name, owner in call.state.zones.items() if call.may_see(owner)]
    return listing(
        call, seen, lambda one: row({"name": one[0], "displayname": one[0], "user": one[1]})
    )


def records(call: Call) -> list[El]:
    zone = call.elid
    if zone not in call.state.zones or not call.may_see(call.state.zones[zone]):
        raise Refused("missed", "domain", zone)
    found = [("", "NS", "ns1.panel.example."), ("", "MX", f"10 mail.{zone}.")]
    mail = call.state.mail_domains.get(zone)
    if mail and mail.dkim:
        text = f"v=DKIM1; k=rsa; p={mail.public_key}"
        found.append((f"{mail.dkim_selector}._domainkey.", "TXT (text record)", text))

    def row_of(one: tuple[str, str, str]) -> El:
        name, kind, value = one
        full = f"{name}{zone}."
        cells = {"rkey": f"{full} {kind}  {value}", "name": full, "ttl": "3600"}
        return row({**cells, "rtype": kind, "value": value})

    return listing(call, found, row_of, key="rkey")


def addresses(call: Call) -> list[El]:
    seen = [
        address
        for address in call.state.addresses
        if address.iprole == "shared" or (address.owner and call.may_see(address.owner))
    ]

    def row_of(one: Address) -> El:
        kind = {"iprole": one.iprole, "iptype": one.iptype}
        return row({"name": one.name, **kind, "owner": one.owner or None})

    return listing(call, seen, row_of)


def give_address(call: Call) -> list[El]:
    if not call.applies:
        return fields({"name": "", "iprole": "", "iptype": "", "owner": ""})
    owner, family = call.text("owner"), call.text("iptype")
    if family not in ("ipv4", "ipv6"):
        raise Refused("value", "iptype", family)
    if owner not in call.state.people or not call.may_see(owner):
        raise Refused("missed", "owner", owner)
    address = free_address(call, family)
    address.owner, address.iprole = owner, call.text("iprole")
    return done(address.name)


def take_address(call: Call) -> list[El]:
    by_name = {address.name: address for address in call.state.addresses if address.owner}
    for key in call.keys:
        if key not in by_name:
            raise Refused("missed", "ipaddr", key)
        by_name[key].owner, by_name[key].iprole = "", "free"
    return done()


FUNCTIONS = {
    "webdomain": Function(sites),
    "domain": Function(zones),
    "domain.record": Function(records),
    "ipaddr": Function(addresses, needs="has_addresses"),
    "ipaddr.edit": Function(give_address, 24, "has_addresses", writes=True),
    "ipaddr.delete": Function(take_address, 24, "has_addresses", writes=True),
}
