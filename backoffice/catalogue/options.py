from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.db.models import Count, QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path

from accounts.roles import StaffRight
from backoffice.base import Base, Inline
from backoffice.catalogue import platform_options, prices
from products.models import Option, OptionChoice, OptionGroup, OptionPrice
from provisioning.models import ServiceOption

WITH_CHOICES = (Option.Type.DROPDOWN, Option.Type.RADIO)
FREE = "Blank or 0: free of charge in this cycle."
STABLE = "Sent to the platform; it cannot be changed once it is saved."
TYPE_IS_FIXED = "Services use this option already, so its type stays as it is."


class StableCode(forms.ModelForm):  # type: ignore[type-arg]
    """An option's code goes to modules and into services: it is given once."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "code" in self.fields:
            self.fields["code"].disabled = self.instance.pk is not None
            self.fields["code"].help_text = STABLE

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or self.cleaned_data
        if "type" in self.changed_data and self.instance.pk and _is_used(self.instance):
            self.add_error("type", ValidationError(TYPE_IS_FIXED))
        return data


class OptionForm(StableCode):
    class Meta:
        model = Option
        fields = ("group", "code", "name", "type", "minimum", "maximum", "position")


class OptionInline(Inline):
    model = Option
    form = StableCode
    fields = ("code", "name", "type", "minimum", "maximum", "position")
    change_right = StaffRight.MANAGE_SETUP
    show_change_link = True


class ChoiceInline(Inline):
    model = OptionChoice
    fields = ("value", "label", "position")
    change_right = StaffRight.MANAGE_SETUP
    extra = 1


class OptionGroupAdmin(Base):
    change_right = StaffRight.MANAGE_SETUP
    deletable = True
    fields = ("name",)
    inlines = (OptionInline,)
    list_display = ("name", "option_count", "product_count")
    search_fields = ("name__icontains",)
    panels_template = "backoffice/options_panels.html"

    def get_queryset(self, request: HttpRequest) -> QuerySet[OptionGroup]:
        counts = {
            "options_found": Count("options", distinct=True),
            "products_found": Count("products", distinct=True),
        }
        rows: QuerySet[OptionGroup] = super().get_queryset(request)
        return rows.annotate(**counts)

    def get_urls(self) -> list[URLPattern]:
        make = self.admin_site.admin_view(platform_options.page)
        own = path("make/<slug:code>/", make, name="products_optiongroup_make")
        return [own, *super().get_urls()]

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        may_make = self.has_add_permission(request)
        made = platform_options.for_list() if may_make else {}
        shown = {**(extra_context or {}), **made}
        response: HttpResponse = super().changelist_view(request, shown)
        return response

    def panels(self, request: HttpRequest, obj: OptionGroup) -> dict[str, Any]:
        rows = obj.options.annotate(choice_count=Count("choices", distinct=True))
        return {"options": rows.annotate(price_count=Count("prices", distinct=True))}

    @admin.display(description="options")
    def option_count(self, group: Any) -> int:
        return int(group.options_found)

    @admin.display(description="products")
    def product_count(self, group: Any) -> int:
        return int(group.products_found)


class OptionAdmin(Base):
    """Choices and prices of one option; reached from its group."""

    change_right = StaffRight.MANAGE_SETUP
    deletable = True
    inlines = (ChoiceInline,)
    list_display = ("name", "code", "group", "type")
    list_select_related = ("group",)
    search_fields = ("name__icontains", "code__startswith")

    def get_form(
        self, request: HttpRequest, obj: Option | None = None, change: bool = False, **kwargs: Any
    ) -> type[forms.ModelForm]:  # type: ignore[type-arg]
        grids = {_grid_name(choice): _grid(obj, choice) for choice in _priced(obj)} if obj else {}
        kwargs["form"] = type("OptionForm", (OptionForm,), grids)
        made: type[forms.ModelForm] = super().get_form(  # type: ignore[type-arg]
            request, obj, change, **kwargs
        )
        return made

    def get_fieldsets(self, request: HttpRequest, obj: Option | None = None) -> Any:
        basics = (None, {"fields": OptionForm.Meta.fields})
        if obj is None or not self.has_change_permission(request, obj):
            return (basics,)
        grids = tuple(_grid_name(choice) for choice in _priced(obj))
        return (basics, ("Prices", {"fields": grids, "description": FREE})) if grids else (basics,)

    def get_inlines(self, request: HttpRequest, obj: Option | None) -> Any:
        return self.inlines if obj and obj.type in WITH_CHOICES else ()

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        option = form.instance
        before = {name: _stored(option, choice) for name, choice in _by_name(option).items()}
        super().save_related(request, form, formsets, change)
        for name, choice in _by_name(option).items():
            grid = form.cleaned_data.get(name)
            if grid is None or grid == before.get(name):
                continue
            prices.store(_rows(option, choice), grid, option=option, choice=choice)
            old, new = prices.as_facts(before.get(name, {})), prices.as_facts(grid)
            self.note("prices_changed", choice or option, before=old, after=new)


def _priced(option: Option) -> list[OptionChoice | None]:
    """What has a price of its own: each choice, or the option itself."""
    return list(option.choices.all()) if option.type in WITH_CHOICES else [None]


def _by_name(option: Option) -> dict[str, OptionChoice | None]:
    return {_grid_name(choice): choice for choice in _priced(option)}


def _grid_name(choice: OptionChoice | None) -> str:
    return f"prices_{choice.pk}" if choice else "prices"


def _grid(option: Option, choice: OptionChoice | None) -> prices.GridField:
    unit = "One unit" if option.type == Option.Type.QUANTITY else "Yes"
    label = choice.label if choice else unit
    return prices.GridField(label=label, initial=_stored(option, choice), help_text="")


def _rows(option: Option, choice: OptionChoice | None) -> QuerySet[OptionPrice]:
    return option.prices.filter(choice=choice)


def _stored(option: Option, choice: OptionChoice | None) -> prices.Grid:
    return prices.grid_of(_rows(option, choice))


def _is_used(option: Option) -> bool:
    return ServiceOption.objects.filter(option=option).exists()
