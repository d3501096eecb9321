"""The cart in the visitor's session: what was chosen, never what it costs."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest

from accounts.access import current_access
from accounts.models import Customer
from billing.documents import sellers
from billing.orders import cart, catalogue
from billing.orders.items import Quote, Wanted

KEY = "cart"


@dataclass
class Basket:
    currency: str = ""
    code: str = ""
    items: list[Wanted] = field(default_factory=list)

    @property
    def full(self) -> bool:
        return len(self.items) >= cart.MOST_ITEMS


def read(request: HttpRequest) -> Basket:
    kept: dict[str, Any] = request.session.get(KEY, {})
    items = [Wanted(**each) for each in kept.get("items", [])]
    return Basket(currency=kept.get("currency", ""), code=kept.get("code", ""), items=items)


def write(request: HttpRequest, basket: Basket) -> None:
    request.session[KEY] = {
        "currency": basket.currency,
        "code": basket.code,
        "items": [asdict(each) for each in basket.items],
    }


def clear(request: HttpRequest) -> None:
    request.session.pop(KEY, None)


def count(request: HttpRequest) -> int:
    return len(request.session.get(KEY, {}).get("items", []))


def require_shop() -> None:
    if not catalogue.is_open():
        raise Http404


def currencies(request: HttpRequest) -> list[str]:
    """A customer has one; a visitor may look in any that something is offered in."""
    access = current_access(request)
    return [access.customer.currency] if access else catalogue.currencies()


def currency_of(request: HttpRequest) -> str:
    offered = currencies(request)
    wished = (request.GET.get("currency", ""), read(request).currency, *settings.CURRENCIES)
    return next((code for code in wished if code in offered), (offered or [wished[-1]])[0])


def buyer_of(request: HttpRequest) -> Customer:
    """The customer, or a visitor who is taken to be from the seller's country."""
    access = current_access(request)
    if access:
        return access.customer
    return Customer(country=sellers.seller().country, currency=currency_of(request))


def quote(request: HttpRequest) -> Quote:
    basket = read(request)
    return cart.quote(basket.items, buyer_of(request), currency_of(request), code=basket.code)
