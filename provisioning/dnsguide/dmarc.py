"""The DMARC generator (RFC 7489): texts in, a record out, or errors by field. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from django.utils.translation import gettext as _

from provisioning.contract.dns import DmarcExpectation
from provisioning.dnsguide.names import ascii_host

VERSION = "DMARC1"
POLICIES = ("none", "quarantine", "reject")
ALIGNMENTS = ("r", "s")
FORMATS = ("afrf", "iodef")
SHORTEST_INTERVAL, DEFAULT_INTERVAL, LONGEST_INTERVAL = 60, 86_400, 604_800  # seconds
_LOCAL = re.compile(r"[a-z0-9_'+~\-]+(\.[a-z0-9_'+~\-]+)*", re.IGNORECASE)
_LABEL = re.compile(r"[a-z0-9]([a-z0-9\-]{0,61}[a-z0-9])?", re.IGNORECASE)
_SCHEME = re.compile(r"^mailto:", re.IGNORECASE)


@dataclass(frozen=True, kw_only=True)
class DmarcPolicy:
    """`sp` blank: as `p`. `pct` 0…100, `ri` in seconds, `rua` and `ruf` plain addresses."""

    p: str = "none"
    sp: str = ""
    adkim: str = "r"
    aspf: str = "r"
    pct: int = 100
    rf: str = "afrf"
    ri: int = DEFAULT_INTERVAL
    rua: tuple[str, ...] = ()
    ruf: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Draft:
    """`record` is blank while there are `errors`, which are one sentence a field name."""

    record: str = ""
    errors: Mapping[str, str] = field(default_factory=dict)


class FieldError(ValueError):
    """The sentence that belongs beside the field."""


def generate(data: Mapping[str, str]) -> Draft:
    """`data` has the names of `DmarcPolicy`; what is absent or blank takes its default."""
    values: dict[str, object] = {}
    errors: dict[str, str] = {}
    for name, read in _READERS.items():
        text = data.get(name, "").strip()
        try:
            values |= {name: read(text)} if text else {}
        except FieldError as error:
            errors[name] = str(error)
    if errors:
        return Draft(errors=errors)
    return Draft(record=render(DmarcPolicy(**values)))  # type: ignore[arg-type]


def render(policy: DmarcPolicy) -> str:
    """Parts in fixed order; whatever equals the standard's default is left out."""
    interval = min(max(policy.ri, SHORTEST_INTERVAL), LONGEST_INTERVAL)
    parts = (
        ("v", VERSION, True),
        ("p", policy.p, True),
        ("sp", policy.sp, policy.sp not in {"", policy.p}),
        ("adkim", policy.adkim, policy.adkim == "s"),
        ("aspf", policy.aspf, policy.aspf == "s"),
        ("pct", policy.pct, policy.pct != 100),
        ("rf", policy.rf, policy.rf != "afrf"),
        ("ri", interval, interval != DEFAULT_INTERVAL),
        ("rua", _mailto(policy.rua), bool(policy.rua)),
        ("ruf", _mailto(policy.ruf), bool(policy.ruf)),
    )
    return "; ".join(f"{name}={value}" for name, value, said in parts if said)


def suggested(expected: DmarcExpectation) -> DmarcPolicy:
    """What the generator starts with; a product's wrong setting must not break the page."""
    policy = expected.policy if expected.policy in POLICIES else "none"
    try:
        return DmarcPolicy(p=policy, rua=_addresses(expected.rua))
    except FieldError:
        return DmarcPolicy(p=policy)


def _mailto(addresses: Iterable[str]) -> str:
    return ",".join(f"mailto:{address}" for address in addresses)


def _one_of(choices: tuple[str, ...]) -> _Reader:
    def read(text: str) -> str:
        if text.lower() not in choices:
            raise FieldError(_("Choose one of: %(choices)s.") % {"choices": ", ".join(choices)})
        return text.lower()

    return read


def _percent(text: str) -> int:
    number = _whole(text)
    if number > 100:
        raise FieldError(_("Enter a number from 0 to 100."))
    return number


def _whole(text: str) -> int:
    if not (text.isascii() and text.isdigit()):
        raise FieldError(_("Enter a whole number."))
    return int(text)


def _addresses(text: str) -> tuple[str, ...]:
    """Divided by commas, semicolons or spaces, with or without "mailto:"; each once."""
    given = [_SCHEME.sub("", part) for part in re.split(r"[\s,;]+", text) if part]
    wrong = [address for address in given if _address(address) is None]
    if wrong:
        named = {"wrong": ", ".join(wrong)}
        raise FieldError(_("Not a valid e-mail address: %(wrong)s.") % named)
    return tuple(dict.fromkeys(address for one in given if (address := _address(one))))


def _address(text: str) -> str | None:
    local, _at, domain = text.rpartition("@")
    host = ascii_host(domain)
    labels = host.split(".")
    valid_host = len(labels) > 1 and all(_LABEL.fullmatch(label) for label in labels)
    if not (_LOCAL.fullmatch(local) and len(local) <= 64 and valid_host and len(host) <= 253):
        return None
    return f"{local}@{host}"


_Reader = Callable[[str], object]
_READERS: dict[str, _Reader] = {
    "p": _one_of(POLICIES),
    "sp": _one_of(POLICIES),
    "adkim": _one_of(ALIGNMENTS),
    "aspf": _one_of(ALIGNMENTS),
    "pct": _percent,
    "rf": _one_of(FORMATS),
    "ri": _whole,
    "rua": _addresses,
    "ruf": _addresses,
}
