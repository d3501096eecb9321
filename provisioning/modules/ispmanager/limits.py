"""Limits of an account: what a product says, what its template says, and what is sent.

In a product a limit is blank (the template's), a number (0: none allowed) or "unlimited". On the
wire it is a number; the panel shows "no limit" as an empty or very large one.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from provisioning.contract import Field
from provisioning.modules.ispmanager.answers import Node

UNLIMITED = "unlimited"
# The panel's interface has no word for "no limit" but this; what is as large is read as none.
NO_LIMIT = 100_000_000
MIB = 1024**2
PREFIX = "limit_"


@dataclass(frozen=True)
class Limit:
    """`noun` is (one, many) for people; blank `unit` means a count. `share`: not used up, but the
    largest share that one of many may have.
    """

    code: str
    label: str
    noun: tuple[str, str]
    unit: str = ""
    share: bool = False
    help: str = ""

    def exceeded(self, used: int, most: int) -> str:
        if self.unit:
            return f"{used} {self.unit} of {self.noun[0]} in use, the new limit is {most}"
        verb = "exists" if used == 1 else "exist"
        return f"{used} {self.noun[used != 1]} {verb}, the new limit is {most}"


_MANAGED = "Only on the Host and Business editions."
_ALL = (
    Limit("limit_quota", "Disk quota, MiB", ("disk space",) * 2, "MiB",
          help="Files and mail, not databases. Needs quotas in the server's file system."),
    # What was used in a month is no content that could fail to fit.
    Limit("limit_traff", "Traffic quota, MiB a month", ("traffic",) * 2, "MiB", share=True,
          help="The panel only counts it."),
    Limit("limit_db", "Databases", ("database", "databases")),
    Limit("limit_db_users", "Database users", ("database user", "database users")),
    Limit("limit_ftp_users", "FTP users", ("FTP user", "FTP users")),
    Limit("limit_webdomains", "Web domains", ("web domain", "web domains")),
    Limit("limit_domains", "Domain names", ("domain name", "domain names")),
    Limit("limit_emaildomains", "Mail domains", ("mail domain", "mail domains")),
    Limit("limit_emails", "Mailboxes", ("mailbox", "mailboxes"),
          help="Forwards and distribution lists are mailboxes too."),
    Limit("limit_cpu", "CPU time, seconds", ("CPU time",) * 2, "s", share=True, help=_MANAGED),
    Limit("limit_memory", "Memory, MiB", ("memory",) * 2, "MiB", share=True, help=_MANAGED),
    Limit("limit_process", "Processes", ("process", "processes"), share=True, help=_MANAGED),
    Limit("limit_email_quota", "Mailbox quota, MiB", ("mailbox size",) * 2, "MiB", share=True,
          help=f"The largest size that one mailbox may be given. {_MANAGED}"),
    Limit("limit_users", "Users", ("user", "users")),
    Limit("limit_resellertechdomain", "Technical domains",
          ("technical domain", "technical domains")),
    Limit("limit_ipv4addrs", "IPv4 addresses", ("IPv4 address", "IPv4 addresses")),
    Limit("limit_ipv6addrs", "IPv6 addresses", ("IPv6 address", "IPv6 addresses")),
    Limit("limit_mailrate", "E-mails of a mailbox per hour", ("e-mail", "e-mails"), share=True),
    Limit("limit_scheduler", "Cron jobs", ("cron job", "cron jobs")),
    Limit("limit_nginxlimitconn", "Connections from one address", ("connection", "connections"),
          share=True),
    Limit("limit_maxclientsvhost", "Apache handlers per site", ("handler", "handlers"),
          share=True),
)  # fmt: skip
LIMITS = {limit.code: limit for limit in _ALL}
_HOSTING = (
    "limit_quota", "limit_traff", "limit_db", "limit_db_users", "limit_ftp_users",
    "limit_webdomains", "limit_emaildomains", "limit_emails", "limit_cpu", "limit_memory",
    "limit_process", "limit_email_quota",
)  # fmt: skip
HOSTING_LIMITS = tuple(LIMITS[code] for code in _HOSTING)
RESELLER_LIMITS = _ALL


def limit_fields(limits: Iterable[Limit]) -> tuple[Field, ...]:
    return tuple(
        Field(
            code=limit.code,
            label=limit.label,
            default="",
            max_length=12,
            help=f"Blank: as in the template. 0: none. {UNLIMITED}: no limit. {limit.help}".strip(),
            section="Limits",
            validate=complaint,
        )
        for limit in limits
    )


def complaint(value: Any) -> str | None:
    text = str(value or "").strip().lower() if value != 0 else "0"
    if text in ("", UNLIMITED) or (text.isascii() and text.isdigit() and int(text) < NO_LIMIT):
        return None
    return f'Leave it blank, enter a whole number below {NO_LIMIT}, or "{UNLIMITED}".'


def chosen(settings: Mapping[str, Any], options: Mapping[str, Any], code: str) -> str:
    """ "" (as the template), "unlimited" or digits; a configurable option goes before the product.

    What is none of these counts as blank.
    """
    for value in (options.get(code), settings.get(code)):
        text = "" if value is None else str(value).strip().lower()
        if text and complaint(text) is None:
            return text
    return ""


def meaning(text: str) -> int | None:
    """Of what the panel says: a number, or None for no limit."""
    number = int(text) if text.isascii() and text.isdigit() else NO_LIMIT
    return number if number < NO_LIMIT else None


@dataclass(frozen=True)
class Plan:
    """A product's limits on top of its template's. `template` holds the form's `limit_*` texts."""

    chosen: Mapping[str, str]
    template: Mapping[str, str]

    def most(self, code: str) -> int | None:
        """None when there is no limit, or none is known."""
        text = self.chosen.get(code)
        return meaning(text if text else self.template.get(code, ""))

    def wire(self, *, change: bool) -> dict[str, str]:
        """Every limit, so that nothing depends on what the panel makes of those left out.

        In a change an empty one would leave the old limit in force, so a large number is sent.
        """
        sent = {code: text for code, text in self.template.items() if text}
        if change:
            empty = {code for code, text in self.template.items() if not text}
            sent |= {code: str(NO_LIMIT) for code in empty & LIMITS.keys()}
        return sent | {code: self._text(code, text) for code, text in self.chosen.items() if text}

    def _text(self, code: str, text: str) -> str:
        if text != UNLIMITED:
            return text
        present = self.template.get(code, "")
        return present if present and meaning(present) is None else str(NO_LIMIT)


def plan(
    limits: Iterable[Limit],
    settings: Mapping[str, Any],
    options: Mapping[str, Any],
    template: Node | None,
) -> Plan:
    return Plan(
        {limit.code: chosen(settings, options, limit.code) for limit in limits},
        limits_of(template) if template else {},
    )


def limits_of(form: Node) -> dict[str, str]:
    return {
        name: form.value(name)
        for name in form.children
        if name.startswith(PREFIX) and form.all(name)[0].children == {}
    }
