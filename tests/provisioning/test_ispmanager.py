"""What the engine does with a platform whose editions differ, over a real socket."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from accounts.models import AuditEvent
from provisioning import servers, sign_on
from provisioning.contract import UnsupportedError
from provisioning.declared import offers
from provisioning.models import Placement, Server
from provisioning.modules.ispmanager.module import IspManager
from provisioning.modules.ispmanager.simulator import IspManagerSimulator
from tests.factories import OptionFactory, ProductFactory, ServerFactory, ServerGroupFactory

PASSWORD = "Planted-Panel-Secret"
SETTINGS = {**IspManager.product_fields.defaults(), "template": "mail-small"}

pytestmark = pytest.mark.django_db


@pytest.fixture
def simulator() -> Iterator[IspManagerSimulator]:
    with IspManagerSimulator(admin_password=PASSWORD) as running:
        yield running


@pytest.fixture
def server(simulator) -> Server:
    return ServerFactory(
        module="ispmanager",
        hostname="127.0.0.1",
        port=simulator.port,
        secure=False,
        allow_private=True,
        username="root",
        password=PASSWORD,
    )


def problems_on(server: Server, **settings: str) -> dict[str, list[str]]:
    """Of a product with the option "ip"."""
    product = ProductFactory(module="ispmanager")
    Placement.objects.create(
        product=product, group=ServerGroupFactory(module="ispmanager", servers=[server])
    )
    group = OptionFactory(code="ip").group
    return offers.problems(product, [group], IspManager, {**SETTINGS, **settings})


def test_addresses_are_refused_at_product_save_where_the_edition_gives_none(
    simulator, server
) -> None:
    simulator.set_variants(edition="Pro")
    servers.check(server)

    found = problems_on(server, main_ip="ipv4")

    assert list(found) == ["main_ip", "option_groups"]
    assert "has the Pro edition and gives no IP addresses" in found["option_groups"][0]


def test_the_business_edition_and_staffs_word_let_addresses_be_sold(simulator, server) -> None:
    servers.check(server)
    assert problems_on(server) == {}

    simulator.set_variants(edition="Host")
    servers.check(server)
    assert problems_on(server)

    server.settings = {"ip_addresses": "yes"}
    server.save()
    assert problems_on(server) == {}


def test_going_to_the_server_is_a_one_time_key_and_is_audited(simulator, server) -> None:
    link = sign_on.server_login(server)

    assert link.fields["username"] == "root"
    event = AuditEvent.objects.get(action="sign_on.server")
    assert link.fields["key"] not in str(event.after)


def test_a_platform_without_such_a_sign_on_refuses_and_audits_nothing() -> None:
    server = ServerFactory(module="fake")

    with pytest.raises(UnsupportedError):
        sign_on.server_login(server)

    assert not AuditEvent.objects.filter(action="sign_on.server").exists()
