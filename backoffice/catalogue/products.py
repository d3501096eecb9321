from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.db.models import Count, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import URLPattern, path
from django.utils.html import format_html
from django.utils.safestring import SafeString

from accounts import audit
from accounts.access import StaffRequest
from accounts.roles import StaffRight
from backoffice.base import Base
from backoffice.buttons import Answer, Button
from backoffice.catalogue import metering, minimums, platform_options, prices
from backoffice.catalogue.duplicates import duplicate_product
from backoffice.look import checkboxes, dress
from backoffice.module_forms import (
    PREFIX,
    ModuleForm,
    chosen_platform,
    form_class,
    kind_of,
    platform_page,
    sections,
    settings_table,
)
from billing.models import TaxRate
from config.money import format_unit_price
from config.periods import CYCLES
from products.models import OptionGroup, Product, ProductGroup
from provisioning.connection.links import WEB_BUDGET, open_module
from provisioning.contract import FieldSet
from provisioning.declared import offers
from provisioning.declared.settings_forms import Choices, Live, name_of
from provisioning.models import Placement, ServerGroup

BASICS = ("group", "name", "description", "active", "position")
SALE = (
    "setup_type", "timing", "setup_on_change", "usage_monthly", "minimums",
    "align_day", "align_from", "taxable", "tax_class", "option_groups",
)  # fmt: skip


def tax_classes() -> list[tuple[str, str]]:
    """What rates name, and what products have already."""
    rows = (TaxRate.objects, Product.objects)
    found = {name for each in rows for name in each.values_list("tax_class", flat=True)}
    return [("", "Standard"), *((name, name) for name in sorted(found - {""}))]


class ProductForm(ModuleForm):
    prices = prices.GridField(label="Prices")
    minimums = minimums.MinimumsField(label="Minimum fee", required=False, help_text=minimums.HELP)
    tax_class = forms.ChoiceField(
        choices=tax_classes, required=False, help_text="Those that your tax rates name"
    )
    placement = forms.ModelChoiceField(
        ServerGroup.objects.none(),
        label="Server group",
        required=False,
        empty_label="Any server of the platform, the least full first",
        help_text="Where new services go. A service can also be put on a server by hand.",
    )

    class Meta:
        model = Product
        fields = (*BASICS, *SALE)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "prices" not in self.fields:
            return  # a form that only shows
        for name in ("tax_class", "minimums"):
            dress(self.fields[name])
        if self.kind is None:
            del self.fields["placement"]
        else:
            self._offer_places(self.kind.code)
        if self.instance.pk:
            self.fields["prices"].initial = prices.grid_of(self.instance.prices.all())

    def _offer_places(self, module: str) -> None:
        field = self.fields["placement"]
        field.queryset = ServerGroup.objects.filter(module=module)  # type: ignore[attr-defined]
        dress(field)
        if self.instance.pk:
            place = Placement.objects.filter(product=self.instance).first()
            field.initial = place.group_id if place else None

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or self.cleaned_data
        if data.get("align_from") and not data.get("align_day"):
            self.add_error("align_from", "Say on which day of the month periods begin as well.")
        groups = data.get("option_groups", OptionGroup.objects.none())
        found = offers.problems(
            self.instance,
            groups,
            self.kind,
            self.typed_settings(self.instance.module_settings),
            servers=offers.servers_of(self.kind.code if self.kind else "", data.get("placement")),
        )
        for code, texts in found.items():
            self._blame(code, texts)
        return data

    def _blame(self, code: str, texts: list[str]) -> None:
        """A setting's problem stands beside its input, unless that has one already."""
        fitting = [name for name in self.fields if name.startswith(name_of(PREFIX, code))]
        field = code if code in self.fields else next(iter(fitting), None)
        if field is None or field not in self.errors:
            self.add_error(field, ValidationError(texts))

    def save(self, commit: bool = True) -> Product:
        product: Product = self.instance
        if self.kind is not None:
            product.module = self.kind.code
            product.module_settings = self.stored_settings(product.module_settings)
            product.module_settings_version = self.declared.version
        saved: Product = super().save(commit)
        return saved


def _duplicate(request: StaffRequest, product: Product, _data: dict[str, Any]) -> Answer:
    copy = duplicate_product(product)
    return redirect("admin:products_product_change", copy.pk)


