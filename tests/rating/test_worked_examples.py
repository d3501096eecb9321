"""The published examples, numbered as published; 31 and 32 need quotas, which are not built."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from billing.rating import LiveFeatures, MailboxDeleted, NoticeCode, Rating, Reading, rate
from config.periods import CYCLES, Period
from tests.rating.build import (
    GB,
    agreement,
    both,
    features,
    march,
    observed,
    on,
    printed,
    terms,
)
from tests.rating.naive import recompute

BASE_3_GB = ("Email hosting (3.00 GB used of 10 GB billed)", "6.00")
THREE_DAYS = {"terms": terms(seats=features(threshold_days=3))}
LIVE = {"terms": terms(seats=features(threshold_days=0))}
YEAR = Period(date(2026, 3, 1), date(2027, 3, 1))


def mb(amount: str) -> int:
    return int(Decimal(amount) * 1024**2)


def gb(amount: str) -> int:
    return int(Decimal(amount) * GB)


def eas(name: str, suffix: str = "") -> tuple[str, str]:
    return f"ActiveSync (EAS): {name}@client.com{suffix}", "2.00"


def mapi(name: str, suffix: str = "") -> tuple[str, str]:
    return f"MAPI/Exchange: {name}@client.com{suffix}", "3.00"


def combined(name: str, suffix: str = "") -> tuple[str, str]:
    return f"EAS + MAPI/Exchange: {name}@client.com{suffix}", "4.50"


def base(used: str, billed: str, amount: str) -> tuple[str, str]:
    return f"Email hosting ({used} GB used of {billed} GB billed)", amount


def eas_for(*stretches: tuple[datetime, datetime | None]) -> dict[str, Any]:
    return {"intervals": tuple(on("bob", "eas", start, end) for start, end in stretches)}


def live(at: datetime, *pairs: tuple[str, str]) -> dict[str, Any]:
    seen = frozenset((f"{name}@client.com", feature) for name, feature in pairs)
    return {"live": LiveFeatures(at, seen)}


@dataclass(frozen=True)
class Example:
    name: str
    lines: list[tuple[str, str]]
    total: str
    used: int = 3 * GB
    seen: dict[str, Any] = field(default_factory=dict)
    agreed: dict[str, Any] = field(default_factory=dict)

    def rated(self) -> Rating:
        return rate(agreement(**self.agreed), observed(self.used, **self.seen))


USAGE = [
    Example("1 21 GB", [base("21.00", "30", "18.00")], "18.00", gb("21")),
    Example("2 measured zero", [base("0.00", "10", "6.00")], "6.00", 0),
    Example("3 exactly one tranche", [base("10.00", "10", "6.00")], "6.00", mb("10240.00")),
    Example("4 exactly two", [base("20.00", "20", "12.00")], "12.00", mb("20480.00")),
    Example("5 prints 20.00, so two", [base("20.00", "20", "12.00")], "12.00", mb("20480.10")),
    Example("6 155.58 GB", [base("155.58", "160", "96.00")], "96.00", gb("155.58")),
    Example(
        "7 five GB at 7.49",
        [base("31.50", "35", "52.43")],
        "52.43",
        gb("31.5"),
        agreed={"price": Decimal("7.49"), "terms": terms(size_gb=5)},
    ),
    Example(
        "29 half up",
        [base("70.00", "70", "2.35")],
        "2.35",
        gb("70"),
        agreed={"price": Decimal("0.335")},
    ),
    Example("30 the default size of 10 GB", [base("21.00", "30", "18.00")], "18.00", gb("21")),
]

SEATS = [
    Example(
        "8 EAS all month", [BASE_3_GB, eas("bob")], "8.00", seen={"intervals": (on("bob", "eas"),)}
    ),
    Example("9 MAPI", [BASE_3_GB, mapi("amy")], "9.00", seen={"intervals": (on("amy", "mapi"),)}),
    Example("10 both", [BASE_3_GB, combined("jean")], "10.50", seen={"intervals": both("jean")}),
    Example(
        "11 both and EAS beside 21 GB",
        [base("21.00", "30", "18.00"), combined("jean"), eas("marie")],
        "24.50",
        gb("21"),
        seen={"intervals": (on("marie", "eas"), *both("jean"))},
    ),
    Example(
        "12 six mailboxes",
        [base("12.00", "20", "12.00")]
        + [combined(name) for name in "def"]
        + [eas("a"), eas("b"), mapi("c")],
        "32.50",
        gb("12"),
        seen={
            "intervals": (
                *(interval for name in "fed" for interval in both(name)),
                on("c", "mapi"),
                on("b", "eas"),
                on("a", "eas"),
            )
        },
    ),
    Example(
        "13 no combined price",
        [BASE_3_GB, eas("jean"), mapi("jean")],
        "11.00",
        seen={"intervals": both("jean")},
        agreed={"terms": terms(seats=features(both="0"))},
    ),
    Example(
        "14 EAS free, combined priced",
        [BASE_3_GB, combined("jean")],
        "10.50",
        seen={"intervals": (on("bob", "eas"), *both("jean"))},
        agreed={"terms": terms(seats=features(eas="0"))},
    ),
    Example(
        "15 EAS free, no combined price",
        [BASE_3_GB, mapi("jean")],
        "9.00",
        seen={"intervals": (on("bob", "eas"), *both("jean"))},
        agreed={"terms": terms(seats=features(eas="0", both="0"))},
    ),
    Example(
        "16 both single prices 0",
        [BASE_3_GB],
        "6.00",
        seen={"intervals": both("jean")},
        agreed={"terms": terms(seats=features(eas="0", mapi="0"))},
    ),
]

THRESHOLD = [
    Example(
        "17 12 h and 12 h",
        [BASE_3_GB, eas("bob", " (Active from 05-Mar to 09-Mar)")],
        "8.00",
        seen=eas_for((march(5, 8), march(5, 20)), (march(9, 8), march(9, 20))),
    ),
    Example(
        "18 23 h",
        [BASE_3_GB],
        "6.00",
        seen=eas_for((march(5, 8), march(5, 19)), (march(9, 8), march(9, 20))),
    ),
    Example(
        "19 48 h and 24 h of 3 days",
        [BASE_3_GB, eas("bob", " (Active from 02-Mar to 20-Mar)")],
        "8.00",
        seen=eas_for((march(2, 8), march(4, 8)), (march(19, 8), march(20, 8))),
        agreed=THREE_DAYS,
    ),
    Example(
        "20 71 h 59 min, still on",
        [BASE_3_GB],
        "6.00",
        seen=eas_for((march(29, 0, 1), None)),
        agreed=THREE_DAYS,
    ),
    Example(
        "21 six times, 40 h in total",
        [BASE_3_GB, eas("bob", " (Active from 02-Mar to 07-Mar)")],
        "8.00",
        seen=eas_for(
            *((march(day, 9), march(day, 16)) for day in range(2, 7)),
            (march(7, 9), march(7, 14)),
        ),
    ),
    Example(
        "22 mailbox deleted",
        [BASE_3_GB, mapi("amy", " (Active from 03-Mar to 12-Mar)")],
        "9.00",
        seen={
            "intervals": (on("amy", "mapi", march(3, 9)),),
            "deletions": (MailboxDeleted("amy@client.com", march(12, 14)),),
        },
    ),
    Example(
        "23 at different times",
        [BASE_3_GB, combined("jean", " (Active from 02-Mar to 25-Mar)")],
        "10.50",
        seen={
            "intervals": (
                on("jean", "eas", march(2, 9), march(6, 9)),
                on("jean", "mapi", march(20, 9), march(25, 9)),
            )
        },
    ),
    Example(
        "24 live, off one hour before",
        [BASE_3_GB],
        "6.00",
        seen={**eas_for((march(2), march(31, 23))), **live(march(31, 23, 59))},
        agreed=LIVE,
    ),
    Example(
        "25 live, on five minutes before",
        [BASE_3_GB, eas("bob")],
        "8.00",
        seen={**eas_for((march(31, 23, 55), None)), **live(march(31, 23, 59), ("bob", "eas"))},
        agreed=LIVE,
    ),
    Example(
        "26 on since February",
        [BASE_3_GB, eas("bob")],
        "8.00",
        seen=eas_for((datetime(2026, 2, 10, tzinfo=UTC), None)),
    ),
]


@pytest.mark.parametrize("example", USAGE + SEATS + THRESHOLD, ids=lambda example: example.name)
def test_the_published_example_prints_its_lines_and_total(example: Example) -> None:
    rating = example.rated()
    assert printed(rating) == example.lines
    assert str(rating.total) == example.total


@pytest.mark.parametrize("example", USAGE + SEATS + THRESHOLD, ids=lambda example: example.name)
def test_every_line_of_an_example_can_be_recomputed_from_its_stored_evidence(
    example: Example,
) -> None:
    for line in example.rated().lines:
        assert recompute(json.loads(json.dumps(line.evidence))) == line.amount


@pytest.mark.parametrize(
    ("multiply", "eas_amount", "total"), [(False, "2.00", "200.00"), (True, "24.00", "222.00")]
)
def test_27_an_annual_cycle_charges_the_monthly_price_once_or_for_each_month(
    multiply: bool, eas_amount: str, total: str
) -> None:
    annual = agreement(
        cycle=CYCLES["annually"],
        price=Decimal("66.00"),
        period=YEAR,
        terms=terms(seats=features(months_multiply=multiply)),
    )
    seen = observed(21 * GB, window=YEAR.window(UTC), intervals=(on("bob", "eas"),))
    rating = rate(annual, seen)
    assert printed(rating) == [
        base("21.00", "30", "198.00"),
        ("ActiveSync (EAS): bob@client.com", eas_amount),
    ]
    assert str(rating.total) == total


def test_28_after_a_week_without_the_server_the_last_usage_is_billed_and_staff_are_told() -> None:
    reading = Reading(21 * GB, march(25, 3), "usage of all domains", stale=True)
    rating = rate(agreement(), observed(reading=reading))
    text = "Email hosting (21.00 GB used of 30 GB billed, as measured on 25 Mar 2026)"
    assert printed(rating) == [(text, "18.00")]
    assert [notice.code for notice in rating.notices] == [NoticeCode.STALE_USAGE]
    assert "25 Mar 2026" in rating.notices[0].text
