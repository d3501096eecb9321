"""Real processes of the panel on the test's own database."""

from __future__ import annotations

import os
import subprocess
import sys

from django.db import connection

from config.settings import BASE_DIR


def environment() -> dict[str, str]:
    """This process's environment, with the test database instead of the one it was made from. The
    addresses in it are final: a child counts no databases up by the number of its test process.
    """
    database = connection.settings_dict
    login = f"{database['USER']}:{database['PASSWORD']}@" if database["USER"] else ""
    url = f"postgres://{login}{database['HOST']}:{database['PORT']}/{database['NAME']}"
    here = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}
    return here | {"DJANGO_SETTINGS_MODULE": "tests.settings", "DATABASE_URL": url}


def manage(*arguments: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "manage.py", *arguments],
        cwd=BASE_DIR,
        env=environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
