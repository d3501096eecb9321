"""Domain names as people type them, and the one form in which the panel keeps them."""

from __future__ import annotations

import re

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from provisioning.dnsguide.names import ascii_host

_LABEL = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
DOMAIN = re.compile(rf"(?:{_LABEL}\.)+{_LABEL}")


def clean_domain(text: str) -> str:
    """Lower-case punycode. ValidationError when DNS could not carry it."""
    name = ascii_host(text)
    if len(name) > 253 or not DOMAIN.fullmatch(name) or name.rpartition(".")[2].isdigit():
        raise ValidationError(_("Enter a domain name such as example.com."), code="domain")
    return name
