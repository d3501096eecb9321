"""Host names in the one form in which the guide asks for and compares them."""

from __future__ import annotations

import dns.exception
import dns.name


def ascii_host(host: str) -> str:
    """Lower-case punycode, no final dot. What DNS cannot carry comes back lower-cased only."""
    plain = host.strip().lower()
    if plain in {"", "."}:
        return ""
    try:
        name = dns.name.from_text(plain, idna_codec=dns.name.IDNA_2008_Practical)
    except (dns.exception.DNSException, UnicodeError):
        return plain.removesuffix(".")
    return name.to_text(omit_final_dot=True).lower()


def full_name(name: str, domain: str) -> str:
    """`name` of a record in the zone of `domain`, as an absolute host: "@" is the domain itself."""
    return ascii_host(domain if name == "@" else f"{name}.{domain}")
