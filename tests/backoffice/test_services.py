from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from django.test import Client

from accounts.models import AuditEvent
from provisioning.contract import LoginLink, TemporaryError
from provisioning.contract import Mailbox as RemoteMailbox
from provisioning.engine import execution
from provisioning.metering import usage
from provisioning.models import Command, Mailbox, Service
from tests.backoffice.world import do_url, list_url, press, said, url_of
from tests.factories import (
    CustomerFactory,
    OptionFactory,
    PlacementFactory,
    ProductFactory,
    ReadingFactory,
    ServerGroupFactory,
    ServiceFactory,
)
from tests.support.fake_module import FakeModule, Platform

Desired = Service.Desired
ADD = "/admin/provisioning/service/add/"


def sold(server: Any) -> Any:
    """A product that has a place."""
    product = ProductFactory()
    PlacementFactory(product=product, group=ServerGroupFactory(servers=[server]))
    return product


def add(boss: Client, product: Any, **values: Any) -> Any:
    customer = CustomerFactory()
    data = {
        "domain": "new.example", "cycle": "monthly", "anchor": "2026-03-01", "server": "",
        "form_token": "token-of-one-form",
    } | values  # fmt: skip
    return boss.post(f"{ADD}?customer={customer.pk}&product={product.pk}", data)


def test_a_service_is_added_and_waits(boss: Client, server: Any, sent: list[Any]) -> None:
    assert add(boss, sold(server)).status_code == 302
    service = Service.objects.get()
    assert (service.domain, service.desired, service.server) == ("new.example", "pending", server)
    assert service.anchor == date(2026, 3, 1)
    assert not Command.objects.exists() and sent == []


@pytest.mark.django_db(transaction=True)
def test_a_service_is_added_and_created_at_once(boss: Client, server: Any, sent: list[Any]) -> None:
    add(boss, sold(server), create_now="on", server=server.pk)
    command = Command.objects.get()
    assert (command.action, command.service.desired) == (Command.Action.CREATE, Desired.ACTIVE)
    assert sent == [("carry_out", command.pk)]


def test_a_second_click_on_add_leads_to_the_service_of_the_first(boss: Client, server: Any) -> None:
    product = sold(server)
    first, second = add(boss, product), add(boss, product)
    assert first["Location"] == second["Location"]
    assert Service.objects.count() == 1


@pytest.mark.parametrize(
    ("field", "typed"), [("domain", "no domain"), ("cycle", "annually"), ("anchor", "soon")]
)
def test_wrong_terms_stand_beside_their_fields_and_nothing_is_made(
    field: str, typed: str, boss: Client, server: Any
) -> None:
    page = add(boss, sold(server), **{field: typed})
    assert list(page.context["form"].errors) == [field]
    assert typed in page.content.decode() or field == "cycle"
    assert not Service.objects.exists()


def test_a_domain_in_another_script_is_kept_in_its_ascii_form(boss: Client, server: Any) -> None:
    add(boss, sold(server), domain="Bücher.example")
    assert Service.objects.get().domain == "xn--bcher-kva.example"


def test_a_domain_in_use_is_refused_beside_its_field(boss: Client, active: Service) -> None:
    page = add(boss, sold(active.server), domain=active.domain)
    assert "already in use" in str(page.context["form"].errors["domain"])


def test_options_are_asked_as_the_product_declares_them(boss: Client, server: Any) -> None:
    product = sold(server)
    product.option_groups.add(OptionFactory(code="seats", minimum=2, maximum=5).group)
    page = add(boss, product, option_seats="9")
    assert "option_seats" in page.context["form"].errors
    assert add(boss, product, option_seats="4").status_code == 302
    assert Service.objects.get().options.get().quantity == 4


def test_create_is_one_command_however_often_it_is_clicked(boss: Client, server: Any) -> None:
    service = ServiceFactory(server=server)
    for _click in range(2):
        press(boss, service, "create")
    command = Command.objects.get()
    assert (command.action, command.cause) == ("create", "staff:token-of-one-form")


def test_suspend_needs_a_reason(boss: Client, active: Service) -> None:
    page = press(boss, active, "suspend", reason="")
    assert "reason" in page.context["form"].errors
    active.refresh_from_db()
    assert active.desired == Desired.ACTIVE and not Command.objects.exists()


def test_suspend_and_release_reach_the_platform(
    boss: Client, active: Service, platform: Platform
) -> None:
    press(boss, active, "suspend", reason="abuse report")
    execution.carry_out(Command.objects.latest("pk").pk)
    assert platform.domains[active.domain].state == "suspended"
    assert "abuse report" in boss.get(url_of(active)).content.decode()

    press(boss, active, "unsuspend", reason_code="staff", form_token="another-token-of-a-form")
    execution.carry_out(Command.objects.latest("pk").pk)
    assert platform.domains[active.domain].state == "active"


