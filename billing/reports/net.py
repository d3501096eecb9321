"""The net amount of a line in SQL, whatever way its document states prices."""

from __future__ import annotations

from typing import Any

from django.db.models import Case, DecimalField, F, When
from django.db.models.functions import Round


def net_of_line() -> Any:
    """Where prices include tax, the line's own share without it, to four decimals: a document's tax
    is rounded once over all lines, so such sums may differ from its net in the last place.
    """
    without = Round(F("amount") * 100 / (100 + F("tax_rate")), precision=4)
    return Case(
        When(invoice__prices_include_tax=True, then=without),
        default=F("amount"),
        output_field=DecimalField(max_digits=20, decimal_places=4),
    )
