"""Evidence in plain sentences, for the person who asks why a line is what it is."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop, ngettext

from billing.rating.lines import Evidence
from billing.rating.wording import duration, long_moment
from config.language import day as long_day
from config.language import grouped
from config.money import format_money, format_unit_price
from config.periods import CYCLES, Period
from provisioning.contract.metering import Aggregation, Unit

Sentence = tuple[str, str]


def explain(evidence: Evidence) -> list[Sentence]:
    """(label, sentence) pairs in reading order, from a line's evidence alone."""
    found = [*RULES[evidence["rule"]](evidence | evidence.get("entire", {}))]
    if "share" in evidence:
        days, whole = evidence["share"]
        told = _("%(days)s of %(whole)s days, up to the day on which all periods begin")
        found.append((_("Part"), told % {"days": days, "whole": whole}))
    if "period" in evidence:
        found.append((_("Calculation"), _calculation(evidence)))
        found.append((_("Period"), _period(evidence["period"])))
    return found


def _credit(evidence: Evidence) -> Iterator[Sentence]:
    line = evidence["line"].partition(chr(10))[0]
    yield (
        _("Gives back"),
        _("%(line)s, on %(document)s") % {"line": line, "document": evidence["of"]},
    )


def _flat(evidence: Evidence) -> Iterator[Sentence]:
    yield _("Fixed price"), _price_a_cycle(evidence)


def _option(evidence: Evidence) -> Iterator[Sentence]:
    yield _("Option"), evidence["item"]
    yield _("Quantity"), grouped(evidence["quantity"])
    yield _("Price of one"), _price_a_cycle(evidence)


def _price_a_cycle(evidence: Evidence) -> str:
    cycle = CYCLES[evidence["cycle"]].label.lower()
    return f"{_price(evidence, evidence['unit_price'])}, {cycle}"


def _setup(evidence: Evidence) -> Iterator[Sentence]:
    yield _("Setup of"), evidence["item"]
    yield _("Charged"), _("once, on the first invoice that contains it")


def _discount(evidence: Evidence) -> Iterator[Sentence]:
    value, left = Decimal(evidence["value"]), evidence["bills_left"]
    percent = evidence["type"] == "percent"
    worth = f"{grouped(value.normalize())} %" if percent else _("a fixed amount")
    told = _("%(worth)s, of %(amount)s for base price, options and setup")
    yield _("Discount"), evidence["item"]
    yield _("Worth"), told % {"worth": worth, "amount": _price(evidence, evidence["of"])}
    if "together" in evidence:
        told = _("%(count)s services on this document share it in proportion, to the cent")
        yield _("Shared"), told % {"count": len(evidence["together"])}
    if left is None:
        yield _("Applies"), _("for as long as the service runs")
    else:
        told = ngettext("to %d bill, this one counted", "to %d bills, this one counted", left)
        yield _("Applies"), told % left


def _measured(evidence: Evidence) -> Iterator[Sentence]:
    reading = evidence["reading"]
    yield _("Measured"), f"{_moment(reading['at'])}, {reading['source']}"
    if reading["stale"]:
        yield _("Note"), _("no newer measurement was available when this was billed")


def _tranche(evidence: Evidence) -> Iterator[Sentence]:
    if evidence["reading"] is None:
        yield _("Usage"), _("not measured yet, so the minimum is billed")
    else:
        yield _("Usage"), _usage(evidence)
        yield from _measured(evidence)
    told = _("%(size)s GB; a started tranche counts whole, at least %(minimum)s is billed")
    size, minimum = grouped(evidence["tranche_gb"]), grouped(evidence["minimum_tranches"])
    yield _("Tranche"), told % {"size": size, "minimum": minimum}
    billed = {"number": grouped(evidence["quantity"]), "size": grouped(evidence["billed_gb"])}
    yield _("Tranches billed"), _("%(number)s, that is %(size)s GB") % billed
    yield _("Price of one tranche"), _price(evidence, evidence["unit_price"])


