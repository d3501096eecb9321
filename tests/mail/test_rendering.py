"""Texts: names are replaced and nothing else happens."""

from __future__ import annotations

import pytest
from django.core.exceptions import ValidationError

from billing.mail.rendering import builtin, check, fill, render, source
from billing.mail.texts import TEXTS
from billing.models import MailTemplate

EVIL = (
    "{% load static %}", "{{ customer.password }}", "{{ settings.SECRET_KEY }}", "{{ 7*7 }}",
    "{{ customer|safe }}", "{{ __class__ }}", "{{ unknown }}", "{{", "{% include 'x' %}",
    "{{ customer }} }}",
)  # fmt: skip


@pytest.mark.parametrize("code", TEXTS)
def test_every_built_in_text_uses_only_the_names_it_declares(code: str) -> None:
    check(code, *builtin(code, "en"))


@pytest.mark.parametrize("code", TEXTS)
def test_every_built_in_text_leaves_no_name_open(code: str) -> None:
    found = fill(*builtin(code, "en"), TEXTS[code].placeholders)

    assert "{{" not in found.subject + found.body
    assert found.subject


@pytest.mark.parametrize("text", EVIL)
def test_code_and_unknown_names_are_refused(text: str) -> None:
    with pytest.raises(ValidationError) as caught:
        check("payment_received", "Thank you", f"Dear {{{{ name }}}}, {text}")

    assert list(caught.value.message_dict) == ["body"]


@pytest.mark.parametrize("text", EVIL)
def test_what_got_into_the_table_all_the_same_is_text_and_not_run(text: str) -> None:
    found = fill("Hello", text, {"customer": "Acme"})

    assert "49" not in found.body
    assert "SECRET" not in found.body or "settings.SECRET_KEY" in found.body


def test_a_value_that_looks_like_a_name_stays_as_it_is() -> None:
    assert fill("{{ a }}", "{{ a }}", {"a": "{{ b }}", "b": "secret"}).body == "{{ b }}"


def test_a_subject_is_one_line_of_bounded_length() -> None:
    subject = fill("{{ a }}", "", {"a": "x\r\ny" + "z" * 500}).subject

    assert subject.startswith("x y")
    assert len(subject) == 200


@pytest.mark.django_db
def test_staffs_own_text_comes_first_and_only_in_its_language() -> None:
    MailTemplate.objects.create(
        code="payment_received", language="de", subject="Danke", body="{{ amount }} ist da."
    )

    assert source("payment_received", "de-at") == ("Danke", "{{ amount }} ist da.")
    assert source("payment_received", "en") == builtin("payment_received", "en")


@pytest.mark.django_db
def test_a_value_that_is_missing_is_an_error_and_not_a_gap() -> None:
    with pytest.raises(KeyError):
        render("payment_received", "en", {"name": "Ada"})
