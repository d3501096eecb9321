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

from bench.stages import STAGES, USUAL
from provisioning.registry import module_class


@dataclass(frozen=True)
class Measurement:
    """`module` has `build(size)` and `measure(size)`, which returns the cells of its row; with a
    `platform` both take its code too.
    """

    name: str
    module: str
    size: int
    title: str
    platform: str = ""


MEASUREMENTS = (
    Measurement("page-50", "bench.page", 50, "Mailbox page, 50 mailboxes"),
    Measurement("page-1000", "bench.page", 1_000, "Mailbox page, 1,000 mailboxes"),
    Measurement("page-10000", "bench.page", 10_000, "Mailbox page, 10,000 mailboxes"),
    *(
        Measurement(
            "usage" if code == USUAL else f"usage-{code}",
            "bench.usage",
            5_000,
            f"Usage sync, 5,000 accounts, {module_class(code).label}",
            platform=code,
        )
        for code in STAGES
    ),
    Measurement("features", "bench.features", 200, "ActiveSync and MAPI poll, 200 domains"),
    Measurement("billing", "bench.billing", 2_000, "Billing run, 2,000 metered services"),
    Measurement("billing-20000", "bench.billing", 20_000, "Billing run, 20,000 metered services"),
    Measurement("billing-100000", "bench.billing", 100_000, "Billing run, 100,000 metered"),
)


def main(step: str, name: str) -> None:
    measurement = next(each for each in MEASUREMENTS if each.name == name)
    django.setup()
    act = getattr(importlib.import_module(measurement.module), step)
    found: Any = act(measurement.size, *filter(None, [measurement.platform]))
    print(json.dumps(found))


if __name__ == "__main__":
    main(*sys.argv[1:])
