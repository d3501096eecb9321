"""What a reseller sets: on the server record, on each product, and for one service."""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from provisioning.contract import Field, FieldSet, Kind
from provisioning.modules.easymailarchive import mapping, slugs

_LABEL = r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?"
_HOST = re.compile(rf"({_LABEL}\.)+{_LABEL}")
_LONGEST_PREFIX = 24


def is_host(text: str) -> bool:
    return len(text) <= 253 and bool(_HOST.fullmatch(text.strip().lower()))


def _bad_host(value: Any) -> str | None:
    return (
        None
        if not value or is_host(str(value))
        else "Enter a host name such as archive.example.com."
    )


def _bad_prefix(value: Any) -> str | None:
    cleaned = slugs.clean(str(value or ""))
    if not value or (cleaned[:1].isalpha() and len(cleaned) <= _LONGEST_PREFIX):
        return None
    return f"Enter up to {_LONGEST_PREFIX} letters, digits and hyphens, beginning with a letter."


def _bad_slug(value: Any) -> str | None:
    return (slugs.problem_of(str(value).strip().lower()) or None) if value else None


def _price(code: str, label: str, help_text: str) -> Field:
    return Field(
        code=code,
        label=label,
        kind=Kind.PRICE,
        default={},
        minimum=Decimal(0),
        help=help_text,
        section="Billing",
    )


def _included(code: str, label: str) -> Field:
    return Field(code=code, label=label, kind=Kind.INTEGER, default=0, minimum=0, section="Billing")


_PLAN = Field(
    code="plan",
    label="Plan",
    max_length=60,
    help="The vendor's name of the plan, such as starter.",
)

SERVER_FIELDS = FieldSet(
    fields=(
        Field(
            code="base_domain",
            label="Base domain",
            help=(
                "Archives are opened at their name in front of this domain."
                f" Blank: {mapping.VENDOR_DOMAIN}."
            ),
            validate=_bad_host,
        ),
        Field(
            code="dialect",
            label="API description",
            kind=Kind.CHOICE,
            default=mapping.AUTO,
            choices=(
                (mapping.AUTO, "Both at once"),
                (mapping.HELP, "The long one (slug and name)"),
                (mapping.APIS, "The short one (company and administrator)"),
            ),
            help="The vendor publishes two descriptions that differ in what a creation sends.",
        ),
        Field(
            code="plan",
            label="Usual plan",
            max_length=60,
            help="Of products that name none. Blank: the vendor decides.",
        ),
    )
)

PRODUCT_FIELDS = FieldSet(
    fields=(
        Field(
            code="slug_prefix",
            label="Slug prefix",
            help="Put in front of every archive's name, such as mycompany-.",
            section="Archive",
            max_length=40,
            validate=_bad_prefix,
        ),
        Field(
            code="auto_slug",
            label="Auto-generate slug",
            kind=Kind.BOOLEAN,
            default=True,
            help=(
                "From the domain, else from the company's name. Otherwise a name is typed for"
                " each service. It can never be changed."
            ),
            section="Archive",
        ),
        Field(
            code=_PLAN.code,
            label=_PLAN.label,
            help=f"{_PLAN.help} Blank: as on the server.",
            section="Archive",
            max_length=60,
        ),
        _price("user_price", "Each active user per month", "The highest number of a month."),
        _included("included_users", "Users included"),
        _price("gb_price", "Each GB of storage per month", "By hundredths of a GB (1024³ bytes)."),
        _included("included_gb", "GB included"),
        _price(
            "licence_price",
            "Each licence per month",
            "Counted as the vendor does: a licence for each active user, or for each started"
            " part of storage if those are more; the highest number of a month.",
        ),
        _included("included_licences", "Licences included"),
        Field(
            code="gb_per_licence",
            label="GB per licence",
            kind=Kind.INTEGER,
            default=10,
            minimum=1,
            section="Billing",
        ),
    )
)

SERVICE_FIELDS = FieldSet(
    fields=(
        Field(
            code="slug",
            label="Name of the archive",
            help=(
                "Part of its address. 3 to 48 small letters, digits and hyphens."
                " It cannot be changed later. Not needed where products generate it."
            ),
            max_length=slugs.LONGEST,
            validate=_bad_slug,
        ),
        Field(
            code="journal_address",
            label="Journal address",
            help="Where the mail server sends its copies; the archive itself shows it.",
        ),
    )
)


def setting(settings: Mapping[str, Any], code: str) -> Any:
    """A product's value; its default when the product was saved before the field existed."""
    value = settings.get(code)
    return PRODUCT_FIELDS[code].default if value is None else value


def plan_of(settings: Mapping[str, Any], server: Mapping[str, Any]) -> str:
    return str(setting(settings, "plan") or server.get("plan") or "").strip()
