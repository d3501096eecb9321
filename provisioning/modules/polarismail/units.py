"""Sizes go in as GB and come out as MB, of which a GB has 1000 or 1024: nobody says which."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal

GB = 1024**3
TOLERANCE = Decimal("0.03")  # GB: sizes closer than this are the same
BASES = (1000, 1024)
_STEP = Decimal("0.0001")


def base_of(megabytes: Decimal, choice: str = "auto") -> int:
    """MB in a GB: as staff chose, else 1024 for what is whole in 1024 and not in 1000."""
    if choice in [str(base) for base in BASES]:
        return int(choice)
    return 1024 if megabytes % 1024 == 0 and megabytes % 1000 != 0 else 1000


def gb_of(megabytes: Decimal, base: int) -> Decimal:
    return megabytes / base


def bytes_of(megabytes: Decimal, base: int) -> int:
    return int((megabytes / base * GB).to_integral_value(ROUND_HALF_UP))


def gb_from_bytes(size: int) -> Decimal:
    return Decimal(size) / GB


def wire_gb(size: Decimal) -> str:
    """`0.5`, `10`: without an exponent and without needless zeros."""
    return f"{size.quantize(_STEP, ROUND_HALF_UP).normalize():f}"


def shown_gb(size: Decimal) -> str:
    return f"{size.quantize(Decimal('0.01'), ROUND_HALF_UP).normalize():f} GB"


def same(one: Decimal, other: Decimal) -> bool:
    return abs(one - other) <= TOLERANCE


def exceeds(size: Decimal, most: Decimal) -> bool:
    return size > most + TOLERANCE
