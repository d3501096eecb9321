from __future__ import annotations

import signal
import threading
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from billing.gateways.stripe.simulator import StripeSimulator
from config import clock
from provisioning.simulation import SimClock


class Command(BaseCommand):
    help = "Starts a simulated Stripe, until interrupted."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--host", default="127.0.0.1")
        parser.add_argument("--port", type=int, default=0, help="0: any")
        parser.add_argument("--state", type=Path, metavar="FILE", help="keep what it holds")
        parser.add_argument("--events", metavar="URL", help="where it tells what happened")

    def handle(
        self, *_args: Any, host: str, port: int, state: Path | None, events: str, **_options: Any
    ) -> None:
        told = threading.Event()
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda *_args: told.set())
        simulator = StripeSimulator(
            host=host, port=port, clock=SimClock(clock.now), state_file=state
        )
        simulator.sends_to(events or "")
        with simulator:
            self.stdout.write(f"Stripe simulator: {simulator.url}")
            self.stdout.flush()
            told.wait()
