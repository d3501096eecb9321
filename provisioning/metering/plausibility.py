"""Whether a reading may be billed or must wait for a person. Pure."""

from __future__ import annotations

from decimal import Decimal

from provisioning.contract.metering import Unit

MEGABYTE = Decimal(1024**2)
# From below the floor a value may grow freely: a mailbox that is moved in is no mistake.
FLOOR = {Unit.BYTES: 10 * MEGABYTE, Unit.COUNT: Decimal(10)}
# Beyond these no mail platform goes, whatever was measured before.
CEILING = {Unit.BYTES: Decimal(1024**5), Unit.COUNT: Decimal(10_000_000)}
JUMP = 1000
# A domain may lose its few mailboxes, but not its mail without a person having a look.
ZERO_IS_ODD_AFTER = {Unit.BYTES: Decimal(1), Unit.COUNT: Decimal(10)}


def doubt(value: Decimal, previous: Decimal | None, unit: Unit) -> str:
    """Why `value` is not believed; empty when it is."""
    if not value.is_finite():
        return "Not a number."
    if value < 0:
        return "Negative."
    if value > CEILING[unit]:
        return "Larger than any mail platform holds."
    if previous is None:
        return ""
    if value == 0 and previous >= ZERO_IS_ODD_AFTER[unit]:
        return f"Zero, after {previous.normalize():f}."
    if previous >= FLOOR[unit] and value > previous * JUMP:
        return f"More than {JUMP} times the {previous.normalize():f} before."
    return ""
