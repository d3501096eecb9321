"""What the reseller sells besides: one customer with a service on every other platform."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import timedelta
from decimal import Decimal
from typing import Any

from accounts.audit import Actor, acting
from accounts.models import Customer
from config import clock
from demo.nameserver import Zones
from demo.seed import people
from demo.seed.catalogue import stored_settings, where
from demo.seed.lines import CUSTOMER, LINES, WAITING, Line, Sold
from demo.seed.mail import PASSWORD, display_name
from demo.seed.remote import Remote
from products.models import Option, OptionPrice, Price, Product, ProductGroup
from provisioning import directory, servers, services
from provisioning.connection.links import account_of, open_module
from provisioning.contract import Alias, Capability, MailboxChange, MailingList
from provisioning.declared import offers
from provisioning.engine import execution, observation
from provisioning.models import Placement, Server, ServerGroup, ServerGroupMember, Service
from provisioning.registry import module_class

SINCE = timedelta(days=36)  # before today
CURRENCIES = ("EUR", "USD")


def open_up(addresses: Mapping[str, str], actor: Actor) -> None:
    """Servers, products, and the services that run since then."""
    group = ProductGroup.objects.create(name="Other platforms", position=3)
    with acting(actor):
        customer = people.customer(CUSTOMER)
        for line in _known(addresses):
            product = _product(line, group, _server(line, addresses[line.module]))
            with Remote(addresses[line.module]) as remote:
                for sold in line.sold:
                    _move_in(_deliver(customer, product, sold, remote), sold, remote)


def today(addresses: Mapping[str, str], actor: Actor) -> None:
    """One that still waits for its proof; the others are seen as they are now."""
    with acting(actor):
        for service in _delivered():
            observation.refresh(service)
            _catch_up(service)
        for line in _known(addresses):
            if line.module == WAITING[0]:
                customer = Customer.objects.get(company=CUSTOMER.name)
                product = Product.objects.get(name=line.product)
                _ordered(customer, product, WAITING[1])


def connect(addresses: Mapping[str, str]) -> None:
    """The simulators listen elsewhere after each start."""
    for line in _known(addresses):
        rows = Server.objects.filter(name=line.server)
        rows.update(**where(addresses[line.module]), failures=0, paused_until=None)


def zones() -> Zones:
    """The customer has entered what is needed for mail to arrive, and no more."""
    found: Zones = {}
    for service in _delivered():
        if Capability.DNS_GUIDE in module_class(service.product.module).capabilities:
            found |= _zone(service)
    return found


def _known(addresses: Mapping[str, str]) -> Iterator[Line]:
    return (line for line in LINES if line.module in addresses)


def _server(line: Line, url: str) -> Server:
    server = Server.objects.create(
        name=line.server,
        module=line.module,
        allow_private=True,
        username=line.username,
        password=line.password,
        settings=stored_settings(line.module, "server_fields", line.server_settings),
        **where(url),
    )
    servers.check(server)
    return server


def _product(line: Line, group: ProductGroup, server: Server) -> Product:
    module = module_class(line.module)
    product = Product.objects.create(
        group=group,
        name=line.product,
        description=line.description,
        position=LINES.index(line),
        setup_type=Product.SetupType.ON_ORDER,
        timing=line.timing,
        module=line.module,
        module_settings=stored_settings(line.module, "product_fields", line.settings),
        module_settings_version=module.product_fields.version,
    )
    Price.objects.bulk_create(
        Price(product=product, cycle="monthly", currency=currency, amount=Decimal(line.price))
        for currency in CURRENCIES
    )
    place = ServerGroup.objects.create(name=line.product, module=line.module)
    ServerGroupMember.objects.create(group=place, server=server, position=0)
    Placement.objects.create(product=product, group=place)
    if module.required_options:
        product.option_groups.add(offers.make_options(module))
        _price_options(line)
    return product


def _price_options(line: Line) -> None:
    for option in Option.objects.filter(group__products__name=line.product):
        OptionPrice.objects.bulk_create(
            OptionPrice(
                option=option,
                cycle="monthly",
                currency=currency,
                amount=Decimal(line.option_prices.get(option.code, "0")),
                setup_fee=Decimal(0),
            )
            for currency in CURRENCIES
        )


def _ordered(customer: Customer, product: Product, sold: Sold) -> Service:
    service = services.create_service(
        customer=customer,
        product=product,
        domain=sold.domain,
        cycle="monthly",
        currency=customer.currency,
        anchor=clock.today(),
        options=sold.options,
    )
    command = services.deliver(service, cause="order")
    if command:
        execution.carry_out(command.pk)
    return service


def _deliver(customer: Customer, product: Product, sold: Sold, remote: Remote) -> Service:
    service = _ordered(customer, product, sold)
    for action, arguments in sold.remote:
        remote.do(action, **arguments)
    return observation.refresh(service)


def _move_in(service: Service, sold: Sold, remote: Remote) -> None:
    domain = service.domain
    addresses = [f"{local}@{domain}" for local in sold.mailboxes]
    for address in addresses:
        change = MailboxChange(password=PASSWORD, display_name=display_name(address))
        directory.create_mailbox(service, address, change)
    if not addresses:
        return
    hello = Alias(address=f"hello@{domain}", targets=(addresses[0],))
    directory.save_alias(service, hello, create=True)
    team = MailingList(address=f"team@{domain}", members=tuple(addresses))
    directory.create_list(service, team)
    capabilities = module_class(service.product.module).capabilities
    if Capability.GROUPS in capabilities:
        directory.create_group(service, "crew")
        directory.move_mailboxes(service, addresses[:2], "crew")
    if sold.size:
        for number, address in enumerate(addresses, 1):
            action, arguments = sold.size(address, number)
            remote.do(action, **arguments)
    directory.refresh(service)


def _catch_up(service: Service) -> None:
    """Somebody left today: where the platform can, the mailbox can be brought back."""
    capabilities = module_class(service.product.module).capabilities
    if Capability.RESTORE in capabilities:
        leaver = f"leaver@{service.domain}"
        directory.create_mailbox(service, leaver, MailboxChange(password=PASSWORD))
        directory.delete_mailbox(service, leaver)
    if Capability.MAILBOXES in capabilities:
        directory.refresh(service)


def _delivered() -> list[Service]:
    rows = Service.objects.filter(customer__company=CUSTOMER.name, observed=Service.Observed.ACTIVE)
    return list(rows.select_related("server", "product", "customer"))


def _zone(service: Service) -> Zones:
    assert service.server is not None
    with open_module(service.server, service=service) as module:
        expected = module.dns_expectations(account_of(service))
    records: dict[str, Any] = {"NS": ["ns1.northlight.example", "ns2.northlight.example"]}
    if expected.mx:
        records["MX"] = [f"{mx.priority} {mx.host}" for mx in expected.mx]
    if expected.spf.primary:
        records["TXT"] = [f"v=spf1 {expected.spf.primary} ~all"]
    found: Zones = {service.domain: records}
    for record in expected.extra:
        name = service.domain if record.name == "@" else f"{record.name}.{service.domain}"
        found.setdefault(name, {}).setdefault(str(record.type), []).append(record.rdata)
    return found
