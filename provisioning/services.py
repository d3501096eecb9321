"""What people and billing ask of a service.

Each function changes what is wanted and asks for the act that brings it about, in one transaction.
Whether the caller may ask is the caller's to check.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from accounts.models import Customer, User
from config import clock
from config.periods import CYCLES, add_months, aligned_start, due_date
from products.models import Price, Product
from provisioning import wishes
from provisioning.connection.links import WEB_BUDGET, account_of, open_module
from provisioning.declared import choices
from provisioning.domains import clean_domain
from provisioning.engine import commands
from provisioning.engine.commands import Action
from provisioning.models import Command, Server, Service
from provisioning.servers import choose_server

Desired, Observed = Service.Desired, Service.Observed
DELIVERED = (Desired.ACTIVE, Desired.SUSPENDED)
ENDED = (Desired.TERMINATED, Desired.CANCELLED)


def create_service(  # noqa: PLR0913 - the terms of a service are many, and all of them named
    *,
    customer: Customer,
    product: Product,
    domain: str,
    cycle: str,
    currency: str,
    anchor: date,
    options: Mapping[str, Any] | None = None,
    inputs: Mapping[str, Any] | None = None,
    server: Server | None = None,
    aligned: bool = False,
    by: User | None = None,
) -> Service:
    """A pending service with a place on a server; nothing is sent. `options` are {code: value},
    `inputs` the stored form of the module's service fields. `aligned`: the anchor is the first
    day, and the product says on which day of the month its periods begin.

    ValidationError keyed by field: domain, product, cycle, server, option_<code>.
    """
    name = _clean_field("domain", domain)
    _check_product(product, cycle, currency)
    with transaction.atomic():
        _check_domain_is_free(name, product)
        rows = choices.choose(product, options)
        service = Service(
            customer=customer,
            product=product,
            server=server or (choose_server(product) if product.module else None),
            domain=name,
            cycle=cycle,
            currency=currency,
            inputs=dict(inputs or {}),
        )
        begin(service, anchor, aligned=aligned)
        _check_platform(service)
        _insert(service)
        choices.replace(service, rows)
        wishes.record("service.created", service, {}, by)
    return service


def begin(service: Service, day: date, *, aligned: bool = True) -> None:
    """Sets the terms of a service that is billed from `day` on; it is not saved."""
    product, cycle = service.product, CYCLES[service.cycle]
    service.anchor, service.begins_on = day, None
    service.next_due = first_due(product, service.cycle, day)
    if aligned and product.align_day and cycle.recurs:
        boundary = aligned_start(day, product.align_day)
        if boundary < day:
            # The short first period ends at the next such day, however long the cycle is.
            service.anchor = add_months(boundary, 1 - cycle.months)
            service.begins_on = day
            if product.timing == Product.Timing.ARREARS:
                service.next_due = add_months(boundary, 1)


def first_due(product: Product, cycle: str, anchor: date) -> date | None:
    """In advance: the first day. In arrears: the end of the first period. Free: never."""
    terms = CYCLES[cycle]
    if not terms.charged:
        return None
    in_advance = product.timing == Product.Timing.ADVANCE
    if terms.recurs and product.usage_monthly:
        terms = CYCLES["monthly"]
    return anchor if in_advance or not terms.recurs else due_date(anchor, terms, number=1)


def deliver(service: Service, *, cause: str, by: User | None = None) -> Command | None:
    """None for a product that no platform delivers, or a service that is delivered already."""
    with transaction.atomic():
        row, before = wishes.locked(service)
        if row.desired in DELIVERED:
            there = row.observed not in (Observed.MISSING, Observed.UNKNOWN)
            return wishes.once_more(row, Action.CREATE, cause=cause, by=by, reached=there)
        wishes.require(row, (Desired.PENDING,), "delivered")
        row.desired = Desired.ACTIVE
        if not row.product.module:
            row.observed, row.activated_at = Observed.ACTIVE, clock.now()
        wishes.save(row, service, before, action="service.delivery_requested", by=by)
        return wishes.ask(row, Action.CREATE, cause=cause, by=by)


def met_a_stranger(service: Service) -> bool:
    """Its creation found an account of that name and left it alone."""
    last = service.commands.filter(action=Action.CREATE).first()
    return bool(last and last.error_kind == "conflict" and service.desired in DELIVERED)


def adopt_existing(service: Service, *, cause: str, by: User | None = None) -> Command | None:
    """Take over the account that Create found and left alone, as staff say that it is this one."""
    with transaction.atomic():
        row, before = wishes.locked(service)
        wishes.require(row, DELIVERED, "adopted")
        commands.cancel_waiting(row, by)
        wishes.save(row, service, before, action="service.adoption_requested", by=by)
        return wishes.ask(row, Action.ADOPT, cause=cause, by=by)


def suspend(
    service: Service, *, reason_code: str, reason: str, cause: str, by: User | None = None
) -> Command | None:
    """Adds a reason; None when the service was suspended for another one already."""
    with transaction.atomic():
        row, before = wishes.locked(service)
        wishes.require(row, DELIVERED, "suspended")
        already = row.desired == Desired.SUSPENDED
        row.suspend_reasons = {**row.suspend_reasons, reason_code: reason}
        row.desired = Desired.SUSPENDED
        wishes.save(row, service, before, action="service.suspend_requested", by=by)
        if already:
            reached = row.observed == Observed.SUSPENDED
            return wishes.once_more(row, Action.SUSPEND, cause=cause, by=by, reached=reached)
        return wishes.ask(row, Action.SUSPEND, cause=cause, by=by)


def unsuspend(
    service: Service, *, reason_code: str, cause: str, by: User | None = None
) -> Command | None:
    """Lifts one reason; the service is released when no reason is left."""
    with transaction.atomic():
        row, before = wishes.locked(service)
        if row.desired == Desired.ACTIVE:
            reached = row.observed != Observed.SUSPENDED
            return wishes.once_more(row, Action.UNSUSPEND, cause=cause, by=by, reached=reached)
        wishes.require(row, (Desired.SUSPENDED,), "released")
        row.suspend_reasons = {
            code: text for code, text in row.suspend_reasons.items() if code != reason_code
        }
        lifted = not row.suspend_reasons
        row.desired = Desired.ACTIVE if lifted else Desired.SUSPENDED
        wishes.save(row, service, before, action="service.unsuspend_requested", by=by)
        if not lifted:
            return None
        command = wishes.ask(row, Action.UNSUSPEND, cause=cause, by=by)
        if row.restrict_reasons and not row.restricted:
            wishes.ask(row, Action.RESTRICT, cause=cause, by=by)
        return command


def terminate(service: Service, *, cause: str, by: User | None = None) -> Command | None:
    """For good. What was never delivered is cancelled; what waits to be done to it is given up."""
    with transaction.atomic():
        row, before = wishes.locked(service)
        if row.desired in ENDED:
            # Some platforms keep a suspended account for good: what is seen there tells nothing.
            reached = row.terminated_at is not None
            return wishes.once_more(row, Action.TERMINATE, cause=cause, by=by, reached=reached)
        pending = row.desired == Desired.PENDING
        row.desired = Desired.CANCELLED if pending else Desired.TERMINATED
        if pending or not row.product.module:
            row.terminated_at, row.observed = clock.now(), Observed.MISSING
        wishes.save(row, service, before, action="service.terminate_requested", by=by)
        commands.cancel_waiting(row, by)
        return None if pending else wishes.ask(row, Action.TERMINATE, cause=cause, by=by)


def change_package(
    service: Service,
    *,
    product: Product,
    options: Mapping[str, Any] | None,
    cause: str,
    by: User | None = None,
) -> Command | None:
    """The service takes on product and options when the platform has done so, not before."""
    with transaction.atomic():
        row, before = wishes.locked(service)
        wishes.require(row, DELIVERED, "changed")
        rows = choices.choose(product, options)
        _check_product(product, row.cycle, row.currency)
        _check_platform(row, product)
        if not row.product.module:
            row.product = product
            choices.replace(row, rows)
            wishes.save(row, service, before, action="service.package_changed", by=by)
            return None
        arguments = {"product": product.pk, "options": choices.values(rows)}
        return wishes.ask(row, Action.CHANGE_PACKAGE, cause=cause, by=by, arguments=arguments)


def change_password(
    service: Service, *, password: str, cause: str, by: User | None = None
) -> Command | None:
    """Of the account's own administrator; kept, encrypted, until the platform has it."""
    with transaction.atomic():
        row, _before = wishes.locked(service)
        wishes.require(row, DELIVERED, "changed")
        arguments = {"password": password}
        return wishes.ask(row, Action.CHANGE_PASSWORD, cause=cause, by=by, arguments=arguments)


