"""A promotion on a document of several services is worth what it says of all of them together.

It is spread over them in proportion, the largest remainders getting the cents left over, so that
10 % of three times 1.05 is 0.32 and not three times 0.11, and a fixed amount is used up.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import ROUND_FLOOR, Decimal
from typing import TYPE_CHECKING, Any

from billing.models import Promotion
from billing.rating import LineKind, RatedLine
from config.money import exponent, quantize

if TYPE_CHECKING:
    from billing.charges.charging import Charged

ZERO = Decimal(0)


@dataclass(frozen=True)
class _Part:
    """The only discount of a service on the document: its place among the lines."""

    charged: int
    line: int
    found: RatedLine

    @property
    def facts(self) -> Any:
        return self.found.evidence

    @property
    def of(self) -> Decimal:
        return Decimal(self.facts["of"])

    @property
    def value(self) -> Decimal:
        return Decimal(self.facts["value"])


def spread(amount: Decimal, weights: Sequence[Decimal], currency: str) -> list[Decimal]:
    """In proportion, in whole cents, exact in sum: the largest remainders get the cents left over.

    At most the sum of the weights is spread.
    """
    whole = sum(weights, ZERO)
    if not whole:
        return [ZERO for _weight in weights]
    unit = Decimal(1).scaleb(-exponent(currency))
    wanted = (min(amount, whole) / unit).to_integral_value(ROUND_FLOOR)
    exact = [wanted * weight / whole for weight in weights]
    parts = [each.to_integral_value(ROUND_FLOOR) for each in exact]
    missing = int(wanted - sum(parts, ZERO))
    by_rest = sorted(range(len(parts)), key=lambda n: (parts[n] - exact[n], n))
    for number in by_rest[:missing]:
        parts[number] += 1
    return [part * unit for part in parts]


def is_discounted(charged: Charged) -> bool:
    return any(line.kind is LineKind.DISCOUNT for line in charged.lines)


def together(parts: Sequence[Charged]) -> list[Charged]:
    """The parts of one document, each promotion spread anew over those it lowers."""
    found = list(parts)
    if len(found) < 2:
        return found
    shared: dict[tuple[Any, ...], list[_Part]] = defaultdict(list)
    for part in _parts(found):
        worth = part.value if part.facts["type"] == Promotion.Type.PERCENT else None
        shared[part.facts["promotion"], worth].append(part)
    for group in shared.values():
        if len(group) > 1:
            _spread(group, found)
    return found


def _parts(charged: Sequence[Charged]) -> Iterator[_Part]:
    """Of services with one discount: where there are more, the later ones had the rest to lower.

    What was taken up from before is worked out with the total as it is, so it stays.
    """
    for number, each in enumerate(charged):
        lines = [at for at, line in enumerate(each.lines) if line.kind is LineKind.DISCOUNT]
        adjusted = any(line.kind is LineKind.ADJUSTMENT for line in each.lines)
        if len(lines) == 1 and not adjusted:
            yield _Part(number, lines[0], each.lines[lines[0]])


def _spread(group: Sequence[_Part], found: list[Charged]) -> None:
    currency = group[0].facts["currency"]
    weights = [part.of for part in group]
    amounts = spread(_worth(group, currency), weights, currency)
    for position, (part, amount) in enumerate(zip(group, amounts, strict=True)):
        lines = list(found[part.charged].lines)
        evidence = dict(part.facts) | {"amount": str(-amount), "unit_price": str(-amount)}
        if part.facts["type"] == Promotion.Type.FIXED:
            evidence["value"] = str(sum((each.value for each in group), ZERO))
        evidence["together"] = [str(weight) for weight in weights]
        evidence["position"] = position
        lines[part.line] = replace(
            part.found, amount=-amount, unit_price=-amount, evidence=evidence
        )
        found[part.charged] = replace(found[part.charged], lines=tuple(lines))


def _worth(group: Sequence[_Part], currency: str) -> Decimal:
    if group[0].facts["type"] == Promotion.Type.FIXED:
        return sum((part.value for part in group), ZERO)
    whole = sum((part.of for part in group), ZERO)
    return quantize(whole * group[0].value / 100, currency)
