"""Inputs of the kinds that Django has none for: long texts, moments, and lines."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext as _

from provisioning.contract import Field
from provisioning.contract.checks import problem


class LongTextField(forms.CharField):
    """Cleans to lines that end in a bare newline, as they are counted and stored."""

    def __init__(self, *, rows: int = 6, **kwargs: Any) -> None:
        super().__init__(widget=forms.Textarea(attrs={"rows": rows}), **kwargs)

    def to_python(self, value: Any) -> str:
        plain = str(value or "").replace("\r\n", "\n").replace("\r", "\n")
        return str(super().to_python(plain))

    def has_changed(self, initial: Any, data: Any) -> bool:
        return self.to_python(initial) != self.to_python(data)


class MomentField(forms.DateTimeField):
    """Typed in the zone of whoever types, to the minute; cleans to UTC."""

    def __init__(self, **kwargs: Any) -> None:
        attrs = {"type": "datetime-local"}
        widget = forms.DateTimeInput(attrs=attrs, format="%Y-%m-%dT%H:%M")
        super().__init__(widget=widget, **kwargs)

    def to_python(self, value: Any) -> Any:
        found = super().to_python(value)
        return found.astimezone(UTC) if found else None

    def has_changed(self, initial: Any, data: Any) -> bool:
        try:
            return _minute(initial) != _minute(self.to_python(data))
        except ValidationError:
            return True


class LinesField(forms.CharField):
    """One entry a line, each once; cleans to a tuple."""

    def __init__(self, *, item: Field, rows: int = 5, **kwargs: Any) -> None:
        attrs = {"rows": rows, "spellcheck": "false", "autocapitalize": "none", "class": "mono"}
        super().__init__(widget=forms.Textarea(attrs=attrs), **kwargs)
        self.item = item

    def prepare_value(self, value: Any) -> Any:
        return "\n".join(value) if isinstance(value, list | tuple) else value

    def to_python(self, value: Any) -> Any:
        text = str(self.prepare_value(value) or "")
        return tuple(dict.fromkeys(line.strip() for line in text.splitlines() if line.strip()))

    def has_changed(self, initial: Any, data: Any) -> bool:
        return bool(self.to_python(initial) != self.to_python(data))

    def validate(self, value: Any) -> None:
        wrong = problem(self.item, value)
        if wrong:
            raise ValidationError(wrong)

    def run_validators(self, value: Any) -> None:
        """They are for texts; `validate` has looked at each line."""


def _minute(moment: datetime | None) -> datetime | None:
    return moment.astimezone(UTC).replace(second=0, microsecond=0) if moment else None


def zone_note() -> str:
    return _("Time zone: %(zone)s.") % {"zone": timezone.get_current_timezone_name()}
