"""A tenant's name on the platform: part of its address, unique among all resellers, for ever."""

from __future__ import annotations

import re
import secrets
import string
import unicodedata
from collections.abc import Iterator, Mapping
from typing import Any

from django.utils.translation import gettext as _

from provisioning.contract import Account, InvalidInput

PATTERN = re.compile(r"[a-z][a-z0-9-]{1,46}[a-z0-9]")
LONGEST = 48
TRIES = 10
_LETTERS = string.ascii_lowercase + string.digits
_RANDOM = 4
_ROOM = LONGEST - _RANDOM - 1
# The vendor's own list is not published.
RESERVED = frozenset(
    {
        "www", "api", "admin", "app", "mail", "smtp", "imap", "login", "sso", "auth", "static",
        "assets", "cdn", "status", "support", "help", "billing", "docs", "dashboard", "platform",
        "reseller", "partners", "system", "root", "test",
    }
)  # fmt: skip


def clean(text: str) -> str:
    """What of a text may stand in a slug; may be empty."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")


def source(account: Account) -> str:
    """The domain, else the company, else the person."""
    owner = account.owner
    texts = [account.domain.strip().lower().removeprefix("www.")]
    texts += [owner.company, owner.name] if owner else []
    return next((text for text in texts if clean(text)), "")


def generated(account: Account) -> str:
    """From what is known of the customer, fit for the pattern, with room for a suffix."""
    slug = "-".join(part for part in (_prefix(account.settings), clean(source(account))) if part)
    if not slug[:1].isalpha():
        slug = f"a-{slug}".rstrip("-")
    if len(slug) < 3:
        slug += "-archive"
    return slug if len(slug) <= LONGEST else slug[:_ROOM].strip("-")


def typed(account: Account) -> str:
    """What people chose, with the product's prefix. InvalidInput("slug"), also when missing."""
    text = str(account.inputs.get("slug") or "").strip().lower()
    if not text:
        raise InvalidInput(
            "slug", _("This product needs a name typed for each archive, and none was typed.")
        )
    start = f"{_prefix(account.settings)}-"
    slug = text if start == "-" or text.startswith(start) else f"{start}{text}"
    problem = problem_of(slug)
    if problem:
        raise InvalidInput("slug", f"{slug[:60]}: {problem}")
    return slug


def problem_of(slug: str) -> str:
    """A sentence on why the platform would not take it; empty when it would."""
    if not PATTERN.fullmatch(slug):
        return _(
            "The name has 3 to 48 small letters, digits and hyphens, begins with a "
            "letter and does not end with a hyphen."
        )
    return _("This name is reserved.") if slug in RESERVED else ""


def preferred(account: Account) -> str:
    """The first choice. InvalidInput when it must be typed and is not fit."""
    return generated(account) if automatic(account.settings) else typed(account)


def candidates(account: Account) -> Iterator[tuple[str, str]]:
    """(slug, suffix) to try in turn; one only where people chose it."""
    first = preferred(account)
    suffixes = ["", *(str(number) for number in range(2, TRIES))]
    if not automatic(account.settings):
        suffixes = [""]
    elif first in RESERVED:
        suffixes = suffixes[1:]
    for suffix in suffixes:
        yield with_suffix(first, suffix), suffix
    if automatic(account.settings):
        suffix = "".join(secrets.choice(_LETTERS) for _ in range(_RANDOM))
        yield with_suffix(first, suffix), suffix


def with_suffix(slug: str, suffix: str) -> str:
    if not suffix:
        return slug
    return f"{slug[: LONGEST - len(suffix) - 1].rstrip('-')}-{suffix}"


def automatic(settings: Mapping[str, Any]) -> bool:
    """On unless switched off: the usual way."""
    return settings.get("auto_slug") is not False


def _prefix(settings: Mapping[str, Any]) -> str:
    return clean(str(settings.get("slug_prefix") or ""))
