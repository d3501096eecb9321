from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from accounts import setup


class Command(BaseCommand):
    help = "Print the one-time link by which a new installation gets its first owner."

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            link = setup.new_link()
        except setup.SetupClosed:
            raise CommandError("Set-up is closed: this installation has its owner.") from None
        hours = setup.VALID_FOR.total_seconds() / 3600
        self.stdout.write(f"Open this once, within {hours:.0f} hours:\n{link}")
