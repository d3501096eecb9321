from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from clientarea.forms.base import PanelForm
from provisioning.dnsguide.names import ascii_host

DOMAIN = re.compile(r"(?=.{4,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z0-9-]{2,63}")


class DomainAliasForm(PanelForm):
    platform_fields: Mapping[str, str] = {"domain": "name", "address": "name"}
    name = forms.CharField(
        label=gettext_lazy("Domain"),
        max_length=253,
        widget=forms.TextInput(
            attrs={"autocapitalize": "none", "spellcheck": "false", "placeholder": "example.org"}
        ),
    )

    def __init__(self, *args: Any, domain: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.domain = domain

    def clean_name(self) -> str:
        name = ascii_host(self.cleaned_data["name"])
        if not DOMAIN.fullmatch(name):
            raise ValidationError(_("Enter a domain, such as example.org."))
        if name == ascii_host(self.domain):
            raise ValidationError(_("This is the domain of the service itself."))
        return name
