"""The shop as people meet it: looking, choosing, signing up, ordering."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.core import mail
from django.test import Client
from django.urls import reverse

from accounts.models import Customer, Membership, User
from billing.models import Order, Promotion
from billing.orders import cancellations
from products.models import Product
from provisioning.models import Service
from tests.billing import build as billing_build
from tests.factories import (
    CustomerFactory,
    MembershipFactory,
    PriceFactory,
    ServerFactory,
    StaffFactory,
    UserFactory,
)
from tests.factories.accounts import PASSWORD
from tests.orders.build import (
    mail_product,
    nothing_written,
    option,
    order,
    product,
    promotion,
    service_of,
    wanted,
)

pytestmark = pytest.mark.django_db
DETAILS = {
    "email": "new@customer.example", "password1": PASSWORD, "password2": PASSWORD,
    "name": "Nina New", "company": "New Ltd", "address": "Quay 1", "postcode": "20095",
    "city": "Hamburg", "country": "DE",
}  # fmt: skip


@pytest.fixture
def sold(seller: None) -> Product:
    billing_build.vat("19")
    made = product("5.00", "10.00", name="Mail for offices", setup_type="on_payment")
    option(made, "mailboxes", "2.00", name="Mailboxes", maximum=50)
    option(made, "archive", "3.00", name="Archive", type="yes_no")
    return made


@pytest.fixture
def browser(client: Client, acme: Customer) -> Client:
    client.force_login(MembershipFactory(customer=acme).user)
    return client


def choose(client: Client, sold: Product, **changes: Any) -> Any:
    data = {"cycle": "monthly", "domain": "shop.example", "option_mailboxes": "3"} | changes
    return client.post(reverse("shop:product", args=[sold.pk]), data)


def text(response: Any) -> str:
    return re.sub(r"\s+", " ", response.content.decode())


def place(client: Client, **changes: Any) -> Any:
    page = client.get(reverse("shop:review"))
    token = re.search(r'name="form_token" value="([^"]+)"', text(page))
    seen = re.search(r'name="seen" value="([^"]+)"', text(page))
    assert token and seen
    data = {"form_token": token[1], "seen": seen[1], "terms": "on"} | changes
    return client.post(reverse("shop:review"), data)


def test_the_catalogue_is_open_to_everybody(client: Client, sold: Product) -> None:
    hidden = product("1.00", name="Not for sale")
    hidden.group.hidden = True
    hidden.group.save()
    page = text(client.get("/order/"))
    assert "Mail for offices" in page and "5.00 EUR" in page and "set-up 10.00 EUR" in page
    assert "Not for sale" not in page
    assert client.get(reverse("shop:product", args=[hidden.pk])).status_code == 404


def test_a_price_of_a_tranche_says_of_how_much(client: Client, sold: Product) -> None:
    assert "per started" not in text(client.get("/order/"))
    product("6.00", module="smartermail", module_settings={"tranche_gb": 10})
    assert "per started 10 GB" in text(client.get("/order/"))


def test_what_a_product_costs_at_least_stands_beside_its_price_everywhere(
    client: Client, sold: Product
) -> None:
    assert "at least" not in text(client.get("/order/"))
    sold.minimums = {"monthly": {"EUR": "10.00", "USD": "12.00"}}
    sold.save()
    assert "5.00 EUR" in text(client.get("/order/"))
    url, choice = reverse("shop:price", args=[sold.pk]), {"cycle": "monthly"}
    choose(client, sold, option_mailboxes="1")
    for page in (
        client.get("/order/"),
        client.get(reverse("shop:product", args=[sold.pk])),
        client.post(url, choice | {"option_mailboxes": "1"}),
        client.get(reverse("shop:cart")),
    ):
        assert "at least 10.00 EUR a month" in text(page)

    # 5.00 and three mailboxes are more than that whatever is used
    assert "at least" not in text(client.post(url, choice | {"option_mailboxes": "3"}))


@pytest.mark.parametrize(
    ("cycle", "words"),
    [("quarterly", "a quarter"), ("annually", "a year"), ("biennially", "for two years")],
)
def test_the_minimum_is_that_of_the_term(client: Client, sold: Product, cycle, words) -> None:
    PriceFactory(product=sold, cycle=cycle, amount=Decimal("9.00"))
    sold.minimums = {cycle: {"EUR": "10.00"}}
    sold.save()
    page = text(client.get("/order/"))
    assert page.count("at least") == 1
    assert f"at least 10.00 EUR {words}" in page


def test_nothing_is_sold_before_the_seller_is_known(client: Client, db: None) -> None:
    assert client.get("/order/").status_code == 404
    assert client.get(reverse("shop:cart")).status_code == 404


def test_a_visitor_may_look_in_another_currency(client: Client, sold: Product) -> None:
    PriceFactory(product=sold, currency="USD", amount=Decimal("7.77"))
    page = text(client.get("/order/?currency=USD"))
    assert "7.77 USD" in page and "5.00 EUR" not in page
    assert "5.00 EUR" in text(client.get("/order/?currency=XXX"))


def test_a_visitors_choice_waits_in_the_cart_with_its_tax(client: Client, sold: Product) -> None:
    choose(client, sold, option_archive="on")
    page = text(client.get(reverse("shop:cart")))
    assert "shop.example" in page
    assert "28.56 EUR" in page  # (5 + 3 x 2 + 3 + 10) and 19 %


WRONG = [
    ({"domain": "no domain"}, "Enter a domain name"),
    ({"cycle": "annually"}, "Select a valid choice"),
    ({"option_mailboxes": "-1"}, "greater than or equal to 0"),
    ({"option_mailboxes": "51"}, "less than or equal to 50"),
    ({"option_mailboxes": "9" * 400}, "less than or equal to 50"),
]


@pytest.mark.parametrize(("change", "said"), WRONG)
def test_a_choice_that_cannot_be_is_refused_beside_its_field(
    client: Client, sold: Product, change: dict[str, str], said: str
) -> None:
    response = choose(client, sold, **change)
    assert response.status_code == 422
    assert said in text(response)
    assert "cart" not in client.session


def test_the_price_is_told_while_choosing_and_a_price_sent_along_is_ignored(
    client: Client, sold: Product
) -> None:
    data = {"cycle": "monthly", "option_mailboxes": "3", "price": "0.01", "recurring": "0"}
    page = text(client.post(reverse("shop:price", args=[sold.pk]), data))
    assert "11.00 EUR" in page and "24.99 EUR" in page


def test_what_was_put_in_can_be_taken_out(client: Client, sold: Product) -> None:
    choose(client, sold)
    client.post(reverse("shop:remove", args=[0]))
    client.post(reverse("shop:remove", args=[7]))
    assert "The cart is empty" in text(client.get(reverse("shop:cart")))


def test_a_code_that_is_not_known_is_told_beside_its_field(client: Client, sold: Product) -> None:
    choose(client, sold)
    client.post(reverse("shop:cart"), {"code": "nonsense"})
    page = text(client.get(reverse("shop:cart")))
    assert "We do not know this code" in page
    assert "Something above must be put right" in page


def test_a_customer_orders_and_is_thanked(browser: Client, acme: Customer, sold: Product) -> None:
    promotion(code="HALF", value=Decimal(50))
    choose(browser, sold)
    browser.post(reverse("shop:cart"), {"code": "half"})
    response = place(browser)
    made = Order.objects.get()
    assert response["Location"] == reverse("shop:thanks", args=[made.public_id])
    assert (made.customer, made.created_by) == (acme, acme.memberships.get().user)
    assert made.invoice and made.invoice.total == Decimal("12.50")  # 21.00 halved, and 19 %
    page = text(browser.get(response["Location"]))
    assert "Thank you" in page and str(made.invoice) in page and "as soon as it is paid" in page
    assert reverse("clientarea:invoice", args=[made.invoice.public_id]) in page
    assert "The cart is empty" in text(browser.get(reverse("shop:cart")))
    assert str(made.invoice) in text(browser.get(reverse("clientarea:orders")))


def test_what_use_will_cost_and_that_it_costs_is_said_where_one_orders(
    browser: Client, sold: Product
) -> None:
    metered = mail_product(ServerFactory(module="smartermail"))
    metered.module_settings |= {"eas_price": {"EUR": "2.00"}}
    metered.save()
    choose(browser, metered)
    page = text(browser.get(reverse("shop:review")))
    assert "2.00 EUR per mailbox per month" in page
    assert "per started 10 GB" in page
    assert "Order with obligation to pay" in page


def test_the_same_page_sent_twice_is_one_order(browser: Client, sold: Product) -> None:
    choose(browser, sold)
    first = place(browser, form_token="the-same-token")
    choose(browser, sold, domain="other.example")
    with nothing_written():
        again = place(browser, form_token="the-same-token", seen="24.99")
    assert again["Location"] == first["Location"]


def test_without_the_terms_nothing_is_ordered(browser: Client, sold: Product) -> None:
    choose(browser, sold)
    with nothing_written():
        response = place(browser, terms="")
    assert response.status_code == 422
    assert "Please accept the terms" in text(response)


@pytest.mark.parametrize("seen", ["0.01", "", "NaN", "a lot"])
def test_a_price_that_is_not_the_present_one_is_shown_again(
    browser: Client, sold: Product, seen: str
) -> None:
    choose(browser, sold)
    with nothing_written():
        response = place(browser, seen=seen)
    assert response.status_code == 422
    assert "The price has changed" in text(response)
    assert 'name="seen" value="24.99"' in text(response)


def test_a_visitor_is_led_to_the_sign_in_or_an_invite_where_sign_up_is_closed(
    client: Client, sold: Product, settings: Any
) -> None:
    settings.SIGNUP_OPEN = False
    choose(client, sold)
    page = client.get(reverse("shop:account"))
    assert "made by invite" in text(page) and "password1" not in text(page)
    with nothing_written():
        client.post(reverse("shop:account"), DETAILS)
    assert not User.objects.filter(email=DETAILS["email"]).exists()
    assert client.get(reverse("shop:review"))["Location"].startswith("/accounts/login/")


def test_a_new_customer_confirms_the_address_signs_in_and_orders(
    client: Client, sold: Product, settings: Any
) -> None:
    settings.SIGNUP_OPEN = True
    choose(client, sold)
    client.post(reverse("shop:account"), DETAILS)
    assert not EmailAddress.objects.get().verified
    assert "_auth_user_id" not in client.session
    link = re.search(r"http://testserver(/accounts/confirm-email/\S+)", str(mail.outbox[0].body))
    assert link
    client.post(link[1])
    signed_in = client.post(
        reverse("account_login"), {"login": DETAILS["email"], "password": PASSWORD}
    )
    assert signed_in["Location"] == reverse("shop:review")
    place(client)
    made = Order.objects.get()
    assert (made.customer.company, made.customer.country) == ("New Ltd", "DE")
    assert made.customer.currency == "EUR"


def test_an_address_that_is_known_is_told_by_mail_alone(
    client: Client, sold: Product, settings: Any
) -> None:
    settings.SIGNUP_OPEN = True
    UserFactory(email=DETAILS["email"])
    response = client.post(reverse("shop:account"), DETAILS)
    assert response["Location"] == reverse("account_email_verification_sent")
    assert User.objects.count() == 1 and Customer.objects.count() == 0
    assert "already" in mail.outbox[0].subject.lower() + mail.outbox[0].body.lower()


def test_a_mistyped_vat_number_is_told_before_there_is_an_account(
    client: Client, sold: Product, settings: Any
) -> None:
    settings.SIGNUP_OPEN = True
    page = client.post("/order/account/", DETAILS | {"country": "AT", "tax_number": "ATU123"})
    assert page.status_code == 422
    assert "mistyped" in page.context["form"].errors["tax_number"][0]
    assert not Customer.objects.exists() and not User.objects.exists()


def test_a_person_without_a_customer_enters_one(client: Client, sold: Product) -> None:
    client.force_login(UserFactory(email="lone@person.example"))
    choose(client, sold)
    assert client.get(reverse("shop:account")).status_code == 200
    client.post(reverse("shop:account"), DETAILS)
    assert Membership.objects.get().customer.email == "lone@person.example"
    assert place(client).status_code == 302


def test_technical_members_may_look_but_not_order(
    client: Client, acme: Customer, sold: Product
) -> None:
    client.force_login(MembershipFactory(customer=acme, role="technical").user)
    choose(client, sold)
    for name in ("shop:review", "clientarea:orders"):
        assert client.get(reverse(name)).status_code == 403
    with nothing_written():
        client.post(reverse("shop:review"), {"terms": "on", "seen": "24.99"})


def test_the_thanks_for_an_order_are_its_customers_alone(
    browser: Client, client: Client, acme: Customer, sold: Product
) -> None:
    made = order(acme, wanted(sold))
    stranger = Client()
    stranger.force_login(MembershipFactory().user)
    assert stranger.get(reverse("shop:thanks", args=[made.public_id])).status_code == 404
    assert Client().get(reverse("shop:thanks", args=[made.public_id])).status_code == 302


def test_staff_without_a_customer_do_not_order(client: Client, sold: Product) -> None:
    client.force_login(StaffFactory())
    choose(client, sold)
    assert client.get(reverse("shop:account"))["Location"] == reverse("shop:review")
    assert client.get(reverse("shop:review"))["Location"] == "/admin/"


def test_a_domain_of_another_customer_is_told_to_customers_alone(
    browser: Client, seller: None, server: Any
) -> None:
    from tests.factories import CustomerFactory

    sold = mail_product(server)
    order(CustomerFactory(), wanted(sold, domain="taken.example"))
    assert choose(Client(), sold, domain="taken.example").status_code == 302
    response = choose(browser, sold, domain="taken.example")
    assert "taken.example is already in use here" in text(response)


def test_leaving_asks_when_and_may_be_taken_back(browser: Client, acme: Customer) -> None:
    service = service_of(order(acme, wanted(product("5.00", setup_type="on_order"))))
    url = reverse("clientarea:service_cancel", args=[service.public_id])
    assert "July 1, 2026" in text(browser.get(url))
    browser.post(url, {"when": "end_of_term", "reason": "too dear", "form_token": "a" * 20})
    page = text(browser.get(reverse("clientarea:service", args=[service.public_id])))
    assert "ends on July 1, 2026" in page
    browser.post(reverse("clientarea:cancellation_withdraw", args=[service.public_id]), {})
    assert not hasattr(Service.objects.get(), "cancellation")


def test_somebody_elses_service_cannot_be_cancelled(browser: Client, seller: None) -> None:
    other = service_of(order(CustomerFactory(), wanted(product(setup_type="on_order"))))
    url = reverse("clientarea:service_cancel", args=[other.public_id])
    with nothing_written():
        assert browser.post(url, {"when": "at_once"}).status_code == 404
    assert cancellations.last_day_choices(other)
    assert Promotion.objects.count() == 0
