"""Long texts, moments and lines: typed, judged, stored and shown again."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django import forms
from django.utils import timezone

from provisioning.contract import Field, FieldSet, Kind
from provisioning.contract.checks import problem
from provisioning.contract.mail_settings import alike
from provisioning.declared.settings_forms import fields_for, stored_from

NOON = datetime(2026, 8, 1, 12, 0, 30, tzinfo=UTC)


def even(lines: tuple[str, ...]) -> str | None:
    return "One is missing." if len(lines) % 2 else None


FIELDS = FieldSet(
    (
        Field(code="body", label="Body", kind=Kind.LONG_TEXT, default="", max_length=12),
        Field(code="from", label="From", kind=Kind.MOMENT),
        Field(
            code="names", label="Names", kind=Kind.LINES, default=(), max_length=5, maximum=4,
            validate=even,
        ),
    )
)  # fmt: skip
VALUES = {"body": "One\nTwo", "from": NOON, "names": ("ann", "bob")}


def form(data: dict[str, Any] | None = None, values: dict[str, Any] = VALUES) -> Any:
    fields = fields_for(FIELDS, FIELDS.dump(values), prefix="m", currencies=())
    return type("SettingsForm", (forms.Form,), dict(fields))(data)


def typed(**changes: str) -> dict[str, str]:
    data = {"m-body": "One\r\nTwo", "m-from": "2026-08-01T14:00", "m-names": "ann\r\nbob\r\n"}
    return {**data, **{f"m-{name}": value for name, value in changes.items()}}


@pytest.fixture(autouse=True)
def _zone():
    with timezone.override(ZoneInfo("Europe/Berlin")):
        yield


def test_what_is_stored_is_json_and_loads_typed() -> None:
    stored = FIELDS.dump(VALUES)
    assert stored == {
        "body": "One\nTwo",
        "from": "2026-08-01T12:00:30+00:00",
        "names": ["ann", "bob"],
    }
    assert FIELDS.load(stored) == VALUES
    assert FIELDS.load({}) == {"body": "", "from": None, "names": ()}


def test_a_form_sent_as_it_stands_has_changed_nothing() -> None:
    bound = form(typed())
    assert bound.is_valid(), bound.errors
    assert bound.changed_data == []


def test_a_moment_is_shown_and_typed_in_the_zone_of_the_reader() -> None:
    shown = str(form()["m-from"])
    assert 'type="datetime-local"' in shown
    assert 'value="2026-08-01T14:00"' in shown
    bound = form(typed(**{"from": "2026-12-01T09:30"}))
    assert bound.is_valid()
    assert bound.changed_data == ["m-from"]
    assert bound.cleaned_data["m-from"] == datetime(2026, 12, 1, 8, 30, tzinfo=UTC)
    assert "Europe/Berlin" in bound.fields["m-from"].help_text


def test_a_moment_may_be_taken_away() -> None:
    bound = form(typed(**{"from": ""}))
    assert bound.is_valid()
    assert bound.changed_data == ["m-from"]
    assert FIELDS.load(stored_from(FIELDS, bound.cleaned_data, "m"))["from"] is None


def test_lines_are_told_once_each_without_blanks() -> None:
    bound = form(typed(names=" eve \n\nann\nann\n"))
    assert bound.is_valid(), bound.errors
    assert bound.cleaned_data["m-names"] == ("eve", "ann")
    assert "ann\nbob" in str(form()["m-names"])


WRONG = {
    "a text too long": ({"body": "x" * 13}, "m-body"),
    "no moment": ({"from": "tomorrow"}, "m-from"),
    "a time the clocks skip": ({"from": "2026-03-29T02:30"}, "m-from"),
    "a line too long": ({"names": "ann\nrobert"}, "m-names"),
    "too many lines": ({"names": "a\nb\nc\nd\ne\nf"}, "m-names"),
    "lines the module will not have": ({"names": "ann"}, "m-names"),
    "a line with a control character": ({"names": "ann\nb\x07b"}, "m-names"),
}


@pytest.mark.parametrize("what", WRONG)
def test_what_is_wrong_is_said_beside_the_field(what: str) -> None:
    changes, field = WRONG[what]
    assert list(form(typed(**changes)).errors) == [field]


JUDGED = [
    (Kind.TEXT, "a\nb", True),
    (Kind.TEXT, "a b", False),
    (Kind.TEXT, 7, True),
    (Kind.LONG_TEXT, "a\n\tb", False),
    (Kind.LONG_TEXT, "a\x00b", True),
    (Kind.LONG_TEXT, ("a",), True),
    (Kind.INTEGER, True, True),
    (Kind.INTEGER, 7, False),
    (Kind.INTEGER, 1, True),
    (Kind.INTEGER, 10, True),
    (Kind.BOOLEAN, "on", True),
    (Kind.BOOLEAN, False, False),
    (Kind.CHOICE, "a", False),
    (Kind.CHOICE, "z", True),
    (Kind.MOMENT, NOON, False),
    (Kind.MOMENT, NOON.replace(tzinfo=None), True),
    (Kind.LINES, ["a"], True),
    (Kind.LINES, ("a", 1), True),
    (Kind.LINES, ("a",), False),
]


@pytest.mark.parametrize(("kind", "value", "wrong"), JUDGED)
def test_a_typed_value_is_judged_without_a_form(kind: Kind, value: Any, wrong: bool) -> None:
    item = Field(
        code="x", label="X", kind=kind, minimum=2, maximum=9, choices=(("a", "A"), ("b", "B"))
    )
    assert bool(problem(item, value)) == wrong


def test_a_required_value_is_needed() -> None:
    item = Field(code="x", label="X", required=True)
    assert [problem(item, value) for value in ("", None)] == ["This is needed."] * 2
    assert problem(Field(code="x", label="X"), "") is None


@pytest.mark.parametrize(
    ("seen", "wanted", "same"),
    [
        ("a  b\r\n", "a b", True),
        ("a", "b", False),
        (None, "", True),
        (("B@x", "a@x"), ("a@x", "b@x"), True),
        ((), ("a@x",), False),
        (NOON.replace(microsecond=7), NOON, True),
        (None, NOON, False),
        (NOON, None, False),
        (False, True, False),
        (3, 3, True),
    ],
)
def test_values_are_alike_as_exactly_as_platforms_keep_them(seen, wanted, same: bool) -> None:
    assert alike(seen, wanted) == same
