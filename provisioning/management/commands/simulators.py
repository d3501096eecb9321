from __future__ import annotations

import signal
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.utils.module_loading import import_string

from config import clock
from provisioning.registry import SIMULATORS, module_class
from provisioning.simulation import SimClock, Simulator
from provisioning.simulation.persistence import write_json

ADDRESSES = "addresses.json"


class Command(BaseCommand):
    help = "Starts a simulated server of every mail platform that has one, until interrupted."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--host", default="127.0.0.1")
        parser.add_argument(
            "--state",
            type=Path,
            metavar="DIRECTORY",
            help=f"keep what the servers hold, and their addresses in {ADDRESSES}",
        )
        for code in SIMULATORS:
            parser.add_argument(f"--{code}", type=int, default=0, metavar="PORT", help="0: any")

    def handle(self, *_args: Any, host: str, state: Path | None, **options: Any) -> None:
        told = _told_to_stop()
        running: dict[str, Simulator] = {}
        try:
            for code, path in SIMULATORS.items():
                running[code] = import_string(path)(
                    host=host,
                    port=options[code],
                    clock=SimClock(clock.now),
                    state_file=state / f"{code}.json" if state else None,
                ).start()
                for name, url in running[code].addresses().items():
                    label = f"{module_class(code).label} simulator {name}".rstrip()
                    self.stdout.write(f"{label}: {url}")
            if state:
                write_json(state / ADDRESSES, _by_name(running))
            self.stdout.flush()
            told.wait()
        finally:
            for simulator in running.values():
                simulator.stop()


def _by_name(running: Mapping[str, Simulator]) -> dict[str, str]:
    """By code, a further socket of a server by code and its own name: "code.name"."""
    return {
        f"{code}.{name}".rstrip("."): url
        for code, simulator in running.items()
        for name, url in simulator.addresses().items()
    }


def _told_to_stop() -> threading.Event:
    told = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_args: told.set())
    return told
