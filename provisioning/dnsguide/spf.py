"""SPF records (RFC 7208) as lists of whole terms: reading, comparing, and adding one mechanism.

Nothing here looks inside an include; a term of the record itself must name what is expected.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from ipaddress import ip_network

from provisioning.dnsguide.names import ascii_host

VERSION = "v=spf1"
SOFT_FAIL = "~all"
MAX_LOOKUPS = 10
_PARTS = re.compile(r"([+\-~?]?)([a-z][a-z0-9_.\-]*)([:=/]?)(.*)", re.IGNORECASE | re.DOTALL)
_MECHANISMS = frozenset({"all", "include", "a", "mx", "ptr", "ip4", "ip6", "exists"})
_REDIRECT = "redirect="
_LOOKUPS = frozenset({"include", "a", "mx", "ptr", "exists", _REDIRECT})
_OWN_DOMAIN = frozenset({"a", "mx", "ptr"})  # without an argument they mean the domain itself
_MERGED_ALL = ("~", "-", "?", "+")  # of several records, the all-term that loses no good mail


@dataclass(frozen=True)
class Term:
    """`key` is equal for terms that mean the same senders, whatever spelling or qualifier.

    The `name` of a modifier ends in "=". "redirect=x" has the key of "include:x": where a redirect
    counts, both let x's senders pass.
    """

    text: str
    qualifier: str
    name: str
    key: tuple[str, str]

    @property
    def is_all(self) -> bool:
        return self.name == "all"

    @property
    def is_redirect(self) -> bool:
        return self.name == _REDIRECT

    @property
    def passes(self) -> bool:
        return self.qualifier == "+"


def is_spf(text: str) -> bool:
    return text.strip().lower().split(maxsplit=1)[:1] == [VERSION]


def parse(text: str, domain: str) -> list[Term]:
    """The terms of a record or of a bare list of mechanisms; `v=spf1` is dropped."""
    return [_term(token, domain) for token in text.split() if token.lower() != VERSION]


def wanted_terms(mechanism: str, domain: str) -> list[Term]:
    """What a product's setting asks for. Also takes a whole record, whose all-term is no wish.

    Qualifiers are dropped: what is expected has to pass.
    """
    terms = [term for term in parse(mechanism, domain) if not term.is_all]
    return [_term(term.text.lstrip("+-~?"), domain) for term in terms]


def authorises(record: Sequence[Term], wanted: Sequence[Term]) -> bool:
    """Every wanted term must be met. Nothing wanted is not a match."""
    return bool(wanted) and all(_meets(record, term.key) for term in wanted)


def fresh(wanted: Sequence[Term]) -> str:
    """The record for a domain that has none. An all-term would switch a redirect off."""
    ending = [] if any(term.is_redirect for term in wanted) else [SOFT_FAIL]
    return " ".join([VERSION, *(term.text for term in wanted), *ending])


def insert(record: Sequence[Term], wanted: Sequence[Term]) -> str:
    """`record` with the unmet `wanted` put where they count: last before the all-term or redirect.

    Terms that would get in their way (the same mechanism with another qualifier) are left out;
    all others keep their order. A redirect is added as an include, for the record's own all-term
    would switch it off.
    """
    unmet = [term for term in wanted if not _meets(record, term.key)]
    keys = {term.key for term in unmet}
    kept = [term for term in record if term.key not in keys]
    place = next((i for i, term in enumerate(kept) if term.is_all or term.is_redirect), len(kept))
    added = [_as_mechanism(term).text for term in unmet]
    texts = [term.text for term in kept]
    return " ".join([VERSION, *texts[:place], *added, *texts[place:]])


def merge(records: Iterable[Sequence[Term]]) -> list[Term]:
    """The terms of several records as one: each once, one all-term at the end.

    Redirects become includes, since one record can neither have two nor one beside an all-term.
    """
    every = [term for record in records for term in record]
    once = {term.key: term for term in every if not term.is_all}
    all_terms = [term for term in every if term.is_all] or [_term(SOFT_FAIL, "")]
    ending = min(all_terms, key=lambda term: _MERGED_ALL.index(term.qualifier))
    return [*map(_as_mechanism, once.values()), ending]


def unknown_terms(record: Sequence[Term]) -> list[str]:
    """Terms for which receivers may discard the whole record, such as "inlcude:…"."""
    return [term.text for term in record if not _is_modifier(term) and not _is_mechanism(term)]


def lookups(record: Sequence[Term]) -> int:
    return sum(term.name in _LOOKUPS for term in record)


def _meets(record: Sequence[Term], key: tuple[str, str]) -> bool:
    """Read as a receiver does: the first match decides, and nothing counts after the all-term."""
    has_all = any(term.is_all for term in record)
    for term in record:
        if term.is_all:
            return False
        if term.key == key and not term.is_redirect:
            return term.passes
    return not has_all and any(term.is_redirect and term.key == key for term in record)


def _term(token: str, domain: str) -> Term:
    parts = _PARTS.fullmatch(token)
    if parts is None:
        return Term(token, "+", "", ("", token.lower()))
    qualifier, name, separator, argument = parts.groups()
    name = name.lower() + ("=" if separator == "=" else "")
    if separator == "/":
        argument = f"/{argument}"
    family = "include" if name == _REDIRECT else name
    return Term(token, qualifier or "+", name, (family, _argument(name, argument, domain)))


def _argument(name: str, argument: str, domain: str) -> str:
    if name in {"ip4", "ip6"}:
        return _network(argument) or argument.lower()
    host, slash, length = argument.partition("/")
    if not host and name in _OWN_DOMAIN:
        host = domain
    return (host.lower() if "%" in host else ascii_host(host)) + slash + length


def _network(argument: str) -> str | None:
    try:
        return str(ip_network(argument, strict=False))
    except ValueError:
        return None


def _as_mechanism(term: Term) -> Term:
    if not term.is_redirect:
        return term
    return replace(term, name="include", text=f"include:{term.text.partition('=')[2]}")


def _is_modifier(term: Term) -> bool:
    return term.name.endswith("=")


def _is_mechanism(term: Term) -> bool:
    if term.name in {"ip4", "ip6"}:
        return _network(term.key[1]) is not None
    needs_argument = term.name in {"include", "exists"}
    return term.name in _MECHANISMS and not (needs_argument and not term.key[1])
