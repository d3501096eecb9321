"""Evidence in plain sentences, for the person who asks why a line is what it is."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from billing.rating.lines import Evidence
from billing.rating.wording import duration, long_day, long_moment
from config.money import format_money, format_unit_price
from config.periods import CYCLES, Period
from provisioning.contract.metering import Aggregation, Unit

Sentence = tuple[str, str]


def explain(evidence: Evidence) -> list[Sentence]:
    """(label, sentence) pairs in reading order, from a line's evidence alone."""
    found = [*RULES[evidence["rule"]](evidence | evidence.get("entire", {}))]
    if "share" in evidence:
        days, whole = evidence["share"]
        found.append(("Part", f"{days} of {whole} days, up to the day on which all periods begin"))
    if "period" in evidence:
        found.append(("Calculation", _calculation(evidence)))
        found.append(("Period", _period(evidence["period"])))
    return found


def _credit(evidence: Evidence) -> Iterator[Sentence]:
    yield "Gives back", f"{evidence['line'].partition(chr(10))[0]}, on {evidence['of']}"


def _flat(evidence: Evidence) -> Iterator[Sentence]:
    cycle = CYCLES[evidence["cycle"]].label.lower()
    yield "Fixed price", f"{_price(evidence, evidence['unit_price'])}, {cycle}"


def _option(evidence: Evidence) -> Iterator[Sentence]:
    cycle = CYCLES[evidence["cycle"]].label.lower()
    yield "Option", evidence["item"]
    yield "Quantity", f"{evidence['quantity']:,}"
    yield "Price of one", f"{_price(evidence, evidence['unit_price'])}, {cycle}"


def _setup(evidence: Evidence) -> Iterator[Sentence]:
    yield "Setup of", evidence["item"]
    yield "Charged", "once, on the first invoice that contains it"


def _discount(evidence: Evidence) -> Iterator[Sentence]:
    value, of = Decimal(evidence["value"]), _price(evidence, evidence["of"])
    worth = f"{value.normalize():f} %" if evidence["type"] == "percent" else "a fixed amount"
    yield "Discount", evidence["item"]
    yield "Worth", f"{worth}, of {of} for base price, options and setup"
    left = evidence["bills_left"]
    lasts = "for as long as the service runs"
    yield "Applies", lasts if left is None else f"to {left} bills, this one counted"


def _tranche(evidence: Evidence) -> Iterator[Sentence]:
    reading, size = evidence["reading"], evidence["tranche_gb"]
    minimum = evidence["minimum_tranches"]
    if reading is None:
        yield "Usage", "not measured yet, so the minimum is billed"
    else:
        yield "Usage", _usage(evidence)
        yield "Measured", f"{_moment(reading['at'])}, {reading['source']}"
        if reading["stale"]:
            yield "Note", "no newer measurement was available when this was billed"
    yield "Tranche", f"{size:,} GB; a started tranche counts whole, at least {minimum:,} is billed"
    yield "Tranches billed", f"{evidence['quantity']:,}, that is {evidence['billed_gb']:,} GB"
    yield "Price of one tranche", _price(evidence, evidence["unit_price"])


def _meter(evidence: Evidence) -> Iterator[Sentence]:
    reading, unit = evidence["reading"], _unit_name(evidence)
    yield evidence["metric"], f"{Decimal(evidence['used']):,}{unit}"
    yield "Counted", f"{COUNTED[evidence['aggregation']]}; {len(evidence['daily'])} days measured"
    yield "Measured", f"{_moment(reading['at'])}, {reading['source']}"
    if reading["stale"]:
        yield "Note", "no newer measurement was available when this was billed"
    yield "Included", f"{Decimal(evidence['included']):,}{unit}"
    yield "Price model", MODELS[evidence["model"]]
    if evidence["model"] == "tranche":
        yield "Tranche", f"{evidence['size']:,}{unit or ' units'}"
    for up_to, price in evidence["bands"]:
        end = f"up to {up_to}{unit}" if up_to else "above"
        yield f"Price {end}", _price(evidence, price)
    if evidence["part"] == "minimum":
        least = _price(evidence, evidence["minimum"])
        days = f"{evidence['days']} of {evidence['of_days']} days"
        yield "Minimum", f"{least} a month, {days}; {_price(evidence, evidence['owed'])} was used"


def _late(evidence: Evidence) -> Iterator[Sentence]:
    if evidence["of"] != "minimum":
        yield evidence["metric"], f"{Decimal(evidence['used']):,}{_unit_name(evidence)}"
        yield "Measured", f"{_moment(evidence['reading']['at'])}, {evidence['reading']['source']}"
    yield "For the whole month", _price(evidence, evidence["whole"])
    yield "Note", "this became known after the month was billed; the difference is charged here"


def _seat_days(evidence: Evidence) -> Iterator[Sentence]:
    yield "Mailbox", evidence["address"]
    yield "Price", f"{_price(evidence, evidence['price'])} per mailbox and month, by the day"
    for first, days, whole in evidence["months"]:
        yield f"Month from {long_day(date.fromisoformat(first))}", f"{days} of {whole} days"


def _minimum(evidence: Evidence) -> Iterator[Sentence]:
    days = " and ".join(f"{part} of {whole} days" for part, whole in evidence["days"])
    yield "Minimum", f"{_price(evidence, evidence['minimum'])} for a whole term; {days}"
    yield "Charged otherwise", f"{_price(evidence, evidence['owed'])}, before discounts"


