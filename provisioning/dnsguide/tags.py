"""The "name=value; name=value" lists of DKIM (RFC 6376) and DMARC (RFC 7489) records."""

from __future__ import annotations


def tags(text: str) -> dict[str, str]:
    """In order, names lower-cased; of a repeated name the first counts."""
    found: dict[str, str] = {}
    for part in text.split(";"):
        name, _, value = part.partition("=")
        if name.strip():
            found.setdefault(name.strip().lower(), value.strip())
    return found


def starts_with_version(text: str, version: str) -> bool:
    """The version tag counts only as the very first one."""
    first, *_ = [*tags(text).items(), ("", "")]
    return first[0] == "v" and first[1].lower() == version.lower()