def test_outgoing_mail_alone_is_stopped_and_allowed_and_the_page_tells(
    boss: Client, active: Service, platform: Platform
) -> None:
    press(boss, active, "stop-mail", reason="spam wave")
    execution.carry_out(Command.objects.latest("pk").pk)
    assert platform.domains[active.domain].restricted
    page = boss.get(url_of(active)).content.decode()
    assert "Outgoing mail is stopped" in page and "spam wave" in page

    press(boss, active, "allow-mail", reason_code="staff", form_token="another-token-of-a-form")
    execution.carry_out(Command.objects.latest("pk").pk)
    assert not platform.domains[active.domain].restricted
    assert "Outgoing mail is" not in boss.get(url_of(active)).content.decode()


def test_a_platform_that_cannot_stop_outgoing_mail_alone_has_no_button_for_it(
    boss: Client, active: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(FakeModule, "restricts", classmethod(lambda _kind, _server: False))

    press(boss, active, "stop-mail", reason="spam wave")

    assert "Stop outgoing mail" not in boss.get(url_of(active)).content.decode()
    active.refresh_from_db()
    assert (active.restrict_reasons, Command.objects.count()) == ({}, 0)


def test_one_of_two_reasons_lifted_keeps_the_service_suspended(
    boss: Client, active: Service
) -> None:
    reasons = {"staff": "abuse", "dunning": "unpaid"}
    Service.objects.update(desired=Desired.SUSPENDED, suspend_reasons=reasons)
    text = said(press(boss, active, "unsuspend", reason_code="staff"))
    assert "dunning" in text
    assert Service.objects.get().desired == Desired.SUSPENDED and not Command.objects.exists()


@pytest.mark.parametrize("typed", ["", "other.example"])
def test_terminate_needs_the_domain_typed(typed: str, boss: Client, active: Service) -> None:
    page = press(boss, active, "terminate", domain=typed)
    assert "domain" in page.context["form"].errors
    active.refresh_from_db()
    assert active.desired == Desired.ACTIVE and not Command.objects.exists()


def test_terminate_with_the_domain_typed_ends_the_service(boss: Client, active: Service) -> None:
    press(boss, active, "terminate", domain=active.domain.upper())
    active.refresh_from_db()
    assert active.desired == Desired.TERMINATED
    assert Command.objects.get().action == Command.Action.TERMINATE


def test_a_weak_password_is_refused_before_anything_is_asked(boss: Client, active: Service) -> None:
    page = press(boss, active, "password", password="short")
    assert "password" in page.context["form"].errors
    assert not Command.objects.exists()


def test_a_new_password_goes_into_a_sealed_command_and_nowhere_else(
    boss: Client, active: Service
) -> None:
    press(boss, active, "password", password="Fresh-Pass-99")
    assert Command.objects.get().arguments == {"password": "Fresh-Pass-99"}
    assert "Fresh-Pass-99" not in boss.get(url_of(active)).content.decode()
    assert not AuditEvent.objects.filter(after__icontains="Fresh-Pass-99").exists()


def test_sign_on_shows_a_link_once_and_is_on_record(
    boss: Client, active: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    link = LoginLink(url="https://mail.example.net/?t=once")
    monkeypatch.setattr(FakeModule, "staff_login", lambda self, account: link)
    page = press(boss, active, "login")
    assert "https://mail.example.net/?t=once" in page.content.decode()
    assert "no-store" in page["Cache-Control"]
    assert AuditEvent.objects.filter(action="sign_on.staff").exists()


def test_a_platform_that_does_not_answer_is_a_sentence(
    boss: Client, active: Service, platform: Platform
) -> None:
    platform.fail("observe", TemporaryError("Nobody answers at mail1."))
    assert "Nobody answers at mail1." in said(press(boss, active, "refresh"))


def test_refresh_reads_state_and_mailboxes(
    boss: Client, active: Service, platform: Platform
) -> None:
    address = f"ann@{active.domain}"
    platform.domains[active.domain].mailboxes[address] = RemoteMailbox(address=address)
    press(boss, active, "refresh")
    assert Mailbox.objects.get().address == address
    assert address in boss.get(url_of(active)).content.decode()


def test_the_page_is_changed_by_buttons_alone(boss: Client, active: Service) -> None:
    assert boss.post(url_of(active), {"desired": "terminated"}).status_code == 405
    active.refresh_from_db()
    assert active.desired == Desired.ACTIVE


def test_billing_terms_are_changed_with_an_author(boss: Client, active: Service) -> None:
    terms = {"price_override": "4.50", "next_due": "2026-05-01", "charge_setup": "on"}
    press(boss, active, "terms", **terms)
    active.refresh_from_db()
    assert active.price_override is None  # not without a reason
    press(boss, active, "terms", **terms, price_override_reason="loyal since 2019")
    active.refresh_from_db()
    assert active.price_override_reason == "loyal since 2019"
    assert (str(active.price_override), active.next_due) == ("4.5000", date(2026, 5, 1))
    assert AuditEvent.objects.get(action="service.terms_changed").after["next_due"] == "2026-05-01"


def test_a_service_is_left_out_of_billing_and_taken_in_again(boss: Client, active: Service) -> None:
    press(boss, active, "hold", reason="contract is disputed")
    assert "contract is disputed" in boss.get(url_of(active)).content.decode()
    press(boss, active, "unhold")
    assert boss.get(url_of(active)).context["hold"] is None


def package_url(service: Service, product: Any) -> str:
    return f"/admin/provisioning/service/{service.pk}/change-package/?product={product.pk}"


def test_a_change_of_package_shows_that_it_does_not_fit_and_offers_no_confirmation(
    boss: Client, active: Service, platform: Platform
) -> None:
    boxes = platform.domains[active.domain].mailboxes
    boxes |= {name: RemoteMailbox(address=name) for name in ("a", "b", "c")}
    small = ProductFactory(module_settings={"limit": 2})
    text = boss.post(package_url(active, small), {}).content.decode()
    assert "3 mailboxes exist, the new limit is 2" in text
    assert 'name="confirm"' not in text and not Command.objects.exists()


def test_a_change_that_fits_is_asked_for_after_the_plan(boss: Client, active: Service) -> None:
    large = ProductFactory(module_settings={"limit": 50})
    plan = boss.post(package_url(active, large), {}).content.decode()
    assert "It fits" in plan and not Command.objects.exists()

    data = {"confirm": "1", "form_token": "token-of-one-form"}
    for _click in range(2):
        boss.post(package_url(active, large), data)
    assert Command.objects.get().arguments == {"product": large.pk, "options": {}}


def bulk(boss: Client, action: str, services: list[Service], **data: Any) -> Any:
    chosen = [service.pk for service in services]
    form = {"action": action, "_selected_action": chosen, "form_token": "token-of-one-form"}
    return boss.post(list_url(Service), form | data)


def test_a_bulk_action_asks_first(boss: Client, active: Service) -> None:
    page = bulk(boss, "bulk_suspend", [active])
    assert page.status_code == 200 and active.domain in page.content.decode()
    assert not Command.objects.exists()


def test_confirmed_bulk_actions_ask_for_one_command_each(boss: Client, server: Any) -> None:
    services = [ServiceFactory(server=server, delivered=True) for _number in range(3)]
    waiting = ServiceFactory(server=server)
    for _click in range(2):
        page = bulk(boss, "bulk_suspend", [*services, waiting], confirmed="1", reason="moving")
    assert Command.objects.filter(action="suspend").count() == 3
    assert waiting.domain in said(page)
    assert {row.suspend_reasons.get("staff") for row in Service.objects.exclude(pk=waiting.pk)} == {
        "moving"
    }


def test_bulk_termination_needs_the_word_and_the_right(
    boss: Client, active: Service, signed_in: Any
) -> None:
    bulk(boss, "bulk_terminate", [active], confirmed="1", word="yes")
    bulk(signed_in("support"), "bulk_terminate", [active], confirmed="1", word="terminate")
    active.refresh_from_db()
    assert active.desired == Desired.ACTIVE and not Command.objects.exists()

    bulk(boss, "bulk_terminate", [active], confirmed="1", word="terminate")
    active.refresh_from_db()
    assert active.desired == Desired.TERMINATED


def test_a_parked_reading_is_accepted_or_rejected_from_the_page_of_the_service(
    boss: Client, active: Service
) -> None:
    first, second = (
        ReadingFactory(service=active, state="parked", metric=metric)
        for metric in ("disk", "mailboxes")
    )
    assert do_url(first, "accept") in boss.get(url_of(active)).content.decode()
    answer = press(boss, first, "accept", next=url_of(active))
    press(boss, second, "reject")
    assert answer["Location"] == url_of(active)
    assert usage.latest(active, "disk") == first
    assert usage.latest(active, "mailboxes") is None


def test_a_way_back_to_another_site_is_not_taken(boss: Client, active: Service) -> None:
    reading = ReadingFactory(service=active, state="parked")
    answer = press(boss, reading, "accept", next="https://evil.example/")
    assert answer["Location"] == url_of(reading)


def test_the_page_shows_usage_drawn_without_script_or_style(boss: Client, active: Service) -> None:
    ReadingFactory(service=active)
    text = boss.get(url_of(active)).content.decode()
    chart = text[text.index('<svg class="bo-chart"') : text.index("</svg>")]
    assert "5.00 GB" in chart
    assert "style=" not in chart and "<script" not in chart


def test_what_home_names_leads_to_the_service_it_is_about(boss: Client, active: Service) -> None:
    active.observed = Service.Observed.MISSING
    active.save()
    page = boss.get("/admin/").content.decode()
    assert f'<a href="/admin/provisioning/service/{active.pk}/change/"><strong>' in page


def test_the_list_shows_what_home_links_to(boss: Client, active: Service) -> None:
    Service.objects.update(observed="missing")
    page = boss.get(list_url(Service) + "?attention=differs")
    assert [row.pk for row in page.context["cl"].result_list] == [active.pk]
