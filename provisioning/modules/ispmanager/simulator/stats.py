"""What is used of each limit."""

from __future__ import annotations

from collections.abc import Mapping

from provisioning.modules.ispmanager.simulator.call import Call, Function, Refused, listing
from provisioning.modules.ispmanager.simulator.documents import El
from provisioning.modules.ispmanager.simulator.model import RESELLER_LEVEL, Mailbox, Person
from provisioning.modules.ispmanager.simulator.state import State

_TITLES = {
    "limit_quota": ("Disk space", "MiB"),
    "limit_traff": ("Traffic", "MiB"),
    "limit_db": ("Databases", "pcs"),
    "limit_ftp_users": ("FTP users", "pcs"),
    "limit_webdomains": ("WWW-domains", "pcs"),
    "limit_emaildomains": ("Mail domains", "pcs"),
    "limit_emails": ("Mailboxes", "pcs"),
    "limit_users": ("Users", "pcs"),
    "limit_email_quota": ("Mailbox size", "MiB"),
}


def disk_used(person: Person, boxes: list[Mailbox]) -> str:
    """Files and mail; a text that is no number is told as it is."""
    mail = [box.used for box in boxes]
    if not all(_is_number(text) for text in (person.files, *mail)):
        return person.files
    total = sum(float(text) for text in (person.files, *mail))
    return str(int(total)) if total == int(total) else str(total)


def used(state: State, person: Person) -> dict[str, str]:
    names = _names(state, person)
    mails = [box for name in names for box in state.mail_of(name)]
    domains = [one for one in state.mail_domains.values() if one.owner in names]
    disk = [disk_used(state.people[name], state.mail_of(name)) for name in names]
    return {
        "limit_quota": str(int(sum(float(text) for text in disk if _is_number(text)))),
        "limit_traff": person.traffic,
        "limit_db": str(sum(state.people[name].databases for name in names)),
        "limit_ftp_users": str(sum(len(state.people[name].ftp_users) for name in names)),
        "limit_webdomains": str(sum(owner in names for owner in state.sites.values())),
        "limit_emaildomains": str(len(domains)),
        "limit_emails": str(len(mails)),
        "limit_users": str(len(names) - 1),
        "limit_email_quota": "0",
    }


def _names(state: State, person: Person) -> list[str]:
    if person.level != RESELLER_LEVEL:
        return [person.name]
    owned = [one.name for one in state.people.values() if one.owner == person.name]
    return [person.name, *owned]


def check_use(call: Call, person: Person, limits: Mapping[str, str]) -> None:
    """A limit below what is used already is refused."""
    for code, text in used(call.state, person).items():
        most = limits.get(code, "")
        counts = code not in ("limit_traff", "limit_email_quota")
        if counts and most.isdigit() and text.isdigit() and int(text) > int(most):
            raise Refused("limit", code, most)


def stats(call: Call) -> list[El]:
    def row_of(one: tuple[str, str]) -> El:
        code, text = one
        title, units = _TITLES[code]
        cells = [
            El("name", title, {"orig": code}),
            El("units", units),
            El("usages_total", call.who.limits.get(code) or "unlimited"),
            El("usages_used", text),
        ]
        return El("elem", children=cells)

    return listing(call, sorted(used(call.state, call.who).items(), reverse=True), row_of)


def _is_number(text: str) -> bool:
    return text.replace(".", "", 1).isdigit()


FUNCTIONS = {"userstat": Function(stats), "resellerstat": Function(stats, RESELLER_LEVEL)}
