from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from clientarea.forms.base import PanelForm
from clientarea.forms.declared import Declared
from clientarea.forms.texts import AddressesField, LocalPartField, MailboxField
from clientarea.platform import Platform
from provisioning.contract import Alias


class AliasForm(PanelForm):
    """Of an existing alias the address stays; its flags are what the module declares."""

    platform_fields: Mapping[str, str] = {"address": "local_part"}
    targets = AddressesField(
        label=_("Delivers to"),
        rows=6,
        help_text=_("One address per line, in this domain or any other."),
    )
    display_name = forms.CharField(label=_("Display name"), max_length=100, required=False)

    def __init__(self, *args: Any, platform: Platform, address: str = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.platform, self._address = platform, address
        if platform.aliases_have_one_mailbox:
            # Such an alias is nothing but a name: there is no place for another one.
            self.fields["targets"] = MailboxField(platform.service)
            del self.fields["display_name"]
        if not address:
            name = LocalPartField(label=_("Address"), domain=platform.service.domain)
            self.fields = {"local_part": name, **self.fields}
        flags = platform.module.alias_flags if platform.module else ()
        self.flags = Declared("flag", flags, self.initial.get("flags", {}))
        self.fields.update(self.flags.fields())

    def alias(self) -> Alias:
        return Alias(
            address=self.address,
            targets=self.cleaned_data["targets"],
            display_name=self.cleaned_data.get("display_name", ""),
            flags=self.flags.values(self.cleaned_data),
        )

    @property
    def address(self) -> str:
        if self._address:
            return self._address
        return f"{self.cleaned_data['local_part']}@{self.platform.service.domain}"

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if self._address or "local_part" in cleaned:
            self._refuse_loop(cleaned.get("targets", ()))
        return cleaned

    def _refuse_loop(self, targets: tuple[str, ...]) -> None:
        if self.address.lower() in {target.lower() for target in targets}:
            self.add_error("targets", _("An alias cannot deliver to itself."))
