"""Ways to be paid: switched on and off, their keys write-only."""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.safestring import SafeString

from accounts.access import StaffRequest
from accounts.roles import StaffRight
from backoffice.base import Base
from backoffice.buttons import Answer, Button
from backoffice.module_forms import PREFIX, ModuleForm, form_class, sections, settings_table
from billing.gateways.contract import Ability, Gateway
from billing.gateways.errors import GatewayError
from billing.gateways.registry import choices, kind_of, open_account
from billing.models import GatewayAccount
from provisioning.contract import FieldSet
from provisioning.declared.settings_forms import opened, stored_from

USE = ("label", "enabled", "position")


class GatewayForm(ModuleForm):
    code = ""

    class Meta:
        model = GatewayAccount
        fields = USE

    def save(self, commit: bool = True) -> GatewayAccount:
        self.instance.code = self.instance.code or self.code
        self.instance.settings = self._opened(self.instance.settings or {})
        account: GatewayAccount = super().save(commit)
        return account

    def _opened(self, old: dict[str, Any]) -> dict[str, Any]:
        """The whole column is encrypted, so what is in it need not be sealed once more."""
        return opened(stored_from(self.declared, self.cleaned_data, PREFIX, old))


def _check(_request: StaffRequest, account: GatewayAccount, _data: dict[str, Any]) -> Answer:
    try:
        return open_account(account).check()
    except GatewayError as error:
        raise ValidationError(str(error)) from error


def _connects(account: GatewayAccount) -> bool:
    kind = kind_of(account.code)
    return kind is not None and kind.can(Ability.CHECKOUT)


class GatewayAccountAdmin(Base):
    change_right = StaffRight.MANAGE_SETUP
    form = GatewayForm
    list_display = ("label", "kind", "enabled", "position")
    panels_template = "backoffice/gateway_panels.html"
    buttons = (
        Button(
            name="check", label="Test connection", icon="network_check", tone="primary", act=_check,
            right=StaffRight.MANAGE_SETUP, shown=_connects,
        ),
    )  # fmt: skip

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return bool(super().has_add_permission(request, obj) and _not_added())

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        if self.has_add_permission(request) and not _chosen(request):
            return self._choose(request)
        response: HttpResponse = super().add_view(request, form_url, extra_context)
        return response

    def _choose(self, request: HttpRequest) -> HttpResponse:
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": "Add a way to be paid",
            "choices": _not_added(),
        }
        return TemplateResponse(request, "backoffice/choose_gateway.html", context)

    def get_form(
        self,
        request: HttpRequest,
        obj: GatewayAccount | None = None,
        change: bool = False,
        **kwargs: Any,
    ) -> type[forms.ModelForm]:  # type: ignore[type-arg]
        code = obj.code if obj else _chosen(request)
        kind = kind_of(code)
        declared = kind.fields if kind else FieldSet()
        base = form_class(GatewayForm, None, declared, (obj.settings or {}) if obj else {})
        kwargs["form"] = type("GatewayForm", (base,), {"code": code})
        made: type[forms.ModelForm] = super().get_form(  # type: ignore[type-arg]
            request, obj, change, **kwargs
        )
        if kind and obj is None and "label" in made.base_fields:
            made.base_fields["label"].initial = kind.label
        return made

    def get_fieldsets(self, request: HttpRequest, obj: GatewayAccount | None = None) -> Any:
        kind = kind_of(obj.code if obj else _chosen(request))
        if not self.has_change_permission(request, obj):
            return ((None, {"fields": (*USE, "settings_shown")}),)
        return ((None, {"fields": USE}), *_sections(kind))

    def panels(self, request: HttpRequest, obj: GatewayAccount) -> dict[str, Any]:
        kind = kind_of(obj.code)
        tells = kind is not None and kind.can(Ability.EVENTS)
        path = reverse("billing:gateway_events", args=[obj.code])
        return {
            "events_url": f"{settings.SITE_URL}{path}" if tells else "",
            "abilities": [each.value.replace("_", " ") for each in kind.abilities] if kind else [],
        }

    @admin.display(description="settings")
    def settings_shown(self, account: GatewayAccount) -> SafeString:
        kind = kind_of(account.code)
        declared = kind.fields if kind else FieldSet()
        return settings_table(declared, declared.load(account.settings or {}))

    @admin.display(description="gateway", ordering="code")
    def kind(self, account: GatewayAccount) -> str:
        kind = kind_of(account.code)
        return kind.label if kind else f"{account.code} (not installed)"


def _sections(kind: type[Gateway] | None) -> list[tuple[str, dict[str, Any]]]:
    return sections(kind.fields, kind.label) if kind else []


def _not_added() -> list[tuple[str, str]]:
    added = set(GatewayAccount.objects.values_list("code", flat=True))
    return [(code, label) for code, label in choices() if code not in added]


def _chosen(request: HttpRequest) -> str:
    """The code in the address of the second step; blank when the choice is still to be made."""
    code = request.GET.get("gateway", "")
    return code if code in dict(_not_added()) else ""
