"""How things look in the admin site: badges, ages, and the theme's classes on plain forms."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django import forms
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.timezone import localtime
from unfold import widgets

from config import clock

# Up to so many seconds, in units of so many, called so.
SPANS = ((60, 1, "second"), (3600, 60, "minute"), (86_400, 3600, "hour"))
TONES = {
    "received": "good", "succeeded": "good", "reversed": "bad", "action": "warn", "started": "info",
    "open": "info", "void": "plain", "written_off": "bad",
    "active": "good", "up": "good", "done": "good", "good": "good", "paid": "good",
    "issued": "good", "suspended": "warn", "waiting": "warn", "parked": "warn", "draft": "warn",
    "attention": "bad", "down": "bad", "misconfigured": "bad", "failed": "bad",
    "interrupted": "bad", "stopped": "bad", "missing": "warn", "queued": "info",
    "running": "info", "pending": "info",
}  # fmt: skip
INPUT, SELECT, AREA, BOX = (
    " ".join(classes)
    for classes in (
        widgets.INPUT_CLASSES,
        widgets.SELECT_CLASSES,
        widgets.TEXTAREA_CLASSES,
        widgets.CHECKBOX_CLASSES,
    )
)
RADIO = " ".join(widgets.RADIO_CLASSES)
TEMPLATES: tuple[tuple[type[forms.Widget], str], ...] = (
    (forms.CheckboxSelectMultiple, "unfold/widgets/radio.html"),
    (forms.RadioSelect, "unfold/widgets/radio.html"),
    (forms.SelectMultiple, ""),
    (forms.Select, "unfold/widgets/select.html"),
)
CLASSES: tuple[tuple[type[forms.Widget], str], ...] = (
    (forms.CheckboxSelectMultiple, BOX),
    (forms.RadioSelect, RADIO),
    (forms.CheckboxInput, BOX),
    (forms.Select, SELECT),
    (forms.Textarea, AREA),
    (forms.widgets.Input, INPUT),
)


def badge(text: object, tone: str = "") -> SafeString:
    return format_html('<span class="bo-badge bo-{}">{}</span>', tone or "plain", text)


def state_badge(row: Any, field: str) -> SafeString:
    """A choices field of a row, coloured by its value."""
    label = getattr(row, f"get_{field}_display")()
    return badge(label, TONES.get(getattr(row, field), "plain"))


def ago(moment: datetime | None) -> SafeString | str:
    """How long before the panel's clock, with the exact time at hand."""
    if moment is None:
        return "never"
    exact = date_format(localtime(moment), "DATETIME_FORMAT")
    return format_html(
        '<time datetime="{}" title="{}">{}</time>', moment.isoformat(), exact, _since(moment)
    )


def _since(moment: datetime) -> str:
    seconds = int((clock.now() - moment).total_seconds())
    if seconds < -59:
        return f"in {_span(-seconds)}"
    return "just now" if seconds < 60 else f"{_span(seconds)} ago"


def _span(seconds: int) -> str:
    for limit, size, noun in SPANS:
        if seconds < limit:
            number = seconds // size
            return f"{number} {noun}{'' if number == 1 else 's'}"
    days = seconds // 86_400
    return f"{days:,} day{'' if days == 1 else 's'}"


def checkboxes() -> forms.Widget:
    """For a choice of several."""
    return widgets.UnfoldAdminCheckboxSelectMultipleWidget()


def file_input() -> forms.Widget:
    """With the name of the chosen file beside it, which the theme's script writes there."""
    return widgets.UnfoldAdminFileFieldWidget()


def dressed(form: forms.BaseForm) -> None:
    """Give plain inputs the theme's classes."""
    for field in form.fields.values():
        dress(field)


def dress(field: forms.Field) -> forms.Field:
    widget = field.widget
    if getattr(widget, "input_type", "") == "hidden":
        return field
    for kind, classes in CLASSES:
        if isinstance(widget, kind):
            present = widget.attrs.get("class", "")
            widget.attrs["class"] = f"{present} {classes}".strip()
            break
    template = next((path for kind, path in TEMPLATES if isinstance(widget, kind)), "")
    widget.template_name = template or widget.template_name
    return field


class PlainForm(forms.Form):
    """A form outside Django's own admin forms, in the theme's clothes."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        dressed(self)
