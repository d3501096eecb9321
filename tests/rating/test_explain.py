from __future__ import annotations

import json
from decimal import Decimal

from billing.rating import (
    LiveFeatures,
    MailboxDeleted,
    OptionLine,
    RatedLine,
    Reading,
    explain,
    rate,
)
from config.periods import CYCLES
from provisioning.contract.metering import MeteringTerms
from tests.rating.build import GB, agreement, both, features, march, observed, on, terms


def told(line: RatedLine) -> dict[str, str]:
    return dict(explain(json.loads(json.dumps(line.evidence))))


def test_a_tranche_line_says_how_usage_became_money() -> None:
    assert told(rate(agreement(), observed(21 * GB)).lines[0]) == {
        "Usage": (
            "21.00 GB (22,548,578,304 bytes; 1 GB is 1,073,741,824 bytes, "
            "rounded to two decimals before tranches are counted)"
        ),
        "Measured": "31 Mar 2026 23:00:00 UTC, usage of all domains",
        "Tranche": "10 GB; a started tranche counts whole, at least 1 is billed",
        "Tranches billed": "3, that is 30 GB",
        "Price of one tranche": "6.00 EUR",
        "Calculation": "3 × 6.00 EUR = 18.00 EUR",
        "Period": "1 Mar 2026 to 31 Mar 2026",
    }


def test_usage_that_is_old_or_missing_is_said_to_be() -> None:
    stale = Reading(GB, march(25), "usage", stale=True)
    assert (
        "no newer measurement" in told(rate(agreement(), observed(reading=stale)).lines[0])["Note"]
    )
    never = told(rate(agreement(), observed(None)).lines[0])
    assert never["Usage"] == "not measured yet, so the minimum is billed"
    assert "Measured" not in never


def test_a_mailbox_line_shows_when_each_feature_was_on() -> None:
    seen = observed(
        intervals=(
            on("amy", "eas", march(5, 8), march(5, 20)),
            on("amy", "mapi", march(3, 9), march(12, 14)),
        ),
        deletions=(MailboxDeleted("amy@client.com", march(12, 14)),),
    )
    sentences = told(rate(agreement(), seen).lines[1])
    assert sentences["Mailbox"] == "amy@client.com"
    assert sentences["ActiveSync (EAS)"] == (
        "on for 12 h (threshold not reached): 5 Mar 2026 08:00:00 UTC to 5 Mar 2026 20:00:00 UTC"
    )
    assert sentences["MAPI/Exchange"].startswith("on for 221 h (threshold reached): 3 Mar 2026")
    assert sentences["Mailbox deleted"] == "12 Mar 2026 14:00:00 UTC"
    assert sentences["Threshold"] == "24 h in total over the period, in one piece or several"
    assert sentences["Price"] == "3.00 EUR per mailbox and month"
    assert sentences["Calculation"] == "1 × 3.00 EUR = 3.00 EUR"


def test_a_combined_line_on_a_long_cycle_says_both() -> None:
    agreed = agreement(cycle=CYCLES["quarterly"])
    sentences = told(rate(agreed, observed(intervals=both("jean"))).lines[1])
    assert "replace the single prices" in sentences["Combined price"]
    assert sentences["Charged"] == "for each of the 3 months of the cycle"
    assert sentences["Calculation"] == "3 × 4.50 EUR = 13.50 EUR"
    once = agreement(cycle=CYCLES["quarterly"], terms=terms(seats=features(months_multiply=False)))
    sentences = told(rate(once, observed(intervals=both("jean"))).lines[1])
    assert sentences["Charged"] == "once per invoice"


def test_a_line_billed_live_says_when_the_feature_was_seen() -> None:
    agreed = agreement(terms=terms(seats=features(threshold_days=0)))
    live = LiveFeatures(march(31, 12), frozenset({("bob@client.com", "eas")}))
    sentences = told(rate(agreed, observed(live=live)).lines[1])
    assert sentences["ActiveSync (EAS)"] == "on, as seen on 31 Mar 2026 12:00:00 UTC"
    assert sentences["MAPI/Exchange"] == "off, as seen on 31 Mar 2026 12:00:00 UTC"
    assert sentences["Threshold"].startswith("none")


def test_fixed_prices_options_and_setup_fees_are_explained_too() -> None:
    option = OptionLine("boxes", "Mailboxes", 1200, Decimal("0.335"), setup=Decimal(1))
    agreed = agreement(terms=MeteringTerms(), options=(option,))
    base, boxes, setup = rate(agreed, observed()).lines
    assert told(base)["Fixed price"] == "6.00 EUR, monthly"
    assert told(boxes) == {
        "Option": "Mailboxes",
        "Quantity": "1,200",
        "Price of one": "0.335 EUR, monthly",
        "Calculation": "1,200 × 0.335 EUR = 402.00 EUR",
        "Period": "1 Mar 2026 to 31 Mar 2026",
    }
    assert told(setup)["Setup of"] == "Mailboxes"


def test_a_feature_never_on_is_explained_beside_the_one_that_is_billed() -> None:
    sentences = told(rate(agreement(), observed(intervals=(on("bob", "eas"),))).lines[1])
    assert sentences["MAPI/Exchange"] == "not on in this period"
    assert sentences["ActiveSync (EAS)"].startswith("on for 744 h (threshold reached)")
