"""The search of a list: each word by itself, in any of the columns."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeVar

from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django.utils.text import smart_split, unescape_string_literal

M = TypeVar("M", bound=Model)


class Matching:
    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        admin: Any = self
        lookups = admin.get_search_fields(request) if search_term else ()
        return matching(queryset, lookups, search_term), False


def matching(rows: QuerySet[M], lookups: Sequence[str], term: str) -> QuerySet[M]:
    """Those in which each word is found by one of the lookups; all of them without a lookup.

    A word in one column or another is a union of rows, not an OR: over several tables the database
    can use its indexes for the first only.
    """
    for word in _words(term) if lookups else ():
        everything = rows.model._base_manager.order_by()
        hits = [everything.filter(**{lookup: word}).values("pk") for lookup in lookups]
        rows = rows.filter(pk__in=hits[0].union(*hits[1:]))
    return rows


def _words(term: str) -> list[str]:
    """What stands in quotes is one word."""
    return [_unquoted(word) for word in smart_split(term)]


def _unquoted(word: str) -> str:
    quoted = len(word) > 1 and word[0] == word[-1] and word[0] in "\"'"
    return unescape_string_literal(word) if quoted else word
