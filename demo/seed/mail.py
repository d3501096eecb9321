"""The customers' mail: people and shared mailboxes, what they weigh, and how that grows."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from datetime import timedelta

from config import clock
from demo.seed.cast import Order
from demo.seed.remote import Remote
from provisioning import directory
from provisioning.contract import Alias, MailboxChange, MailingList
from provisioning.models import Service

GB = 1024**3
FIRST = (
    "anna", "tom", "clara", "lucas", "mia", "noah", "emma", "finn", "sofie", "daan", "julia",
    "levi", "sara", "milan", "eva", "jesse", "lotte", "bram", "nina", "sven", "iris", "ruben",
    "hanna", "thijs", "maud", "oscar", "elin", "victor", "freya", "hugo", "amira", "jonas",
    "leila", "marco", "yara", "pavel", "ines", "omar", "greta", "felix",
)  # fmt: skip
LAST = (
    "bakker", "visser", "smit", "meijer", "mulder", "bos", "vos", "peters", "hendriks", "dekker",
    "brouwer", "jansen", "dijkstra", "kok", "jacobs", "vermeulen", "kramer", "schouten",
    "willems", "hofman", "berg", "lund", "costa", "moreau", "novak", "fischer", "weber", "rossi",
    "silva", "okafor",
)  # fmt: skip
SHARED = ("info", "office", "accounts", "sales", "jobs")
# The panel makes the first ones one by one, as a customer would; the rest were moved in.
BY_HAND = 3
PASSWORD = "Quiet-Harbour-2026"  # noqa: S105 - of mailboxes on a simulated server


def addresses(order: Order) -> list[str]:
    """Shared mailboxes first, then people; the same at every call."""
    chance = random.Random(order.domain)  # noqa: S311 - names, not secrets
    shared = list(SHARED[: min(len(SHARED), max(2, order.mailboxes // 4))])
    names = [f"{first}.{last}" for last in LAST for first in FIRST]
    people = chance.sample(names, order.mailboxes - len(shared))
    return [f"{local}@{order.domain}" for local in (*shared, *people)]


def move_in(service: Service, order: Order, remote: Remote) -> None:
    found = addresses(order)
    by_hand = found[-BY_HAND:]
    for address, size in zip(found, _sizes(order, len(found)), strict=True):
        facts = {"address": address, "size": size, "last_login": _last_login(address)}
        name = display_name(address)
        if address in by_hand:
            change = MailboxChange(password=PASSWORD, display_name=name)
            directory.create_mailbox(service, address, change)
            remote.do("change_user", **facts)
        else:
            remote.do("add_user", password=PASSWORD, full_name=name, **facts)
    remote.do("set_disk", domain=order.domain, size=int(order.gb[0] * GB))
    directory.refresh(service)
    _share(service, found)


def switch_on_features(service: Service, order: Order) -> None:
    """People from the end of the list: some have ActiveSync, some MAPI, some both."""
    people = list(reversed(addresses(order)))
    eas, mapi = set(people[: order.eas]), set(people[order.eas // 2 :][: order.mapi])
    for address in people:
        on = (("eas", eas), ("mapi", mapi))
        features = frozenset(code for code, chosen in on if address in chosen)
        if features:
            change = MailboxChange(features=features)
            directory.update_mailbox(service, address, change)


def grow(order: Order, remote: Remote, share: float) -> None:
    """To the disk use at `share` (0 to 1) of the way, with a little up and down."""
    start, end = order.gb
    noise = random.Random(f"{order.domain}{share}").uniform(-0.004, 0.004)  # noqa: S311
    size = (start + (end - start) * share) * (1 + noise * (share < 1))
    remote.do("set_disk", domain=order.domain, size=int(size * GB))


def display_name(address: str) -> str:
    return address.partition("@")[0].replace(".", " ").title()


def _share(service: Service, found: Sequence[str]) -> None:
    domain, people = service.domain, [each for each in found if "." in each.partition("@")[0]]
    alias = Alias(address=f"hello@{domain}", targets=(found[0],), display_name="Hello")
    directory.save_alias(service, alias, create=True)
    if len(people) > BY_HAND:
        everyone = MailingList(
            address=f"team@{domain}", members=tuple(people[:12]), owner=people[-1],
            description="Everybody",
        )  # fmt: skip
        directory.create_list(service, everyone)
        pair = Alias(address=f"press@{domain}", targets=tuple(people[:2]), display_name="Press")
        directory.save_alias(service, pair, create=True)


def _sizes(order: Order, count: int) -> Iterator[int]:
    """A few large mailboxes and many small ones, together what the domain has today."""
    chance = random.Random(f"{order.domain} sizes")  # noqa: S311
    weights = [chance.paretovariate(1.3) for _ in range(count)]
    whole = order.gb[1] * GB
    return (int(whole * weight / sum(weights)) for weight in weights)


def _last_login(address: str) -> str:
    """Some day of the last weeks, as seen from today."""
    chance = random.Random(address)  # noqa: S311
    today = clock.now() - clock.offset()
    seen = today - timedelta(days=int(chance.expovariate(1 / 6)), minutes=chance.randrange(900))
    return seen.strftime("%Y-%m-%dT%H:%M:%SZ")
