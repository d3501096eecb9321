"""One form a mailbox, with the fields that its platform declares and no others."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from clientarea.forms.base import PanelForm
from clientarea.forms.declared import Declared
from clientarea.forms.passwords import password_field, refuse_weak
from clientarea.forms.texts import AddressesField, LocalPartField, OwnAddressesField
from clientarea.platform import Platform
from provisioning.contract import Capability, MailboxChange

MB = 1024 * 1024
LARGEST_QUOTA_MB = 1_048_576


class MailboxForm(PanelForm):
    """What creating and editing have in common. `change()` holds what was typed.

    `initial` has the names of the fields; quotas are in MB here and in bytes in the contract.
    """

    platform_fields: Mapping[str, str] = {
        "address": "local_part",
        "quota_bytes": "quota_mb",
        "quota": "quota_mb",
    }
    display_name = forms.CharField(label=_("Display name"), max_length=100, required=False)

    def __init__(self, *args: Any, platform: Platform, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.platform = platform
        extra = platform.module.mailbox_fields if platform.module else ()
        self.extra = Declared("extra", extra, self.initial.get("extra", {}))
        self.platform_fields = {**self.extra.names(), **self.platform_fields}
        self.fields.update(dict(self._declared()))

    def _declared(self) -> Iterator[tuple[str, forms.Field]]:
        has = self.platform.has
        if has(Capability.MAILBOX_QUOTA):
            yield "quota_mb", quota_field(self.platform, self.initial.get("quota_mb"))
        if self.platform.offered_features:
            yield "features", features_field(self.platform)
        if has(Capability.ALIASES):
            yield "aliases", OwnAddressesField(domain=self.platform.service.domain)
        if has(Capability.FORWARDS):
            yield "forward_to", AddressesField(label=_("Forward to"), required=False, rows=3)
            yield (
                "forward_keeps_copy",
                forms.BooleanField(label=_("Keep a copy in this mailbox"), required=False),
            )
        yield from self.extra.fields().items()

    def change(self) -> MailboxChange:
        typed = self.cleaned_data
        return MailboxChange(
            password=typed.get("password"),
            display_name=typed["display_name"],
            quota_bytes=_bytes(typed.get("quota_mb")),
            enabled=typed.get("enabled"),
            features=self._features(),
            aliases=typed.get("aliases"),
            forward_to=typed.get("forward_to"),
            forward_keeps_copy=typed.get("forward_keeps_copy"),
            extra=self.extra.values(typed),
        )

    def _features(self) -> frozenset[str] | None:
        """None where nothing is offered; what is not offered keeps the state it has."""
        if "features" not in self.fields:
            return None
        offered = {feature.code for feature in self.platform.offered_features}
        kept = frozenset(self.initial.get("all_features", ())) - offered
        return kept | frozenset(self.cleaned_data["features"])


class NewMailboxForm(MailboxForm):
    field_order = ("local_part", "display_name", "password")

    def __init__(self, *args: Any, platform: Platform, **kwargs: Any) -> None:
        super().__init__(*args, platform=platform, **kwargs)
        self.fields["local_part"] = LocalPartField(
            label=_("Address"), domain=platform.service.domain
        )
        self.fields["password"] = password_field(platform, label=str(_("Password")))
        self.order_fields(self.field_order)

    @property
    def address(self) -> str:
        return f"{self.cleaned_data['local_part']}@{self.platform.service.domain}"

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if "password" in cleaned:
            address = f"{cleaned.get('local_part', '')}@{self.platform.service.domain}"
            try:
                refuse_weak(self.platform, address, cleaned["password"])
            except forms.ValidationError as error:
                self.add_error("password", error)
        return cleaned


class EditMailboxForm(MailboxForm):
    enabled = forms.BooleanField(
        label=_("Active"),
        required=False,
        help_text=_("Nobody can sign in to a mailbox that is not active. Its mail is kept."),
    )

    def change(self) -> MailboxChange:
        """Without what stayed as it was, so that it costs no request and overwrites nothing."""
        full, changed = super().change(), set(self.changed_data)
        forwards = not changed.isdisjoint({"forward_to", "forward_keeps_copy"})
        return replace(
            full,
            quota_bytes=full.quota_bytes if "quota_mb" in changed else None,
            aliases=full.aliases if "aliases" in changed else None,
            forward_to=full.forward_to if forwards else None,
            forward_keeps_copy=full.forward_keeps_copy if forwards else None,
            extra=full.extra if self.extra.among(changed) else {},
        )


def quota_field(platform: Platform, present: int | None) -> forms.Field:
    """In MB. `present` is what a mailbox has already, None for a new one."""
    steps = platform.quota_steps
    return _steps_field(steps, present) if steps else _size_field(platform, present)


def _size_field(platform: Platform, present: int | None) -> forms.Field:
    limit = platform.limits.max_quota_bytes
    usual = _("Blank: the usual size.") if present is None else _("Blank: as it is.")
    rule = _("0 is unlimited.") if limit is None else _("At most %d MB.") % (limit // MB)
    return forms.IntegerField(
        label=_("Size limit in MB"),
        min_value=0 if limit is None else 1,
        # Whatever a mailbox has may stay.
        max_value=LARGEST_QUOTA_MB if limit is None else max(limit // MB, present or 0),
        required=False,
        help_text=f"{rule} {usual}",
    )


def _steps_field(steps: tuple[int, ...], present: int | None) -> forms.Field:
    sizes = sorted({*(step // MB for step in steps), *([present] if present else ())})
    listed = [(str(size), _size_label(size)) for size in sizes]
    usual = [("", str(_("The usual size")))] if present is None else []
    return forms.TypedChoiceField(
        label=_("Size"), choices=[*usual, *listed], coerce=int, empty_value=None, required=False
    )


def _size_label(megabytes: int) -> str:
    return f"{megabytes} MB" if megabytes % 1024 else f"{megabytes // 1024} GB"


def features_field(platform: Platform) -> forms.MultipleChoiceField:
    choices = [(feature.code, feature.label) for feature in platform.offered_features]
    helps = [str(feature.help) for feature in platform.offered_features if feature.help]
    return forms.MultipleChoiceField(
        label=_("Synchronisation"),
        choices=choices,
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=" ".join(helps),
    )


def _bytes(megabytes: int | None) -> int | None:
    return None if megabytes is None else megabytes * MB
