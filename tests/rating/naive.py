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
    count, price = RULES[evidence["rule"]](evidence | evidence.get("entire", {}))
    if "share" in evidence:
        days, whole = evidence["share"]
        price *= Fraction(days, whole)
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


def by_seat_days(evidence: dict[str, Any]) -> tuple[Fraction, Fraction]:
    share = sum((Fraction(days, whole) for _first, days, whole in evidence["months"]), Fraction(0))
    return share, Fraction(evidence["price"])


def metered_quantity(evidence: dict[str, Any]) -> Fraction:
    """From the days themselves, not from the value that was printed."""
    reading = evidence["reading"]
    value = Fraction(reading.get("bytes", reading.get("count", 0)))
    days = [Fraction(number) for _day, number in evidence["daily"]]
    how = evidence["aggregation"]
    if days and how == "average":
        value = Fraction(half_up(sum(days, Fraction(0)) / len(days)))
    elif days and how == "sum":
        value = sum(days, Fraction(0))
    elif days and how == "p95":
        value = min(
            each for each in days if 100 * sum(other <= each for other in days) >= 95 * len(days)
        )
    if "bytes" in reading:
        return Fraction(half_up(value * 100 / evidence["bytes_per_gb"]), 100)
    return value


def metered_amount(evidence: dict[str, Any]) -> Fraction:
    """Counted hundredth by hundredth where bands differ."""
    over = max(Fraction(0), metered_quantity(evidence) - Fraction(evidence["included"]))
    price = Fraction(evidence["price"])
    if evidence["model"] == "per_unit":
        return over * price
    if evidence["model"] == "tranche":
        count = evidence["minimum_tranches"]
        while count * evidence["size"] < over:
            count += 1
        return count * price
    bands = [
        (None if end is None else Fraction(end), Fraction(cost)) for end, cost in evidence["bands"]
    ]
    if evidence["model"] == "volume":
        return over * next(cost for end, cost in bands if end is None or over <= end)
    amount, start = Fraction(0), Fraction(0)
    for end, cost in bands:
        top = over if end is None else min(over, end)
        amount += max(Fraction(0), top - start) * cost
        start = over if end is None else end
    return amount


def by_meter(evidence: dict[str, Any]) -> tuple[Fraction, Fraction]:
    if evidence["part"] == "fixed":
        return Fraction(1), Fraction(evidence["fixed"])
    if evidence["part"] == "usage":
        return Fraction(1), metered_amount(evidence)
    decimals = DECIMALS.get(evidence["currency"], 2)
    least = Fraction(evidence["minimum"]) * evidence["days"] / evidence["of_days"]
    rounded = Fraction(half_up(least * 10**decimals), 10**decimals)
    return Fraction(1), rounded - Fraction(evidence["owed"])


def was_on(evidence: dict[str, Any], feature: dict[str, Any]) -> bool:
    if evidence["threshold_days"] == 0:
        return bool(feature["billable"])
    total = timedelta()
    for start, end in feature["spans"]:
        total += datetime.fromisoformat(end) - datetime.fromisoformat(start)
    return total >= timedelta(days=evidence["threshold_days"])


def up_to_minimum(evidence: dict[str, Any]) -> tuple[int, Fraction]:
    share = sum(Fraction(days, whole) for days, whole in evidence["days"])
    decimals = DECIMALS.get(evidence["currency"], 2)
    least = Fraction(half_up(Fraction(evidence["minimum"]) * share * 10**decimals), 10**decimals)
    return 1, least - Fraction(evidence["owed"])


def by_discount(evidence: dict[str, Any]) -> tuple[int, Fraction]:
    """The whole of what is lowered, then the service's own part of it: the rest of the cents goes
    to the largest remainders.
    """
    cents = 10 ** DECIMALS.get(evidence["currency"], 2)
    weights = [Fraction(each) for each in evidence.get("together", [evidence["of"]])]
    value = Fraction(evidence["value"])
    worth = sum(weights) * value / 100 if evidence["type"] == "percent" else value
    left = half_up(min(worth, sum(weights)) * cents)
    exact = [left * weight / sum(weights) for weight in weights]
    parts = [floor(each) for each in exact]
    for place in sorted(range(len(parts)), key=lambda at: (parts[at] - exact[at], at)):
        parts[place] += 1 if sum(parts) < left else 0
    return 1, Fraction(-parts[evidence.get("position", 0)], cents)


RULES: dict[str, Callable[[dict[str, Any]], tuple[int | Fraction, Fraction]]] = {
    "flat": as_listed,
    "option": as_listed,
    "setup": as_listed,
    "tranche": by_tranche,
    "seat": by_seat,
    "unit": by_unit,
    "change": by_days,
    "meter": by_meter,
    "seat_days": by_seat_days,
    "minimum": up_to_minimum,
    "discount": by_discount,
}
