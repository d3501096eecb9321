"""A simulated server with many accounts: python -m bench.platform CODE COUNT

It runs until its standard input ends, in a process of its own.
"""

from __future__ import annotations

import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import requests
from django.utils.module_loading import import_string

from bench.stages import PASSWORD, STAGES, USUAL, domain_of
from provisioning.registry import SIMULATORS

TIMEOUT = 60


@contextmanager
def platform(count: int, code: str = USUAL) -> Iterator[str]:
    """Its URL."""
    command = [sys.executable, "-m", "bench.platform", code, str(count)]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdin and process.stdout
        try:
            yield process.stdout.readline().strip()
        finally:
            process.stdin.close()


def calls(url: str) -> str:
    """What the platform was asked, and how often."""
    exchanges = requests.get(f"{url}/_sim/journal", timeout=TIMEOUT).json()["exchanges"]
    paths = Counter(str(each["path"]).rpartition("/")[2] for each in exchanges)
    total = exchanges[-1]["number"] if exchanges else 0  # the oldest may be forgotten
    kinds = ", ".join(f"{count:,} × {path}" for path, count in paths.items())
    return kinds if total == len(exchanges) else f"{total:,} in all, the last {kinds}"


def main(code: str, count: int) -> None:
    stage = STAGES[code]
    made: Any = import_string(SIMULATORS[code])(admin_user=stage.username, admin_password=PASSWORD)
    with made as simulator:
        for number in range(count):
            stage.fill(simulator.state, number, domain_of(number))
        print(simulator.url, flush=True)
        sys.stdin.read()


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
