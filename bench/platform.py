"""A simulated server with many domains: python -m bench.platform COUNT

It runs until its standard input ends, in a process of its own.
"""

from __future__ import annotations

import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

import requests

from provisioning.modules.smartermail.simulator import SmarterMailSimulator

USER, PASSWORD = "admin", "Simulated-Sys4dmin"
GB = 1024**3
TIMEOUT = 60


@contextmanager
def platform(count: int) -> Iterator[str]:
    """Its URL."""
    command = [sys.executable, "-m", "bench.platform", str(count)]
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
    return ", ".join(f"{count:,} × {path}" for path, count in paths.items())


def main(count: int) -> None:
    with SmarterMailSimulator(admin_user=USER, admin_password=PASSWORD) as simulator:
        for number in range(count):
            name = simulator.state.add_domain(f"client{number}.example")
            simulator.state.set_disk(name, (number % 40 + 1) * GB)
        print(simulator.url, flush=True)
        sys.stdin.read()


if __name__ == "__main__":
    main(int(sys.argv[1]))
