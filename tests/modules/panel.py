"""The panel in miniature: it keeps what a module stores and opens the module anew for each act."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar

from provisioning.contract import (
    Account,
    CallRecord,
    HttpClient,
    HttpOptions,
    Module,
    Observed,
    ServerLink,
    TemporaryError,
)

T = TypeVar("T")


class MemoryTokens:
    """As the shared store: values expire, and one at a time holds a lock."""

    def __init__(self) -> None:
        self._values: dict[str, tuple[float, str]] = {}
        self._locks: dict[str, threading.Lock] = {}
        self._guard = threading.Lock()

    def get(self, key: str) -> dict[str, Any] | None:
        end, value = self._values.get(key, (0.0, ""))
        return json.loads(value) if end > time.monotonic() else None

    def set(self, key: str, value: dict[str, Any], *, seconds: float) -> None:
        self._values[key] = (time.monotonic() + seconds, json.dumps(value))

    def delete(self, key: str) -> None:
        self._values.pop(key, None)

    @contextmanager
    def lock(self, key: str, *, seconds: float) -> Iterator[None]:
        with self._guard:
            lock = self._locks.setdefault(key, threading.Lock())
        if not lock.acquire(timeout=seconds):
            raise TemporaryError("Another worker is still busy with the same thing here.")
        try:
            yield
        finally:
            lock.release()

    def forget(self) -> None:
        self._values.clear()

    def texts(self) -> list[str]:
        return [value for _, value in self._values.values()]


@dataclass
class Panel:
    """One service on one server. `read_timeout` and `budget` in seconds, as the panel would set."""

    kind: type[Module]
    link: ServerLink
    account: Account
    read_timeout: float = 5.0
    budget: float = 30.0
    verify_tls: bool = True
    calls: list[CallRecord] = field(default_factory=list)

    def run(self, act: Callable[[Module], T]) -> T:
        http = HttpClient(
            self.link.http.base_url,
            HttpOptions(
                read_timeout=self.read_timeout,
                budget=self.budget,
                verify_tls=self.verify_tls,
                allow_private=True,
            ),
            secrets=self.kind.secret_names,
            on_call=self.calls.append,
        )
        try:
            return act(self.kind(replace(self.link, http=http)))
        finally:
            http.close()

    def create(self) -> Observed:
        return self.keep(self.run(lambda module: module.create(self.account, self.progress)))

    def adopt(self) -> Observed:
        return self.keep(self.run(lambda module: module.adopt(self.account)))

    def observe(self) -> Observed:
        return self.run(lambda module: module.observe(self.account))

    def suspend(self) -> Observed:
        return self.keep(self.run(lambda module: module.suspend(self.account, "unpaid")))

    def unsuspend(self) -> Observed:
        return self.keep(self.run(lambda module: module.unsuspend(self.account)))

    def restrict(self) -> Observed:
        return self.keep(self.run(lambda module: module.restrict(self.account, "unpaid")))

    def unrestrict(self) -> Observed:
        return self.keep(self.run(lambda module: module.unrestrict(self.account)))

    def terminate(self) -> Observed:
        return self.keep(self.run(lambda module: module.terminate(self.account)))

    def change_package(self, **settings: Any) -> Observed:
        self.account = replace(self.account, settings={**self.account.settings, **settings})
        return self.keep(self.run(lambda module: module.change_package(self.account)))

    def progress(self, data: Mapping[str, Any], secrets: Mapping[str, str]) -> None:
        self.account = replace(
            self.account,
            data={**self.account.data, **data},
            secrets={**self.account.secrets, **secrets},
        )

    def keep(self, observed: Observed) -> Observed:
        self.progress(observed.data, observed.secrets)
        return observed

    def retried(self, act: Callable[[], T], *, times: int = 4) -> T:
        """As the panel does with a temporary failure."""
        for _ in range(times - 1):
            try:
                return act()
            except TemporaryError:
                continue
        return act()
