"""Who runs out of something is told, once."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from accounts.models import Customer
from billing.mail import limits
from billing.models import BillingProfile, SentMail
from config import clock
from provisioning import directory
from provisioning.contract import Limits
from provisioning.models import Service
from provisioning.registry import module_class
from tests.factories import MailboxFactory, ReadingFactory, ServiceFactory
from tests.support import fake_module

pytestmark = pytest.mark.django_db
GB = 1024**3
Limiter = Callable[..., None]


def codes() -> list[str]:
    return list(SentMail.objects.order_by("pk").values_list("code", flat=True))


@pytest.fixture(autouse=True)
def _fake(monkeypatch: pytest.MonkeyPatch):
    with fake_module.installed(monkeypatch):
        yield


@pytest.fixture
def service(acme: Customer) -> Service:
    return ServiceFactory(customer=acme, delivered=True)


@pytest.fixture
def limited(monkeypatch: pytest.MonkeyPatch) -> Limiter:
    def limit(**values: Any) -> None:
        monkeypatch.setattr(directory, "limits", lambda _service: Limits(**values))

    return limit


def measured(service: Service, gb: str, *, hours_ago: int = 0) -> None:
    at = clock.now() - timedelta(hours=hours_ago)
    ReadingFactory(service=service, value=Decimal(gb) * GB, at=at)


@pytest.mark.parametrize(
    ("used", "limit", "wanted"),
    [(7, 10, []), (8, 10, ["usage_80"]), (10, 10, ["usage_100"]), (3, 0, []), (3, None, [])],
)
def test_who_runs_out_of_mailboxes_is_warned_once(service, limited, used, limit, wanted) -> None:
    for _each in range(used):
        MailboxFactory(service=service)
    limited(mailboxes=limit)

    limits.warn_of_limits()
    limits.warn_of_limits()

    assert codes() == wanted


@pytest.mark.parametrize(
    ("gb", "limit", "wanted"),
    [
        ("7.99", 10, []),
        ("8", 10, ["usage_80"]),
        ("9.99", 10, ["usage_80"]),
        ("10", 10, ["usage_100"]),
        ("500", None, []),
    ],
)
def test_who_runs_out_of_disk_space_is_warned_once(service, limited, gb, limit, wanted) -> None:
    measured(service, gb)
    limited(disk_bytes=limit and limit * GB)

    limits.warn_of_limits()
    limits.warn_of_limits()

    assert codes() == wanted


def test_the_warning_says_how_much_of_what_is_used(service, limited) -> None:
    measured(service, "8.5")
    limited(disk_bytes=10 * GB)

    assert limits.warn_of_limits() == 1

    mail = SentMail.objects.get()
    assert mail.subject.endswith("85 % of 10.00 GB of disk space are used")
    assert "8.50 of 10.00 GB of disk space" in mail.body


@pytest.mark.parametrize(
    ("code", "settings", "options", "bytes_"),
    [
        ("smartermail", {"disk_limit_gb": 5}, {}, 5 * GB),
        ("smartermail", {"disk_limit_gb": 5}, {"disk_limit_gb": 8}, 8 * GB),
        ("smartermail", {"disk_limit_gb": 0}, {}, None),
        ("ispmanager", {"limit_quota": "2048"}, {}, 2 * GB),
        ("ispmanager", {"limit_quota": ""}, {}, None),
    ],
)
def test_the_space_of_an_account_is_what_its_product_or_option_says(
    code, settings, options, bytes_
) -> None:
    kind = module_class(code)
    defaults = kind.product_fields.defaults()

    assert kind.limits(defaults | settings, options).disk_bytes == bytes_


def test_only_the_last_good_reading_counts(service, limited) -> None:
    measured(service, "10", hours_ago=5)
    measured(service, "2", hours_ago=1)
    ReadingFactory(service=service, value=Decimal(99 * GB), state="parked")
    limited(disk_bytes=10 * GB)

    assert limits.warn_of_limits() == 0
    assert not SentMail.objects.exists()


def wanting(customer: Customer) -> None:
    BillingProfile.objects.create(customer=customer, tranche_notices=True)


def test_a_new_tranche_is_told_once_to_who_wants_to_know(service, acme) -> None:
    wanting(acme)
    measured(service, "10", hours_ago=20)
    measured(service, "10.01")

    assert (limits.warn_of_limits(), limits.warn_of_limits()) == (1, 0)

    mail = SentMail.objects.get()
    assert mail.code == "tranche_begun"
    assert "tranche 2 has begun" in mail.body
    assert "bills 20 GB" in mail.body


def test_who_did_not_ask_hears_nothing_of_tranches(service) -> None:
    measured(service, "10", hours_ago=20)
    measured(service, "10.01")

    assert limits.warn_of_limits() == 0


@pytest.mark.parametrize(
    ("before", "now"),
    [("10.01", "10.02"), ("25", "12"), ("1", "9")],
    ids=["same", "fewer", "least"],
)
def test_without_a_new_tranche_there_is_nothing_to_tell(service, acme, before, now) -> None:
    wanting(acme)
    measured(service, before, hours_ago=20)
    measured(service, now)

    assert limits.warn_of_limits() == 0


def test_a_tranche_of_long_ago_is_no_news(service, acme) -> None:
    wanting(acme)
    measured(service, "10", hours_ago=200)
    measured(service, "12", hours_ago=10)
    measured(service, "12")

    assert limits.warn_of_limits() == 0


def test_more_services_take_no_more_queries(acme, limited, django_assert_max_num_queries) -> None:
    wanting(acme)
    for _each in range(12):
        measured(ServiceFactory(customer=acme, delivered=True), "1")
    limited(disk_bytes=10 * GB)

    with django_assert_max_num_queries(8):
        limits.warn_of_limits()
