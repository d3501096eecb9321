"""Every page of the client area, in German and in French."""

from __future__ import annotations

from html.parser import HTMLParser

import polib
import pytest
from django.test import Client

from accounts.models import Customer
from tests.clientarea.test_access import CASES, card, invoice, knock
from tools.messages import LOCALE

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("dns")]
__all__ = ["card", "invoice", "knock"]
COUNTRIES = {"GB"}  # a code, and a unit elsewhere
PAGES = sorted(
    name
    for name, case in CASES.items()
    if case.method == "get" and name not in {"mailboxes_export", "aliases_export", "invoice_pdf"}
)


class Texts(HTMLParser):
    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: set[str] = set()
        self.feed(page)

    def handle_data(self, data: str) -> None:
        self.found.add(" ".join(data.split()))


def english(language: str) -> set[str]:
    """Whole messages that read differently in the language."""
    catalogue = polib.pofile(str(LOCALE / language / "LC_MESSAGES" / "django.po"))
    said = {entry.msgstr for entry in catalogue}
    return {
        entry.msgid for entry in catalogue if entry.msgid not in said and "%" not in entry.msgid
    } - COUNTRIES


@pytest.mark.parametrize("language", ["de", "fr"])
@pytest.mark.parametrize("name", PAGES)
def test_no_page_falls_back_into_english(
    knock, browser: Client, acme: Customer, name: str, language: str
) -> None:
    acme.language = language
    acme.save()
    response = knock(browser, name)
    page = response.content.decode()
    # Parts of pages have no head, and what leads on has no page.
    assert "<html" not in page or f'<html lang="{language}"' in page
    assert Texts(page).found & english(language) == set()
