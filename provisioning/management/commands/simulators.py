from __future__ import annotations

import signal
import threading
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.utils.module_loading import import_string

from provisioning.registry import SIMULATORS, module_class


class Command(BaseCommand):
    help = "Starts a simulated server of every mail platform that has one, until interrupted."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--host", default="127.0.0.1")
        for code in SIMULATORS:
            parser.add_argument(f"--{code}", type=int, default=0, metavar="PORT", help="0: any")

    def handle(self, *_args: Any, host: str, **options: Any) -> None:
        running = [
            (code, import_string(path)(host=host, port=options[code]).start())
            for code, path in SIMULATORS.items()
        ]
        try:
            for code, simulator in running:
                self.stdout.write(f"{module_class(code).label} simulator: {simulator.url}")
            self.stdout.flush()
            _until_told_to_stop()
        finally:
            for _code, simulator in running:
                simulator.stop()


def _until_told_to_stop() -> None:
    told = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_args: told.set())
    told.wait()