def _meter(evidence: Evidence) -> Iterator[Sentence]:
    unit = _unit_name(evidence)
    yield _(evidence["metric"]), f"{grouped(Decimal(evidence['used']))}{unit}"
    days = len(evidence["daily"])
    told = ngettext("%(how)s; %(days)d day measured", "%(how)s; %(days)d days measured", days)
    yield _("Counted"), told % {"how": _(COUNTED[evidence["aggregation"]]), "days": days}
    yield from _measured(evidence)
    yield _("Included"), f"{grouped(Decimal(evidence['included']))}{unit}"
    yield from _model(evidence, unit)
    if evidence["part"] == "minimum":
        told = _("%(least)s a month, %(days)s of %(whole)s days; %(amount)s was used")
        yield (
            _("Minimum"),
            told
            % {
                "least": _price(evidence, evidence["minimum"]),
                "days": evidence["days"],
                "whole": evidence["of_days"],
                "amount": _price(evidence, evidence["owed"]),
            },
        )


def _model(evidence: Evidence, unit: str) -> Iterator[Sentence]:
    yield _("Price model"), _(MODELS[evidence["model"]])
    if evidence["model"] == "tranche":
        size = grouped(evidence["size"])
        yield _("Tranche"), f"{size}{unit}" if unit else _("%(size)s units") % {"size": size}
    for up_to, price in evidence["bands"]:
        end = {"end": f"{grouped(Decimal(up_to))}{unit}" if up_to else ""}
        label = _("Price up to %(end)s") % end if up_to else _("Price above")
        yield label, _price(evidence, price)


def _late(evidence: Evidence) -> Iterator[Sentence]:
    if evidence["of"] != "minimum":
        used = grouped(Decimal(evidence["used"]))
        yield _(evidence["metric"]), f"{used}{_unit_name(evidence)}"
        reading = evidence["reading"]
        yield _("Measured"), f"{_moment(reading['at'])}, {reading['source']}"
    yield _("For the whole month"), _price(evidence, evidence["whole"])
    note = _("this became known after the month was billed; the difference is charged here")
    yield _("Note"), note


def _seat_days(evidence: Evidence) -> Iterator[Sentence]:
    yield _("Mailbox"), evidence["address"]
    told = _("%(price)s per mailbox and month, by the day")
    yield _("Price"), told % {"price": _price(evidence, evidence["price"])}
    for first, days, whole in evidence["months"]:
        label = _("Month from %(day)s") % {"day": long_day(date.fromisoformat(first))}
        yield label, _part(days, whole)


def _part(days: int, whole: int) -> str:
    return _("%(days)s of %(whole)s days") % {"days": days, "whole": whole}


def _minimum(evidence: Evidence) -> Iterator[Sentence]:
    days = _(" and ").join(_part(part, whole) for part, whole in evidence["days"])
    least = {"price": _price(evidence, evidence["minimum"]), "days": days}
    yield _("Minimum"), _("%(price)s for a whole term; %(days)s") % least
    owed = {"price": _price(evidence, evidence["owed"])}
    yield _("Charged otherwise"), _("%(price)s, before discounts") % owed


def _change(evidence: Evidence) -> Iterator[Sentence]:
    yield _("Plan"), evidence["item"]
    yield _("Changed on"), long_day(date.fromisoformat(evidence["changed_on"]))
    if evidence["role"] == "setup":
        yield _("Charged"), _("once, for what was added")
        return
    what = _("Given back") if evidence["role"] == "credit" else _("Charged")
    told = _("%(days)s of %(whole)s days of %(price)s; the day of the change counts")
    yield (
        what,
        told
        % {
            "days": grouped(evidence["days"]),
            "whole": grouped(evidence["of_days"]),
            "price": _price(evidence, evidence["base"]),
        },
    )


def _usage(evidence: Evidence) -> str:
    told = _(
        "%(used)s GB (%(bytes)s bytes; 1 GB is %(size)s bytes, "
        "rounded to two decimals before tranches are counted)"
    )
    return told % {
        "used": grouped(Decimal(evidence["gb_used"])),
        "bytes": grouped(evidence["reading"]["bytes"]),
        "size": grouped(evidence["bytes_per_gb"]),
    }


