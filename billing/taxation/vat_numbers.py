"""EU VAT numbers as far as they can be judged without asking anybody: form and check digits."""

from __future__ import annotations

from django.utils.translation import gettext as _
from stdnum.eu import vat
from stdnum.exceptions import ValidationError as NotANumber

from billing.taxation.countries import EU, prefix_of


def clean(number: str, country: str) -> str:
    """The number with its prefix and nothing between, such as DE136695976.

    "" for a country outside the EU, for no number, and for what cannot be one of this country's.
    """
    if country not in EU or not number.strip():
        return ""
    prefix = prefix_of(country)
    try:
        found: str = vat.validate(_with_prefix(number, prefix))
    except NotANumber:
        return ""
    return found if found.startswith(prefix) else ""


def problem(number: str, country: str) -> str:
    """A sentence for people, "" when there is nothing to say against the number."""
    if country not in EU or not number.strip() or clean(number, country):
        return ""
    prefix = prefix_of(country)
    given = "".join(each for each in number.upper() if each.isalnum())
    if given[:2].isalpha() and not given.startswith(prefix):
        return _("A VAT number of this country begins with %(prefix)s.") % {"prefix": prefix}
    return _("%(number)s has a mistyped or missing character: please compare it once more.") % {
        "number": number.strip()
    }


def _with_prefix(number: str, prefix: str) -> str:
    compact = "".join(each for each in number.upper() if each.isalnum())
    return compact if compact[:2].isalpha() else prefix + compact
