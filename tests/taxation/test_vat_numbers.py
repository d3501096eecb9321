from __future__ import annotations

import pytest

from billing.taxation.vat_numbers import clean, problem


@pytest.mark.parametrize(
    ("number", "country", "found"),
    [
        ("DE136695976", "DE", "DE136695976"),
        ("de 136 695 976", "DE", "DE136695976"),
        ("136695976", "DE", "DE136695976"),
        ("EL094259216", "GR", "EL094259216"),
        ("094259216", "GR", "EL094259216"),
        ("DE136695975", "DE", ""),
        ("FR40303265045", "DE", ""),
        ("GB980780684", "GB", ""),
        ("", "DE", ""),
        ("'; drop table", "DE", ""),
    ],
)
def test_a_number_is_brought_into_one_form_or_refused(number, country, found) -> None:
    assert clean(number, country) == found


@pytest.mark.parametrize(
    ("number", "country", "words"),
    [
        ("DE136695975", "DE", "mistyped"),
        ("FR40303265045", "DE", "begins with DE"),
        ("ABC", "FR", "begins with FR"),
    ],
)
def test_a_typing_error_is_told_in_words(number, country, words) -> None:
    assert words in problem(number, country)


@pytest.mark.parametrize(
    ("number", "country"), [("", "DE"), ("anything", "US"), ("DE136695976", "DE")]
)
def test_nothing_is_said_against_what_cannot_be_judged_or_is_right(number, country) -> None:
    assert problem(number, country) == ""
