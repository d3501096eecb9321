"""What a reseller sets: on the server record, on each product, and what a mailbox has besides."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from django.utils.translation import gettext_noop as _

from provisioning.contract import Field, FieldSet, Kind

MB = 1024**2
GB = 1024**3
OMA, APP = "oma", "app"
OMA_PORT, APP_PORT = 443, 4449
# The only mailbox sizes that the vendor sells.
TIERS_GB = (5, 10, 15, 20, 30, 50, 100)
TIERS = tuple(size * GB for size in TIERS_GB)
# Configurable options: how many were bought.
MAILBOXES, FORWARDS = "mailboxes", "forwards"
SPAM_LEVELS = ("Normal", "High", "Very High")
STRENGTHS = ("weak", "medium", "good", "strong")
# Product switch -> the vendor's services that it stands for.
SERVICES: dict[str, tuple[str, ...]] = {
    "allow_imap": ("service_imap4",),
    "allow_pop": ("service_pop3",),
    "allow_webmail": ("service_webmail", "service_smtprelay_webmail"),
    "allow_smtp": ("service_smtprelay",),
}
# What a mailbox sends by; without them it still receives, and its owner still signs in.
SENDING = ("service_smtprelay", "service_smtprelay_webmail")
ENABLED, DISABLED, SUSPENDED = "enabled", "disabled", "suspended"
STAFF = "staff"  # the workgroup that every new domain has
GROUP_NAME = re.compile(r"[A-Za-z0-9_-]{1,30}")


def _bad_url(value: Any) -> str | None:
    parts = urlsplit(str(value or "https://example.com"))
    usable = parts.scheme in ("http", "https") and parts.hostname and not parts.query
    return None if usable else "Enter an address that begins with https://, or leave it blank."


def _bad_group(value: Any) -> str | None:
    if not value or GROUP_NAME.fullmatch(str(value)):
        return None
    return "Use letters, digits, hyphens and underscores, 30 at most."


SERVER_FIELDS = FieldSet(
    fields=(
        Field(
            code="protocol",
            label="Protocol",
            kind=Kind.CHOICE,
            default=OMA,
            choices=((OMA, "OMA over HTTPS"), (APP, "APP over TLS (legacy)")),
            help="APP knows no usage in bytes, no sign-on and no restoring of deleted mailboxes.",
        ),
        Field(
            code="app_port",
            label="APP port",
            kind=Kind.INTEGER,
            default=APP_PORT,
            minimum=1,
            maximum=65535,
            help="Usually 4449. Port 51000 of old manuals is another service of the vendor.",
        ),
        Field(
            code="base_url",
            label="OMA base address",
            help="Blank: https://{host name}/api/, where the host is admin.a.hostedemail.com,"
            " admin.b.hostedemail.com or admin.test.hostedemail.com.",
            validate=_bad_url,
        ),
        Field(
            code="cluster",
            label="Cluster",
            kind=Kind.CHOICE,
            default="",
            choices=(
                ("", "From the host name"),
                ("a", "A"),
                ("b", "B"),
                ("test", "Production Test"),
            ),
            help="Where mail, webmail and DNS records of customers point to.",
        ),
        Field(
            code="webmail_url",
            label="Webmail address",
            help="Blank: https://mail.{cluster}.hostedemail.com/mail",
            validate=_bad_url,
        ),
        Field(
            code="disk_source",
            label="Disk usage",
            kind=Kind.CHOICE,
            default="auto",
            choices=(
                ("auto", "The company's daily report; where it says nothing, domain by domain"),
                ("summary", "One call per domain, a day old"),
                ("mailboxes", "One call per mailbox, exact"),
                ("none", "Not read"),
            ),
            help="Mailboxes and forwards are counted in any case.",
        ),
        Field(
            code="details_up_to",
            label="Mailboxes read in full",
            kind=Kind.INTEGER,
            default=25,
            minimum=0,
            maximum=1000,
            help="Names and sizes cost a call per mailbox. In domains with more mailboxes than"
            " this they are read when a mailbox is opened.",
        ),
    )
)


def _switch(code: str, label: str) -> Field:
    return Field(code=code, label=label, kind=Kind.BOOLEAN, default=True, section="Services")


def _tier(code: str, label: str, default: int, help_text: str) -> Field:
    return Field(
        code=code,
        label=label,
        kind=Kind.CHOICE,
        default=str(default),
        choices=tuple((str(size), f"{size} GB") for size in TIERS_GB),
        section="Mailboxes",
        help=help_text,
    )


_MAILBOXES = (
    _tier("quota_gb", "Size of a new mailbox", 5, "The vendor bills mailboxes by this size."),
    _tier("quota_maximum_gb", "Largest size of a mailbox", 100, "What customers may choose."),
    Field(
        code="alias_limit",
        label="Aliases",
        kind=Kind.INTEGER,
        default=0,
        minimum=0,
        help="0 is unlimited. The vendor does not bill them.",
        section="Mailboxes",
    ),
    Field(
        code="downgrade",
        label="When fewer are bought than exist",
        kind=Kind.CHOICE,
        default="refuse",
        choices=(
            ("refuse", "Refuse the change until enough are deleted"),
            ("allow", "Allow it; nothing can be added until enough are deleted"),
        ),
        help="Nothing is ever deleted by a change of quantities.",
        section="Mailboxes",
    ),
    Field(
        code="workgroup",
        label="Default workgroup",
        default=STAFF,
        max_length=30,
        help='Every domain has "staff"; another one is made when it is missing.',
        section="Mailboxes",
        validate=_bad_group,
    ),
)

_MAIL = (
    Field(
        code="spam_level",
        label="Spam filter",
        kind=Kind.CHOICE,
        default="Normal",
        choices=tuple((level, level) for level in SPAM_LEVELS),
        section="Mail",
    ),
    Field(
        code="smtp_sent_limit",
        label="Messages sent per mailbox and day",
        kind=Kind.INTEGER,
        default=0,
        minimum=0,
        maximum=10_000,
        help="0: as the company is set.",
        section="Mail",
    ),
    _switch("allow_imap", "IMAP"),
    _switch("allow_pop", "POP3"),
    _switch("allow_webmail", "Webmail"),
    _switch("allow_smtp", "Sending by SMTP"),
)

_PASSWORDS = (
    Field(
        code="password_strength",
        label="Strength asked by the platform",
        kind=Kind.CHOICE,
        default="",
        choices=(
            ("", "As the company is set"),
            *((level, level.capitalize()) for level in STRENGTHS),
        ),
        section="Passwords",
    ),
    Field(
        code="password_min_length",
        label="Minimum length",
        kind=Kind.INTEGER,
        default=10,
        minimum=1,
        maximum=54,
        section="Passwords",
    ),
)

_DNS = (
    Field(
        code="dkim_cnames",
        label="Ask for the vendor's DKIM records",
        kind=Kind.BOOLEAN,
        default=False,
        help="Only where the vendor signs this domain with keys of its own.",
        section="DNS guide",
    ),
)

PRODUCT_FIELDS = FieldSet(fields=(*_MAILBOXES, *_MAIL, *_PASSWORDS, *_DNS), version=1)

MAILBOX_FIELDS = (
    Field(code="title", label=_("Title"), max_length=60, default="", section=_("Person")),
    Field(code="phone", label=_("Phone"), max_length=30, default="", section=_("Person")),
    Field(code="fax", label=_("Fax"), max_length=30, default="", section=_("Person")),
    Field(
        code="workgroup",
        label=_("Workgroup"),
        max_length=30,
        default="",
        help=_("Blank: as it is; for a new mailbox, the default one."),
        section="Person",
        validate=_bad_group,
    ),
    Field(
        code="spam_level",
        label=_("Spam filter"),
        kind=Kind.CHOICE,
        default="",
        choices=(("", _("As the domain is set")), *((level, level) for level in SPAM_LEVELS)),
        section="Mail",
    ),
    Field(
        code="autoresponder",
        label=_("Automatic reply"),
        max_length=4000,
        default="",
        help=_("Blank: none."),
        section="Mail",
    ),
)


def setting(settings: Mapping[str, Any], code: str) -> Any:
    """A product's value; its default when the product was saved before the field existed."""
    value = settings.get(code)
    return PRODUCT_FIELDS[code].default if value is None else value


def bought(options: Mapping[str, Any], code: str) -> int:
    """A quantity that was not chosen, or makes no sense, is none."""
    try:
        return max(0, int(options.get(code) or 0))
    except (TypeError, ValueError):
        return 0


def cluster_of(hostname: str, chosen: str = "") -> str:
    """ "a" for admin.a.hostedemail.com; blank when the name is none of the vendor's."""
    if chosen:
        return chosen
    found = re.fullmatch(r"admin\.([a-z0-9-]+)\.hostedemail\.com", hostname.lower())
    return found[1] if found else ""
