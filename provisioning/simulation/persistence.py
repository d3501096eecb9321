"""Keeping a simulator's state in a file, so that a restarted demo finds its domains again."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any


def read_json(path: Path) -> dict[str, Any] | None:
    """The saved object; None when nothing was saved yet."""
    try:
        data = json.loads(path.read_text())
    except FileNotFoundError:
        return None
    if not isinstance(data, dict):
        raise ValueError(f"{path} does not hold a simulator's state")
    return data


def write_json(path: Path, data: object) -> None:
    """Whole or not at all; readable by the owner only, as it holds mailbox passwords."""
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_name(path.name + ".new")
    fresh.touch(mode=0o600)
    fresh.write_text(json.dumps(data))
    fresh.replace(path)


class Autosave:
    """Saves from a background thread when ``version()`` has moved, and once more on close."""

    def __init__(
        self, *, version: Callable[[], int], save: Callable[[], None], every: float = 1.0
    ) -> None:
        self._version = version
        self._save = save
        self._every = every
        self._saved = version()
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._run, name="simulator-autosave", daemon=True)
        self._thread.start()

    def close(self) -> None:
        self._closing.set()
        self._thread.join()
        self._flush()

    def _run(self) -> None:
        while not self._closing.wait(self._every):
            self._flush()

    def _flush(self) -> None:
        version = self._version()
        if version != self._saved:
            self._save()
            self._saved = version
