"""Reads the 23 positional options of a product that comes from a WHMCS installation.

Its values are texts as typed by people: blanks, "2.5" for an integer, "on" for yes.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

from provisioning.modules.smartermail.settings import PRODUCT_FIELDS

_TRUE = frozenset({"on", "yes", "1", "true"})
_LEADING_INTEGER = re.compile(r"\s*([+-]?\d+)")
_DECIMAL = re.compile(r"\s*\d+([.,]\d+)?\s*")

Clean = Callable[[str], Any]


def _integer(value: str) -> int:
    """As PHP casts: "2.5" is 2, "12abc" is 12, anything else 0."""
    match = _LEADING_INTEGER.match(value)
    return int(match[1]) if match else 0


def _count(value: str) -> int:
    return max(0, _integer(value))


def _tranche(value: str) -> int:
    """Blank and 0 mean 10, a negative size means 1."""
    return max(1, _integer(value)) if _integer(value) != 0 else 10


def _threshold(value: str) -> int:
    return _count(value) if value.strip() else 1


def _length(value: str) -> int:
    return _count(value) or 8


def _amount(value: str) -> Decimal:
    """A negative price, or one that is no number, is 0."""
    return Decimal(value.strip().replace(",", ".")) if _DECIMAL.fullmatch(value) else Decimal(0)


def _yes(value: str) -> bool:
    return value.strip().lower() in _TRUE


def _line(value: str) -> str:
    return value.strip()


def _policy(value: str) -> str:
    policy = value.strip().lower()
    return policy if policy in ("none", "quarantine", "reject") else "none"


OPTIONS: tuple[tuple[str, Clean], ...] = (
    ("tranche_gb", _tranche),
    ("eas_price", _amount),
    ("mapi_price", _amount),
    ("combined_price", _amount),
    ("storage_path", _line),
    ("outbound_ip", lambda value: value.strip() or "default"),
    ("max_users", _count),
    ("delete_data", _yes),
    ("password_min_length", _length),
    ("password_upper", _yes),
    ("password_digit", _yes),
    ("password_symbol", _yes),
    ("spf_primary", _line),
    ("offer_eas", _yes),
    ("offer_mapi", _yes),
    ("addon_threshold_days", _threshold),
    ("max_domain_aliases", _count),
    ("spf_secondary", _line),
    ("autodiscover_host", _line),
    ("autodiscover_srv", _line),
    ("check_dmarc", _yes),
    ("dmarc_rua", _line),
    ("dmarc_policy", _policy),
)


def from_whmcs(options: Mapping[Any, Any], *, currency: str = "USD") -> dict[str, Any]:
    """Typed product settings of {"configoption1": "10", …}; keys may also be 1…23.

    An option that is absent gets its default; one that is present but blank keeps its own meaning.
    """
    values = PRODUCT_FIELDS.defaults()
    for number, (code, clean) in enumerate(OPTIONS, start=1):
        raw = _raw(options, number)
        if raw is None:
            continue
        value = clean(str(raw))
        values[code] = {currency: value} if isinstance(value, Decimal) else value
    return values


def _raw(options: Mapping[Any, Any], number: int) -> Any:
    keys = (f"configoption{number}", number, str(number))
    return next((options[key] for key in keys if options.get(key) is not None), None)
