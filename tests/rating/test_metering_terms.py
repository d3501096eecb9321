from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from provisioning.contract.metering import (
    CombinedPrice,
    FeatureTerms,
    Metric,
    SeatFeature,
    TrancheTerms,
    Unit,
)
from tests.rating.build import DISK

EAS = SeatFeature("eas", "ActiveSync (EAS)", Decimal(2))


@pytest.mark.parametrize(
    ("build", "sentence"),
    [
        (lambda: TrancheTerms(DISK, 0), "at least 1 GB"),
        (lambda: TrancheTerms(DISK, 10, -1), "0 tranches or more"),
        (lambda: TrancheTerms(Metric("seats", "Seats", Unit.COUNT), 10), "metric in bytes"),
        (lambda: SeatFeature("eas", "EAS", Decimal(-1)), "0 or more"),
        (lambda: CombinedPrice("Both", Decimal("NaN")), "0 or more"),
        (lambda: FeatureTerms(()), "present and distinct"),
        (lambda: FeatureTerms((EAS, EAS)), "present and distinct"),
        (lambda: FeatureTerms((EAS,), CombinedPrice("Both", Decimal(1))), "at least two"),
        (lambda: FeatureTerms((EAS,), threshold_days=-1), "0 days or more"),
    ],
)
def test_terms_that_cannot_be_billed_are_refused_in_words(
    build: Callable[[], object], sentence: str
) -> None:
    with pytest.raises(ValueError, match=sentence):
        build()


def test_a_price_is_never_a_float() -> None:
    price: Any = 2.0
    with pytest.raises(TypeError, match="never float"):
        SeatFeature("eas", "EAS", price)
