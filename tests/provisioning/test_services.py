"""What may be asked of a service, and that a refused request changes and sends nothing."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from django.core.exceptions import ValidationError

from accounts.models import AuditEvent
from products.models import Option, Product
from provisioning import restrictions, services
from provisioning.connection.links import chosen_options
from provisioning.contract import Mailbox, State
from provisioning.engine import commands
from provisioning.models import Command, Service
from tests.factories import (
    CustomerFactory,
    OptionFactory,
    PlacementFactory,
    PriceFactory,
    ProductFactory,
    ServerFactory,
    ServerGroupFactory,
    ServiceFactory,
    StaffFactory,
)
from tests.support.fake_module import Domain, Platform

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("sent")]
Desired = Service.Desired


def order(product: Product, **terms: Any) -> Service:
    usual: dict[str, Any] = {
        "customer": CustomerFactory(),
        "domain": "client.example",
        "cycle": "monthly",
        "currency": "EUR",
        "anchor": date(2026, 1, 31),
    }
    return services.create_service(product=product, **(usual | terms))


@pytest.fixture
def product() -> Product:
    product = ProductFactory()
    PlacementFactory(product=product, group=ServerGroupFactory(servers=[ServerFactory()]))
    return product


def test_a_new_service_is_pending_with_a_place_and_a_due_date_and_nothing_is_sent(
    product: Product, sent: list[Any]
) -> None:
    staff = StaffFactory()

    service = order(product, domain=" Bücher.Example. ", by=staff)

    assert service.desired == Desired.PENDING
    assert service.domain == "xn--bcher-kva.example"
    assert service.server is not None
    assert service.next_due == date(2026, 2, 28)
    assert not Command.objects.exists()
    assert sent == []
    assert AuditEvent.objects.get(action="service.created").actor == staff


@pytest.mark.parametrize(
    ("timing", "cycle", "due"),
    [
        (Product.Timing.ADVANCE, "monthly", date(2026, 1, 31)),
        (Product.Timing.ARREARS, "annually", date(2027, 1, 31)),
        (Product.Timing.ARREARS, "onetime", date(2026, 1, 31)),
        (Product.Timing.ARREARS, "free", None),
    ],
)
def test_the_first_due_date_follows_timing_and_cycle(
    timing: str, cycle: str, due: date | None
) -> None:
    product = ProductFactory.build(timing=timing)

    assert services.first_due(product, cycle, date(2026, 1, 31)) == due


@pytest.mark.parametrize(
    ("terms", "field"),
    [
        ({"domain": "not a domain"}, "domain"),
        ({"domain": "10.0.0.5"}, "domain"),
        ({"domain": "taken.example"}, "domain"),
        ({"cycle": "annually"}, "cycle"),
        ({"currency": "USD"}, "cycle"),
        ({"options": {"nonsense": 1}}, "option_nonsense"),
        ({"options": {"seats": 99}}, "option_seats"),
        ({"options": {"seats": "many"}}, "option_seats"),
    ],
)
def test_terms_that_cannot_be_are_refused_beside_their_field(
    product: Product, terms: dict[str, Any], field: str
) -> None:
    ServiceFactory(domain="taken.example", server=ServerFactory())
    option = OptionFactory(code="seats", minimum=1, maximum=10)
    product.option_groups.add(option.group)

    with pytest.raises(ValidationError) as refusal:
        order(product, **terms)

    assert list(refusal.value.message_dict) == [field]
    assert Service.objects.count() == 1


def test_chosen_options_reach_the_service_and_its_account(product: Product) -> None:
    seats = OptionFactory(code="seats", minimum=1, maximum=10)
    region = OptionFactory(
        group=seats.group, code="region", type=Option.Type.DROPDOWN, values=["eu", "us"]
    )
    backup = OptionFactory(group=seats.group, code="backup", type=Option.Type.YES_NO)
    product.option_groups.add(seats.group)

    service = order(product, options={"seats": "5", "backup": True})

    assert chosen_options(service) == {"seats": 5, region.code: "eu", backup.code: 1}


def test_a_product_that_is_not_offered_or_has_no_server_is_refused() -> None:
    with pytest.raises(ValidationError) as no_server:
        order(ProductFactory())
    with pytest.raises(ValidationError) as withdrawn:
        order(ProductFactory(active=False))

    assert list(no_server.value.message_dict) == ["server"]
    assert list(withdrawn.value.message_dict) == ["product"]
    assert not Service.objects.exists()


def test_a_product_without_a_platform_is_delivered_at_once(sent: list[Any]) -> None:
    service = order(ProductFactory(module=""))

    command = services.deliver(service, cause="order:1")

    assert command is None
    assert (service.desired, service.observed) == (Desired.ACTIVE, State.ACTIVE)
    assert service.activated_at is not None


def test_delivering_twice_asks_once(service: Service) -> None:
    first = services.deliver(service, cause="order:1")
    second = services.deliver(service, cause="order:1")

    assert first == second
    assert Command.objects.count() == 1


def test_a_service_is_released_when_every_reason_is_lifted(active: Service) -> None:
    first = services.suspend(active, reason_code="staff", reason="abuse", cause="staff:1")
    second = services.suspend(active, reason_code="dunning", reason="late", cause="dunning:1")
    kept = services.unsuspend(active, reason_code="dunning", cause="payment:1")
    assert (active.desired, active.suspend_reasons) == (Desired.SUSPENDED, {"staff": "abuse"})

    released = services.unsuspend(active, reason_code="staff", cause="staff:2")

    assert first and released
    assert (second, kept) == (None, None)
    assert (active.desired, active.suspend_reasons) == (Desired.ACTIVE, {})
    assert [row.action for row in Command.objects.order_by("pk")] == ["suspend", "unsuspend"]


def test_outgoing_mail_is_stopped_until_every_reason_is_lifted(active: Service) -> None:
    restrictions.restrict(active, reason_code="staff", reason="spam", cause="staff:1")
    restrictions.restrict(active, reason_code="dunning", reason="late", cause="dunning:1")
    kept = restrictions.unrestrict(active, reason_code="dunning", cause="payment:1")
    assert (active.desired, active.restrict_reasons, kept) == (
        Desired.ACTIVE, {"staff": "spam"}, None
    )  # fmt: skip

    restrictions.unrestrict(active, reason_code="staff", cause="staff:2")

    assert active.restrict_reasons == {}
    assert [row.action for row in Command.objects.order_by("pk")] == ["restrict", "unrestrict"]


@pytest.mark.parametrize("desired", [Desired.PENDING, Desired.SUSPENDED, Desired.TERMINATED])
def test_only_an_active_service_is_restricted(active: Service, desired: str) -> None:
    Service.objects.update(desired=desired)

    with pytest.raises(ValidationError, match="cannot be restricted"):
        restrictions.restrict(active, reason_code="staff", reason="spam", cause="staff:1")

    active.refresh_from_db()
    assert (active.restrict_reasons, Command.objects.count()) == ({}, 0)


def test_what_a_platform_cannot_do_is_refused_before_anything_is_asked(active: Service) -> None:
    Product.objects.update(module="smartermail")

    with pytest.raises(ValidationError, match="cannot stop outgoing mail alone"):
        restrictions.restrict(active, reason_code="staff", reason="spam", cause="staff:1")

    active.refresh_from_db()
    assert (active.restrict_reasons, Command.objects.count()) == ({}, 0)


def test_a_restriction_that_a_suspension_overtook_is_made_up_for(active: Service) -> None:
    restrictions.restrict(active, reason_code="staff", reason="spam", cause="staff:1")
    services.suspend(active, reason_code="dunning", reason="late", cause="dunning:1")

    services.unsuspend(active, reason_code="dunning", cause="payment:1")

    actions = [row.action for row in Command.objects.order_by("pk")]
    assert actions == ["restrict", "suspend", "unsuspend", "restrict"]


def test_asking_again_helps_when_the_first_command_was_given_up(active: Service) -> None:
    first = services.suspend(active, reason_code="staff", reason="abuse", cause="staff:1")
    assert first
    open_one = services.suspend(active, reason_code="staff", reason="abuse", cause="staff:2")
    commands.cancel(first)

    second = services.suspend(active, reason_code="staff", reason="abuse", cause="staff:3")

    assert open_one is None
    assert second
    assert second.status == Command.Status.QUEUED


@pytest.mark.parametrize("desired", [Desired.PENDING, Desired.TERMINATED, Desired.CANCELLED])
def test_only_a_delivered_service_can_be_suspended_or_changed(
    service: Service, sent: list[Any], desired: str
) -> None:
    Service.objects.update(desired=desired)

    with pytest.raises(ValidationError):
        services.suspend(service, reason_code="staff", reason="abuse", cause="staff:1")
    with pytest.raises(ValidationError):
        services.change_password(service, password="Planted-New-1", cause="staff:2")
    with pytest.raises(ValidationError):
        services.change_package(service, product=service.product, options=None, cause="staff:3")

    service.refresh_from_db()
    assert (service.desired, service.suspend_reasons) == (desired, {})
    assert not Command.objects.exists()
    assert sent == []


def test_a_service_never_delivered_is_cancelled_without_a_call(service: Service) -> None:
    command = services.terminate(service, cause="staff:1")

    assert command is None
    assert service.desired == Desired.CANCELLED
    assert not Command.objects.exists()


def test_terminating_gives_up_what_waits(active: Service) -> None:
    waiting = services.suspend(active, reason_code="staff", reason="abuse", cause="staff:1")

    last = services.terminate(active, cause="staff:2")
    again = services.terminate(active, cause="staff:2")

    assert waiting and last == again
    waiting.refresh_from_db()
    assert waiting.status == Command.Status.CANCELLED
    assert Command.objects.filter(action="terminate").count() == 1


def test_a_domain_is_free_again_when_its_service_has_ended(product: Product) -> None:
    ServiceFactory(domain="client.example", product=product, desired=Desired.TERMINATED)

    assert order(product).domain == "client.example"


def test_a_plan_says_why_a_change_does_not_fit(active: Service, platform: Platform) -> None:
    boxes = {f"u{n}@x.example": Mailbox(address=f"u{n}@x.example") for n in range(12)}
    platform.domains[active.domain] = Domain(mailboxes=boxes)

    smaller = ProductFactory(module_settings={"limit": 10})
    plan = services.plan_change(active, smaller, None)

    assert plan == ["12 mailboxes exist, the new limit is 10"]


def test_a_change_to_another_platform_is_refused(active: Service) -> None:
    other = ProductFactory(module="smartermail")
    PriceFactory(product=other, cycle="annually")

    with pytest.raises(ValidationError) as refusal:
        services.change_package(active, product=other, options=None, cause="staff:1")

    assert list(refusal.value.message_dict) == ["product"]
    assert not Command.objects.exists()
