"""What a reseller sets: on the server record and on each product."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext_noop as _

from provisioning.contract import Field, FieldSet, Kind
from provisioning.modules.polarismail import wire

TYPE_CHOICES = ((wire.BASIC, "Basic"), (wire.ENHANCED, "Enhanced"))


def _bad_fallback(value: Any) -> str | None:
    host, colon, port = str(value or "").partition(":")
    plain = all(letter.isalnum() or letter in ".-" for letter in host)
    if value and (not host or not plain or (colon and not port.isdigit())):
        return "Enter a host name, or host:port."
    return None


SERVER_FIELDS = FieldSet(
    fields=(
        Field(
            code="fallback_host",
            label="Fallback host",
            help=(
                "host or host:port, asked when the host above fails. Leave empty for"
                f" {wire.VENDOR_HOST}: the vendor's own two hosts are known."
            ),
            validate=_bad_fallback,
        ),
        Field(
            code="mb_per_gb",
            label="MB in a GB",
            kind=Kind.CHOICE,
            default="auto",
            choices=(("auto", "Find out from each size"), ("1000", "1000"), ("1024", "1024")),
            help="Mailbox sizes are sent in GB and reported in MB.",
        ),
    )
)

PRODUCT_FIELDS = FieldSet(
    fields=(
        Field(
            code="default_type",
            label="Usual mailbox type",
            kind=Kind.CHOICE,
            default=wire.BASIC,
            choices=TYPE_CHOICES,
            help="For new mailboxes, when the package has room for both types.",
            section="Mailboxes",
        ),
        Field(
            code="default_quota_gb",
            label="Size of new mailboxes in GB",
            kind=Kind.DECIMAL,
            default=Decimal(10),
            minimum=Decimal("0.1"),
            maximum=Decimal(200),
            help="Never more than the option Mailbox Quota (GB).",
            section="Mailboxes",
        ),
        Field(
            code="allow_two_factor",
            label="Mailbox users may switch on two-factor login",
            kind=Kind.BOOLEAN,
            default=True,
            section="Mailboxes",
        ),
        Field(
            code="language",
            label="Language of new mailboxes",
            default="en",
            max_length=10,
            section="Mailboxes",
        ),
        Field(
            code="max_domain_aliases",
            label="Domain aliases",
            kind=Kind.INTEGER,
            default=0,
            minimum=0,
            help="0 hides domain aliases from customers.",
            section="Limits",
        ),
        Field(
            code="keep_data",
            label="Keep the data on termination",
            kind=Kind.BOOLEAN,
            default=False,
            help=(
                "The domain is switched off and stays in your account. Otherwise it is removed"
                " with all its mail, at once and for good."
            ),
            section="Termination",
        ),
        Field(
            code="check_dmarc",
            label="Check DMARC",
            kind=Kind.BOOLEAN,
            default=False,
            section="DNS guide",
        ),
    )
)

MAILBOX_FIELDS = (
    Field(
        code="account_type",
        label=_("Type"),
        kind=Kind.CHOICE,
        choices=TYPE_CHOICES,
        help=_("Enhanced adds calendar and contact sync, and backups of 365 instead of 30 days."),
        section="Account",
    ),
    Field(
        code="language",
        label=_("Language"),
        max_length=10,
        help=_("Such as en or de. Only when the mailbox is made; empty is the usual one."),
        section="Account",
    ),
    Field(
        code="timezone",
        label=_("Time zone"),
        max_length=60,
        help=_("Such as Europe/Berlin. Only when the mailbox is made."),
        section="Account",
    ),
)


def setting(settings: Mapping[str, Any], code: str) -> Any:
    """A product's value; its default when the product was saved before the field existed."""
    value = settings.get(code)
    return PRODUCT_FIELDS[code].default if value is None else value
