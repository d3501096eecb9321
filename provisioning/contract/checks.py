"""What a typed value must keep to before any platform sees it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from provisioning.contract.fields import Field, Kind

_SPACES = "\n\t"


def problem(item: Field, value: Any) -> str | None:
    """A sentence on what is wrong with a typed value of this field, or None.

    Kinds that only staff fill in are judged by the panel's own forms.
    """
    if value in (None, "", ()):
        return _("This is needed.") if item.required else None
    found = _CHECKS[item.kind](item, value) if item.kind in _CHECKS else None
    return found or (item.validate(value) if item.validate else None)


def _text(item: Field, value: Any) -> str | None:
    return _line(item, value) if isinstance(value, str) else _("Type a text.")


def _long_text(item: Field, value: Any) -> str | None:
    if not isinstance(value, str):
        return _("Type a text.")
    return _line(item, value.translate(dict.fromkeys(map(ord, _SPACES), " ")))


def _line(item: Field, value: str) -> str | None:
    if len(value) > item.max_length:
        return _("Use at most %(number)s characters.") % {"number": item.max_length}
    if any(ord(letter) < ord(" ") or letter == "\x7f" for letter in value):
        return _("This holds a character that cannot be used.")
    return None


def _integer(item: Field, value: Any) -> str | None:
    if not isinstance(value, int) or isinstance(value, bool):
        return _("Type a whole number.")
    if item.minimum is not None and value < item.minimum:
        return _("The least is %(minimum)s.") % {"minimum": item.minimum}
    if item.maximum is not None and value > item.maximum:
        return _("The most is %(maximum)s.") % {"maximum": item.maximum}
    return None


def _boolean(item: Field, value: Any) -> str | None:
    return None if isinstance(value, bool) else _("Say yes or no.")


def _choice(item: Field, value: Any) -> str | None:
    """Choices read from the server are the module's to judge."""
    known = item.live_choices or value in dict(item.choices)
    return None if known else _("This is none of the choices.")


def _moment(item: Field, value: Any) -> str | None:
    aware = isinstance(value, datetime) and value.tzinfo is not None
    return None if aware else _("Type a date and a time.")


def _lines(item: Field, value: Any) -> str | None:
    if not isinstance(value, tuple) or not all(isinstance(line, str) for line in value):
        return _("Type one entry a line.")
    if item.maximum is not None and len(value) > item.maximum:
        return _("At most %(number)s lines.") % {"number": item.maximum}
    return next((found for line in value if (found := _line(item, line))), None)


_CHECKS: Mapping[Kind, Callable[[Field, Any], str | None]] = {
    Kind.TEXT: _text,
    Kind.LONG_TEXT: _long_text,
    Kind.INTEGER: _integer,
    Kind.BOOLEAN: _boolean,
    Kind.CHOICE: _choice,
    Kind.MOMENT: _moment,
    Kind.LINES: _lines,
}
