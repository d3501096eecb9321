"""A process of the demo: started in a group of its own, its output in a file, ended for certain."""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from demo.home import ROOT

PR_SET_PDEATHSIG = 1
TAIL_LINES = 15


class Child:
    """`patience`: seconds between being asked to end and being killed."""

    def __init__(
        self, name: str, command: Sequence[str], *, log: Path, patience: float = 5.0
    ) -> None:
        self.name = name
        self.command = list(command)
        self.log = log
        self.patience = patience
        self._process: subprocess.Popen[bytes] | None = None

    def start(self, environment: Mapping[str, str]) -> None:
        with self.log.open("wb") as log:
            self._process = subprocess.Popen(
                self.command,
                cwd=ROOT,
                env=dict(environment),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                # Ctrl-C in the terminal is for the supervisor alone: it ends them in order.
                start_new_session=True,
                preexec_fn=_die_with_parent,  # noqa: PLW1509 - the supervisor has no threads
            )

    @property
    def running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    @property
    def exit_code(self) -> int | None:
        return self._process.poll() if self._process else None

    def ask_to_end(self) -> None:
        if self._process and self.running:
            self._process.terminate()

    def end(self, deadline: float) -> None:
        """Wait until `deadline` (monotonic), then kill; its own children go with it."""
        if self._process is None:
            return
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(max(0.0, deadline - time.monotonic()))
        with suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()

    def how_it_ended(self) -> str:
        code = self.exit_code
        if code is not None and code < 0:
            return f"was ended by {signal.Signals(-code).name}"
        return f"ended with exit code {code}"

    def tail(self) -> str:
        lines = self.log.read_text(errors="replace").splitlines() if self.log.exists() else []
        return "\n".join(lines[-TAIL_LINES:]) or "(nothing)"


def python(*arguments: str) -> list[str]:
    return [sys.executable, *arguments]


def _die_with_parent() -> None:
    """Even a supervisor that is killed outright leaves nothing behind, where Linux can do that."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