def _change(evidence: Evidence) -> Iterator[Sentence]:
    yield "Plan", evidence["item"]
    yield "Changed on", long_day(date.fromisoformat(evidence["changed_on"]))
    base, days, whole = evidence["base"], evidence["days"], evidence["of_days"]
    if evidence["role"] == "setup":
        yield "Charged", "once, for what was added"
        return
    what = "Given back" if evidence["role"] == "credit" else "Charged"
    yield (
        what,
        f"{days:,} of {whole:,} days of {_price(evidence, base)}; the day of the change counts",
    )


def _usage(evidence: Evidence) -> str:
    gb_used, value = Decimal(evidence["gb_used"]), evidence["reading"]["bytes"]
    return (
        f"{gb_used:,} GB ({value:,} bytes; 1 GB is {evidence['bytes_per_gb']:,} bytes, "
        "rounded to two decimals before tranches are counted)"
    )


def _seat(evidence: Evidence) -> Iterator[Sentence]:
    yield "Mailbox", evidence["address"]
    for feature in evidence["features"]:
        yield feature["label"], _feature(evidence, feature)
    for at in evidence["deleted_at"]:
        yield "Mailbox deleted", _moment(at)
    yield "Threshold", _threshold(evidence)
    if len(evidence["billed"]) > 1:
        yield "Combined price", "all of them together replace the single prices"
    yield "Price", f"{_price(evidence, evidence['unit_price'])} per mailbox and month"
    if evidence["cycle_months"] > 1:
        per_month = f"for each of the {evidence['cycle_months']} months of the cycle"
        yield "Charged", per_month if evidence["months_multiply"] else "once per invoice"


def _feature(evidence: Evidence, feature: dict[str, Any]) -> str:
    if evidence["seen_at"]:
        state = "on" if feature["billable"] else "off"
        return f"{state}, as seen on {_moment(evidence['seen_at'])}"
    if not feature["spans"]:
        return "not on in this period"
    spans = "; ".join(f"{_moment(start)} to {_moment(end)}" for start, end in feature["spans"])
    reached = "reached" if feature["billable"] else "not reached"
    return f"on for {duration(feature['seconds'])} (threshold {reached}): {spans}"


def _threshold(evidence: Evidence) -> str:
    days = evidence["threshold_days"]
    if days == 0:
        return "none: what is on at the moment of invoicing is billed"
    return f"{days * 24:,} h in total over the period, in one piece or several"


def _unit(evidence: Evidence) -> Iterator[Sentence]:
    reading, unit = evidence["reading"], _unit_name(evidence)
    yield evidence["metric"], _unit_usage(evidence)
    yield "Counted", COUNTED[evidence["aggregation"]]
    yield "Measured", f"{_moment(reading['at'])}, {reading['source']}"
    if reading["stale"]:
        yield "Note", "no newer measurement was available when this was billed"
    yield "Included", f"{evidence['included']:,}{unit}"
    yield (
        "Price of one",
        f"{_price(evidence, evidence['unit_price'])} per{unit or ' unit'} and month",
    )


def _unit_name(evidence: Evidence) -> str:
    return " GB" if evidence["unit"] == Unit.BYTES else ""


def _unit_usage(evidence: Evidence) -> str:
    used = Decimal(evidence["used"])
    if evidence["unit"] != Unit.BYTES:
        return f"{used:,}"
    value, size = evidence["reading"]["bytes"], evidence["bytes_per_gb"]
    return f"{used:,} GB ({value:,} bytes; 1 GB is {size:,} bytes, rounded to two decimals)"


def _calculation(evidence: Evidence) -> str:
    price = _price(evidence, evidence["unit_price"])
    amount = format_money(Decimal(evidence["amount"]), evidence["currency"])
    return f"{Decimal(evidence['quantity']):,} × {price} = {amount}"


def _price(evidence: Evidence, price: str) -> str:
    return format_unit_price(Decimal(price), evidence["currency"])


def _period(dates: list[str]) -> str:
    period = Period(*map(date.fromisoformat, dates))
    return f"{long_day(period.start)} to {long_day(period.last_day)}"


def _moment(text: str) -> str:
    return long_moment(datetime.fromisoformat(text))


RULES: dict[str, Callable[[Evidence], Iterator[Sentence]]] = {
    "flat": _flat,
    "option": _option,
    "setup": _setup,
    "discount": _discount,
    "tranche": _tranche,
    "seat": _seat,
    "unit": _unit,
    "change": _change,
    "meter": _meter,
    "seat_days": _seat_days,
    "late": _late,
    "minimum": _minimum,
    "credit": _credit,
}
COUNTED = {
    Aggregation.LAST: "the last value measured in the month",
    Aggregation.HIGHEST: "the highest value measured in the month",
    Aggregation.AVERAGE: "the average of the days' last values",
    Aggregation.P95: "the value that 95 % of the days' last values do not exceed (nearest rank)",
    Aggregation.SUM: "the sum of the days' last values",
}
MODELS = {
    "per_unit": "a price for each unit",
    "tranche": "a price for each started tranche",
    "graduated": "each band at its own price",
    "volume": "everything at the price of the band that was reached",
}
