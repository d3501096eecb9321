"""The one ModelAdmin all pages stand on: rights from the roles table, an author for every change,
nothing deleted that is evidence, no secret ever shown. The theme is met here, in site and look.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from django import forms
from django.db.models import Model, QuerySet, URLField
from django.forms.models import BaseModelFormSet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import urlencode
from unfold.admin import ModelAdmin, TabularInline
from unfold.paginator import InfinitePaginator

from accounts import audit
from accounts.models import Customer, User
from accounts.roles import StaffRight
from backoffice.buttons import ButtonsMixin
from backoffice.look import dress
from backoffice.matching import Matching
from config.countries import CountryField
from config.crypto import SealedField

PER_PAGE = 50
# The theme's classes carry no types of their own; what stands on them is checked here.
ThemeAdmin: Any = ModelAdmin
ThemeInline: Any = TabularInline
KEEPS = "Stored. Leave blank to keep it."
NEW_SECRET = "(new)"  # noqa: S105


def may(request: HttpRequest, right: StaffRight | None) -> bool:
    user = request.user
    return right is not None and isinstance(user, User) and user.has_right(right)


class Rights:
    """`change_right` None: read only. `deletable` only where a row is no evidence of anything."""

    change_right: StaffRight | None = None
    addable = True
    deletable = False

    def has_module_permission(self, request: HttpRequest) -> bool:
        return may(request, StaffRight.VIEW)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return may(request, StaffRight.VIEW)

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.addable and may(request, self.change_right)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return may(request, self.change_right)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.deletable and may(request, self.change_right)


class Base(Rights, ButtonsMixin, Matching, ThemeAdmin):  # type: ignore[misc]
    change_form_template = "backoffice/change_form.html"
    change_list_template = "backoffice/change_list.html"
    list_per_page = PER_PAGE
    list_max_show_all = PER_PAGE
    list_fullwidth = False
    compressed_fields = True
    actions_on_top = True
    panels_template = ""  # below the form of a row that exists

    def audit_name(self) -> str:
        """The first word of audit actions, such as "server" in "server.changed"."""
        return str(self.opts.model_name)

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        """Never Django's bulk deletion; actions only for those who may."""
        actions: dict[str, Any] = super().get_actions(request)
        actions.pop("delete_selected", None)
        return actions

    def panels(self, request: HttpRequest, obj: Any) -> dict[str, Any]:
        """Context of `panels_template`."""
        return {}

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        context["show_save_and_add_another"] = False
        obj = kwargs.get("obj")
        if obj is not None:
            context["page_buttons"] = list(self.buttons_for(request, obj))
            context["panels_template"] = self.panels_template
            context |= self.panels(request, obj)
        response: HttpResponse = super().render_change_form(request, context, *args, **kwargs)
        return response

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name == "country":
            return dress(_country_field(db_field))
        if isinstance(db_field, URLField):
            kwargs.setdefault("assume_scheme", "https")
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        if isinstance(db_field, SealedField) and isinstance(field, forms.Field):
            dress(field)
        return field

    def response_post_save_add(self, request: HttpRequest, obj: Any) -> HttpResponse:
        """Where there is something to do with it, such as testing a connection, it comes next."""
        if not self.buttons:
            found: HttpResponse = super().response_post_save_add(request, obj)
            return found
        return redirect(f"admin:{self.opts.app_label}_{self.opts.model_name}_change", obj.pk)

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        rows = self.model._base_manager
        before = audit.facts(rows.get(pk=obj.pk)) if change else {}
        super().save_model(request, obj, form, change)
        after = audit.facts(rows.get(pk=obj.pk)) | dict.fromkeys(_new_secrets(form), NEW_SECRET)
        if before != after:
            self.note("changed" if change else "added", obj, before=before, after=after)

    def save_related(
        self, request: HttpRequest, form: Any, formsets: Iterable[Any], change: bool
    ) -> None:
        before = _linked(form.instance)
        super().save_related(request, form, formsets, change)
        after = _linked(form.instance)
        if before != after:
            self.note("changed", form.instance, before=before, after=after)

    def save_formset(self, request: HttpRequest, form: Any, formset: Any, change: bool) -> None:
        old = _stored(formset)
        for row in _to_be_deleted(formset):
            _note_row("deleted", row, before=old.get(row.pk, {}), of=form.instance)
        super().save_formset(request, form, formset, change)
        for row in formset.new_objects:
            _note_row("added", row, after=audit.facts(row), of=form.instance)
        for row, _fields in formset.changed_objects:
            before, after = old.get(row.pk, {}), audit.facts(row)
            _note_row("changed", row, before=before, after=after, of=form.instance)

    def delete_model(self, request: HttpRequest, obj: Any) -> None:
        self.note("deleted", obj, before=audit.facts(obj), after={})
        super().delete_model(request, obj)

    def note(
        self, action: str, obj: Model, *, before: dict[str, Any], after: dict[str, Any]
    ) -> None:
        audit.record(f"{self.audit_name()}.{action}", obj, before=before, after=after)

    # The audit trail is the one record of changes; Django's own log would be a second one.
    def log_addition(self, request: HttpRequest, obj: Any, message: Any) -> None: ...

    def log_change(self, request: HttpRequest, obj: Any, message: Any) -> None: ...

    def log_deletions(self, request: HttpRequest, queryset: QuerySet[Any]) -> None: ...

    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        wanted = {"object_type": self.opts.label_lower, "object_id": object_id}
        return redirect(f"{reverse('admin:accounts_auditevent_changelist')}?{urlencode(wanted)}")


def _country_field(db_field: Any) -> CountryField:
    """Where a rule may leave the country open, it is for every country."""
    return CountryField(
        required=not db_field.blank, empty="Every country" if db_field.blank else "–"
    )


class ReadOnly(Base):
    """Rows that the panel writes and people read."""

    addable = False


class BigList(ReadOnly):
    """A table without end: pages back and forth, nothing is counted."""

    paginator = InfinitePaginator
    show_full_result_count = False


class Inline(Rights, ThemeInline):  # type: ignore[misc]
    extra = 0
    deletable = True


def _new_secrets(form: Any) -> Iterator[str]:
    """Names of the write-only inputs that were filled in."""
    for name in getattr(form, "changed_data", ()):
        widget = form.fields[name].widget if name in form.fields else None
        if isinstance(widget, forms.PasswordInput) and form.cleaned_data.get(name):
            yield name


def _linked(obj: Model) -> dict[str, Any]:
    """Many-to-many relations as lists of names."""
    if obj.pk is None:
        return {}
    return {
        field.name: sorted(str(row) for row in getattr(obj, field.name).all())
        for field in obj._meta.many_to_many
    }


def _stored(formset: BaseModelFormSet[Any, Any]) -> dict[Any, dict[str, Any]]:
    keys = [form.instance.pk for form in formset.initial_forms]
    model: Any = formset.model
    rows = model._base_manager.filter(pk__in=keys)
    return {row.pk: audit.facts(row) for row in rows}


def _to_be_deleted(formset: Any) -> Iterator[Model]:
    if formset.can_delete:
        yield from (form.instance for form in formset.deleted_forms if form.instance.pk)


def _note_row(
    action: str,
    row: Model,
    *,
    of: Model,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
) -> None:
    customer = of if isinstance(of, Customer) else None
    name = f"{row._meta.model_name}.{action}"
    audit.record(name, row, before=before, after=after, customer=customer)
