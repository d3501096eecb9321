"""A cart as it was sent, and as it was priced."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from billing.charges.charging import Charged
from billing.charges.facts import Facts
from billing.charges.price_list import Use, use_of
from billing.documents.drafts import Draft
from billing.models import Promotion, ServiceDiscount
from config.periods import CYCLES
from products.models import Product
from provisioning.contract.metering import MeteringTerms
from provisioning.models import Service, ServiceOption

ZERO = Decimal(0)


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """One line of a cart, as it was sent: nothing of it is believed."""

    product: int
    cycle: str
    currency: str
    domain: str
    options: Mapping[str, Any] = field(default_factory=dict)


@dataclass(kw_only=True)
class Item:
    """`errors` by field: product, cycle, currency, domain, option_<code>. Without errors it has a
    service, which is not stored.
    """

    wanted: Wanted
    product: Product | None = None
    service: Service | None = None
    rows: list[ServiceOption] = field(default_factory=list)
    facts: Facts | None = None
    charged: Charged | None = None
    recurring: Decimal = ZERO
    setup: Decimal = ZERO
    discount: ServiceDiscount | None = None
    errors: dict[str, list[str]] = field(default_factory=dict)

    @property
    def due_today(self) -> Decimal:
        """Before tax."""
        return self.charged.total if self.charged else ZERO

    @property
    def title(self) -> str:
        return str(self.product or _("A product that is not offered any more"))

    @property
    def use(self) -> Use:
        terms = self.facts.terms if self.facts else MeteringTerms()
        return use_of(terms, self.wanted.currency)

    @property
    def cycle_label(self) -> str:
        return str(CYCLES[self.wanted.cycle].label) if self.wanted.cycle in CYCLES else ""


@dataclass(frozen=True, kw_only=True)
class Quote:
    """`document` is the invoice the order would have, not stored; None when nothing is due."""

    currency: str
    items: tuple[Item, ...]
    document: Draft | None = None
    promotion: Promotion | None = None
    code_errors: tuple[str, ...] = ()

    @property
    def due_today(self) -> Decimal:
        """With tax."""
        return self.document.invoice.total if self.document else ZERO

    @property
    def costs(self) -> bool:
        """Now or later: whoever orders owes something."""
        return any(each.recurring or each.due_today or each.use.prices for each in self.items)

    @property
    def wrong(self) -> bool:
        return bool(self.code_errors) or any(item.errors for item in self.items)
