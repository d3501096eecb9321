"""Every page of the demo, as each of the people who may sign in to it."""

from __future__ import annotations

import pytest

from demo.signins import CUSTOMER, OTHER_PLATFORMS, PASSWORD, STAFF
from tests.support.browser import PHONE, Window, needs_chromium, window
from tests.support.crawler import Crawl, sign_in

STARTS = {"staff": ("/admin/",), "customer": ("/",)}
PEOPLE = [
    *(pytest.param(person, "staff", id=f"staff {person.role}") for person in STAFF),
    *(pytest.param(person, "customer", id=f"customer {person.role}") for person in CUSTOMER),
    pytest.param(OTHER_PLATFORMS[0], "customer", id="customer on every other platform"),
]
FEWEST = {"staff": 25, "customer": 6}


@pytest.mark.parametrize("person, kind", PEOPLE)
def test_no_link_is_broken_for(demo, person, kind):
    crawl = Crawl(sign_in(demo.url, person.email, PASSWORD), demo.url)
    crawl.run(STARTS[kind])
    assert crawl.broken == []
    assert len(crawl.shapes) >= FEWEST[kind], crawl.shapes


PHONE_PAGES = {
    "staff": (
        "/admin/",
        "/admin/provisioning/service/",
        "/admin/provisioning/service/1/change/",
        "/admin/provisioning/server/1/change/",
        "/admin/products/product/1/change/",
        "/admin/billing/invoice/",
        "/admin/accounts/customer/1/change/",
    ),
    "customer": ("/", "/invoices/", "/company/", "/team/"),
}


@pytest.mark.browser
@needs_chromium
@pytest.mark.parametrize(
    "person, kind",
    [(STAFF[0], "staff"), (CUSTOMER[0], "customer"), (OTHER_PLATFORMS[0], "customer")],
)
def test_pages_fit_a_phone_and_the_browser_has_no_complaint(demo, person, kind):
    with window(demo.url, PHONE) as phone:
        page = phone.page
        page.goto("/accounts/login/")
        page.fill("#id_login", person.email)
        page.fill("#id_password", PASSWORD)
        page.click("form .btn-primary")
        page.wait_for_load_state("networkidle")
        too_wide = [path for path in pages(phone, kind) if not fits(phone, path)]
    assert too_wide == []
    assert phone.faults == []


def pages(phone: Window, kind: str) -> list[str]:
    """With those of one service and one invoice, whose addresses are new in every demo."""
    found = list(PHONE_PAGES[kind])
    if kind == "customer":
        for start, needle in (("/", "/services/"), ("/invoices/", "/invoices/")):
            phone.page.goto(start)
            links = [a.get_attribute("href") for a in phone.page.locator("main a").all()]
            found += sorted({link for link in links if is_page(link, needle)})[:6]
    return found


def is_page(link: str | None, start: str) -> bool:
    path = link or ""
    return path.startswith(start) and not path.endswith(("/pdf", "/export"))


def fits(phone: Window, path: str) -> bool:
    phone.page.goto(path)
    phone.page.wait_for_load_state("networkidle")
    return phone.fits()
