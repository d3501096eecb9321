"""What a reseller sets: on the server record and on each product."""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from provisioning.contract import Field, FieldSet, Kind

EAS = "eas"
MAPI = "mapi"
GB = 1024**3
# A new product's prices are the same figure in each of these; other currencies start at 0.
_USUAL_CURRENCIES = ("EUR", "USD", "GBP", "CAD", "AUD", "CHF")


def _price(code: str, label: str, amount: str, help_text: str) -> Field:
    return Field(
        code=code,
        label=label,
        kind=Kind.PRICE,
        default={currency: Decimal(amount) for currency in _USUAL_CURRENCIES},
        minimum=Decimal(0),
        help=help_text,
        section="Billing",
    )


def _number(code: str, label: str, section: str, *, default: int = 0, help_text: str = "") -> Field:
    return Field(
        code=code,
        label=label,
        kind=Kind.INTEGER,
        default=default,
        minimum=0,
        help=help_text,
        section=section,
    )


def _switch(code: str, label: str, section: str, *, default: bool, help_text: str = "") -> Field:
    return Field(
        code=code, label=label, kind=Kind.BOOLEAN, default=default, help=help_text, section=section
    )


def _text(code: str, label: str, section: str, *, default: str = "", help_text: str = "") -> Field:
    return Field(code=code, label=label, default=default, help=help_text, section=section)


def _bad_ip(value: Any) -> str | None:
    if value in ("", "default"):
        return None
    try:
        ipaddress.ip_address(value)
    except ValueError:
        return 'Enter "default" or an IP address.'
    return None


_BILLING = (
    Field(
        code="tranche_gb",
        label="GB per billing tranche",
        kind=Kind.INTEGER,
        default=10,
        minimum=1,
        help="The product's price is the price of one tranche. A tranche that is begun is billed.",
        section="Billing",
    ),
    _price(
        "eas_price",
        "ActiveSync (EAS) per mailbox and month",
        "2.00",
        "For a mailbox with ActiveSync only. 0 is not billed; it may be offered all the same.",
    ),
    _price(
        "mapi_price",
        "MAPI/Exchange per mailbox and month",
        "3.00",
        "For a mailbox with MAPI/Exchange only. 0 is not billed; it may be offered all the same.",
    ),
    _price(
        "combined_price",
        "ActiveSync and MAPI together, per mailbox and month",
        "4.50",
        "Replaces the two prices above for a mailbox that has both. 0 bills the two separately.",
    ),
    _number(
        "addon_threshold_days",
        "Days before ActiveSync or MAPI is billed",
        "Billing",
        default=1,
        help_text="Days in use, added up over the period. 0 bills what is on at invoicing.",
    ),
    Field(
        code="addon_basis",
        label="How ActiveSync and MAPI are charged",
        kind=Kind.CHOICE,
        default="months",
        choices=(
            ("months", "Price × months of the cycle"),
            ("invoice", "Price once per invoice"),
            ("days", "For each day in use, a part of the price per month"),
        ),
        help="Charged for each day in use, the days before it is billed do not count.",
        section="Billing",
    ),
)

_DOMAIN = (
    Field(
        code="storage_path",
        label="Domain storage path on the server",
        default="C:\\SmarterMail\\Domains\\",
        required=True,
        help="The domain's name is appended. On Linux usually /var/lib/smartermail/Domains/.",
        section="Domain",
    ),
    Field(
        code="outbound_ip",
        label="Outbound IP address",
        default="default",
        help='"default", or one of the server\'s own addresses.',
        section="Domain",
        validate=_bad_ip,
    ),
    _switch(
        "delete_data",
        "Delete data on termination",
        "Domain",
        default=True,
        help_text="Otherwise the domain is removed and its files stay on the server.",
    ),
)