def _seat(evidence: Evidence) -> Iterator[Sentence]:
    yield _("Mailbox"), evidence["address"]
    for feature in evidence["features"]:
        yield _(feature["label"]), _feature(evidence, feature)
    for at in evidence["deleted_at"]:
        yield _("Mailbox deleted"), _moment(at)
    yield _("Threshold"), _threshold(evidence)
    if len(evidence["billed"]) > 1:
        yield _("Combined price"), _("all of them together replace the single prices")
    price = {"price": _price(evidence, evidence["unit_price"])}
    yield _("Price"), _("%(price)s per mailbox and month") % price
    if evidence["cycle_months"] > 1:
        months = {"months": evidence["cycle_months"]}
        per_month = _("for each of the %(months)s months of the cycle") % months
        yield _("Charged"), per_month if evidence["months_multiply"] else _("once per invoice")


def _feature(evidence: Evidence, feature: dict[str, Any]) -> str:
    if evidence["seen_at"]:
        on = feature["billable"]
        told = _("on, as seen on %(at)s") if on else _("off, as seen on %(at)s")
        return told % {"at": _moment(evidence["seen_at"])}
    if not feature["spans"]:
        return _("not on in this period")
    spans = "; ".join(
        _("%(start)s to %(end)s") % {"start": _moment(start), "end": _moment(end)}
        for start, end in feature["spans"]
    )
    told = _("on for %(time)s (threshold not reached): %(spans)s")
    if feature["billable"]:
        told = _("on for %(time)s (threshold reached): %(spans)s")
    return told % {"time": duration(feature["seconds"]), "spans": spans}


def _threshold(evidence: Evidence) -> str:
    days = evidence["threshold_days"]
    if days == 0:
        return _("none: what is on at the moment of invoicing is billed")
    told = _("%(hours)s h in total over the period, in one piece or several")
    return told % {"hours": grouped(days * 24)}


def _unit(evidence: Evidence) -> Iterator[Sentence]:
    unit = _unit_name(evidence)
    yield _(evidence["metric"]), _unit_usage(evidence)
    yield _("Counted"), _(COUNTED[evidence["aggregation"]])
    yield from _measured(evidence)
    yield _("Included"), f"{grouped(evidence['included'])}{unit}"
    told = _("%(price)s per GB and month") if unit else _("%(price)s per unit and month")
    yield _("Price of one"), told % {"price": _price(evidence, evidence["unit_price"])}


def _unit_name(evidence: Evidence) -> str:
    return f" {_('GB')}" if evidence["unit"] == Unit.BYTES else ""


def _unit_usage(evidence: Evidence) -> str:
    used = grouped(Decimal(evidence["used"]))
    if evidence["unit"] != Unit.BYTES:
        return used
    told = _("%(used)s GB (%(bytes)s bytes; 1 GB is %(size)s bytes, rounded to two decimals)")
    value, size = evidence["reading"]["bytes"], evidence["bytes_per_gb"]
    return told % {"used": used, "bytes": grouped(value), "size": grouped(size)}


def _calculation(evidence: Evidence) -> str:
    price = _price(evidence, evidence["unit_price"])
    amount = format_money(Decimal(evidence["amount"]), evidence["currency"])
    return f"{grouped(Decimal(evidence['quantity']))} × {price} = {amount}"


def _price(evidence: Evidence, price: str) -> str:
    return format_unit_price(Decimal(price), evidence["currency"])


def _period(dates: list[str]) -> str:
    period = Period(*map(date.fromisoformat, dates))
    days = {"start": long_day(period.start), "end": long_day(period.last_day)}
    return _("%(start)s to %(end)s") % days


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
    Aggregation.LAST: gettext_noop("the last value measured in the month"),
    Aggregation.HIGHEST: gettext_noop("the highest value measured in the month"),
    Aggregation.AVERAGE: gettext_noop("the average of the days' last values"),
    Aggregation.P95: gettext_noop(
        "the value that 95 % of the days' last values do not exceed (nearest rank)"
    ),
    Aggregation.SUM: gettext_noop("the sum of the days' last values"),
}
MODELS = {
    "per_unit": gettext_noop("a price for each unit"),
    "tranche": gettext_noop("a price for each started tranche"),
    "graduated": gettext_noop("each band at its own price"),
    "volume": gettext_noop("everything at the price of the band that was reached"),
}
