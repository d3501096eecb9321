"""Addresses as people type and paste them."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from provisioning.models import Service

SEPARATORS = re.compile(r"[\s,;]+")
LOCAL_PART = re.compile(r"[a-z0-9][a-z0-9._-]{0,63}")
MOST_ADDRESSES = 1000
SHOWN = 5


def once(addresses: Iterable[str]) -> tuple[str, ...]:
    """In order, each address once whatever its case; the first spelling stays."""
    seen: dict[str, str] = {}
    for address in addresses:
        seen.setdefault(address.lower(), address)
    return tuple(seen.values())


class AddressesField(forms.CharField):
    """One address a line; commas and semicolons will do as well. Cleans to a tuple."""

    def __init__(self, *, rows: int = 4, **kwargs: Any) -> None:
        attrs = {"rows": rows, "spellcheck": "false", "autocapitalize": "none", "class": "mono"}
        kwargs.setdefault("help_text", gettext_lazy("One address per line."))
        super().__init__(widget=forms.Textarea(attrs=attrs), **kwargs)

    def prepare_value(self, value: Any) -> Any:
        return value if isinstance(value, str) or value is None else "\n".join(value)

    def to_python(self, value: Any) -> Any:
        text = "\n".join(value) if isinstance(value, list | tuple) else str(value or "")
        return once(self.complete(part) for part in SEPARATORS.split(text) if part)

    def complete(self, text: str) -> str:
        return text

    def has_changed(self, initial: Any, data: Any) -> bool:
        before, after = self.to_python(initial), self.to_python(data)
        return {text.lower() for text in before} != {text.lower() for text in after}

    def validate(self, value: Any) -> None:
        if self.required and not value:
            raise ValidationError(_("Enter at least one address."), code="required")
        if len(value) > MOST_ADDRESSES:
            raise ValidationError(_("At most %d addresses at a time.") % MOST_ADDRESSES)
        wrong = [address for address in value if not is_address(address)]
        if wrong:
            raise ValidationError(_not_addresses(wrong))

    def run_validators(self, value: Any) -> None:
        """They are for texts; `validate` has looked at each address."""


class OwnAddressesField(AddressesField):
    """Addresses of one domain; the part before the @ is enough."""

    def __init__(self, *, domain: str, **kwargs: Any) -> None:
        help_text = _("One per line: sales, or sales@%s. Mail to them arrives in this mailbox.")
        super().__init__(
            label=_("Aliases"), required=False, rows=3, help_text=help_text % domain, **kwargs
        )
        self.domain = domain.lower()

    def complete(self, text: str) -> str:
        return (text if "@" in text else f"{text}@{self.domain}").lower()

    def validate(self, value: Any) -> None:
        super().validate(value)
        strange = [address for address in value if not address.endswith(f"@{self.domain}")]
        if strange:
            named = ", ".join(strange[:SHOWN])
            raise ValidationError(_("Aliases end in @%s, unlike %s.") % (self.domain, named))


class MailboxField(forms.ChoiceField):
    """One mailbox of the service; cleans to a tuple, as several addresses would."""

    def __init__(self, service: Service) -> None:
        addresses = service.mailboxes.values_list("address", flat=True)
        listed = [("", "—"), *((address, address) for address in addresses)]
        super().__init__(
            label=_("Delivers to"),
            choices=listed,
            help_text=_("On this platform an alias belongs to exactly one mailbox."),
        )

    def prepare_value(self, value: Any) -> Any:
        return value[0] if isinstance(value, tuple) and value else value

    def clean(self, value: Any) -> Any:
        return (super().clean(value),)

    def has_changed(self, initial: Any, data: Any) -> bool:
        return bool(super().has_changed(self.prepare_value(initial), data))


class SuffixWidget(forms.TextInput):
    """A text input that ends in something given."""

    template_name = "clientarea/widgets/suffix.html"

    def __init__(self, suffix: str) -> None:
        super().__init__(
            attrs={"autocapitalize": "none", "autocomplete": "off", "spellcheck": "false"}
        )
        self.suffix = suffix

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context(name, value, attrs)
        context["widget"]["suffix"] = self.suffix
        return context


class LocalPartField(forms.CharField):
    """What stands before the @ of an address in `domain`; cleans to lower case.

    The whole address may be typed as well.
    """

    def __init__(self, *, domain: str, **kwargs: Any) -> None:
        super().__init__(max_length=320, widget=SuffixWidget(f"@{domain}"), **kwargs)
        self.domain = domain.lower()

    def to_python(self, value: Any) -> str:
        return str(super().to_python(value) or "").lower().removesuffix(f"@{self.domain}")

    def validate(self, value: Any) -> None:
        super().validate(value)
        if value and not LOCAL_PART.fullmatch(value):
            raise ValidationError(
                _("Use letters, digits, dots, hyphens and underscores, a letter or digit first.")
            )


def is_address(text: str) -> bool:
    try:
        validate_email(text)
    except ValidationError:
        return False
    return True


def _not_addresses(wrong: list[str]) -> str:
    named = ", ".join(wrong[:SHOWN]) + (" …" if len(wrong) > SHOWN else "")
    words = ngettext(
        "This is no e-mail address: %s", "These are no e-mail addresses: %s", len(wrong)
    )
    return words % named
