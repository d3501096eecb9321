"""One way for every change: once per form, errors beside their field, then a redirect."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from clientarea import tokens
from clientarea.pages import show_form
from provisioning.contract import ConflictError, InvalidInput, ModuleError


@dataclass(frozen=True, kw_only=True)
class Done:
    """Where to go next and what to say there; `warnings` name what did not happen."""

    url: str
    message: str
    warnings: tuple[str, ...] = ()

    def messages(self) -> list[tuple[int, str]]:
        said = [(messages.SUCCESS, self.message)]
        return [*said, *((messages.WARNING, warning) for warning in self.warnings)]


@dataclass(frozen=True, kw_only=True)
class Sheet:
    """The page of a form. `back` is where a second click goes whose first one is still at work."""

    template: str
    back: str
    context: Mapping[str, Any] = field(default_factory=dict)


def posted(request: HttpRequest) -> QueryDict | None:
    """What binds a form, be it empty; None for a page that is only looked at."""
    return request.POST if request.method == "POST" else None


def handle(
    request: HttpRequest, form: forms.Form, act: Callable[[], Done], sheet: Sheet
) -> HttpResponse:
    """Show the form, or do what it asks and leave, or show it again with what is wrong."""
    if request.method == "POST":
        response = submit(request, form, act, back=sheet.back)
        if response is not None:
            return response
    return show_form(request, sheet.template, {"form": form, "back": sheet.back, **sheet.context})


def submit(
    request: HttpRequest, form: forms.Form, act: Callable[[], Done], *, back: str
) -> HttpResponse | None:
    """None: the form has errors now, and nothing was changed."""
    with tokens.submission(request) as held:
        if held.earlier is not None:
            return _repeat(request, held.earlier, back)
        if not form.is_valid():
            return None
        done = _attempt(form, act)
        if done is None:
            return None
        held.settle(done.url, done.messages())
    return _leave(request, done.url, done.messages())


def _attempt(form: forms.Form, act: Callable[[], Done]) -> Done | None:
    try:
        return act()
    except ModuleError as error:
        explain(form, error)
    except ValidationError as error:
        _lay_out(form, error)
    return None


def explain(form: forms.Form, error: ModuleError) -> None:
    """Beside the field that the platform named, where the form has it; else at the top."""
    named = error.field if isinstance(error, InvalidInput) else ""
    if isinstance(error, ConflictError):
        named = "address"
    renamed: Mapping[str, str] = getattr(form, "platform_fields", {})
    name = renamed.get(named, named)
    form.add_error(name if name in form.fields else None, error.message)


def _lay_out(form: forms.Form, error: ValidationError) -> None:
    """A use case's refusal, keyed by field or not."""
    by_field = error.message_dict if hasattr(error, "error_dict") else {"": error.messages}
    for name, sentences in by_field.items():
        form.add_error(name if name in form.fields else None, sentences)


def _repeat(request: HttpRequest, earlier: dict[str, object], back: str) -> HttpResponse:
    if not earlier:
        note = _("Your first click is still being carried out. Reload this page in a moment.")
        return _leave(request, back, [(messages.INFO, note)])
    return _leave(request, str(earlier["url"]), earlier["messages"])  # type: ignore[arg-type]


def _leave(request: HttpRequest, url: str, said: list[tuple[int, str]]) -> HttpResponse:
    for level, text in said:
        messages.add_message(request, level, text)
    return redirect(url)
