"""What a reseller sets: on the server record and on each product of the two kinds."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from provisioning.contract import Field, FieldSet, Kind
from provisioning.modules.ispmanager.limits import (
    HOSTING_LIMITS,
    RESELLER_LIMITS,
    limit_fields,
)

_PATH = re.compile(r"/[A-Za-z0-9._~/-]*")
IP_OPTIONS = ("ip", "ipv6")
SHARED = "shared"
MACROS = ("@ID@", "@DOMAIN@")


def _bad_path(value: Any) -> str | None:
    if _PATH.fullmatch(str(value or "/")):
        return None
    return "Enter a path such as /ispmgr."


def _bad_url(value: Any) -> str | None:
    if not value:
        return None
    parts = urlsplit(str(value))
    plain = not (parts.query or parts.fragment or parts.username)
    if parts.scheme in ("http", "https") and parts.hostname and plain:
        return None
    return "Enter an address such as https://panel.example.com/ispmgr."


def _bad_template(value: Any) -> str | None:
    text = str(value or "")
    for macro in MACROS:
        text = text.replace(macro, "")
    if re.fullmatch(r"[A-Za-z0-9._-]*", text):
        return None
    return "Use letters, digits and the words @ID@ and @DOMAIN@ only."


def _switch(code: str, label: str, section: str, *, default: bool, help_text: str = "") -> Field:
    return Field(
        code=code, label=label, kind=Kind.BOOLEAN, default=default, help=help_text, section=section
    )


def _template_name(*, required: bool) -> Field:
    return Field(
        code="template",
        label="Package name",
        kind=Kind.CHOICE,
        default=None,
        required=required,
        live_choices=True,
        help="A template of the panel; what is left blank below is taken from it.",
        section="Package",
    )


_USERNAME = Field(
    code="username_template",
    label="User name template",
    default="",
    max_length=32,
    help="Words: @ID@ (the service) and @DOMAIN@. Blank: the domain. Made lower case, cut to 16"
    " characters, and numbered when it is taken.",
    section="Package",
    validate=_bad_template,
)
_MAIN_IP = Field(
    code="main_ip",
    label="Main IP address",
    kind=Kind.CHOICE,
    default=SHARED,
    choices=((SHARED, "Shared"), ("ipv4", "Own IPv4 address"), ("ipv6", "Own IPv6 address")),
    help="An own address needs the Business edition.",
    section="Package",
)
_SERVICES = (
    _switch("mail_domain", "Create the mail domain", "Package", default=True),
    _switch(
        "web_site",
        "Create the web site",
        "Package",
        default=True,
        help_text="Left out where the package allows no web domains.",
    ),
)
_BILLING = (
    Field(
        code="tranche_gb",
        label="GB per billing tranche",
        kind=Kind.INTEGER,
        default=0,
        minimum=0,
        help="0: the product has one flat price. Otherwise that is the price of one tranche, and a"
        " tranche that is begun is billed.",
        section="Billing",
    ),
)
_TRAFFIC = _switch(
    "read_traffic",
    "Read the traffic",
    "Billing",
    default=False,
    help_text="Costs one call per account. Panels of the Lite and Pro editions do not tell it.",
)
_PASSWORDS = (
    Field(
        code="password_min_length",
        label="Minimum length of a mailbox password",
        kind=Kind.INTEGER,
        default=8,
        minimum=1,
        maximum=64,
        help="Stricter rules of the panel apply as well.",
        section="Mailboxes",
    ),
)
_DNS = (
    Field(
        code="spf_primary",
        label="Primary SPF mechanism",
        default="mx",
        help="Recommended to customers. Blank: SPF is not checked.",
        section="DNS guide",
    ),
    Field(
        code="spf_secondary",
        label="Other accepted SPF mechanisms",
        default="",
        help="Comma-separated. Accepted as valid, never shown.",
        section="DNS guide",
    ),
    _switch("check_dmarc", "Check DMARC", "DNS guide", default=False),
    Field(
        code="dmarc_rua",
        label="Suggested DMARC report address",
        default="",
        section="DNS guide",
    ),
)
_BRAND = _switch(
    "brand_domain",
    "The service's domain is the reseller's own panel address",
    "Package",
    default=False,
    help_text="The domain must point to the server already when the reseller is created.",
)

HOSTING_FIELDS = FieldSet(
    fields=(
        _template_name(required=True),
        _MAIN_IP,
        _USERNAME,
        *_SERVICES,
        *limit_fields(HOSTING_LIMITS),
        *_BILLING,
        _TRAFFIC,
        *_PASSWORDS,
        *_DNS,
    ),
    version=1,
)
RESELLER_FIELDS = FieldSet(
    fields=(
        _template_name(required=False),
        _USERNAME,
        _BRAND,
        *limit_fields(RESELLER_LIMITS),
        *_BILLING,
    ),
    version=1,
)
_DEFAULTS = {**RESELLER_FIELDS.defaults(), **HOSTING_FIELDS.defaults()}

SERVER_FIELDS = FieldSet(
    fields=(
        Field(
            code="path",
            label="Path of the panel",
            default="/ispmgr",
            help="Usually /ispmgr, on older panels /manager/ispmgr.",
            validate=_bad_path,
        ),
        Field(
            code="panel_url",
            label="Address of the panel for people",
            default="",
            help="Where browsers are sent, such as https://panel.example.com/ispmgr. Blank: the"
            " address above.",
            validate=_bad_url,
        ),
        Field(
            code="sign_in",
            label="Sign-in",
            kind=Kind.CHOICE,
            default="authinfo",
            choices=(
                ("authinfo", "Name and password with each call"),
                ("session", "A session"),
            ),
            help="Some panels allow the first from certain addresses only.",
        ),
        Field(
            code="answers",
            label="Form of the answers",
            kind=Kind.CHOICE,
            default="json",
            choices=(("json", "JSON"), ("xml", "XML")),
        ),
        Field(
            code="ip_addresses",
            label="IP addresses for accounts",
            kind=Kind.CHOICE,
            default="auto",
            choices=(
                ("auto", "By the edition: Business only"),
                ("yes", "Yes: extended IP address management is on"),
                ("no", "No"),
            ),
        ),
        Field(
            code="mark_in",
            label="Where accounts are marked as ours",
            kind=Kind.CHOICE,
            default="comment",
            choices=(("comment", "Comment"), ("fullname", "Full name")),
            help="A short note with the service's number, by which a creation finds its own work.",
        ),
        Field(
            code="mail_host",
            label="Mail host name",
            default="",
            help="What MX records should point to. Blank: the host name above.",
        ),
        Field(
            code="wait_seconds",
            label="Patience with background work, seconds",
            kind=Kind.INTEGER,
            default=20,
            minimum=0,
            maximum=60,
            help="The Business edition creates and deletes accounts after it has answered.",
        ),
    )
)


def setting(settings: Mapping[str, Any], code: str) -> Any:
    """A product's value; its default when the product was saved before the field existed."""
    value = settings.get(code)
    return _DEFAULTS[code] if value is None else value
