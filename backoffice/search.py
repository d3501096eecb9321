"""The search box of the admin site: a few kinds of things, a few hits each, always fresh."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.core.paginator import Paginator
from django.db.models import Model, Q
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse

from accounts.models import Customer, User
from billing.models import Invoice
from provisioning.models import Server, Service

HITS = 6
SHORTEST = 2
KINDS: tuple[tuple[type[Model], str, str, tuple[str, ...]], ...] = (
    (Service, "Service", "mail", ("domain__icontains",)),
    (
        Customer,
        "Customer",
        "groups",
        ("company__icontains", "name__icontains", "email__icontains"),
    ),
    (Invoice, "Invoice", "receipt_long", ("number__icontains",)),
    (User, "Person", "badge", ("email__icontains", "name__icontains")),
    (Server, "Server", "dns", ("name__icontains", "hostname__icontains")),
)


def results(request: HttpRequest) -> HttpResponse:
    term = request.GET.get("s", "").strip()
    if len(term) < SHORTEST:
        return HttpResponse()
    found = list(_find(term))
    pages = Paginator(found, max(1, len(found)))
    extended = "extended" in request.GET
    return TemplateResponse(
        request,
        f"unfold/helpers/{'command' if extended else 'search'}_results.html",
        {"page_obj": pages, "results": pages.page(1), "page_counter": 0, "execution_time": 0},
        headers={"HX-Trigger": "search"},
    )


def _find(term: str) -> Iterator[dict[str, Any]]:
    for model, noun, icon, lookups in KINDS:
        wanted = Q()
        for lookup in lookups:
            wanted |= Q(**{lookup: term})
        view = f"admin:{model._meta.app_label}_{model._meta.model_name}_change"
        for row in model._default_manager.filter(wanted)[:HITS]:
            yield {
                "title": str(row),
                "description": noun,
                "link": reverse(view, args=[row.pk]),
                "icon": icon,
            }
