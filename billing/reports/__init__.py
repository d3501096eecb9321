"""What the reseller asks of a month: one module a report, all in one table.

A report reads and adds up; it decides nothing and shows nothing.
"""

from __future__ import annotations

from billing.reports import receivables, recurring, revenue, taxes, usage
from billing.reports.table import Column, Kind, Months, Report, Table

REPORTS: dict[str, Report] = {
    report.code: report
    for report in (
        revenue.REPORT,
        receivables.REPORT,
        recurring.REPORT,
        usage.REPORT,
        taxes.REPORT,
    )
}

__all__ = ["REPORTS", "Column", "Kind", "Months", "Report", "Table"]
