"""Counting statements, seconds and memory."""

from __future__ import annotations

import resource
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from unittest import mock

import psycopg
from django.db import connection

MIB = 1024**2
# ru_maxrss is in KiB on Linux and in bytes on macOS.
RSS_UNIT = 1 if sys.platform == "darwin" else 1024


@dataclass
class Meter:
    statements: int = 0
    seconds: float = 0.0

    def __call__(self, execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        self.statements += 1
        return execute(sql, params, many, context)


@contextmanager
def metered() -> Iterator[Meter]:
    meter = Meter()
    started = time.perf_counter()
    with connection.execute_wrapper(meter), _copies_counted(meter):
        yield meter
    meter.seconds = time.perf_counter() - started


@contextmanager
def _copies_counted(meter: Meter) -> Iterator[None]:
    """COPY passes by Django's wrappers."""
    copy = psycopg.Cursor.copy

    def counted(*args: Any, **kwargs: Any) -> Any:
        meter.statements += 1
        return copy(*args, **kwargs)

    with mock.patch.object(psycopg.Cursor, "copy", counted):
        yield


def peak_mib() -> int:
    """The most memory this process has held so far."""
    return int(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * RSS_UNIT / MIB)
