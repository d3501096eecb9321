"""What really went over the wire, for tests and for people looking at a demo."""

from __future__ import annotations

import json
import threading
from collections import deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase

from provisioning.simulation.messages import Request

KEPT = 10_000


def path_matches(pattern: str, path: str) -> bool:
    """Shell-style, case-insensitive: ``*/domain-put`` or ``/api/v1/auth/*``."""
    return fnmatchcase(path.lower(), pattern.lower())


@dataclass(slots=True)
class Exchange:
    """One request with the fault that struck it; ``status`` is None when nothing was answered."""

    number: int
    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes
    fault: str | None = None
    status: int | None = None

    def json(self) -> object:
        return json.loads(self.body) if self.body.strip() else None

    def header(self, name: str) -> str:
        return self.headers.get(name.lower(), "")

    def as_dict(self) -> dict[str, object]:
        return {
            "number": self.number,
            "method": self.method,
            "path": self.path,
            "query": dict(self.query),
            "headers": dict(self.headers),
            "body": self.body.decode(errors="replace"),
            "fault": self.fault,
            "status": self.status,
        }


class Journal:
    """The last 10,000 exchanges, oldest first; control calls are not among them."""

    def __init__(self) -> None:
        self._entries: deque[Exchange] = deque(maxlen=KEPT)
        self._lock = threading.Lock()
        self.total = 0

    def record(self, request: Request, fault: str | None) -> Exchange:
        with self._lock:
            self.total += 1
            entry = Exchange(
                self.total,
                request.method,
                request.path,
                request.query,
                request.headers,
                request.body,
                fault,
            )
            self._entries.append(entry)
            return entry

    def find(self, pattern: str = "*", *, method: str = "*") -> list[Exchange]:
        return [
            entry
            for entry in self
            if method in ("*", entry.method) and path_matches(pattern, entry.path)
        ]

    def clear(self) -> None:
        with self._lock:
            self._entries.clear()
            self.total = 0

    def __iter__(self) -> Iterator[Exchange]:
        with self._lock:
            return iter(list(self._entries))

    def __len__(self) -> int:
        return len(self._entries)

    def __getitem__(self, index: int) -> Exchange:
        return self._entries[index]
