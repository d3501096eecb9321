"""Method and path pattern to handler, without a scan over all routes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Generic, TypeVar
from urllib.parse import unquote

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Match(Generic[T]):
    target: T
    args: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class _Entry(Generic[T]):
    segments: tuple[str, ...]
    target: T

    def match(self, segments: tuple[str, ...]) -> dict[str, str] | None:
        args: dict[str, str] = {}
        for pattern, segment in zip(self.segments, segments, strict=True):
            if pattern.startswith("{"):
                args[pattern[1:-1]] = unquote(segment)
            elif pattern != segment.lower():
                return None
        return args


class Router(Generic[T]):
    """Patterns such as ``settings/domain/user/{email}``; a literal beats a placeholder.

    Letter case of literals, doubled slashes and a trailing slash are ignored. Placeholders are
    decoded one segment at a time, so an encoded slash stays inside its value.
    """

    def __init__(self) -> None:
        self._routes: dict[tuple[str, int], list[_Entry[T]]] = {}
        self._methods: set[str] = set()

    def add(self, method: str, pattern: str, target: T) -> None:
        segments = tuple(part if part.startswith("{") else part.lower() for part in _split(pattern))
        bucket = self._routes.setdefault((method, len(segments)), [])
        bucket.append(_Entry(segments, target))
        bucket.sort(key=lambda entry: [part.startswith("{") for part in entry.segments])
        self._methods.add(method)

    def find(self, method: str, path: str) -> Match[T] | None:
        segments = _split(path)
        for entry in self._routes.get((method, len(segments)), ()):
            args = entry.match(segments)
            if args is not None:
                return Match(entry.target, args)
        return None

    def allows(self, path: str) -> list[str]:
        """Methods under which ``path`` is known: empty means 404 rather than 405."""
        return sorted(method for method in self._methods if self.find(method, path))


def _split(path: str) -> tuple[str, ...]:
    return tuple(part for part in path.split("/") if part)
