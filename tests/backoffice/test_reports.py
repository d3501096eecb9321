from __future__ import annotations

import pytest
from django.test import Client

from billing.reports import REPORTS
from tests.factories import StaffFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def client() -> Client:
    browser = Client()
    browser.force_login(StaffFactory(staff_role="read_only"))
    return browser


@pytest.mark.parametrize("code", REPORTS)
def test_every_report_has_a_page_and_a_file(client, code):
    page = client.get(f"/admin/reports/{code}/")
    assert page.status_code == 200
    assert REPORTS[code].about in page.content.decode()
    file = client.get(f"/admin/reports/{code}/?format=csv")
    text = b"".join(file.streaming_content).decode()
    assert file["Content-Type"].startswith("text/csv")
    assert text.strip("\ufeff\r\n ")


def test_the_list_links_to_every_report(client):
    page = client.get("/admin/reports/").content.decode()
    assert all(f"/admin/reports/{code}/" in page for code in REPORTS)


def test_an_unknown_report_is_not_found(client):
    assert client.get("/admin/reports/profit/").status_code == 404


def test_nonsense_in_the_address_falls_back_to_the_last_twelve_months(client):
    assert client.get("/admin/reports/revenue/?months=-3&until=yesterday").status_code == 200
