"""Four months in the life of a reseller, day by day, through the same doors as any other."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta

from accounts.audit import Actor, acting
from billing.models import Seller
from billing.nightly import run as billing_run
from billing.nightly.batches import due_services
from demo.nameserver import Zones
from demo.seed import catalogue, mail, moment, orders, payments, people, platforms, zones
from demo.seed.cast import COMPANIES, UNMANAGED, Company, Fate, Order
from demo.seed.remote import Remote
from products.models import Product
from provisioning import directory, servers, services
from provisioning.engine import execution, states
from provisioning.metering import usage
from provisioning.models import Command, Server, Service

SYNC_EVERY = 3
FEATURES_AFTER = 10
SUSPENDED_AFTER, ENDED_AFTER = 100, 62
SECOND_SERVER_LOST = 2  # days ago
PAID_AFTER = 8


@dataclass
class Contract:
    """`alive`: mail flows, so that the platform may be asked about it."""

    company: Company
    order: Order
    service: Service
    since: date
    alive: bool = False


@dataclass
class Story:
    addresses: Mapping[str, str]
    remote: Remote
    contracts: list[Contract] = field(default_factory=list)

    def tell(self) -> Zones:
        """The DNS that the customers have."""
        days = moment.days()
        moment.go_to(days[0] - timedelta(days=1))
        self._set_up()
        for day in days:
            moment.go_to(day)
            self._live(day, days)
        self._today()
        published = zones.publish(
            ((contract.service, contract.order.dns) for contract in self._alive()), self.remote
        )
        return published | platforms.zones()

    def _set_up(self) -> None:
        owner = people.staff()
        self.actor = Actor(user=owner, label=owner.email)
        catalogue.seller()
        catalogue.servers(self.addresses)
        catalogue.products()
        payments.gateways()
        name, mailboxes, gb = UNMANAGED
        self.remote.do("add_domain", name=name)
        for address in mail.addresses(Order(domain=name, mailboxes=mailboxes)):
            self.remote.do("add_user", address=address, size=int(gb * mail.GB / mailboxes))
        for server in Server.objects.all():
            servers.check(server)

    def _live(self, day: date, days: list[date]) -> None:
        if day == days[-1] - timedelta(days=SECOND_SERVER_LOST):
            self._lose_second_server()
        if day == days[-1] - platforms.SINCE:
            platforms.open_up(self.addresses, self.actor)
        for company in COMPANIES:
            if _starts(company, days) == day:
                self._take_on(company, day)
        self._events(day)
        due = _something_is_due(day)
        if due or (day - days[0]).days % SYNC_EVERY == 0:
            self._sync((day - days[0]) / (days[-1] - days[0]))
        if due:
            billing_run.run(day)
        self._payments(day, days[-1])

    def _take_on(self, company: Company, day: date) -> None:
        with acting(self.actor):
            customer = people.customer(company)
            payments.moved_in(company, customer)
            for order in company.orders:
                product = Product.objects.get(name=order.product)
                service = services.create_service(
                    customer=customer,
                    product=product,
                    domain=order.domain,
                    cycle=order.cycle,
                    currency=company.currency,
                    anchor=day,
                    options=order.options,
                    server=_server(company, product),
                )
                self._deliver(Contract(company, order, service, day))

    def _deliver(self, contract: Contract) -> None:
        if contract.company.fate is Fate.REFUSED:
            self.remote.do("add_domain", name=contract.order.domain)
        self.contracts.append(contract)
        _carry_out(services.deliver(contract.service, cause="order"))
        contract.service.refresh_from_db()
        delivered = contract.service.observed == Service.Observed.ACTIVE
        contract.alive = delivered and contract.service.server is not None
        if contract.alive:
            mail.move_in(contract.service, contract.order, self.remote)

    def _events(self, day: date) -> None:
        for contract in self._alive():
            age = (day - contract.since).days
            fate = contract.company.fate
            if age == FEATURES_AFTER:
                mail.switch_on_features(contract.service, contract.order)
            if age == SUSPENDED_AFTER and fate is Fate.SUSPENDED:
                self._suspend(contract.service)
            if age == ENDED_AFTER and fate is Fate.ENDED:
                self._terminate(contract)

    def _suspend(self, service: Service) -> None:
        with acting(self.actor):
            command = services.suspend(
                service, reason_code="staff", reason="Three invoices are unpaid.", cause="unpaid"
            )
        _carry_out(command)

    def _terminate(self, contract: Contract) -> None:
        with acting(self.actor):
            _carry_out(services.terminate(contract.service, cause="festival-over"))
        contract.alive = False

    def _lose_second_server(self) -> None:
        for contract in self.contracts:
            if contract.company.fate is Fate.SERVER_LOST:
                contract.alive = False
                self.remote.do("remove_domain", name=contract.order.domain)
        catalogue.lose_second_server()

    def _sync(self, share: float) -> None:
        for contract in self._alive():
            mail.grow(contract.order, self.remote, share)
        for server in usage.servers_to_sync():
            usage.sync_server(server)

    def _payments(self, day: date, last: date) -> None:
        with acting(self.actor):
            payments.pay(day, sent=day - timedelta(days=PAID_AFTER), last=last)

    def _today(self) -> None:
        """What each mailbox weighs shows from now on, and what is in trouble is in trouble now."""
        with acting(self.actor):
            payments.part_payment()
        moment.come_back()
        platforms.today(self.addresses, self.actor)
        for contract in self._alive():
            self.remote.do("set_disk", domain=contract.order.domain, size=None)
            if contract.company.fate is Fate.ABSURD_USAGE:
                self.remote.do("set_raw_usage", domain=contract.order.domain, size="n/a")
        for server in Server.objects.all():
            usage.sync_server(server)
            servers.check(server)
            states.refresh(server)
        for contract in self._alive():
            directory.refresh(contract.service)
        with acting(self.actor):
            orders.plant()

    def _alive(self) -> Iterator[Contract]:
        return (contract for contract in self.contracts if contract.alive)


def _starts(company: Company, days: list[date]) -> date:
    first = days[0] if company.since >= 0 else days[-1]
    return first + timedelta(days=company.since)


def _server(company: Company, product: Product) -> Server | None:
    """None leaves the choice to the panel."""
    on_second = company.fate in (Fate.SERVER_LOST, Fate.SERVER_DOWN)
    return Server.objects.get(name=catalogue.SECOND) if on_second and product.module else None


def _carry_out(command: Command | None) -> None:
    """What a worker does, at once."""
    if command:
        execution.carry_out(command.pk)


def _something_is_due(day: date) -> bool:
    due = due_services(day, Seller.objects.get().lead_days)
    return Service.objects.filter(due).exists()
