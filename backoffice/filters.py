"""Filters that are links on the home page as well as choices beside a list."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib.admin import SimpleListFilter
from django.db.models import QuerySet
from django.http import HttpRequest

from backoffice import attention


class OneOf(SimpleListFilter):
    """Named selections; `choices_of` maps a value to (label, rows that are kept)."""

    choices_of: dict[str, tuple[str, Callable[[], QuerySet[Any]]]] = {}

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(value, label) for value, (label, _rows) in self.choices_of.items()]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        chosen = self.choices_of.get(self.value() or "")
        return queryset.filter(pk__in=chosen[1]().order_by().values("pk")) if chosen else queryset


class NeedsAttention(OneOf):
    title = "needs attention"
    parameter_name = "attention"
    choices_of = {"1": ("Yes", attention.commands)}


class Trouble(OneOf):
    title = "trouble"
    parameter_name = "trouble"
    choices_of = {"1": ("In trouble", attention.servers)}


class ServiceConcern(OneOf):
    title = "needs attention"
    parameter_name = "attention"
    choices_of = {
        "differs": ("Not as it should be", attention.differing),
        "stale": ("Usage out of date", attention.stale_usage),
        "held": ("Skipped by billing", attention.held_services),
    }


class CallOutcome(SimpleListFilter):
    title = "outcome"
    parameter_name = "outcome"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("failed", "Failed"), ("good", "Answered")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        if self.value() == "failed":
            return queryset.exclude(error="")
        return queryset.filter(error="") if self.value() == "good" else queryset
