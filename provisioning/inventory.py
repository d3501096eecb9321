"""What is on a server beside what the panel manages there, and taking over what it does not."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from django.core.exceptions import ValidationError
from django.db import transaction

from accounts import audit
from accounts.models import Customer, User
from products.models import Product
from provisioning import services
from provisioning.connection.links import WEB_BUDGET, open_module
from provisioning.contract import RemoteAccount, State
from provisioning.engine.acts import ever_ours
from provisioning.engine.commands import Action, request
from provisioning.models import Server, Service


class Standing(StrEnum):
    MANAGED = "managed"
    IN_THE_WAY = "in_the_way"  # of a service here: nothing says that the account is its own
    UNMANAGED = "unmanaged"  # on the platform only: can be adopted
    MISSING = "missing"  # in the panel only: deleted behind its back


@dataclass(frozen=True, kw_only=True)
class InventoryRow:
    domain: str
    standing: Standing
    state: State
    mailboxes: int | None = None
    disk_bytes: int | None = None
    service: Service | None = None

    @property
    def adoptable(self) -> bool:
        """For the service that it is in the way of, as staff may say that it is this one."""
        in_the_way = self.standing is Standing.IN_THE_WAY
        return in_the_way and self.service is not None and services.met_a_stranger(self.service)


def list_accounts(server: Server) -> list[InventoryRow]:
    """By domain, read from the platform now. ModuleError."""
    with open_module(server, budget=WEB_BUDGET) as module:
        remote = {account.domain.lower(): account for account in module.inventory()}
    ours = {service.domain.lower(): service for service in _live(server)}
    there = [_row(account, ours.get(domain)) for domain, account in remote.items()]
    gone = [
        InventoryRow(domain=domain, standing=Standing.MISSING, state=State.MISSING, service=service)
        for domain, service in ours.items()
        if domain not in remote and service.activated_at
    ]
    return sorted((*there, *gone), key=lambda row: row.domain)


def adopt(  # noqa: PLR0913 - the terms of a service are many, and all of them named
    server: Server,
    domain: str,
    *,
    customer: Customer,
    product: Product,
    cycle: str,
    currency: str,
    anchor: date,
    by: User | None = None,
) -> Service:
    """Links a domain that is on the server to a customer; a command has the module take it over.

    ValidationError keyed by field, as for a new service; also when the domain is managed already.
    """
    if product.module != server.module:
        raise ValidationError({"product": "This product belongs to another mail platform."})
    with transaction.atomic():
        service = services.create_service(
            customer=customer,
            product=product,
            domain=domain,
            cycle=cycle,
            currency=currency,
            anchor=anchor,
            server=server,
            by=by,
        )
        service.desired = Service.Desired.ACTIVE
        service.save(update_fields=["desired"])
        audit.record("service.adopted", service, after={"server": str(server)})
        request(service, Action.ADOPT, cause=f"adopt:{service.public_id}", by=by)
    return service


def _live(server: Server) -> list[Service]:
    rows = Service.objects.filter(server=server).exclude(desired__in=services.ENDED)
    return list(rows.select_related("customer", "product"))


def _standing(service: Service | None) -> Standing:
    if service is None:
        return Standing.UNMANAGED
    return Standing.MANAGED if ever_ours(service) else Standing.IN_THE_WAY


def _row(account: RemoteAccount, service: Service | None) -> InventoryRow:
    return InventoryRow(
        domain=account.domain,
        standing=_standing(service),
        state=account.state,
        mailboxes=account.mailboxes,
        disk_bytes=account.disk_bytes,
        service=service,
    )
