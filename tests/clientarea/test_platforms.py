"""The mail functions of every platform, in the client area, against its simulator."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client

from accounts.models import Customer
from clientarea import sections
from clientarea.platform import Platform
from provisioning import directory
from provisioning.contract import Capability
from provisioning.models import Service
from provisioning.simulation import Simulator
from tests.clientarea.conftest import to
from tests.support import platforms
from tests.support.platforms import DOMAIN, every

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("dns")]
GOOD = "Fresh-Breeze7_Q"
ANNA, BEN = f"anna@{DOMAIN}", f"ben@{DOMAIN}"


@pytest.fixture
def platform(code: str) -> Iterator[Simulator]:
    with platforms.running(code) as simulator:
        yield simulator


@pytest.fixture
def here(code: str, platform: Simulator, acme: Customer) -> Service:
    """Delivered on the platform of the test."""
    return platforms.delivered(code, platform, acme)


@pytest.fixture
def open_form(browser: Client, here: Service):
    """Types into the form of a page as it stands and sends it; the page after it."""

    def fill(page: str, *args: str, **typed: Any):
        url = to(page, here, *args)
        shown = browser.get(url)
        assert shown.status_code == 200, shown
        form = shown.context["form"]
        data = {name: _shown(form, name) for name in form.fields}
        answer = browser.post(url, {**_without_none(data), **typed}, follow=True)
        assert answer.status_code == 200, answer.context["form"].errors
        return answer

    return fill


def _shown(form: Any, name: str) -> Any:
    value = form[name].value()
    prepared = form.fields[name].prepare_value(value)
    return "on" if prepared is True else None if prepared is False else prepared


def _without_none(data: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in data.items() if value is not None}


@pytest.fixture
def anna(open_form, here: Service) -> str:
    open_form("mailbox_create", local_part="anna", display_name="Anna", password=GOOD)
    return ANNA


def said(response: Any) -> str:
    return " ".join(str(message) for message in response.context["messages"])


@every(Capability.MAILBOXES)
def test_a_mailbox_is_made_as_the_form_stands_changed_and_deleted(
    open_form, anna: str, here: Service
) -> None:
    assert here.mailboxes.get(address=ANNA).display_name == "Anna"
    answer = open_form("mailbox_edit", ANNA, display_name="Anna Berg")
    assert said(answer) == f"{ANNA} was saved."
    assert directory.read_mailbox(here, ANNA).display_name == "Anna Berg"
    assert "password" in said(open_form("mailbox_password", ANNA, password="Other-Harbour8_Q"))
    assert said(open_form("mailbox_delete", ANNA, confirmation=ANNA)) == f"{ANNA} was deleted."
    directory.refresh(here)
    assert not here.mailboxes.filter(address=ANNA).exists()


@every(Capability.MAILBOX_QUOTA)
def test_the_size_of_a_mailbox_is_one_that_the_platform_has(
    open_form, anna: str, here: Service
) -> None:
    steps = Platform.of(here).quota_steps
    megabytes = steps[1] // 1024**2 if steps else 5 * 1000
    open_form("mailbox_edit", ANNA, quota_mb=str(megabytes))
    found = directory.read_mailbox(here, ANNA).quota_bytes
    assert found is not None
    assert abs(found // 1024**2 - megabytes) <= megabytes // 10


@every(Capability.MAILBOX_QUOTA)
def test_unlimited_is_offered_only_where_it_can_be_had(browser: Client, here: Service) -> None:
    field = browser.get(to("mailbox_create", here)).context["form"].fields["quota_mb"]
    offered = "0 is unlimited" in str(field.help_text)
    platform = Platform.of(here)
    assert offered == (platform.limits.max_quota_bytes is None and not platform.quota_steps)
    assert field.initial is None


@every(Capability.ALIASES)
def test_an_alias_is_made_moved_and_deleted(open_form, anna: str, here: Service) -> None:
    open_form("mailbox_create", local_part="ben", display_name="Ben", password=GOOD)
    sales = f"sales@{DOMAIN}"
    open_form("alias_create", local_part="sales", targets=ANNA)
    assert here.aliases.get(address=sales).targets == [ANNA]
    open_form("alias_edit", sales, targets=BEN)
    directory.refresh(here)
    assert here.aliases.get(address=sales).targets == [BEN]
    open_form("alias_delete", sales)
    directory.refresh(here)
    assert not here.aliases.exists()


@every(Capability.FORWARDS)
def test_a_mailbox_forwards(open_form, anna: str, here: Service) -> None:
    open_form("mailbox_edit", ANNA, forward_to="anna@elsewhere.example", forward_keeps_copy="on")
    assert directory.read_mailbox(here, ANNA).forward_to == ("anna@elsewhere.example",)


@every(Capability.LISTS)
def test_a_list_is_made_gets_members_and_is_deleted(open_form, anna: str, here: Service) -> None:
    team = f"team@{DOMAIN}"
    typed = {"owner": ANNA} if "owner" in Platform.of(here).list_details else {}
    open_form("list_create", local_part="team", members=ANNA, **typed)
    answer = open_form("list_members", team, add="out@elsewhere.example")
    assert said(answer) == "1 added, 0 removed."
    assert set(directory.list_members(here, team)) == {ANNA, "out@elsewhere.example"}
    open_form("list_delete", team)
    directory.refresh(here)
    assert not here.lists.exists()


@every(Capability.DOMAIN_ALIASES)
def test_a_domain_alias_is_added_and_removed(open_form, here: Service) -> None:
    if not Platform.of(here).offers_domain_aliases:
        pytest.skip("needs a limit above 0")
    open_form("domain_aliases", name="second.example")
    open_form("domain_alias_delete", "second.example", confirmation="second.example")
    directory.refresh(here)
    assert not here.domain_aliases.exists()


@every(Capability.GROUPS)
def test_a_group_is_made_filled_and_deleted_once_it_is_empty(
    open_form, browser: Client, anna: str, here: Service
) -> None:
    open_form("groups", name="crew")
    said_moved = said(open_form("group_move", "crew", mailboxes=[ANNA]))
    assert said_moved == "1 mailboxes were moved to crew."
    counts = {group.name: group.members for group in directory.list_groups(here)}
    assert counts["crew"] == 1
    refused = browser.post(to("group_delete", here, "crew"), {"form_token": "x"})
    assert refused.status_code == 422
    assert "Move them first" in refused.content.decode()
    default = next(group.name for group in directory.list_groups(here) if group.is_default)
    open_form("group_move", default, mailboxes=[ANNA])
    open_form("group_delete", "crew")
    assert "crew" not in {group.name for group in directory.list_groups(here)}


@every(Capability.GROUPS)
def test_a_name_that_will_not_do_for_a_group_is_told_beside_it(
    browser: Client, here: Service
) -> None:
    before = directory.list_groups(here)
    refused = browser.post(to("groups", here), {"name": "not this!", "form_token": "x"})
    assert refused.status_code == 422
    assert "name" in refused.context["form"].errors
    assert directory.list_groups(here) == before


@every(Capability.RESTORE)
def test_a_deleted_mailbox_is_brought_back(open_form, browser, anna: str, here: Service) -> None:
    open_form("mailbox_delete", ANNA, confirmation=ANNA)
    page = browser.get(to("deleted", here))
    row = page.context["rows"][0]
    assert (row.address, row.kind) == (ANNA, "mailbox")
    answer = open_form("deleted_restore", row.id)
    assert said(answer) == f"{ANNA} is back, with all that was in it."
    assert here.mailboxes.filter(address=ANNA).exists()


@every(Capability.MAILBOX_LOGIN)
def test_a_mailbox_is_opened_with_one_click(browser: Client, anna: str, here: Service) -> None:
    answer = browser.post(to("mailbox_login", here, ANNA))
    assert answer.status_code == 200
    assert answer.context["link"].url.startswith("http")


@every(Capability.CUSTOMER_LOGIN)
def test_the_account_is_opened_with_one_click(browser: Client, here: Service) -> None:
    answer = browser.post(to("sign_on", here))
    assert answer.status_code == 200
    assert answer.context["link"].url.startswith("http")


@every(Capability.DNS_GUIDE)
def test_the_dns_guide_tells_where_mail_arrives_here(browser: Client, here: Service) -> None:
    page = browser.get(to("dns", here))
    assert page.status_code == 200
    assert page.context["guide"].cards


@every(Capability.MAIL_SETTINGS)
def test_each_page_of_settings_opens_and_is_saved_as_it_stands(
    open_form, anna: str, here: Service
) -> None:
    platform = Platform.of(here)
    for page in platform.domain_pages:
        assert "nothing was changed" in said(open_form("settings", page.code))
    for page in platform.mailbox_pages:
        assert "nothing was changed" in said(open_form("mailbox_settings", anna, page.code))


@every(Capability.DKIM)
def test_mail_signing_is_switched_on_and_off(browser: Client, here: Service) -> None:
    for act, wanted in (
        ("dkim_enable", ("active", "standby")),
        ("dkim_disable", ("disabled", "none")),
    ):
        browser.post(to(act, here), {"form_token": act})
        assert directory.read_dkim(here).state in wanted


@every()
def test_the_pages_of_a_service_are_those_that_its_platform_has(
    browser: Client, here: Service
) -> None:
    platform = Platform.of(here)
    shown = {section.code for section in sections.shown(platform)}
    for section in sections.SECTIONS:
        status = browser.get(to(section.code, here), follow=True).status_code
        assert status == (200 if section.code in shown else 404), section.code
    overview = browser.get(to("service", here)).content.decode()
    assert ("Mailboxes" in overview) == platform.has(Capability.MAILBOXES)


@every()
def test_the_account_card_shows_facts_and_links_and_no_secret_unasked(
    browser: Client, here: Service
) -> None:
    page = browser.get(to("service", here))
    card, text = page.context["card"].account, page.content.decode()
    for fact in card.facts:
        assert fact.label in text
        assert (fact.value in text) != fact.secret
    for link in card.links:
        assert f'href="{link.url}"' in text
    for fact in card.facts:
        if fact.secret:
            open_page = browser.post(to("service_reveal", here), {"fact": fact.label})
            assert fact.value in open_page.content.decode()