class ProductAdmin(Base):
    change_right = StaffRight.MANAGE_SETUP
    deletable = True
    form = ProductForm
    list_display = ("name", "group", "platform", "price_list", "setup_type", "sold", "active")
    list_filter = ("group", "module", "active")
    list_select_related = ("group",)
    search_fields = ("name__icontains",)
    buttons = (
        Button(
            name="duplicate", label="Duplicate", icon="content_copy", act=_duplicate,
            right=StaffRight.MANAGE_SETUP,
        ),
        Button(
            name="metering", label="Metering", icon="speed", act=metering.button,
            right=StaffRight.MANAGE_SETUP, shown=metering.is_measured,
        ),
    )  # fmt: skip

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.metering_view)
        name = "products_product_metering"
        return [path("<int:pk>/metering/", view, name=name), *super().get_urls()]

    def metering_view(self, request: StaffRequest, pk: int) -> HttpResponse:
        return metering.page(self, request, pk)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Product]:
        rows: QuerySet[Product] = super().get_queryset(request)
        return rows.prefetch_related("prices").annotate(sold_count=Count("services"))

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        undecided = chosen_platform(request, none_allowed=True) is None
        if self.has_add_permission(request) and undecided:
            return platform_page(self, request, none_allowed=True)
        response: HttpResponse = super().add_view(request, form_url, extra_context)
        return response

    def get_form(
        self, request: HttpRequest, obj: Product | None = None, change: bool = False, **kwargs: Any
    ) -> type[forms.ModelForm]:  # type: ignore[type-arg]
        kind = kind_of(_module(request, obj))
        declared = kind.product_fields if kind else FieldSet()
        live = _live(obj) if any(field.live_choices for field in declared.fields) else None
        kwargs["form"] = form_class(ProductForm, kind, declared, _stored(obj, declared), live)
        made: type[forms.ModelForm] = super().get_form(  # type: ignore[type-arg]
            request, obj, change, **kwargs
        )
        return made

    def get_fieldsets(self, request: HttpRequest, obj: Product | None = None) -> Any:
        kind = kind_of(_module(request, obj))
        if not self.has_change_permission(request, obj):
            shown = (*BASICS, *SALE, "platform", "price_list", "placed", "settings_shown")
            return ((None, {"fields": shown}),)
        sale = (*SALE, "placement") if kind else SALE
        return (
            (None, {"fields": BASICS}),
            ("Prices", {"fields": ("prices",)}),
            ("Sale", {"fields": sale}),
            *sections(kind.product_fields if kind else FieldSet(), "Platform"),
        )

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        kind = kind_of(_module(request, kwargs.get("obj")))
        found = platform_options.for_product(request, kind)
        if found and self.has_change_permission(request):
            context |= {"header_template": "backoffice/product_header.html", **found}
        response: HttpResponse = super().render_change_form(request, context, *args, **kwargs)
        return response

    def formfield_for_manytomany(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        return super().formfield_for_manytomany(db_field, request, **kwargs, widget=checkboxes())

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        super().save_related(request, form, formsets, change)
        product = form.instance
        before = prices.grid_of(product.prices.all())
        prices.store(product.prices.all(), form.cleaned_data["prices"], product=product)
        after = form.cleaned_data["prices"]
        if before != after:
            old, new = prices.as_facts(before), prices.as_facts(after)
            self.note("prices_changed", product, before=old, after=new)
        if "placement" in form.fields:
            _place(product, form.cleaned_data["placement"])

    @admin.display(description="platform", ordering="module")
    def platform(self, product: Product) -> str:
        kind = kind_of(product.module)
        return kind.label if kind else product.module or "By hand"

    @admin.display(description="prices")
    def price_list(self, product: Product) -> str:
        order = list(CYCLES)
        rows = sorted(product.prices.all(), key=lambda row: (order.index(row.cycle), row.currency))
        texts = [
            f"{format_unit_price(row.amount, row.currency)} {CYCLES[row.cycle].label.lower()}"
            for row in rows
        ]
        more = f" and {len(texts) - 2} more" if len(texts) > 2 else ""
        return format_html('<span class="bo-wrap">{}{}</span>', ", ".join(texts[:2]) or "–", more)

    @admin.display(description="services")
    def sold(self, product: Any) -> int:
        return int(product.sold_count)

    @admin.display(description="server group")
    def placed(self, product: Product) -> str:
        place = Placement.objects.filter(product=product).select_related("group").first()
        return str(place.group) if place else "any server"

    @admin.display(description="settings")
    def settings_shown(self, product: Product) -> SafeString:
        kind = kind_of(product.module)
        declared = kind.product_fields if kind else FieldSet()
        return settings_table(declared, declared.load(_stored(product, declared)))


class ProductGroupAdmin(Base):
    change_right = StaffRight.MANAGE_SETUP
    deletable = True
    fields = ("name", "description", "position", "hidden")
    list_display = ("name", "position", "product_count", "hidden")
    search_fields = ("name__icontains",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[ProductGroup]:
        rows: QuerySet[ProductGroup] = super().get_queryset(request)
        return rows.annotate(products_found=Count("products"))

    @admin.display(description="products")
    def product_count(self, group: Any) -> int:
        return int(group.products_found)


def _module(request: HttpRequest, product: Product | None) -> str:
    return product.module if product else chosen_platform(request, none_allowed=True) or ""


def _stored(product: Product | None, declared: FieldSet) -> dict[str, Any]:
    """Lifted to the module's present version, as it is stored."""
    if product is None:
        return {}
    version = product.module_settings_version
    if version == declared.version:
        return dict(product.module_settings)
    return declared.dump(declared.load(product.module_settings, version=version))


def _live(product: Product | None) -> Live | None:
    """Choices read from a server that is meant for the product, when there is one."""
    if product is None:
        return None
    group = ServerGroup.objects.filter(placements__product=product).first()
    servers = offers.servers_of(product.module, group)
    server = next((each for each in servers if each.enabled), None)
    if server is None:
        return None

    def read(code: str) -> Choices:
        with open_module(server, budget=WEB_BUDGET) as module:
            return module.live_choices(code)

    return read


def _place(product: Product, group: ServerGroup | None) -> None:
    old = Placement.objects.filter(product=product).select_related("group").first()
    if (old.group if old else None) == group:
        return
    if group is None:
        Placement.objects.filter(product=product).delete()
    else:
        Placement.objects.update_or_create(product=product, defaults={"group": group})
    before = {"group": str(old.group) if old else ""}
    audit.record("product.placed", product, before=before, after={"group": str(group or "")})