_LIMITS = (
    _number("max_users", "Mailboxes per domain", "Limits", help_text="0 is unlimited."),
    _number(
        "max_domain_aliases",
        "Domain aliases",
        "Limits",
        help_text="0 hides domain aliases from customers.",
    ),
    _number("max_aliases", "Aliases", "Limits", help_text="0 is unlimited."),
    _number("max_lists", "Mailing lists", "Limits", help_text="0 is unlimited."),
    _number(
        "disk_limit_gb",
        "Disk space in GB",
        "Limits",
        help_text="The server refuses mail above it. 0 is unlimited.",
    ),
)

_PASSWORDS = (
    _number(
        "password_min_length",
        "Minimum length",
        "Passwords",
        default=8,
        help_text="Stricter rules of the server apply as well.",
    ),
    _switch("password_upper", "Require an upper-case letter", "Passwords", default=True),
    _switch("password_digit", "Require a digit", "Passwords", default=True),
    _switch(
        "password_symbol",
        "Require a special character",
        "Passwords",
        default=True,
        help_text="One of !@#$%^&*-_=+",
    ),
)

_OFFER = (
    _switch(
        "offer_eas",
        "Offer ActiveSync (EAS) to customers",
        "ActiveSync and MAPI",
        default=True,
        help_text="Only whether customers may switch it; what it costs is set under Billing.",
    ),
    _switch("offer_mapi", "Offer MAPI/Exchange to customers", "ActiveSync and MAPI", default=True),
)

_DNS = (
    _text(
        "spf_primary",
        "Primary SPF mechanism",
        "DNS guide",
        default="include:mail.example.com",
        help_text="Recommended to customers. Blank: SPF is not checked.",
    ),
    _text(
        "spf_secondary",
        "Other accepted SPF mechanisms",
        "DNS guide",
        help_text="Comma-separated. Accepted as valid, never shown.",
    ),
    _text(
        "autodiscover_host",
        "Autodiscover host",
        "DNS guide",
        help_text="Where autodiscover.{domain} should point. Blank: the mail server.",
    ),
    _text(
        "autodiscover_srv",
        "Autodiscover SRV target",
        "DNS guide",
        help_text="Target of _autodiscover._tcp.{domain}, port 443. Blank: the mail server.",
    ),
    _switch("check_dmarc", "Check DMARC", "DNS guide", default=False),
    _text(
        "dmarc_rua",
        "Suggested DMARC report address",
        "DNS guide",
        help_text="Pre-fills the generator.",
    ),
    Field(
        code="dmarc_policy",
        label="Suggested DMARC policy",
        kind=Kind.CHOICE,
        default="none",
        choices=(("none", "none"), ("quarantine", "quarantine"), ("reject", "reject")),
        section="DNS guide",
    ),
)

PRODUCT_FIELDS = FieldSet(
    fields=(*_BILLING, *_DOMAIN, *_LIMITS, *_OFFER, *_PASSWORDS, *_DNS), version=1
)

SERVER_FIELDS = FieldSet(
    fields=(
        Field(
            code="mail_host",
            label="Mail host name",
            help="What MX and Autodiscover records should point to. Blank: the host name above.",
        ),
        Field(
            code="identity",
            label="How domains are entered",
            kind=Kind.CHOICE,
            default="auto",
            choices=(
                ("auto", "Find out"),
                ("header", "Administrator's token with a domain header (current builds)"),
                ("impersonation", "Impersonation (older builds, slower)"),
            ),
        ),
    )
)

# Configurable options that replace the product's own limit of the same name.
LIMIT_OPTIONS = ("max_users", "max_domain_aliases", "max_aliases", "max_lists", "disk_limit_gb")


def limit(settings: Mapping[str, Any], options: Mapping[str, Any], code: str) -> int:
    """The configurable option when one was chosen, else the product's setting; never negative."""
    chosen = options.get(code)
    value = setting(settings, code) if chosen in (None, "") else chosen
    try:
        return max(0, int(value or 0))
    except (TypeError, ValueError):
        return max(0, int(setting(settings, code) or 0))


def setting(settings: Mapping[str, Any], code: str) -> Any:
    """A product's value; its default when the product was saved before the field existed."""
    value = settings.get(code)
    return PRODUCT_FIELDS[code].default if value is None else value
