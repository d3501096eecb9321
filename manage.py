#!/usr/bin/env python3
from __future__ import annotations

import os
import sys

from django.core.management import execute_from_command_line

from config.env import SettingsError, load_settings


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    try:
        load_settings()
    except SettingsError as error:
        sys.exit(f"Postmeter cannot start: {error}")
    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
