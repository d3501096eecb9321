"""What every page has to keep to: the strict policy, labels, and no word of any vendor."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from typing import Any

import pytest
from django.test import Client

from provisioning.models import Service
from provisioning.registry import installed
from tests.clientarea.conftest import DOMAIN, to
from tests.clientarea.test_access import CASES, card, invoice, knock

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("dns")]
__all__ = ["card", "invoice", "knock"]
PAGES = sorted(
    name
    for name, case in CASES.items()
    if case.method == "get" and name not in {"mailboxes_export", "aliases_export", "invoice_pdf"}
)
SOURCES = re.compile(r'(?:<script[^>]+src|<link[^>]+href|<img[^>]+src|<use href)="([^"]+)"')
every_page = pytest.mark.parametrize("name", PAGES)


class Markup(HTMLParser):
    """Collects what the tests ask about."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.inline: list[str] = []
        self.ids: list[str] = []
        self.labelled: set[str] = set()
        self.inputs: list[dict[str, str | None]] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        if tag == "style" or (tag == "script" and not values.get("src")):
            self.inline.append(tag)
        self.inline += [name for name in values if name == "style" or name.startswith("on")]
        self.inline += [name for name in values if name.startswith("hx-on")]
        self.ids += [values["id"] or ""] if "id" in values else []
        if tag == "label":
            self.labelled.add(values.get("for") or "")
        if tag in ("input", "select", "textarea") and values.get("type") not in ("hidden",):
            self.inputs.append(values)


@every_page
def test_a_page_keeps_to_the_strict_policy(knock, browser: Client, name: str) -> None:
    response = knock(browser, name)
    page = response.content.decode()
    policy = response["Content-Security-Policy"]
    assert "default-src 'self'" in policy
    assert "unsafe" not in policy
    assert Markup(page).inline == []
    assert all(source.startswith("/static/") for source in SOURCES.findall(page))


@every_page
def test_a_page_can_be_read_by_everybody_and_names_no_vendor(
    knock, browser: Client, name: str
) -> None:
    page = knock(browser, name).content.decode()
    markup = Markup(page)
    assert len(markup.ids) == len(set(markup.ids))
    for each in markup.inputs:
        assert each.get("aria-label") or each.get("id") in markup.labelled, each
    for code, module in installed().items():
        assert code not in page.lower()
        assert module.label.lower() not in page.lower()


@pytest.mark.parametrize("name", ["sign_on", "mailbox_login"])
def test_signing_on_goes_through_a_page_that_is_kept_nowhere(
    knock, browser: Client, name: str, service: Service
) -> None:
    response = knock(browser, name)
    page = response.content.decode()
    assert response.status_code == 200
    assert "no-store" in response["Cache-Control"]
    assert response["Referrer-Policy"] == "no-referrer"
    link = re.search(r'content="0;url=(http://127\.0\.0\.1:\d+/[^"]+)"', page)
    assert link
    assert "http://127.0.0.1" in response["Content-Security-Policy"]


@pytest.mark.parametrize("name", ["sign_on", "mailbox_login"])
def test_a_sign_on_that_fails_comes_back_with_a_sentence(
    browser: Client, service: Service, simulator: Any, name: str
) -> None:
    simulator.stop()
    args = [f"anna@{DOMAIN}"] if name == "mailbox_login" else []
    response = browser.post(to(name, service, *args), follow=True)
    assert "does not answer" in response.content.decode()


def test_the_history_tells_what_was_done_and_hides_who_the_staff_are(
    browser: Client, service: Service
) -> None:
    browser.post(to("alias_delete", service, f"info@{DOMAIN}"))
    page = browser.get(to("activity", service)).content.decode()
    assert "Alias: deleted" in page
    assert f"info@{DOMAIN}" in page
    assert "Person" in page
