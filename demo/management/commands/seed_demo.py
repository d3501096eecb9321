from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from demo import seed


class Command(BaseCommand):
    help = "Fills an empty database with the example reseller of `make demo`."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("addresses", type=Path, help="what `simulators --state` wrote")
        parser.add_argument("zones", type=Path, help="to write for the demo's name server")

    def handle(self, *_args: Any, addresses: Path, zones: Path, **_options: Any) -> None:
        if not (settings.DEMO and settings.CLOCK_FILE):
            raise CommandError("This is for the demo alone: it needs DEMO=1 and a CLOCK_FILE.")
        known = json.loads(addresses.read_text())
        if seed.is_complete():
            seed.connect(known)
            return
        try:
            zones.write_text(json.dumps(seed.plant(known), indent=1))
        except seed.HalfDone:
            raise CommandError(
                "The database is not empty. Start over with: make demo RESET=1"
            ) from None
