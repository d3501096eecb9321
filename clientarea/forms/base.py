from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from crispy_forms.helper import FormHelper
from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from clientarea import tokens


class PanelForm(forms.Form):
    """The page brings the <form> element, the CSRF token and the buttons; this brings the fields.

    `platform_fields` maps a field's name in the module contract to its name here.
    """

    platform_fields: Mapping[str, str] = {}
    form_token = forms.CharField(widget=forms.HiddenInput, initial=tokens.fresh, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.helper = FormHelper()
        self.helper.form_tag = False
        self.helper.disable_csrf = True
        self.helper.error_text_inline = True


class ConfirmForm(PanelForm):
    """A change that needs nothing typed, or one word typed to show that it is meant."""

    def __init__(self, *args: Any, word: str = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.word = word
        if word:
            self.fields["confirmation"] = forms.CharField(
                label=_("Type %(word)s to confirm") % {"word": word},
                widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
            )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        typed = str(cleaned.get("confirmation", "")).strip().lower()
        if self.word and "confirmation" in cleaned and typed != self.word.lower():
            self.add_error("confirmation", gettext("This is not %(word)s.") % {"word": self.word})
        return cleaned
