"""What was bought: five options, each with a value. The platform has no packages of its own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from provisioning.contract import InvalidInput
from provisioning.modules.polarismail import loose, wire

BASIC, ENHANCED = "total_mailboxes", "total_enhanced_mailboxes"
QUOTA = "mailbox_quota_gb"
ALIASES, LISTS = "total_aliases", "total_distribution_lists"

LABELS = {
    BASIC: "Total Mailboxes",
    ENHANCED: "Total Enhanced Mailboxes",
    QUOTA: "Mailbox Quota (GB)",
    ALIASES: "Total Aliases",
    LISTS: "Total Distribution Lists",
}
REQUIRED = tuple(LABELS)
# Names under which other panels' option groups have them, in lower case and without blanks.
OTHER_NAMES = {
    "basic_mailboxes": BASIC,
    "total_basic_accounts": BASIC,
    "enhanced_mailboxes": ENHANCED,
    "mailbox_quota_(gb)": QUOTA,
    "aliases": ALIASES,
    "distribution_lists": LISTS,
}
LARGEST_COUNT = 1_000_000


@dataclass(frozen=True, kw_only=True)
class Plan:
    """0 is none allowed, never unlimited. `quota_gb` is of each mailbox."""

    counts: Mapping[str, int]  # of mailboxes by type
    quota_gb: Decimal
    aliases: int
    lists: int


def read(options: Mapping[str, Any]) -> Plan:
    """InvalidInput("option_<code>") that names the option without a usable value."""
    given = by_code(options)
    numbers = {code: _number(code, given.get(code)) for code in REQUIRED}
    for code in (BASIC, ENHANCED, ALIASES, LISTS):
        if numbers[code] != int(numbers[code]) or numbers[code] > LARGEST_COUNT:
            raise _wrong(code, "is a whole number")
    if not numbers[QUOTA] and (numbers[BASIC] or numbers[ENHANCED]):
        raise _wrong(QUOTA, "may be 0 only where no mailboxes are sold")
    return _plan(numbers)


def lenient(options: Mapping[str, Any]) -> Plan:
    """For pages: what has no usable value allows nothing."""
    given = by_code(options)
    return _plan({code: loose.figure(given.get(code)) or Decimal(0) for code in REQUIRED})


def by_code(options: Mapping[str, Any]) -> dict[str, Any]:
    """Options under their codes, whatever case, blanks or older names they came with."""
    found: dict[str, Any] = {}
    for name, value in options.items():
        key = "_".join(str(name).partition("|")[0].lower().split())
        found[OTHER_NAMES.get(key, key)] = value
    return found


def _plan(numbers: Mapping[str, Decimal]) -> Plan:
    return Plan(
        counts={wire.BASIC: int(numbers[BASIC]), wire.ENHANCED: int(numbers[ENHANCED])},
        quota_gb=numbers[QUOTA],
        aliases=int(numbers[ALIASES]),
        lists=int(numbers[LISTS]),
    )


def _number(code: str, value: Any) -> Decimal:
    if value is None or value == "":
        raise _wrong(code, "has no value; enter 0 for none")
    number = loose.figure(value)
    if number is None:
        raise _wrong(code, "is a number of 0 or more")
    return number


def _wrong(code: str, complaint: str) -> InvalidInput:
    return InvalidInput(f"option_{code}", f"The option {LABELS[code]} {complaint}.")
