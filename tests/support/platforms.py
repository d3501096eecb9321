"""A delivered service on each platform that the panel knows, against its simulator."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest
from django.utils.module_loading import import_string

from accounts.models import Customer
from config import clock
from products.models import Product
from provisioning import services
from provisioning.contract import Capability
from provisioning.engine import execution, observation
from provisioning.models import Command, Server, Service
from provisioning.registry import MODULES, SIMULATORS, module_class
from provisioning.simulation import Simulator
from tests.factories import OptionFactory, OptionGroupFactory, ProductFactory, ServerFactory

DOMAIN = "client.example"
PASSWORD = "Planted-Pl4tform-Secret"


def _nothing(_simulator: Any) -> None:
    return


@dataclass(frozen=True, kw_only=True)
class Stage:
    """What a platform needs: `settings` and `options` of the product, `after` the creation."""

    username: str = ""
    settings: Mapping[str, Any] = field(default_factory=dict)
    options: Mapping[str, int] = field(default_factory=dict)
    after: Callable[[Any], None] = _nothing


STAGES: Mapping[str, Stage] = {
    "smartermail": Stage(username="admin", settings={"max_domain_aliases": 3}),
    "polarismail": Stage(
        username="reseller",
        settings={"max_domain_aliases": 3},
        options={
            "total_mailboxes": 4,
            "total_enhanced_mailboxes": 2,
            "mailbox_quota_gb": 20,
            "total_aliases": 3,
            "total_distribution_lists": 2,
        },
        after=lambda simulator: simulator.state.publish_verification(DOMAIN),
    ),
    "opensrs": Stage(username="admin@reseller.adm", options={"mailboxes": 6, "forwards": 3}),
    "ispmanager": Stage(username="root", settings={"template": "mail-small"}),
    "ispmanager_reseller": Stage(username="root"),
    "easymailarchive": Stage(settings={"slug_prefix": "acme"}),
}


def every(*capabilities: Capability) -> pytest.MarkDecorator:
    """Parametrises the fixture `code` over all modules that declare these."""
    codes = [code for code in MODULES if set(capabilities) <= module_class(code).capabilities]
    return pytest.mark.parametrize("code", codes)


@contextmanager
def running(code: str) -> Iterator[Simulator]:
    with import_string(SIMULATORS[code])(admin_password=PASSWORD) as simulator:
        yield simulator


def server_on(code: str, simulator: Simulator) -> Server:
    return ServerFactory(
        module=code, hostname="127.0.0.1", port=simulator.port, secure=False,
        allow_private=True, username=STAGES[code].username, password=PASSWORD,
    )  # fmt: skip


def product_on(code: str, **settings: Any) -> Product:
    fields = module_class(code).product_fields
    stage = STAGES[code]
    typed = {**fields.defaults(), **stage.settings, **settings}
    product: Product = ProductFactory(module=code, module_settings=fields.dump(typed))
    if stage.options:
        group = OptionGroupFactory()
        for option in stage.options:
            OptionFactory(group=group, code=option, type="quantity", maximum=None)
        product.option_groups.add(group)
    return product


def ordered(code: str, simulator: Simulator, customer: Customer) -> Service:
    return services.create_service(
        customer=customer,
        product=product_on(code),
        domain=DOMAIN,
        cycle="monthly",
        currency="EUR",
        anchor=clock.today(),
        options=STAGES[code].options,
        server=server_on(code, simulator),
    )


def carried_out(command: Command | None) -> Command:
    """With as many attempts as it takes, none of them waited for."""
    assert command is not None
    for _ in range(4):
        Command.objects.filter(pk=command.pk).update(not_before=clock.now())
        execution.carry_out(command.pk)
        command.refresh_from_db()
        if command.status != Command.Status.QUEUED:
            break
    return command


def delivered(code: str, simulator: Simulator, customer: Customer) -> Service:
    service = ordered(code, simulator, customer)
    command = carried_out(services.deliver(service, cause="order:1"))
    assert command.status == Command.Status.DONE, command.detail
    STAGES[code].after(simulator)
    observation.refresh(service)
    service.refresh_from_db()
    assert service.observed == Service.Observed.ACTIVE
    return service
