from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from django.test import Client

from accounts.models import AuditEvent
from products.models import Option, OptionPrice, Product
from provisioning.models import Placement, Service
from tests.backoffice.world import formdata, press, url_of
from tests.factories import (
    OptionFactory,
    PlacementFactory,
    PriceFactory,
    ProductFactory,
    ProductGroupFactory,
    ServerGroupFactory,
    ServiceFactory,
)
from tests.support.fake_module import FakeModule

ADD = "/admin/products/product/add/"


def new_product(**values: Any) -> dict[str, Any]:
    return {
        "group": ProductGroupFactory().pk, "name": "Mail", "position": "0", "active": "on",
        "setup_type": "on_order", "timing": "arrears", "setup_on_change": "none",
        "taxable": "on", "set-limit": "25",
        "set-eas_offered": "on", "set-eas_price-EUR": "2", "prices-monthly-EUR-amount": "6.00",
        "prices-monthly-EUR-setup_fee": "10", "prices-annually-EUR-amount": "0",
    } | values  # fmt: skip


def prices_of(product: Product) -> dict[tuple[str, str], tuple[str, str]]:
    return {
        (row.cycle, row.currency): (f"{row.amount:.2f}", f"{row.setup_fee:.2f}")
        for row in product.prices.all()
    }


@pytest.fixture
def needy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(FakeModule, "required_options", ("seats",))


def test_a_product_is_added_with_settings_prices_and_place(boss: Client) -> None:
    group = ServerGroupFactory()
    data = new_product(placement=group.pk)
    assert boss.post(f"{ADD}?platform=fake", data).status_code == 302

    product = Product.objects.get()
    assert product.module_settings["limit"] == 25
    assert product.module_settings["eas_price"]["EUR"] == "2"
    assert prices_of(product) == {
        ("monthly", "EUR"): ("6.00", "10.00"),
        ("annually", "EUR"): ("0.00", "0.00"),
    }
    assert Placement.objects.get(product=product).group == group


def test_a_product_that_no_platform_delivers_has_no_settings(boss: Client) -> None:
    boss.post(f"{ADD}?platform=none", new_product())
    product = Product.objects.get()
    assert (product.module, product.module_settings) == ("", {})


def test_the_day_on_which_periods_begin_is_set_with_the_product(boss: Client) -> None:
    product = ProductFactory()
    data = formdata(boss, url_of(product))
    assert (data["align_day"], data["align_from"]) == ("", "")
    boss.post(url_of(product), data | {"align_day": "1", "align_from": "20"})
    product.refresh_from_db()
    assert (product.align_day, product.align_from) == (1, 20)


@pytest.mark.parametrize(("day", "since"), [("", "20"), ("29", ""), ("1", "32")])
def test_a_day_that_not_every_month_has_or_that_stands_alone_is_refused(
    boss: Client, day: str, since: str
) -> None:
    product = ProductFactory()
    data = formdata(boss, url_of(product)) | {"align_day": day, "align_from": since}
    assert boss.post(url_of(product), data).status_code == 200
    product.refresh_from_db()
    assert (product.align_day, product.align_from) == (None, None)


def test_a_minimum_fee_is_set_for_a_cycle_and_currency(boss: Client) -> None:
    product = ProductFactory()
    data = formdata(boss, url_of(product))
    boss.post(url_of(product), data | {"minimums": "monthly EUR = 15.00\nAnnually eur=150"})
    product.refresh_from_db()
    assert product.minimums == {"monthly": {"EUR": "15.00"}, "annually": {"EUR": "150"}}
    again = formdata(boss, url_of(product))
    assert again["minimums"] == "monthly EUR = 15.00\nannually EUR = 150"


@pytest.mark.parametrize(
    "text", ["monthly EUR", "monthly EUR = -1", "weekly EUR = 5", "monthly XXX = 5", "15.00"]
)
def test_a_minimum_fee_that_cannot_be_read_is_refused(boss: Client, text: str) -> None:
    product = ProductFactory()
    data = formdata(boss, url_of(product)) | {"minimums": text}
    assert boss.post(url_of(product), data).status_code == 200
    product.refresh_from_db()
    assert product.minimums == {}


def test_a_blank_price_is_taken_off_offer_and_a_zero_is_free(boss: Client) -> None:
    product = ProductFactory()
    PriceFactory(product=product, cycle="annually")
    data = formdata(boss, url_of(product))
    assert data["prices-monthly-EUR-amount"] == "6.00"

    data |= {"prices-monthly-EUR-amount": "", "prices-annually-EUR-amount": "0"}
    boss.post(url_of(product), data)

    assert prices_of(product) == {("annually", "EUR"): ("0.00", "0.00")}
    event = AuditEvent.objects.get(action="product.prices_changed")
    assert event.before["monthly EUR"] == "6 + 0" and "monthly EUR" not in event.after


