"""The search of a list: each word by itself, in any of the columns."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.text import smart_split, unescape_string_literal


class Matching:
    """A word in one column or another is a union of rows, not an OR: over several tables the
    database can use its indexes for the first only.
    """

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        admin: Any = self
        lookups = admin.get_search_fields(request) if search_term else ()
        for word in _words(search_term) if lookups else ():
            rows = admin.model._base_manager.order_by()
            hits = [rows.filter(**{lookup: word}).values("pk") for lookup in lookups]
            queryset = queryset.filter(pk__in=hits[0].union(*hits[1:]))
        return queryset, False


def _words(term: str) -> list[str]:
    """What stands in quotes is one word."""
    return [_unquoted(word) for word in smart_split(term)]


def _unquoted(word: str) -> str:
    quoted = len(word) > 1 and word[0] == word[-1] and word[0] in "\"'"
    return unescape_string_literal(word) if quoted else word
