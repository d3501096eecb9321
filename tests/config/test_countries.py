from __future__ import annotations

from django.utils import translation

from config import countries


def test_countries_are_named_in_the_readers_language_and_sorted_by_it():
    with translation.override("de"):
        found = dict(countries.choices())
        assert found["DE"] == "Deutschland"
        assert countries.name_of("AT") == "Österreich"
    assert countries.name_of("AT") == "Austria"


def test_a_code_that_no_country_has_stands_for_itself():
    assert countries.name_of("QQ") == "QQ"
    assert countries.name_of("") == ""


def test_the_choice_of_none_comes_first_and_is_refused_where_one_is_needed():
    field = countries.CountryField(empty="Every country", required=False)
    assert next(iter(field.choices)) == ("", "Every country")
    assert field.clean("") == ""
    assert field.clean("NL") == "NL"
