from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from clientarea.forms.base import PanelForm
from clientarea.forms.texts import AddressesField, LocalPartField
from clientarea.platform import Platform
from provisioning.contract import MailingList


class ListForm(PanelForm):
    """Of an existing list the address stays and the members have a page of their own."""

    platform_fields: Mapping[str, str] = {"address": "local_part"}
    description = forms.CharField(label=_("Description"), max_length=250, required=False)
    owner = forms.EmailField(
        label=_("Moderator"), required=False, help_text=_("The mailbox that looks after the list.")
    )

    def __init__(self, *args: Any, platform: Platform, address: str = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.platform, self._address = platform, address
        for detail in {"description", "owner"} - platform.list_details:
            del self.fields[detail]
        if not address:
            name = LocalPartField(label=_("Address"), domain=platform.service.domain)
            members = AddressesField(label=_("Members"), required=False, rows=8)
            self.fields = {"local_part": name, **self.fields, "members": members}

    @property
    def address(self) -> str:
        if self._address:
            return self._address
        return f"{self.cleaned_data['local_part']}@{self.platform.service.domain}"

    def mailing_list(self) -> MailingList:
        return MailingList(
            address=self.address,
            owner=self.cleaned_data.get("owner", ""),
            description=self.cleaned_data.get("description", ""),
            members=self.cleaned_data.get("members"),
        )


class MembersForm(PanelForm):
    """Add many at once, tick those to remove."""

    add = AddressesField(label=_("Add members"), required=False, rows=6)
    remove = forms.MultipleChoiceField(
        label=_("Members"), required=False, widget=forms.CheckboxSelectMultiple
    )

    def __init__(self, *args: Any, members: tuple[str, ...], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.members = members
        choices = self.fields["remove"]
        assert isinstance(choices, forms.MultipleChoiceField)
        choices.choices = [(member, member) for member in members]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if not self.errors and not cleaned.get("add") and not cleaned.get("remove"):
            self.add_error(None, _("Enter members to add, or tick members to remove."))
        return cleaned

    def ticked(self) -> list[str]:
        return list(self["remove"].value() or ())

    def new_members(self) -> tuple[str, ...]:
        known = {member.lower() for member in self.members}
        return tuple(each for each in self.cleaned_data["add"] if each.lower() not in known)
