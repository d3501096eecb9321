"""Forms whose fields a platform's module declares: the base of the server's and the product's."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, ClassVar

from django import forms
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from backoffice.look import dress
from provisioning import registry
from provisioning.contract import Field, FieldSet, Kind, MisconfiguredError, Module
from provisioning.declared.settings_forms import Live, fields_for, name_of, opened, stored_from

PREFIX = "set"
HIDDEN = "••••••"
NO_PLATFORM = "none"


class ModuleForm(forms.ModelForm):  # type: ignore[type-arg]
    """`kind` is the platform's module, None for a product that no platform delivers."""

    kind: ClassVar[type[Module] | None] = None
    declared: ClassVar[FieldSet] = FieldSet()

    def stored_settings(self, old: Mapping[str, Any]) -> dict[str, Any]:
        return stored_from(self.declared, self.cleaned_data, PREFIX, old)

    def typed_settings(self, old: Mapping[str, Any]) -> dict[str, Any]:
        """As the module works with them, secrets opened."""
        return opened(self.declared.load(self.stored_settings(old)))


def form_class(
    base: type[ModuleForm],
    kind: type[Module] | None,
    declared: FieldSet,
    stored: Mapping[str, Any],
    live: Live | None = None,
) -> type[ModuleForm]:
    """`base` with the declared fields, filled with what is stored (of this version)."""
    fields = fields_for(declared, stored, prefix=PREFIX, currencies=settings.CURRENCIES, live=live)
    dressed = {name: dress(field) for name, field in fields.items()}
    return type(base.__name__, (base,), {**dressed, "kind": kind, "declared": declared})


def sections(declared: FieldSet, title: str) -> list[tuple[str, dict[str, Any]]]:
    """Fieldsets for the admin, by the sections that the module names."""
    found: dict[str, list[str]] = {}
    for item in declared.fields:
        found.setdefault(item.section or title, []).extend(_names(item))
    return [(name, {"fields": fields}) for name, fields in found.items()]


def _names(item: Field) -> Iterator[str]:
    if item.kind is Kind.PRICE:
        yield from (name_of(PREFIX, item.code, currency) for currency in settings.CURRENCIES)
    else:
        yield name_of(PREFIX, item.code)


def settings_table(declared: FieldSet, typed: Mapping[str, Any]) -> SafeString:
    """For those who may look but not change."""
    rows = ((item.label, _worded(item, typed.get(item.code))) for item in declared.fields)
    return format_html(
        '<table class="bo-table"><tbody>{}</tbody></table>',
        format_html_join("", "<tr><th>{}</th><td>{}</td></tr>", rows),
    )


def _worded(item: Field, value: Any) -> str:
    if value in (None, "", {}):
        return "–"
    if item.kind is Kind.SECRET:
        return HIDDEN
    if item.kind is Kind.PRICE:
        return " · ".join(f"{amount} {currency}" for currency, amount in value.items())
    if item.kind is Kind.BOOLEAN:
        return "Yes" if value else "No"
    return dict(item.choices).get(value, str(value))


def kind_of(code: str) -> type[Module] | None:
    """None for no platform, and for one whose module is not installed any more."""
    try:
        return registry.module_class(code)
    except MisconfiguredError:
        return None


def chosen_platform(request: HttpRequest, *, none_allowed: bool = False) -> str | None:
    """The code in the address of the second step; None when the choice is still to be made."""
    code = request.GET.get("platform", "")
    if none_allowed and code == NO_PLATFORM:
        return ""
    return code if code in registry.installed() else None


def platform_page(admin: Any, request: HttpRequest, *, none_allowed: bool = False) -> HttpResponse:
    """The first step of adding: which platform."""
    choices = registry.choices()
    if none_allowed:
        choices = [*choices, (NO_PLATFORM, "No platform: delivered by hand")]
    context = {
        **admin.admin_site.each_context(request),
        "opts": admin.opts,
        "title": f"Add {admin.opts.verbose_name}",
        "choices": choices,
    }
    return TemplateResponse(request, "backoffice/choose_platform.html", context)
