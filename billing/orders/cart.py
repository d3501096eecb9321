"""What is wanted, and what it costs. Prices are never taken from what was sent: each time they are
worked out again from the products, by the same code that makes the invoice.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from django.core.exceptions import ValidationError
from django.db.models import Q
from django.utils.translation import gettext as _

from accounts.models import Customer
from billing.charges.charging import CannotRate, Charged
from billing.charges.facts import Facts, metering_terms, option_line
from billing.charges.spreading import together
from billing.documents import sellers
from billing.documents.drafts import Draft, Terms, draft
from billing.models import Promotion, ServiceDiscount, TaxRate
from billing.orders import bills, catalogue, promotions
from billing.orders.items import Item, Quote, Wanted
from config import clock
from config.language import grouped
from products.models import OptionPrice, Price, Product
from provisioning import services
from provisioning.declared import choices
from provisioning.domains import clean_domain
from provisioning.models import Service, ServiceOption

MOST_ITEMS = 20
MOST_UNITS = 100_000


def quote(wanted: Sequence[Wanted], buyer: Customer, currency: str, *, code: str = "") -> Quote:
    """`buyer` may be a visitor, not stored, of whom the country is known. ImproperlyConfigured
    without a seller.
    """
    items = [_item(each, buyer, currency) for each in wanted]
    _blame_doubles(items)
    good = [item for item in items if not item.errors]
    promotion, code_errors = _promotion(code, buyer, currency, good)
    if promotion:
        _discount(promotion, good, currency)
    charged = _charge(good)
    return Quote(
        currency=currency,
        items=tuple(items),
        document=document(charged, terms()),
        promotion=promotion,
        code_errors=tuple(code_errors),
    )


def _charge(items: Sequence[Item]) -> list[Charged]:
    """What is asked for today, as it stands on one document."""
    for item in items:
        assert item.service and item.facts
        item.charged = bills.first_charge(item.service, item.facts)
    asked = [item for item in items if item.charged]
    charged = together([item.charged for item in asked if item.charged])
    for item, each in zip(asked, charged, strict=True):
        item.charged = each
    return charged


def terms() -> Terms:
    return Terms(
        seller=sellers.seller(), rates=list(TaxRate.objects.all()), issued_on=clock.today()
    )


def document(parts: Sequence[Charged], on: Terms) -> Draft | None:
    """None when there is nothing to pay: what is free needs no invoice."""
    made = draft(parts, on) if parts else None
    if made is None or not made.invoice.total:
        return None
    made.invoice.due_on = on.issued_on
    return made


def _item(wanted: Wanted, buyer: Customer, currency: str) -> Item:
    item = Item(wanted=wanted)
    price = _offered_price(item, currency)
    _check_domain(item, buyer)
    if item.product:
        _choose(item, item.product)
    if price and item.product and not item.errors:
        _price(item, price, buyer)
    return item


def _offered_price(item: Item, currency: str) -> Price | None:
    wanted = item.wanted
    offer = catalogue.offer(wanted.product, currency)
    if wanted.currency != currency:
        item.errors["currency"] = [
            _("This was chosen in %(chosen)s, and the order is in %(currency)s.")
            % {"chosen": wanted.currency, "currency": currency}
        ]
        return None
    if offer is None:
        item.errors["product"] = [
            _("This is not offered in %(currency)s any more.") % {"currency": currency}
        ]
        return None
    item.product = offer.product
    found = next((price for price in offer.prices if price.cycle == wanted.cycle), None)
    if found is None:
        item.errors["cycle"] = [
            _("%(product)s is not offered for this term.") % {"product": offer.product}
        ]
    return found


def _check_domain(item: Item, buyer: Customer) -> None:
    """Whether a domain is in use here is told to customers alone."""
    try:
        name = clean_domain(item.wanted.domain)
    except ValidationError as error:
        item.errors["domain"] = list(error.messages)
        return
    if buyer.pk and item.product and item.product.module and _in_use(name, item.product):
        item.errors["domain"] = [_("%(name)s is already in use here.") % {"name": name}]


def _in_use(domain: str, product: Product) -> bool:
    gone = Q(desired__in=(Service.Desired.TERMINATED, Service.Desired.CANCELLED))
    same = Service.objects.filter(domain__iexact=domain, product__module=product.module)
    return same.exclude(gone).exists()


def _choose(item: Item, product: Product) -> None:
    try:
        rows = choices.choose(product, item.wanted.options)
    except ValidationError as error:
        item.errors |= error.message_dict
        return
    for row in rows:
        if row.quantity > MOST_UNITS:
            key = choices.error_key(row.option.code)
            item.errors[key] = [
                _("%(option)s is at most %(most)s.")
                % {"option": row.option, "most": grouped(MOST_UNITS)}
            ]
    item.rows = rows


def _price(item: Item, price: Price, buyer: Customer) -> None:
    assert item.product
    item.service = Service(
        customer=buyer,
        product=item.product,
        domain=clean_domain(item.wanted.domain),
        cycle=price.cycle,
        currency=price.currency,
    )
    services.begin(item.service, clock.today())
    item.facts = _facts(item, price, ())
    try:
        item.recurring, item.setup = bills.price_of(item.service, item.facts)
    except CannotRate:
        item.errors["product"] = [_("This cannot be ordered at the moment.")]


def _facts(item: Item, price: Price, lowered: tuple[ServiceDiscount, ...]) -> Facts:
    assert item.product
    return Facts(
        terms=metering_terms(item.product, price.currency),
        price=price,
        options=tuple(
            option_line(row, _option_price(row, price), charge_setup=True) for row in item.rows
        ),
        discounts=lowered,
    )


def _option_price(row: ServiceOption, price: Price) -> OptionPrice | None:
    rows = OptionPrice.objects.filter(option=row.option, choice=row.choice)
    return rows.filter(cycle=price.cycle, currency=price.currency).first()


def _blame_doubles(items: Sequence[Item]) -> None:
    """One domain on two mail products would split its mail."""
    places = [
        (item.service.domain, item.product.module) if item.service and item.product else None
        for item in items
    ]
    counted = Counter(place for place in places if place and place[1])
    for item, place in zip(items, places, strict=True):
        if place and counted[place] > 1:
            item.errors["domain"] = [_("%(domain)s is in the cart twice.") % {"domain": place[0]}]


def _promotion(
    code: str, buyer: Customer, currency: str, items: Sequence[Item]
) -> tuple[Promotion | None, list[str]]:
    if not code.strip():
        return None, []
    known = buyer if buyer.pk else None
    try:
        promotion = promotions.find(code, currency=currency, customer=known)
    except ValidationError as error:
        return None, list(error.messages)
    if items and not _fitting(promotion, items):
        return None, [_("This code is not for anything in the cart.")]
    return promotion, []


def _fitting(promotion: Promotion, items: Sequence[Item]) -> list[Item]:
    return [
        item
        for item in items
        if item.product and promotions.fits(promotion, item.product, item.wanted.cycle)
    ]


def _discount(promotion: Promotion, items: Sequence[Item], currency: str) -> None:
    fitting = _fitting(promotion, items)
    amounts = [item.recurring + item.setup for item in fitting]
    worth = promotions.values(promotion, amounts, currency)
    for item, value in zip(fitting, worth, strict=True):
        assert item.service and item.facts and item.facts.price
        if value:
            item.discount = promotions.discount(promotion, item.service, value)
            item.facts = _facts(item, item.facts.price, (item.discount,))
