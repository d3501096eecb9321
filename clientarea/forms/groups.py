from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from clientarea.forms.base import PanelForm

MOST_SHOWN = 12


class GroupForm(PanelForm):
    """The platform says which names will do."""

    platform_fields: Mapping[str, str] = {"address": "name"}
    name = forms.CharField(
        label=_("Name"),
        max_length=60,
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )


class MoveForm(PanelForm):
    platform_fields: Mapping[str, str] = {"address": "mailboxes"}
    mailboxes = forms.MultipleChoiceField(
        label=_("Mailboxes"),
        help_text=_("Hold Ctrl or ⌘ to choose several."),
    )

    def __init__(self, *args: Any, addresses: Iterable[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        listed = [(address, address) for address in addresses]
        field = self.fields["mailboxes"]
        assert isinstance(field, forms.MultipleChoiceField)
        field.choices = listed
        field.widget.attrs["size"] = max(2, min(MOST_SHOWN, len(listed)))
