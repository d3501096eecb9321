"""A slow second opinion: a line's amount from its evidence alone, sharing no code with rating."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from math import floor
from typing import Any

DECIMALS = {"JPY": 0, "KWD": 3}


def recompute(evidence: dict[str, Any]) -> Decimal:
    count, price = RULES[evidence["rule"]](evidence)
    decimals = DECIMALS.get(evidence["currency"], 2)
    return Decimal(half_up(count * price * 10**decimals)).scaleb(-decimals)


def half_up(value: Fraction) -> int:
    sign = -1 if value < 0 else 1
    return sign * floor(abs(value) + Fraction(1, 2))


def as_listed(evidence: dict[str, Any]) -> tuple[int, Fraction]:
    return evidence["quantity"], Fraction(evidence["unit_price"])


def by_tranche(evidence: dict[str, Any]) -> tuple[int, Fraction]:
    tranches = evidence["minimum_tranches"]
    if evidence["reading"]:
        gb = Fraction(evidence["reading"]["bytes"], evidence["bytes_per_gb"])
        printed = Fraction(half_up(gb * 100), 100)
        while tranches * evidence["tranche_gb"] < printed:
            tranches += 1
    return tranches, Fraction(evidence["unit_price"])


def by_seat(evidence: dict[str, Any]) -> tuple[int, Fraction]:
    billable = {each["code"] for each in evidence["features"] if was_on(evidence, each)}
    everything = {each["code"] for each in evidence["features"]}
    combined = Fraction(evidence["combined_price"] or 0)
    months = max(evidence["cycle_months"], 1) if evidence["months_multiply"] else 1
    if combined > 0 and billable == everything:
        return months, combined
    (code,) = evidence["billed"]
    (price,) = (each["price"] for each in evidence["features"] if each["code"] == code)
    return (months if code in billable else 0), Fraction(price)


def by_unit(evidence: dict[str, Any]) -> tuple[Fraction, Fraction]:
    reading = evidence["reading"]
    used = Fraction(reading.get("count", 0))
    if "bytes" in reading:
        used = Fraction(half_up(Fraction(reading["bytes"] * 100, evidence["bytes_per_gb"])), 100)
    return max(Fraction(0), used - evidence["included"]), Fraction(evidence["unit_price"])


def by_days(evidence: dict[str, Any]) -> tuple[Fraction, Fraction]:
    sign = -1 if evidence["role"] == "credit" else 1
    return sign * Fraction(evidence["days"], evidence["of_days"]), Fraction(evidence["base"])


def was_on(evidence: dict[str, Any], feature: dict[str, Any]) -> bool:
    if evidence["threshold_days"] == 0:
        return bool(feature["billable"])
    total = timedelta()
    for start, end in feature["spans"]:
        total += datetime.fromisoformat(end) - datetime.fromisoformat(start)
    return total >= timedelta(days=evidence["threshold_days"])


RULES: dict[str, Callable[[dict[str, Any]], tuple[int | Fraction, Fraction]]] = {
    "flat": as_listed,
    "option": as_listed,
    "setup": as_listed,
    "tranche": by_tranche,
    "seat": by_seat,
    "unit": by_unit,
    "change": by_days,
}
