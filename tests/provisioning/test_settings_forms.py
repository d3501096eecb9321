"""Forms made from what a module declares, and what is stored of what was typed."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import pytest
from django import forms

from provisioning.contract import Field, FieldSet, Kind, TemporaryError
from provisioning.declared import offers
from provisioning.declared.settings_forms import fields_for, stored_from
from provisioning.registry import module_class
from tests.factories import OptionFactory, ProductFactory
from tests.support.fake_module import FakeModule


def odd(value: Any) -> str | None:
    return "Must be even." if value % 2 else None


FIELDS = FieldSet(
    (
        Field(code="size", label="Size", kind=Kind.INTEGER, default=10, minimum=2, validate=odd),
        Field(code="price", label="Price", kind=Kind.PRICE, default={"EUR": Decimal("2.00")}),
        Field(code="rate", label="Rate", kind=Kind.DECIMAL, default=Decimal("1.5")),
        Field(code="keep", label="Keep", kind=Kind.BOOLEAN, default=True),
        Field(code="key", label="Key", kind=Kind.SECRET, required=True),
        Field(code="plan", label="Plan", live_choices=True, default="basic"),
        Field(
            code="policy", label="Policy", kind=Kind.CHOICE, default="none",
            choices=(("none", "None"), ("reject", "Reject")),
        ),
    )
)  # fmt: skip


def form(data: dict[str, Any], stored: dict[str, Any] | None = None, live: Any = None) -> Any:
    fields = fields_for(FIELDS, stored or {}, prefix="m", currencies=("EUR", "USD"), live=live)
    return type("SettingsForm", (forms.Form,), dict(fields))(data)


TYPED = {
    "m-size": "20",
    "m-price-EUR": "2.50",
    "m-price-USD": "",
    "m-rate": "3.25",
    "m-key": "Planted-Api-Key",
    "m-plan": "gold",
    "m-policy": "reject",
}


def test_what_was_typed_is_stored_and_loads_typed() -> None:
    bound = form(TYPED)
    assert bound.is_valid(), bound.errors

    stored = stored_from(FIELDS, bound.cleaned_data, "m")

    loaded = FIELDS.load(stored)
    assert loaded["size"] == 20
    assert loaded["price"] == {"EUR": Decimal("2.50"), "USD": Decimal(0)}
    assert (loaded["rate"], loaded["keep"], loaded["policy"]) == (Decimal("3.25"), False, "reject")


def test_a_secret_rests_sealed_is_never_shown_and_stays_when_left_empty() -> None:
    first = form(TYPED)
    first.full_clean()
    stored = stored_from(FIELDS, first.cleaned_data, "m")
    bound = form(TYPED | {"m-key": ""}, stored=stored)
    assert bound.is_valid(), bound.errors

    again = stored_from(FIELDS, bound.cleaned_data, "m", stored)

    assert "Planted" not in str(stored) + str(form({}, stored=stored))
    assert again["key"].open() == "Planted-Api-Key"


def test_a_price_in_a_currency_the_form_does_not_show_is_kept() -> None:
    old = {"price": {"EUR": "1.00", "GBP": "3.00"}}
    bound = form(TYPED)
    bound.is_valid()

    stored = stored_from(FIELDS, bound.cleaned_data, "m", old)

    assert stored["price"] == {"EUR": "2.50", "GBP": "3.00", "USD": "0"}


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("m-size", "1"),
        ("m-size", "21"),
        ("m-size", "many"),
        ("m-price-EUR", "-1"),
        ("m-price-EUR", "1.23456"),
        ("m-key", ""),
        ("m-policy", "sometimes"),
    ],
)
def test_an_error_stands_beside_its_field(name: str, value: str) -> None:
    bound = form(TYPED | {name: value})

    assert not bound.is_valid()
    assert list(bound.errors) == [name]
    assert bound.data[name] == value


def test_live_choices_keep_a_value_the_server_does_not_list() -> None:
    def live(_code: str) -> Sequence[tuple[str, str]]:
        return [("basic", "Basic")]

    field = form({}, stored={"plan": "retired"}, live=live).fields["m-plan"]

    assert [value for value, _label in field.choices] == ["basic", "retired"]


def test_without_an_answer_from_the_server_the_value_is_typed() -> None:
    def live(_code: str) -> Sequence[tuple[str, str]]:
        raise TemporaryError("no answer")

    field = form({}, live=live).fields["m-plan"]

    assert type(field) is forms.CharField
    assert "does not answer" in field.help_text
    assert field.initial == "basic"


def test_every_field_of_every_module_makes_a_form() -> None:
    fields = module_class("smartermail").product_fields
    made = fields_for(fields, {}, prefix="m", currencies=("EUR",))
    assert len(made) == len(fields.fields)

    bound = type("SettingsForm", (forms.Form,), dict(made))(
        {name: field.initial for name, field in made.items()}
    )

    assert bound.is_valid(), bound.errors
    stored = stored_from(fields, bound.cleaned_data, "m")
    assert set(fields.load(stored)) == {item.code for item in fields.fields}


class Demanding(FakeModule):
    required_options = ("seats",)
    product_fields = FieldSet((Field(code="path", label="Path", required=True),))


@pytest.mark.django_db
def test_what_a_product_lacks_is_named_by_field() -> None:
    first, second = OptionFactory(code="region"), OptionFactory(code="region")

    found = offers.problems(ProductFactory(), [first.group, second.group], Demanding, {})

    assert list(found) == ["option_groups", "path"]
    assert "more than one" in found["option_groups"][0]
    assert '"seats"' in found["option_groups"][1]


@pytest.mark.django_db
def test_a_product_that_has_all_it_needs_has_no_problems() -> None:
    seats = OptionFactory(code="seats")

    assert offers.problems(ProductFactory(), [seats.group], Demanding, {"path": "/x"}) == {}
    assert offers.problems(ProductFactory(module=""), [seats.group], None, {}) == {}