def plan_change(service: Service, product: Product, options: Mapping[str, Any] | None) -> list[str]:
    """Sentences on why it does not fit, read from the platform now. ModuleError."""
    chosen = choices.values(choices.choose(product, options))
    if service.server is None:
        return []
    with open_module(service.server, service=service, budget=WEB_BUDGET) as module:
        return list(module.plan_change(account_of(service, product=product, options=chosen)))


def _clean_field(field: str, domain: str) -> str:
    try:
        return clean_domain(domain)
    except ValidationError as error:
        raise ValidationError({field: error}) from None


def _check_product(product: Product, cycle: str, currency: str) -> None:
    if not product.active:
        raise ValidationError(
            {"product": _("%(product)s is not offered any more.") % {"product": product}}
        )
    if not Price.objects.filter(product=product, cycle=cycle, currency=currency).exists():
        label = CYCLES[cycle].label if cycle in CYCLES else cycle
        raise ValidationError(
            {
                "cycle": _("%(product)s is not offered %(label)s in %(currency)s.")
                % {"product": product, "label": label.lower(), "currency": currency}
            }
        )


def _check_domain_is_free(domain: str, product: Product) -> None:
    """On any server: with one domain on two of them, mail would be split."""
    same = Service.objects.filter(domain__iexact=domain, product__module=product.module)
    if product.module and same.exclude(desired__in=ENDED).exists():
        raise ValidationError(
            {"domain": _("%(domain)s is already in use here.") % {"domain": domain}}
        )


def _check_platform(service: Service, product: Product | None = None) -> None:
    wanted = (product or service.product).module
    if wanted != (service.server.module if service.server else ""):
        raise ValidationError({"product": _("This product belongs to another mail platform.")})


def _insert(service: Service) -> None:
    """Two orders for one domain at once: the constraint lets one of them through."""
    try:
        with transaction.atomic():
            service.save()
    except IntegrityError:
        raise ValidationError(
            {"domain": _("%(domain)s is already in use here.") % {"domain": service.domain}}
        ) from None
