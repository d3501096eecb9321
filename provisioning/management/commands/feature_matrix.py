from __future__ import annotations

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from provisioning.declared.matrix import page
from provisioning.registry import MODULES, module_class


class Command(BaseCommand):
    help = "Writes docs/features.md: which platform has what, as its module declares."

    def add_arguments(self, parser: CommandParser) -> None:
        usual = Path(settings.BASE_DIR) / "docs" / "features.md"
        parser.add_argument("--file", type=Path, default=usual)
        parser.add_argument("--check", action="store_true", help="write nothing, only compare")

    def handle(self, *_args: Any, file: Path, check: bool, **_options: Any) -> None:
        wanted = page(module_class(code) for code in MODULES)
        if check and (not file.exists() or file.read_text() != wanted):
            raise CommandError(f"{file} is out of date: run manage.py feature_matrix")
        if not check:
            file.parent.mkdir(exist_ok=True)
            file.write_text(wanted)
