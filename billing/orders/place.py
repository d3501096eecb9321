"""From a cart to an order: its services, one invoice and what is delivered at once, in one
transaction. Nothing is half written: any refusal leaves no trace.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts import audit
from accounts.models import Customer, User
from billing.charges import discounts
from billing.charges.charging import Charged
from billing.charges.facts import Terms as MeteringCache
from billing.charges.facts import gather
from billing.charges.spreading import together
from billing.documents.drafts import store
from billing.locks import lock_customer
from billing.models import BillingProfile, Invoice, Order, OrderItem
from billing.orders import bills, cart, delivery, promotions
from billing.orders.items import Item, Quote, Wanted
from billing.payments.credit import apply_credit
from config import clock
from products.models import Product
from provisioning import services
from provisioning.declared import choices
from provisioning.models import Placement, Service

SetupType = Product.SetupType
NO_ROOM = _("{name} cannot be delivered at the moment. Please write to us.")
CHANGED = _("The price has changed since this page was shown. Please look at it again.")


@dataclass(frozen=True, kw_only=True)
class Checkout:
    """What a customer sends. `token` is the form's: the same one makes one order. `seen` is the
    amount the customer agreed to.
    """

    customer: Customer
    items: Sequence[Wanted]
    token: str
    code: str = ""
    accepted: bool = False
    seen: Decimal | None = None
    by: User | None = None
    ip: str | None = None


def place(checkout: Checkout) -> Order:
    """ValidationError keyed items, terms, code, seen or token."""
    with transaction.atomic():
        customer = lock_customer(checkout.customer.pk)
        earlier = Order.objects.filter(token=checkout.token).first()
        if earlier:
            return _same(earlier, customer)
        quote = _agreed(checkout, customer)
        if quote.promotion:
            promotions.take(quote.promotion)
        made = [_create(item, customer, checkout.by) for item in _in_lock_order(quote.items)]
        order = _order(checkout, quote)
        for item, service in made:
            _keep(order, item, service)
        order.invoice = _invoice([service for _item, service in made], quote)
        order.save(update_fields=["invoice"])
        audit.record("order.placed", order, after=audit.facts(order))
        _begin(order, checkout.by)
    return order


def _same(earlier: Order, customer: Customer) -> Order:
    if earlier.customer_id != customer.pk:
        raise ValidationError({"token": gettext("This form was sent already. Please start again.")})
    return earlier


def _agreed(checkout: Checkout, customer: Customer) -> Quote:
    errors: dict[str, str] = {}
    if not checkout.items:
        errors["items"] = gettext("There is nothing in the cart.")
    if len(checkout.items) > cart.MOST_ITEMS:
        errors["items"] = gettext("An order has at most %(most_items)s items.") % {
            "most_items": cart.MOST_ITEMS
        }
    if not checkout.accepted:
        errors["terms"] = gettext("Please accept the terms.")
    if errors:
        raise ValidationError(errors)
    quote = cart.quote(checkout.items, customer, customer.currency, code=checkout.code)
    _refuse(quote)
    if checkout.seen is not None and checkout.seen != quote.due_today:
        raise ValidationError({"seen": CHANGED})
    return quote


def _refuse(quote: Quote) -> None:
    errors: dict[str, list[str]] = {}
    for item in quote.items:
        for texts in item.errors.values():
            errors.setdefault("items", []).extend(texts)
    if quote.code_errors:
        errors[promotions.FIELD] = list(quote.code_errors)
    if errors:
        raise ValidationError(errors)


def _in_lock_order(items: Sequence[Item]) -> list[Item]:
    """Server groups, and servers that are in none, are locked one after the other, by all orders in
    the same order.
    """
    groups = dict(Placement.objects.values_list("product", "group"))

    def key(item: Item) -> tuple[int, str]:
        product = item.product
        return (groups.get(product.pk, 0), product.module) if product else (0, "")

    return sorted(items, key=key)


def _create(item: Item, customer: Customer, by: User | None) -> tuple[Item, Service]:
    assert item.product and item.service
    try:
        service = services.create_service(
            customer=customer,
            product=item.product,
            domain=item.service.domain,
            cycle=item.service.cycle,
            currency=item.service.currency,
            anchor=item.service.begins_on or item.service.anchor,
            aligned=True,
            options=item.wanted.options,
            by=by,
        )
    except ValidationError as error:
        no_room = "server" in getattr(error, "error_dict", {})
        texts = [NO_ROOM.format(name=item.title)] if no_room else error.messages
        raise ValidationError({"items": texts}) from error
    if item.discount:
        item.discount.service = service
        item.discount.save()
    return item, service


def _order(checkout: Checkout, quote: Quote) -> Order:
    types = {item.product.setup_type for item in quote.items if item.product}
    pending = SetupType.ON_APPROVAL in types
    return Order.objects.create(
        customer=checkout.customer,
        status=Order.Status.PENDING if pending else Order.Status.ACCEPTED,
        currency=quote.currency,
        promotion=quote.promotion,
        token=checkout.token,
        terms_accepted_at=clock.now(),
        ip=checkout.ip,
        created_by=checkout.by,
    )


def _keep(order: Order, item: Item, service: Service) -> None:
    OrderItem.objects.create(
        order=order,
        product=service.product,
        service=service,
        domain=service.domain,
        cycle=service.cycle,
        options=choices.values(item.rows),
        recurring=item.recurring,
        setup=item.setup,
        due_today=item.due_today,
    )


def _invoice(made: Sequence[Service], quote: Quote) -> Invoice | None:
    """By the documents of the billing run, claims included: the run skips what is billed here."""
    parts = _charged(made)
    terms = cart.terms()
    found = cart.document(together(parts), terms)
    if (found.invoice.total if found else 0) != quote.due_today:
        raise ValidationError({"seen": CHANGED})
    if found:
        store([found], terms)
        audit.record("invoice.issued", found.invoice, after=audit.facts(found.invoice))
    discounts.count_down(part.lines for part in parts)
    return found.invoice if found else None


def _charged(made: Sequence[Service]) -> list[Charged]:
    firsts = {service.pk: bill for service in made if (bill := bills.first_bill(service))}
    billed = [service for service in made if service.pk in firsts]
    facts = gather(billed, firsts, terms=MeteringCache())
    found: list[Charged] = []
    for service in billed:
        charged = bills.first_charge(service, facts[service.pk])
        if charged:
            found.append(charged)
            service.next_due, service.charge_setup = charged.bill.next_due, False
            service.save(update_fields=["next_due", "charge_setup"])
    return found


def _begin(order: Order, by: User | None) -> None:
    """What needs no payment begins now. Account credit may pay the rest on the spot."""
    now = {SetupType.ON_ORDER}
    if order.invoice is None and order.status == Order.Status.ACCEPTED:
        now.add(SetupType.ON_PAYMENT)
    delivery.deliver(order, now, cause=f"order:{order.pk}", by=by)
    if order.invoice and _uses_credit(order.customer):
        apply_credit(order.invoice)


def _uses_credit(customer: Customer) -> bool:
    profile = BillingProfile.objects.filter(customer=customer).first()
    return profile is None or profile.auto_credit