@pytest.mark.parametrize("typed", ["six", "-1", "NaN", "1.23456", "99999999999"])
def test_a_price_that_is_none_is_refused_and_kept_as_typed(typed: str, boss: Client) -> None:
    product = ProductFactory()
    data = formdata(boss, url_of(product)) | {"prices-monthly-EUR-amount": typed, "name": "New"}
    page = boss.post(url_of(product), data)
    assert "Monthly, EUR" in str(page.context["adminform"].form.errors["prices"])
    assert f'value="{typed}"' in page.content.decode()
    product.refresh_from_db()
    assert product.name != "New" and prices_of(product) == {("monthly", "EUR"): ("6.00", "0.00")}


def test_a_setup_fee_without_a_price_is_refused(boss: Client) -> None:
    product = ProductFactory()
    data = formdata(boss, url_of(product)) | {"prices-quarterly-EUR-setup_fee": "5"}
    page = boss.post(url_of(product), data)
    assert "needs a price" in str(page.context["adminform"].form.errors["prices"])


@pytest.mark.usefixtures("needy")
def test_a_product_refuses_to_save_without_the_option_its_platform_needs(boss: Client) -> None:
    page = boss.post(f"{ADD}?platform=fake", new_product())
    errors = page.context["adminform"].form.errors
    assert "seats" in str(errors["option_groups"])
    assert not Product.objects.exists()


@pytest.mark.usefixtures("needy")
def test_with_the_option_it_saves(boss: Client) -> None:
    option = OptionFactory(code="seats")
    data = new_product(option_groups=[option.group_id])
    assert boss.post(f"{ADD}?platform=fake", data).status_code == 302
    assert list(Product.objects.get().option_groups.all()) == [option.group]


def test_one_option_code_in_two_groups_is_refused(boss: Client) -> None:
    groups = [OptionFactory(code="seats").group_id for _time in range(2)]
    page = boss.post(f"{ADD}?platform=fake", new_product(option_groups=groups))
    assert "more than one" in str(page.context["adminform"].form.errors["option_groups"])
    assert not Product.objects.exists()


def test_a_setting_out_of_range_stands_beside_its_input(boss: Client) -> None:
    page = boss.post(f"{ADD}?platform=fake", new_product(**{"set-limit": "-3"}))
    assert "set-limit" in page.context["adminform"].form.errors


def test_a_duplicate_has_everything_but_is_not_offered(boss: Client) -> None:
    product = ProductFactory(name="Mail", module_settings={"limit": 7})
    product.option_groups.add(OptionFactory().group)
    PlacementFactory(product=product)
    for _time in range(2):
        press(boss, product, "duplicate")

    first, second = Product.objects.exclude(pk=product.pk).order_by("pk")
    assert (first.name, second.name) == ("Mail (copy)", "Mail (copy 2)")
    assert (first.active, first.module_settings) == (False, {"limit": 7})
    assert prices_of(first) == prices_of(product)
    assert list(first.option_groups.all()) == list(product.option_groups.all())
    assert first.placement.group == product.placement.group


def test_a_product_that_was_sold_cannot_be_deleted(boss: Client) -> None:
    service = ServiceFactory()
    boss.post(url_of(service.product, "delete"), {"post": "yes"})
    assert Service.objects.get().product == service.product


def test_choices_have_prices_of_their_own(boss: Client) -> None:
    option = OptionFactory(type=Option.Type.DROPDOWN, values=["eu", "us"])
    eu, us = option.choices.all()
    data = formdata(boss, url_of(option)) | {f"prices_{us.pk}-monthly-EUR-amount": "1.50"}
    assert boss.post(url_of(option), data).status_code == 302
    price = OptionPrice.objects.get()
    assert (price.choice, price.amount, eu.prices.count()) == (us, Decimal("1.5"), 0)


def test_a_quantity_has_one_price_for_each_unit(boss: Client) -> None:
    option = OptionFactory(minimum=1, maximum=9)
    data = formdata(boss, url_of(option)) | {"prices-monthly-EUR-amount": "0.25"}
    boss.post(url_of(option), data)
    assert OptionPrice.objects.get().choice is None


def test_the_code_of_an_option_is_given_once(boss: Client) -> None:
    option = OptionFactory(code="seats")
    boss.post(url_of(option), formdata(boss, url_of(option)) | {"code": "other", "name": "New"})
    option.refresh_from_db()
    assert (option.code, option.name) == ("seats", "New")


def test_a_minimum_above_the_maximum_is_refused(boss: Client) -> None:
    option = OptionFactory(minimum=1, maximum=9)
    page = boss.post(url_of(option), formdata(boss, url_of(option)) | {"minimum": "10"})
    assert page.status_code == 200
    option.refresh_from_db()
    assert option.minimum == 1
