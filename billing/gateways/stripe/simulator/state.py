"""What the simulated Stripe account holds: objects as Stripe writes them, by id, and its events."""

from __future__ import annotations

import copy
import secrets
import string
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from billing.gateways.stripe.simulator.errors import NoSuch
from provisioning.simulation import SimClock

Data = dict[str, Any]
LETTERS = string.ascii_letters + string.digits
NOUNS = {
    "cus": "customer",
    "pm": "payment_method",
    "pi": "payment_intent",
    "seti": "setup_intent",
    "cs": "checkout.session",
    "ch": "charge",
    "re": "refund",
    "dp": "dispute",
}
VERSION = "2026-10-28.endive"


@dataclass
class State:
    clock: SimClock
    objects: dict[str, Data] = field(default_factory=dict)
    numbers: dict[str, str] = field(default_factory=dict)  # payment method id -> test card
    events: list[Data] = field(default_factory=list)
    revision: int = 0

    def now(self) -> int:
        return int(self.clock.now().timestamp())

    def add(self, prefix: str, **values: Any) -> Data:
        mark = "cs_test" if prefix == "cs" else prefix
        made: Data = {
            "id": f"{mark}_{token(24)}",
            "object": NOUNS[prefix],
            "created": self.now(),
            "livemode": False,
        } | values
        self.objects[made["id"]] = made
        self.revision += 1
        return made

    def get(self, prefix: str, key: object) -> Data:
        found = self.objects.get(str(key))
        if found is None or found["object"] != NOUNS[prefix]:
            raise NoSuch(NOUNS[prefix].replace("checkout.", "checkout "), str(key))
        return found

    def all(self, prefix: str, **wanted: object) -> Iterator[Data]:
        """Newest first."""
        for each in reversed(list(self.objects.values())):
            if each["object"] == NOUNS[prefix] and all(
                each.get(name) == value for name, value in wanted.items()
            ):
                yield each

    def tell(self, kind: str, about: Data) -> Data:
        """An event with the object as it is now."""
        event = {
            "id": f"evt_{token(24)}",
            "object": "event",
            "api_version": VERSION,
            "created": self.now(),
            "livemode": False,
            "type": kind,
            "data": {"object": copy.deepcopy(about)},
        }
        self.events.append(event)
        self.revision += 1
        return event


def token(length: int) -> str:
    return "".join(secrets.choice(LETTERS) for _each in range(length))


def page(rows: Iterator[Data], params: Data, url: str) -> Data:
    """A list as Stripe gives it."""
    limit = int(params.get("limit", 10))
    found = list(rows)
    return {"object": "list", "url": url, "data": found[:limit], "has_more": len(found) > limit}
