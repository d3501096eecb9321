from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from billing.rating import Observed, OptionLine, rate
from config.money import UnknownCurrency
from config.periods import CYCLES
from provisioning.contract.metering import MeteringTerms
from tests.rating.build import agreement, both, observed, printed

FLAT = {"title": "Mail", "price": Decimal("5.00"), "terms": MeteringTerms()}
MAILBOXES = OptionLine("mailboxes", "Mailboxes", 12, Decimal("2.00"), position=1)
FORWARDS = OptionLine("forwards", "Forwards", 5, Decimal("0.50"), position=2)
ARCHIVE = OptionLine("archive", "Archive", 1, Decimal("3.00"), Decimal("1.00"), position=3)


def test_a_price_with_options_and_setup_fees_prints_each_on_its_line() -> None:
    agreed = agreement(**FLAT, options=(ARCHIVE, FORWARDS, MAILBOXES), setup_fee=Decimal("10.00"))
    rating = rate(agreed, Observed())
    assert printed(rating) == [
        ("Mail", "5.00"),
        ("Mailboxes", "24.00"),
        ("Forwards", "2.50"),
        ("Archive", "3.00"),
        ("Setup fee: Mail", "10.00"),
        ("Setup fee: Archive", "1.00"),
    ]
    assert str(rating.total) == "45.50"


def test_keys_are_distinct_and_name_what_is_charged() -> None:
    agreed = agreement(options=(ARCHIVE,), setup_fee=Decimal("10.00"))
    rating = rate(agreed, observed(intervals=both("jean")))
    assert [line.key for line in rating.lines] == [
        "base",
        "option:archive",
        "feature:eas+mapi:jean@client.com",
        "setup",
        "setup:archive",
    ]


def test_an_option_not_taken_or_without_a_price_prints_nothing() -> None:
    options = (
        OptionLine("lists", "Lists", 0, Decimal("2.00"), Decimal("1.00")),
        OptionLine("spam", "Spam filter", 1, Decimal(0)),
    )
    assert printed(rate(agreement(**FLAT, options=options), Observed())) == [("Mail", "5.00")]


def test_an_option_may_lower_the_price() -> None:
    discount = OptionLine("small", "Small mailboxes", 1, Decimal("-1.50"))
    rating = rate(agreement(**FLAT, options=(discount,)), Observed())
    assert str(rating.total) == "3.50"


def test_a_free_service_has_no_lines_and_nothing_to_report() -> None:
    agreed = agreement(cycle=CYCLES["free"], setup_fee=Decimal("10.00"))
    rating = rate(agreed, observed(None, intervals=both("jean")))
    assert (rating.lines, rating.notices) == ((), ())


def test_a_rounded_line_adds_up_to_the_rounded_total() -> None:
    thirds = tuple(OptionLine(code, code, 1, Decimal("0.335")) for code in "abc")
    rating = rate(agreement(**FLAT, options=thirds), Observed())
    assert str(rating.total) == "6.02"


def test_an_option_twice_or_fewer_than_none_is_refused() -> None:
    with pytest.raises(ValueError, match="appears twice"):
        agreement(options=(ARCHIVE, ARCHIVE))
    with pytest.raises(ValueError, match="negative quantity"):
        OptionLine("lists", "Lists", -1, Decimal(1))


def test_floats_and_unknown_currencies_never_get_in() -> None:
    price: Any = 6.0
    with pytest.raises(TypeError, match="never float"):
        agreement(price=price)
    with pytest.raises(TypeError, match="never float"):
        OptionLine("lists", "Lists", 1, price)
    with pytest.raises(UnknownCurrency):
        agreement(currency="EURO")
