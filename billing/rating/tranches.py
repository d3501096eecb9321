"""Disk usage sold in whole tranches. Integers all the way, so no boundary is ever missed."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from billing.rating.inputs import Agreement, Reading
from billing.rating.lines import Charge, LineKind, Notice, NoticeCode
from billing.rating.wording import staff_day
from config.language import day as long_day
from config.language import grouped
from provisioning.contract.metering import TrancheTerms

BYTES_PER_GB = 1024**3


def hundredths_of_gb(value: int) -> int:
    """Bytes as hundredths of a GB, half-up: what is printed is also what is counted."""
    return (200 * value + BYTES_PER_GB) // (2 * BYTES_PER_GB)


def count_tranches(hundredths: int, terms: TrancheTerms) -> int:
    """A started tranche counts whole; an exact multiple starts no further one."""
    started = -(-hundredths // (100 * terms.size_gb))
    return max(terms.minimum, started)


def tranche_charge(agreement: Agreement, terms: TrancheTerms, reading: Reading | None) -> Charge:
    hundredths = hundredths_of_gb(reading.value) if reading else 0
    tranches = count_tranches(hundredths, terms)
    billed_gb = tranches * terms.size_gb
    gb_used = Decimal(hundredths).scaleb(-2)
    return Charge(
        kind=LineKind.BASE,
        key="base",
        description=f"{agreement.title} ({_usage_text(agreement, reading, gb_used, billed_gb)})",
        quantity=tranches,
        unit_price=agreement.price,
        facts={
            "rule": "tranche",
            "item": agreement.title,
            "metric": terms.metric.label,
            "reading": reading_facts(agreement, reading, unit="bytes"),
            "bytes_per_gb": BYTES_PER_GB,
            "gb_used": f"{gb_used:.2f}" if reading else None,
            "tranche_gb": terms.size_gb,
            "minimum_tranches": terms.minimum,
            "billed_gb": billed_gb,
        },
    )


def usage_notices(agreement: Agreement, reading: Reading | None) -> list[Notice]:
    if reading is None:
        text = f"{agreement.title} was never measured: the minimum is billed"
        return [Notice(NoticeCode.NEVER_MEASURED, text)]
    if reading.stale:
        day = staff_day(reading.at.astimezone(agreement.zone))
        text = f"{agreement.title} is billed on usage last measured on {day}"
        return [Notice(NoticeCode.STALE_USAGE, text)]
    return []


def _usage_text(
    agreement: Agreement, reading: Reading | None, gb_used: Decimal, billed_gb: int
) -> str:
    if reading is None:
        told = _("usage not measured yet, %(billed)s GB billed")
    elif reading.stale:
        told = _("%(used)s GB used of %(billed)s GB billed, as measured on %(day)s")
    else:
        told = _("%(used)s GB used of %(billed)s GB billed")
    return told % {
        "used": grouped(gb_used, 2),
        "billed": grouped(billed_gb),
        "day": long_day(reading.at.astimezone(agreement.zone)) if reading else "",
    }


def reading_facts(
    agreement: Agreement, reading: Reading | None, *, unit: str
) -> dict[str, Any] | None:
    """`unit` names the value: bytes or count."""
    if reading is None:
        return None
    return {
        unit: reading.value,
        "at": reading.at.astimezone(agreement.zone).isoformat(),
        "source": reading.source,
        "stale": reading.stale,
    }
