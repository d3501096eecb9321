"""Every request and every answer of a command is broken in turn, and the command retried.

A vendor's file says what the ground is (`ground`), which faults its wire knows besides the usual
ones, and what must be true in the end.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from provisioning.contract import MisconfiguredError, ModuleError
from tests.modules.panel import Panel

USUAL: dict[str, dict[str, Any]] = {
    "connection closed before the act": {"kind": "close"},
    "hang before the act": {"kind": "hang"},
    "refused in the platform's own way": {"kind": "refusal"},
    "HTML page with HTTP 200": {"kind": "status", "status": 200, "body": "<html>Hello</html>"},
    "HTML page with HTTP 404": {"kind": "status", "status": 404, "body": "<html>Nothing</html>"},
    "too many requests": {"kind": "status", "status": 429, "body": " "},
    "HTTP 500 before the act": {"kind": "status", "status": 500},
    "garbage instead of the act": {"kind": "garbage"},
    "empty body instead of the act": {"kind": "empty"},
    "done, then the connection closed": {"kind": "apply-then-close"},
    "done, then a hang": {"kind": "apply-then-hang"},
    "done, then HTTP 500": {"kind": "apply-then-500"},
    "done, then garbage": {"kind": "apply-then-garbage"},
    "done, then half an answer": {"kind": "truncated"},
}
ATTEMPTS = 4


@dataclass(frozen=True)
class Ground:
    """`empty` leaves nothing of anybody on the platform; `held` counts the accounts of one name.

    `strikes`: how often in a row a request is struck, each in a round of its own.
    """

    empty: Callable[[], object]
    held: Callable[[], int]
    strikes: tuple[int, ...] = (1,)


@dataclass(frozen=True)
class Breaker:
    """Called, it yields after each round where it struck: the command has come to its end then."""

    simulator: Any
    panel: Panel
    ground: Ground

    def __call__(
        self,
        fault: Mapping[str, Any],
        act: Callable[[], object],
        arrange: Callable[[], object] = list,
        *,
        panel: Panel | None = None,
    ) -> Iterator[str]:
        struck = panel or self.panel
        struck.read_timeout, ordered = patience(fault), struck.account
        self._prepare(struck, ordered, arrange)
        act()
        for position in range(1, self.simulator.journal.total + 1):
            for times in self.ground.strikes:
                self._prepare(struck, ordered, arrange)
                self.simulator.fault(nth=position, times=times, **fault)
                self._carry_out(struck, act)
                self.simulator.faults.clear()
                yield f"request {position}, struck {times} times"

    def _prepare(self, panel: Any, ordered: Any, arrange: Callable[[], object]) -> None:
        self.simulator.faults.clear()
        self.ground.empty()
        panel.link.tokens.forget()
        panel.account = ordered
        arrange()
        panel.link.tokens.forget()  # so that signing in is among the requests to break
        self.simulator.journal.clear()

    def _carry_out(self, panel: Panel, act: Callable[[], object]) -> None:
        """Retries as the panel does; staff mend what only they can, by a Test Connection."""
        for _ in range(ATTEMPTS):
            try:
                act()
            except ModuleError as error:
                assert error.detail and " " in error.message
                if isinstance(error, MisconfiguredError):
                    with suppress(ModuleError):
                        panel.run(lambda module: module.check_connection())
            else:
                return
            finally:
                assert self.ground.held() <= 1
        raise AssertionError("the command never came to an end")


def patience(fault: Mapping[str, Any]) -> float:
    """Seconds to wait for an answer: short only where none will come, or a busy machine would break
    what the fault did not.
    """
    return 0.25 if "hang" in fault["kind"] else 5.0
