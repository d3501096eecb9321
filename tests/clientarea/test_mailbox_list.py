from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from config import clock
from provisioning.models import Mailbox, Service
from tests.clientarea.conftest import DOMAIN, to

pytestmark = pytest.mark.django_db
GB = 1024**3
QUERIES = 15


def shown(response) -> list[str]:
    return [mailbox.address for mailbox in response.context["table"].page]


def fill(service: Service, number: int) -> None:
    """Mailboxes without a platform: the page must not need one."""
    Mailbox.objects.filter(service=service).delete()
    Mailbox.objects.bulk_create(
        Mailbox(
            service=service,
            address=f"m{each:05}@{DOMAIN}",
            display_name=f"Person {each}",
            size_bytes=each * 1000,
            quota_bytes=GB,
            features=["eas"],
            search=f"m{each:05}@{DOMAIN} person {each}",
        )
        for each in range(number)
    )


@pytest.mark.parametrize("number", [50, 2000])
def test_the_list_costs_the_same_few_queries_however_many_there_are(
    browser: Client, service: Service, simulator, number: int, django_assert_num_queries
) -> None:
    fill(service, number)
    simulator.journal.clear()
    browser.get(to("mailboxes", service))
    with django_assert_num_queries(QUERIES):
        response = browser.get(to("mailboxes", service), {"q": "person", "sort": "-size"})
    assert len(shown(response)) == 50
    assert len(simulator.journal) == 0


@pytest.mark.parametrize(
    "typed", ["carla", "CARLA@", "Info", "away-for@elsewhere.example"], ids=str.lower
)
def test_search_finds_addresses_names_aliases_and_forwards_in_any_case(
    browser: Client, service: Service, typed: str
) -> None:
    Mailbox.objects.filter(address=f"carla@{DOMAIN}").update(
        search=f"carla@{DOMAIN} carla info@{DOMAIN} away-for@elsewhere.example"
    )
    Mailbox.objects.exclude(address=f"carla@{DOMAIN}").update(search="somebody else")
    response = browser.get(to("mailboxes", service), {"q": typed})
    assert shown(response) == [f"carla@{DOMAIN}"]


def test_a_search_with_a_nul_in_it_harms_nothing(browser: Client, service: Service) -> None:
    assert shown(browser.get(to("mailboxes", service), {"q": "an\0na"})) == [f"anna@{DOMAIN}"]


def test_a_search_without_result_says_so_and_keeps_what_was_typed(
    browser: Client, service: Service
) -> None:
    page = browser.get(to("mailboxes", service), {"q": "<nobody>"}).content.decode()
    assert "Nothing found for “&lt;nobody&gt;”" in page
    assert 'value="&lt;nobody&gt;"' in page


@pytest.mark.parametrize(
    ("sort", "first"),
    [("address", "anna"), ("-address", "carla"), ("size", "ben"), ("-size", "anna")],
)
def test_columns_sort_both_ways_with_the_unknown_last(
    browser: Client, service: Service, sort: str, first: str
) -> None:
    for name, size in (("anna", 900), ("ben", 100), ("carla", None)):
        Mailbox.objects.filter(address=f"{name}@{DOMAIN}").update(size_bytes=size)
    found = shown(browser.get(to("mailboxes", service), {"sort": sort}))
    assert found[0] == f"{first}@{DOMAIN}"
    if "size" in sort:
        assert found[-1] == f"carla@{DOMAIN}"


@pytest.mark.parametrize("sort", ["search", "service__customer__email", "-extra", "--size", ""])
def test_only_listed_columns_can_be_sorted_by(browser: Client, service: Service, sort: str) -> None:
    found = shown(browser.get(to("mailboxes", service), {"sort": sort}))
    assert found == [f"{name}@{DOMAIN}" for name in ("anna", "ben", "carla")]


def test_pages_go_on_with_the_search_and_the_order(browser: Client, service: Service) -> None:
    fill(service, 120)
    first = browser.get(to("mailboxes", service), {"q": "person", "sort": "-address"})
    assert "?q=person&amp;sort=-address&amp;page=2" in first.content.decode()
    last = browser.get(to("mailboxes", service), {"sort": "-address", "page": "3"})
    assert shown(last)[-1] == f"m00000@{DOMAIN}"
    assert len(shown(last)) == 20


@pytest.mark.parametrize(("page", "first"), [("999", "m00100"), ("x", "m00000"), ("-1", "m00100")])
def test_a_page_that_does_not_exist_is_the_nearest_one(
    browser: Client, service: Service, page: str, first: str
) -> None:
    fill(service, 120)
    assert shown(browser.get(to("mailboxes", service), {"page": page}))[0] == f"{first}@{DOMAIN}"


def test_a_search_box_that_asks_by_script_gets_the_rows_alone(
    browser: Client, service: Service
) -> None:
    asked = {"HX-Request": "true"}
    page = browser.get(to("mailboxes", service), headers=asked)
    assert "<html" not in page.content.decode()
    assert shown(page)[0] == f"anna@{DOMAIN}"
    assert "HX-Request" in page["Vary"]
    restored = {**asked, "HX-History-Restore-Request": "true"}
    assert "<html" in browser.get(to("mailboxes", service), headers=restored).content.decode()


def test_the_list_shows_size_features_state_and_last_sign_in(
    browser: Client, service: Service
) -> None:
    Mailbox.objects.filter(address=f"anna@{DOMAIN}").update(
        size_bytes=GB, quota_bytes=2 * GB, features=["eas"], enabled=False,
        last_login_at=clock.now() - timedelta(hours=3),
    )  # fmt: skip
    page = browser.get(to("mailboxes", service), {"q": "anna"}).content.decode()
    assert "1.00 GB" in page
    assert '<progress class="meter meter-sm " value="50" max="100">' in page
    assert "ActiveSync (EAS)" in page
    assert "Disabled" in page
    assert "3 hours ago" in page


def test_the_platform_s_own_administrator_is_never_listed(
    browser: Client, service: Service
) -> None:
    page = browser.get(to("mailboxes", service)).content.decode()
    assert f"admin@{DOMAIN}" not in page
    assert browser.get(to("mailbox_delete", service, f"admin@{DOMAIN}")).status_code == 404


def test_the_list_says_how_old_it_is(browser: Client, service: Service) -> None:
    synced = service.directory_sync
    synced.synced_at, synced.unreadable = clock.now() - timedelta(days=2), ["Lists unreadable."]
    synced.save()
    page = browser.get(to("mailboxes", service)).content.decode()
    assert "2 days ago" in page
    assert "Lists unreadable." in page


def test_the_list_opens_while_the_platform_is_down(
    browser: Client, service: Service, simulator
) -> None:
    simulator.stop()
    assert len(shown(browser.get(to("mailboxes", service)))) == 3


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", " ="])
def test_the_export_holds_nothing_that_a_spreadsheet_would_run(
    browser: Client, service: Service, start: str
) -> None:
    Mailbox.objects.filter(address=f"anna@{DOMAIN}").update(display_name=f"{start}cmd|' /C calc'")
    response: Any = browser.get(to("mailboxes_export", service))
    text = b"".join(response.streaming_content).decode("utf-8-sig")
    assert f"'{start}cmd" in text
    assert text.splitlines()[0].startswith("address,display_name,size_bytes")
    assert response["Content-Disposition"].startswith('attachment; filename="mailboxes-client')
