"""The list of measurements, and one step of one of them as a process:

python -m bench.steps build|measure NAME
"""

from __future__ import annotations

import importlib
import json
import sys
from dataclasses import dataclass
from typing import Any

import django


@dataclass(frozen=True)
class Measurement:
    """`module` has `build(size)` and `measure(size)`, which returns the cells of its row."""

    name: str
    module: str
    size: int
    title: str


MEASUREMENTS = (
    Measurement("page-50", "bench.page", 50, "Mailbox page, 50 mailboxes"),
    Measurement("page-1000", "bench.page", 1_000, "Mailbox page, 1,000 mailboxes"),
    Measurement("page-10000", "bench.page", 10_000, "Mailbox page, 10,000 mailboxes"),
    Measurement("usage", "bench.usage", 5_000, "Usage sync, 5,000 domains on one server"),
    Measurement("features", "bench.features", 200, "ActiveSync and MAPI poll, 200 domains"),
    Measurement("billing", "bench.billing", 2_000, "Billing run, 2,000 metered services"),
    Measurement("billing-20000", "bench.billing", 20_000, "Billing run, 20,000 metered services"),
    Measurement("billing-100000", "bench.billing", 100_000, "Billing run, 100,000 metered"),
)


def main(step: str, name: str) -> None:
    measurement = next(each for each in MEASUREMENTS if each.name == name)
    django.setup()
    act = getattr(importlib.import_module(measurement.module), step)
    found: Any = act(measurement.size)
    print(json.dumps(found))


if __name__ == "__main__":
    main(*sys.argv[1:])
