"""`make bench`: what the panel costs, each measurement in processes of its own.

    python -m bench [NAME ...]    names as in the first column

A measurement has a `build` and a `measure` step. Both get a database cloned from an empty one, so
that neither the other measurements nor the making of the data count.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

import psycopg
from psycopg.sql import SQL, Identifier

from bench.report import print_report
from bench.steps import MEASUREMENTS, Measurement
from tests.settings import TEST_DEFAULTS

EMPTY, USED = "postmeter_bench_empty", "postmeter_bench"


def main(names: list[str]) -> None:
    url = os.environ.get("DATABASE_URL", "")
    if not url.startswith("postgres"):
        sys.exit("The benchmark needs PostgreSQL: make bench")
    chosen = [each for each in MEASUREMENTS if not names or each.name in names]
    with _database(url, EMPTY) as empty:
        _run(["manage.py", "migrate", "--verbosity=0", "--skip-checks"], empty)
        print_report((each, _measured(each, url)) for each in chosen)


def _measured(measurement: Measurement, url: str) -> dict[str, Any]:
    print(f"{measurement.name} ...", end=" ", flush=True, file=sys.stderr)
    with _database(url, USED, template=EMPTY) as database:
        _run(["-m", "bench.steps", "build", measurement.name], database)
        found: dict[str, Any] = json.loads(
            _run(["-m", "bench.steps", "measure", measurement.name], database)
        )
    print("done", flush=True, file=sys.stderr)
    return found


@contextmanager
def _database(server: str, name: str, *, template: str = "template0") -> Iterator[str]:
    """A database of our own on that server, gone afterwards; its URL."""
    with psycopg.connect(server, autocommit=True) as connection:
        _drop(connection, name)
        connection.execute(
            SQL("CREATE DATABASE {} TEMPLATE {}").format(Identifier(name), Identifier(template))
        )
        try:
            yield urlsplit(server)._replace(path=f"/{name}").geturl()
        finally:
            _drop(connection, name)


def _drop(connection: psycopg.Connection[Any], name: str) -> None:
    connection.execute(SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(Identifier(name)))


def _run(arguments: list[str], database: str) -> str:
    done = subprocess.run(
        [sys.executable, *arguments],
        env=_environment(database),
        stdout=subprocess.PIPE,
        text=True,
        check=False,
    )
    if done.returncode:
        sys.exit(f"{' '.join(arguments)} failed; the lines above say why.")
    return done.stdout


def _environment(database: str) -> Mapping[str, str]:
    """One set of keys for all steps: what `build` seals `measure` has to read."""
    settings = {"DJANGO_SETTINGS_MODULE": "tests.settings", "DATABASE_URL": database}
    return TEST_DEFAULTS | os.environ | settings


if __name__ == "__main__":
    main(sys.argv[1:])
