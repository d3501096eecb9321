"""Faults on demand: which request is struck, and by what.

Kinds: ``status``, ``hang``, ``delay``, ``close``, ``garbage``, ``bad-http``, ``empty``,
``truncated`` and ``refusal``. Bare, they answer *instead of* the act (``delay`` acts afterwards,
``truncated`` always acts). With ``apply-then-`` in front the act is done first and only its answer
is late, lost or spoilt: ``apply-then-close``, ``apply-then-hang``, ``apply-then-500``.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass, fields

from provisioning.simulation.journal import path_matches
from provisioning.simulation.messages import Request

EFFECTS = frozenset(
    {"status", "hang", "delay", "close", "garbage", "bad-http", "empty", "truncated", "refusal"}
)
APPLY = "apply-then-"


@dataclass(frozen=True, slots=True)
class FaultRule:
    """Strikes from the ``nth`` matching request on, ``times`` times (None: for ever).

    ``seconds`` is the length of a delay, or ends a hang (None: until either side gives up).
    ``status``, ``body`` and ``content_type`` shape a ``status`` fault; ``message`` a refusal.
    ``contains`` is text that must stand in the request's body, where all calls share one path.
    """

    kind: str
    method: str = "*"
    path: str = "*"
    nth: int = 1
    times: int | None = 1
    status: int = 500
    body: str = ""
    content_type: str = "text/html"
    seconds: float | None = None
    message: str = "FAULT_ON_DEMAND"
    contains: str = ""

    def __post_init__(self) -> None:
        if self.effect not in EFFECTS:
            known = ", ".join(sorted(EFFECTS))
            raise ValueError(f"unknown fault {self.kind!r}; known: {known}, or {APPLY}<kind>")
        if self.nth < 1 or (self.times is not None and self.times < 1):
            raise ValueError("nth and times count from 1")

    @property
    def effect(self) -> str:
        bare = self.kind.removeprefix(APPLY)
        return "status" if bare == "500" else bare

    @property
    def applies(self) -> bool:
        return self.kind.startswith(APPLY)

    def matches(self, request: Request) -> bool:
        right_call = self.method in ("*", request.method) and path_matches(self.path, request.path)
        return right_call and self.contains.encode() in request.body

    def due(self, count: int) -> bool:
        return self.nth <= count and (self.times is None or count < self.nth + self.times)

    @classmethod
    def from_json(cls, data: object) -> FaultRule:
        """ValueError with a sentence when a key is unknown or the kind missing."""
        if not isinstance(data, dict):
            raise ValueError("a fault rule is a JSON object")
        known = {item.name for item in fields(cls)}
        unknown = sorted(set(data) - known)
        if unknown:
            raise ValueError(f"unknown keys in a fault rule: {', '.join(unknown)}")
        if not isinstance(data.get("kind"), str):
            raise ValueError("a fault rule needs a kind")
        return cls(**data)


class FaultBook:
    """The rules in force. Every rule counts all the requests it matches; the first due one wins."""

    def __init__(self) -> None:
        self._rules: list[FaultRule] = []
        self._counts: list[int] = []
        self._lock = threading.Lock()

    def add(self, rule: FaultRule) -> None:
        with self._lock:
            self._rules.append(rule)
            self._counts.append(0)

    def clear(self) -> None:
        with self._lock:
            self._rules.clear()
            self._counts.clear()

    def strike(self, request: Request) -> FaultRule | None:
        with self._lock:
            struck: FaultRule | None = None
            for index, rule in enumerate(self._rules):
                if not rule.matches(request):
                    continue
                self._counts[index] += 1
                if struck is None and rule.due(self._counts[index]):
                    struck = rule
            return struck

    def as_list(self) -> list[dict[str, object]]:
        with self._lock:
            return [
                {item.name: getattr(rule, item.name) for item in fields(rule)} | {"seen": seen}
                for rule, seen in zip(self._rules, self._counts, strict=True)
            ]
