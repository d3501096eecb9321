"""Where the customer edits the zone, guessed from the name servers: the one table of DNS panels.

cPanel and Plesk run on their hosters' own name servers, so no fixed pattern can know them; the
seller names those in the DNS_PANELS setting ("*.ns.example.com=cpanel"), which comes first.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

Text = str | Promise


@dataclass(frozen=True)
class Panel:
    """`patterns` are shell patterns of name servers. `steps` lead to where a record is added."""

    code: str
    label: Text
    patterns: tuple[str, ...]
    steps: tuple[Text, ...]


GENERIC = Panel(
    "generic",
    _("Another provider"),
    (),
    (
        _("Sign in where the domain's DNS is managed; often that is where it was registered."),
        _("Open the list of DNS records of the domain and add or change the records shown here."),
        _("Some panels want full names, others the part before the domain; “@” is the domain."),
    ),
)

PANELS: tuple[Panel, ...] = (
    Panel(
        "cpanel",
        _("cPanel"),
        (),
        (
            _("Sign in to cPanel and open Domains, then Zone Editor."),
            _("Choose Manage beside the domain, then Add Record."),
            _("Set Email Routing to Remote Mail Exchanger when MX points to another server."),
        ),
    ),
    Panel(
        "plesk",
        _("Plesk"),
        (),
        (
            _("Sign in to Plesk and open Websites & Domains, then DNS Settings of the domain."),
            _("Choose Add Record, and Update once all records are entered."),
        ),
    ),
    Panel(
        "cloudflare",
        _("Cloudflare"),
        ("*.ns.cloudflare.com",),
        (
            _("Choose the domain, then DNS and Records, then Add record."),
            _("Set the proxy status of every mail record to DNS only."),
        ),
    ),
    Panel(
        "route53",
        _("Amazon Route 53"),
        ("ns-*.awsdns-*.*",),
        (
            _("Open Hosted zones, choose the domain, then Create record."),
            _("Put TXT values between quotes, in pieces of at most 255 characters."),
        ),
    ),
    Panel(
        "godaddy",
        _("GoDaddy"),
        ("*.domaincontrol.com",),
        (_("Open Domain Portfolio, choose the domain, then DNS, then Add New Record."),),
    ),
    Panel(
        "namecheap",
        _("Namecheap"),
        ("*.registrar-servers.com",),
        (
            _("Open Domain List, choose Manage beside the domain, then Advanced DNS."),
            _("Set Mail Settings to Custom MX before entering MX records."),
        ),
    ),
    Panel(
        "ovh",
        _("OVHcloud"),
        ("*.ovh.net", "*.ovh.ca", "*.anycast.me"),
        (_("Open Web Cloud, choose the domain, then DNS zone, then Add an entry."),),
    ),
    Panel(
        "hetzner",
        _("Hetzner"),
        ("*.ns.hetzner.com", "*.ns.hetzner.de", "*.first-ns.de", "*.second-ns.de"),
        (_("Open the DNS zone of the domain and choose Add record."),),
    ),
    GENERIC,
)


def detect(name_servers: Iterable[str], own: Sequence[str] = ()) -> Panel:
    """`own` are "pattern=code" pairs. Every name server must fit: a stray one proves nothing."""
    names = list(name_servers)
    by_code = {panel.code: panel for panel in PANELS}
    pairs = [pair.rpartition("=") for pair in own]
    own_table = [((pattern.strip().lower(),), code.strip()) for pattern, _sep, code in pairs]
    table = [*own_table, *((panel.patterns, panel.code) for panel in PANELS)]
    codes = (code for patterns, code in table if _all_fit(names, patterns))
    return by_code.get(next(codes, ""), GENERIC)


def _all_fit(names: Sequence[str], patterns: Sequence[str]) -> bool:
    return bool(names) and all(
        any(fnmatchcase(name, pattern) for pattern in patterns) for name in names
    )
