"""Acts of a page as buttons: declared once with the right they need, sent by POST, safe to
press twice. A button with a form, or with a warning to read first, leads to a page of its own.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.admin.utils import unquote
from django.core.exceptions import ImproperlyConfigured, PermissionDenied, ValidationError
from django.db.models import Model
from django.http import Http404, HttpRequest, HttpResponseBase, HttpResponseNotAllowed
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.http import url_has_allowed_host_and_scheme

from accounts.access import StaffRequest
from accounts.invites import InviteGone
from accounts.roles import StaffRight
from backoffice import tokens
from backoffice.look import PlainForm
from billing.documents.issue import NotADraft
from provisioning.contract import InvalidInput, ModuleError

# What a use case raises when it will not do something: a sentence for staff, never an error page.
REFUSALS = (ValidationError, ModuleError, NotADraft, InviteGone, ImproperlyConfigured)
GONE = "This invite was used or withdrawn already."
NOT_NOW = "This is not possible any more; the page was out of date."

Answer = str | HttpResponseBase


def _always(_row: Any) -> bool:
    return True


class ObjectForm(PlainForm):
    """The form of a button; `obj` is what the button acts on."""

    def __init__(self, *args: Any, obj: Any, **kwargs: Any) -> None:
        self.obj = obj
        super().__init__(*args, **kwargs)


@dataclass(frozen=True, kw_only=True)
class Button:
    """`act(request, row, data)` answers with the sentence to show, or with a page."""

    name: str
    label: str
    right: StaffRight | None = None
    right_of: Callable[[Any], StaffRight] | None = None  # when the row decides
    act: Callable[[StaffRequest, Any, dict[str, Any]], Answer]
    icon: str = ""
    tone: str = "plain"  # plain, primary or danger
    form: type[ObjectForm] | None = None
    warning: str = ""
    shown: Callable[[Any], bool] = _always
    new_tab: bool = False

    def needs(self, row: Any) -> StaffRight:
        right = self.right_of(row) if self.right_of else self.right
        if right is None:
            raise TypeError(f"The button {self.name} names no right.")
        return right

    @property
    def has_page(self) -> bool:
        return self.form is not None or bool(self.warning)


def sentence(error: Exception) -> str:
    """A refusal in words for staff."""
    if isinstance(error, ValidationError):
        return " ".join(error.messages)
    if isinstance(error, ModuleError):
        return error.detail or error.message
    return GONE if isinstance(error, InviteGone) else str(error)


def blame(form: forms.Form, error: Exception) -> None:
    """Put a refusal beside the field it is about, else above the form."""
    if isinstance(error, ValidationError) and hasattr(error, "error_dict"):
        for field, found in error.error_dict.items():
            form.add_error(field if field in form.fields else None, found)
    elif isinstance(error, InvalidInput) and error.field in form.fields:
        form.add_error(error.field, error.detail)
    else:
        form.add_error(None, sentence(error))


def way_back(request: HttpRequest, fallback: str) -> str:
    target = request.POST.get("next") or request.GET.get("next") or ""
    safe = url_has_allowed_host_and_scheme(target, {request.get_host()}, request.is_secure())
    return target if safe else fallback


class ButtonsMixin:
    """For a ModelAdmin: `buttons` become URLs `<id>/do/<name>/` and a row on the page."""

    buttons: tuple[Button, ...] = ()
    model: type[Model]
    admin_site: Any
    opts: Any

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.button_view)
        name = f"{self.opts.app_label}_{self.opts.model_name}_do"
        urls: list[URLPattern] = super().get_urls()  # type: ignore[misc]
        own = [path("<path:object_id>/do/<slug:name>/", view, name=name)] if self.buttons else []
        return [*own, *urls]

    def button_view(self, request: StaffRequest, object_id: str, name: str) -> HttpResponseBase:
        button = next((each for each in self.buttons if each.name == name), None)
        if button is None:
            raise Http404
        row = self.get_object(request, unquote(object_id))  # type: ignore[attr-defined]
        if row is None:
            raise Http404
        right = button.needs(row)
        if not request.user.has_right(right):
            raise PermissionDenied(f"Your staff role does not include “{right.label}”.")
        if request.method != "POST" and not button.has_page:
            return HttpResponseNotAllowed(["POST"])
        back = way_back(request, self.page_of(row))
        if not button.shown(row):
            messages.warning(request, NOT_NOW)
            return redirect(back)
        if button.has_page:
            return _page(self, request, button, row, back)
        return _act(request, button, row, back)

    def page_of(self, row: Model) -> str:
        name = f"admin:{self.opts.app_label}_{self.opts.model_name}_change"
        return reverse(name, args=[row.pk])

    def button_url(self, row: Model, button: Button) -> str:
        name = f"admin:{self.opts.app_label}_{self.opts.model_name}_do"
        return reverse(name, args=[row.pk, button.name])

    def buttons_for(self, request: HttpRequest, row: Model) -> Iterator[dict[str, Any]]:
        """Those this person may press, on this row as it stands."""
        for button in self.buttons:
            if request.user.has_right(button.needs(row)) and button.shown(row):  # type: ignore[union-attr]
                yield {
                    "button": button,
                    "url": self.button_url(row, button),
                    "token": tokens.fresh(),
                }


def _act(request: StaffRequest, button: Button, row: Model, back: str) -> HttpResponseBase:
    try:
        answer = button.act(request, row, {})
    except REFUSALS as error:
        messages.error(request, sentence(error))
        return redirect(back)
    return _answered(request, answer, back)


def _answered(request: HttpRequest, answer: Answer, back: str) -> HttpResponseBase:
    if isinstance(answer, HttpResponseBase):
        return answer
    messages.success(request, answer)
    return redirect(back)


def _page(
    admin: ButtonsMixin, request: StaffRequest, button: Button, row: Model, back: str
) -> HttpResponseBase:
    kind = button.form or ObjectForm
    form = kind(request.POST if request.method == "POST" else None, obj=row)
    if request.method == "POST" and form.is_valid():
        try:
            return _answered(request, button.act(request, row, form.cleaned_data), back)
        except REFUSALS as error:
            blame(form, error)
    context = {
        **admin.admin_site.each_context(request),
        "opts": admin.opts,
        "original": row,
        "title": button.label,
        "button": button,
        "form": form,
        "back": back,
        "token": given_or_fresh(request),
    }
    return TemplateResponse(request, "backoffice/act.html", context)


def given_or_fresh(request: HttpRequest) -> str:
    """A form that comes back with errors keeps its token."""
    return tokens.given(request) if request.method == "POST" else tokens.fresh()
