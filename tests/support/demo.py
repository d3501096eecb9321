"""The demo as a person starts it: the supervisor as a process."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import psutil

from config.settings import BASE_DIR

UP = "Postmeter is running"


class Demo:
    def __init__(self, folder: Path, **variables: str) -> None:
        self.folder = folder
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.output = folder.with_suffix(".out")
        with self.output.open("w") as out:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "demo.supervisor", str(folder)],
                cwd=BASE_DIR,
                env=os.environ | {"PORT": str(self.port), "HOST": "", "RESET": ""} | variables,
                stdout=out,
                stderr=subprocess.STDOUT,
            )

    def __enter__(self) -> Demo:
        return self

    def __exit__(self, *_why: object) -> None:
        self.stop()

    @property
    def said(self) -> str:
        return self.output.read_text()

    def wait_until_up(self, seconds: float = 90) -> None:
        self.wait_for(UP, seconds)
        assert self.process.poll() is None, self.said

    def wait_for(self, text: str, seconds: float = 60) -> None:
        deadline = time.monotonic() + seconds
        while text not in self.said and self.process.poll() is None:
            assert time.monotonic() < deadline, self.said
            time.sleep(0.05)

    def family(self) -> list[psutil.Process]:
        """All processes below the supervisor."""
        return list(psutil.Process(self.process.pid).children(recursive=True))

    def stop(self, number: int = signal.SIGINT) -> int:
        """As Ctrl-C does; the exit code."""
        if self.process.poll() is None:
            self.process.send_signal(number)
        return self.process.wait(timeout=30)


def alive(processes: list[psutil.Process]) -> list[str]:
    """Those that still run; ended ones that nobody has asked after do not count."""
    _gone, left = psutil.wait_procs(processes, timeout=3)
    return [str(each) for each in left if each.status() != psutil.STATUS_ZOMBIE]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
