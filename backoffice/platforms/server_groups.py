from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import Count, QuerySet
from django.http import HttpRequest

from accounts.roles import StaffRight
from backoffice.base import Base, Inline
from backoffice.look import dress
from backoffice.module_forms import kind_of
from provisioning import registry
from provisioning.models import Server, ServerGroup, ServerGroupMember

OTHER_PLATFORM = "{} belongs to another platform than this group."


class GroupForm(forms.ModelForm):  # type: ignore[type-arg]
    module = forms.ChoiceField(label="Platform")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "module" in self.fields:
            self.fields["module"].choices = registry.choices()  # type: ignore[attr-defined]
            dress(self.fields["module"])


class MemberFormSet(forms.BaseInlineFormSet):  # type: ignore[type-arg]
    def clean(self) -> None:
        super().clean()
        for form in self.forms:
            server = form.cleaned_data.get("server") if hasattr(form, "cleaned_data") else None
            if isinstance(server, Server) and server.module != self.instance.module:
                form.add_error("server", OTHER_PLATFORM.format(server))


class MemberInline(Inline):
    model = ServerGroupMember
    change_right = StaffRight.MANAGE_SETUP
    formset = MemberFormSet
    extra = 1
    verbose_name_plural = "servers, in order"


class ServerGroupAdmin(Base):
    change_right = StaffRight.MANAGE_SETUP
    deletable = True
    form = GroupForm
    fields = ("name", "module", "fill")
    inlines = (MemberInline,)
    list_display = ("name", "platform", "fill", "member_count", "product_count")
    search_fields = ("name__icontains",)
    panels_template = "backoffice/group_panels.html"

    def get_queryset(self, request: HttpRequest) -> QuerySet[ServerGroup]:
        counts = {
            "members_found": Count("members", distinct=True),
            "products_found": Count("placements", distinct=True),
        }
        rows: QuerySet[ServerGroup] = super().get_queryset(request)
        return rows.annotate(**counts)

    def panels(self, request: HttpRequest, obj: ServerGroup) -> dict[str, Any]:
        return {"placements": obj.placements.select_related("product__group")}

    @admin.display(description="platform")
    def platform(self, group: ServerGroup) -> str:
        kind = kind_of(group.module)
        return kind.label if kind else group.module

    @admin.display(description="servers")
    def member_count(self, group: Any) -> int:
        return int(group.members_found)

    @admin.display(description="products")
    def product_count(self, group: Any) -> int:
        return int(group.products_found)
