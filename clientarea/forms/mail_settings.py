"""One form a page of settings. It carries what was seen when it was made, sealed, so that only what
a person changed is written, and so that typed text outlives a platform that falls silent.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from crispy_forms.layout import Fieldset, Layout
from django import forms
from django.core import signing
from django.http import QueryDict

from clientarea.forms.base import PanelForm
from clientarea.forms.declared import Declared
from config.language import told as translated
from provisioning.contract import SettingsPage, SettingsSeen

PREFIX = "set"
SEEN = "seen"


class SettingsForm(PanelForm):
    """`place` names whose settings these are: what was seen of others does not fit here."""

    seen = forms.CharField(widget=forms.HiddenInput, required=False)

    def __init__(
        self,
        data: QueryDict | None = None,
        *,
        page: SettingsPage,
        seen: SettingsSeen,
        place: str,
        locked: bool = False,
    ) -> None:
        super().__init__(data)
        here = [item for item in page.fields.fields if item.code in seen.values]
        self.declared = Declared(
            PREFIX, here, seen.values, live=lambda code: seen.choices.get(code, ())
        )
        self.platform_fields = self.declared.names()
        self.fields.update(self.declared.fields())
        self.fields[SEEN].initial = _sealed(page, seen, place)
        for name in self.platform_fields.values():
            self.fields[name].disabled = locked
        self.helper.layout = Layout(*self._parts())
        self.helper.render_hidden_fields = True

    def changes(self) -> dict[str, Any]:
        """Typed values, by code, of what differs from what was seen."""
        values, changed = self.declared.values(self.cleaned_data), set(self.changed_data)
        return {
            code: values[code] for code, name in self.platform_fields.items() if name in changed
        }

    def _parts(self) -> Iterator[Any]:
        """Fields that a module puts into a section stand together under its name."""
        sections: dict[str, list[str]] = {}
        for item in self.declared.fieldset.fields:
            sections.setdefault(translated(item.section), []).append(
                self.platform_fields[item.code]
            )
        for title, names in sections.items():
            yield from [Fieldset(title, *names)] if title else names


def seen_before(data: QueryDict, page: SettingsPage, place: str) -> SettingsSeen | None:
    """What the form showed; None when it does not say, or says it of something else."""
    try:
        told = signing.loads(data.get(SEEN, ""), salt=_salt(page, place))
    except signing.BadSignature:
        return None
    values = {code: page.fields[code].load(value) for code, value in told["values"].items()}
    choices = {code: tuple((a, b) for a, b in rows) for code, rows in told["choices"].items()}
    return SettingsSeen(values=values, choices=choices, notices=tuple(told["notices"]))


def _sealed(page: SettingsPage, seen: SettingsSeen, place: str) -> str:
    told = {
        "values": {code: page.fields[code].dump(value) for code, value in seen.values.items()},
        "choices": {
            code: [(value, str(words)) for value, words in rows]
            for code, rows in seen.choices.items()
        },
        "notices": [translated(str(notice)) for notice in seen.notices],
    }
    return signing.dumps(told, salt=_salt(page, place), compress=True)


def _salt(page: SettingsPage, place: str) -> str:
    return f"clientarea.settings:{page.code}:{place}"
