"""Password inputs with a generator, checked on the server against what the platform demands."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from clientarea.forms.base import PanelForm
from clientarea.platform import Platform
from provisioning import directory
from provisioning.contract import PasswordPolicy


class PasswordWidget(forms.PasswordInput):
    """Never shows a value again. Its buttons appear where scripts run."""

    template_name = "clientarea/widgets/password.html"

    def __init__(self, policy: PasswordPolicy) -> None:
        super().__init__(attrs={"autocomplete": "new-password", "spellcheck": "false"})
        self.policy = policy

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context(name, value, attrs)
        context["widget"]["policy"] = self.policy
        return context


def policy_words(policy: PasswordPolicy) -> str:
    """The rules in one or two sentences."""
    least = ngettext("At least %d character", "At least %d characters", policy.min_length)
    text = least % policy.min_length
    wanted = list(_classes(policy))
    if wanted:
        text += _(", among them %s") % ", ".join(wanted)
    own = _(" It must not contain the mailbox name or the domain.")
    return f"{text}.{own if policy.forbid_address_parts else ''}"


def _classes(policy: PasswordPolicy) -> Iterator[str]:
    if policy.require_upper:
        yield _("a capital letter")
    if policy.require_lower:
        yield _("a small letter")
    if policy.require_digit:
        yield _("a digit")
    if policy.require_symbol:
        yield _("one of %s") % policy.symbols


def password_field(platform: Platform, *, label: str) -> forms.CharField:
    policy = platform.password_policy
    return forms.CharField(
        label=label,
        strip=False,
        max_length=128,
        widget=PasswordWidget(policy),
        help_text=policy_words(policy),
    )


def refuse_weak(platform: Platform, address: str, password: str) -> None:
    problems = directory.password_problems(platform.service, address, password)
    if problems:
        raise ValidationError(list(problems))


class PasswordForm(PanelForm):
    def __init__(self, *args: Any, platform: Platform, address: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.platform, self.address = platform, address
        self.fields["password"] = password_field(platform, label=_("New password"))

    def clean_password(self) -> str:
        password: str = self.cleaned_data["password"]
        refuse_weak(self.platform, self.address, password)
        return password
