"""The simulated server's own side: what happens there without the panel, such as incoming mail."""

from __future__ import annotations

from typing import Any, Self

import requests

TIMEOUT = 30


class Remote:
    def __init__(self, url: str) -> None:
        self._url = url
        self._session = requests.Session()
        self._session.trust_env = False

    def do(self, action: str, **arguments: Any) -> Any:
        """One of the simulator's own helpers. RuntimeError with its words when it refuses."""
        answer = self._session.post(
            f"{self._url}/_sim/do/{action}", json=arguments, timeout=TIMEOUT
        )
        found = answer.json()
        if not answer.ok:
            raise RuntimeError(f"{action}: {found['error']}")
        return found["result"]

    def close(self) -> None:
        self._session.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self.close()
