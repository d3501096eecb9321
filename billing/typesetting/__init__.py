"""Text of any script on a page: fonts, direction, shaping, line ends. Knows nothing of invoices."""

from billing.typesetting.sheet import Line, Sheet, Style

__all__ = ["Line", "Sheet", "Style"]
