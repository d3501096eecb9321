"""Sums of money in SQL that are exact on every database."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.db import models


class ExactSum(models.Sum):
    """Sum of a decimal column of four places; zero over nothing.

    SQLite keeps decimals as floats and would add up their errors, so there each value is made a
    whole number of ten-thousandths first; the one division at the end is exact to fifteen digits.
    """

    def __init__(self, expression: Any, **extra: Any) -> None:
        extra.setdefault("output_field", models.DecimalField(max_digits=20, decimal_places=4))
        extra.setdefault("default", Decimal(0))
        super().__init__(expression, **extra)

    def as_sqlite(self, compiler: Any, connection: Any, **context: Any) -> Any:
        whole = self.copy()
        whole.template = "%(function)s(CAST(ROUND((%(expressions)s) * 10000) AS INTEGER))"
        sql, params = whole.as_sql(compiler, connection, **context)
        return f"({sql}) / 10000.0", params
