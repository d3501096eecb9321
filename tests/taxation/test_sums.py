"""The worked numbers: once per rate, inclusive, compound."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from billing.taxation.tax import NO_TAX, Level, Tax, TaxSum, tax_sums, totals

D = Decimal
VAT19, VAT7 = Tax("VAT", D(19)), Tax("VAT", D(7))
GST, QST = Level("GST", D(5)), Level("QST", D("9.975"))


def two(*, compound: bool) -> Tax:
    second = Level("QST", D("9.975"), compound)
    return Tax("GST + QST", D("14.975"), (GST, second))


def test_three_small_lines_are_taxed_by_their_sum_and_not_one_by_one() -> None:
    assert tax_sums([(VAT7, D("1.05"))] * 3, "EUR") == [TaxSum(VAT7, D("3.15"), D("0.22"))]


def test_of_a_gross_price_the_tax_is_taken_out() -> None:
    found = totals([(VAT19, D("100.00"))], "EUR", inclusive=True)

    assert (found.net, found.tax, found.total) == (D("84.03"), D("15.97"), D("100.00"))
    assert found.sums == (TaxSum(VAT19, D("84.03"), D("15.97")),)


@pytest.mark.parametrize(("compound", "second"), [(True, "10.47"), (False, "9.98")])
def test_a_second_tax_is_charged_on_the_first_one_only_when_compound(compound, second) -> None:
    found = totals([(two(compound=compound), D("100.00"))], "CAD")

    assert {each.tax.name: each.amount for each in found.sums} == {
        "GST": D("5.00"),
        "QST": D(second),
    }
    assert found.total == D(105) + D(second)


def test_the_base_of_a_compound_tax_has_the_first_tax_in_it() -> None:
    sums = tax_sums([(two(compound=True), D("100.00"))], "CAD")

    assert {each.tax.name: each.net for each in sums} == {"GST": D("100.00"), "QST": D("105.00")}


@pytest.mark.parametrize(("compound", "total"), [(True, "115.47"), (False, "114.98")])
def test_two_levels_come_out_of_a_gross_price_as_they_went_in(compound, total) -> None:
    found = totals([(two(compound=compound), D(total))], "CAD", inclusive=True)

    assert found.net == D("100.00")
    assert found.total == D(total)


def test_a_line_with_both_taxes_and_one_with_the_first_alone_share_its_sum() -> None:
    lines = [(two(compound=False), D("10.10")), (Tax("GST", D(5)), D("10.10"))]

    assert TaxSum(Tax("GST", D(5)), D("20.20"), D("1.01")) in tax_sums(lines, "CAD")


def test_a_discount_line_lowers_what_is_taxed() -> None:
    found = totals([(VAT19, D("18.00")), (VAT19, D("-6.00")), (NO_TAX, D("2.00"))], "EUR")

    assert (found.net, found.tax, found.total) == (D("14.00"), D("2.28"), D("16.28"))


@pytest.mark.parametrize(
    ("currency", "tax"), [("JPY", "190"), ("KWD", "190.019"), ("EUR", "190.02")]
)
def test_tax_rounds_to_the_currencys_own_smallest_coin(currency, tax) -> None:
    assert totals([(VAT19, D("1000.10"))], currency).tax == D(tax)


amounts = st.decimals(min_value="-1000", max_value="100000", places=2)


@given(
    st.lists(st.tuples(st.sampled_from([VAT19, VAT7, NO_TAX, two(compound=True)]), amounts)),
    st.booleans(),
)
def test_every_document_foots(lines, inclusive) -> None:
    found = totals(lines, "EUR", inclusive=inclusive)

    assert found.total == found.net + sum(each.amount for each in found.sums)
    side = found.total if inclusive else found.net
    assert side == sum((amount for _tax, amount in lines), D(0))
