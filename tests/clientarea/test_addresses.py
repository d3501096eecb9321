"""Aliases, redirects, lists and domain aliases."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from accounts.models import Customer
from accounts.roles import CustomerRole
from provisioning.models import Alias, DistributionList, DomainAlias, Mailbox, Service
from provisioning.modules.smartermail.simulator import SmarterMailSimulator
from tests.clientarea.conftest import DOMAIN, product_settings, to, writes
from tests.factories.accounts import MembershipFactory
from tests.support import fake_module

pytestmark = pytest.mark.django_db
TEAM = f"crew@{DOMAIN}"


def shown(response: Any) -> list[str]:
    return [row.address for row in response.context["table"].page]


def said(response: Any) -> str:
    return " ".join(str(message) for message in response.context["messages"])


def post(browser: Client, url: str, **typed: Any) -> Any:
    return browser.post(url, typed, follow=True)


@pytest.fixture
def crew(browser: Client, service: Service) -> DistributionList:
    members = "ANNA@client.example\nanna@client.example;guest@elsewhere.example"
    post(browser, to("list_create", service), local_part="crew", members=members)
    return DistributionList.objects.get(address=TEAM)


def test_redirects_are_the_aliases_that_lead_to_no_mailbox_here(
    browser: Client, service: Service
) -> None:
    assert shown(browser.get(to("aliases", service))) == [f"away@{DOMAIN}", f"info@{DOMAIN}"]
    assert shown(browser.get(to("redirects", service))) == [f"away@{DOMAIN}"]


@pytest.mark.parametrize("number", [5, 500])
def test_the_redirects_cost_the_same_few_queries_however_many_there_are(
    browser: Client, service: Service, number: int, django_assert_num_queries
) -> None:
    Alias.objects.bulk_create(
        Alias(service=service, address=f"r{each}@{DOMAIN}", targets=["x@elsewhere.example"])
        for each in range(number)
    )
    browser.get(to("redirects", service))
    with django_assert_num_queries(17):
        assert len(shown(browser.get(to("redirects", service)))) == min(number + 1, 50)


def test_an_alias_delivers_to_each_target_once_whatever_its_case(
    browser: Client, service: Service, simulator: SmarterMailSimulator
) -> None:
    targets = f"anna@{DOMAIN}\nANNA@{DOMAIN.upper()}\n ben@{DOMAIN}, ben@{DOMAIN}"
    response = post(browser, to("alias_create", service), local_part="Both", targets=targets)
    assert said(response) == f"both@{DOMAIN} was created."
    kept = simulator.state.domain(DOMAIN).aliases["both"].aliasTargetList
    assert kept == [f"anna@{DOMAIN}", f"ben@{DOMAIN}"]


REFUSED = {
    "no target": ({"local_part": "x", "targets": " \n"}, "targets"),
    "no address": ({"local_part": "x", "targets": "anna"}, "targets"),
    "itself": ({"local_part": "x", "targets": f"X@{DOMAIN}"}, "targets"),
    "no name": ({"local_part": "", "targets": f"anna@{DOMAIN}"}, "local_part"),
    "a bad name": ({"local_part": "-x", "targets": f"anna@{DOMAIN}"}, "local_part"),
    "a mailbox": ({"local_part": "anna", "targets": f"ben@{DOMAIN}"}, "local_part"),
    "an alias": ({"local_part": "info", "targets": f"ben@{DOMAIN}"}, "local_part"),
}


@pytest.mark.parametrize(("typed", "field"), REFUSED.values(), ids=REFUSED)
def test_a_wrong_alias_is_refused_beside_its_field_and_nothing_is_sent(
    browser: Client, service: Service, simulator: SmarterMailSimulator, typed: Any, field: str
) -> None:
    simulator.journal.clear()
    response = post(browser, to("alias_create", service), **typed)
    assert response.status_code == 422
    assert list(response.context["form"].errors) == [field]
    assert writes(simulator) == []
    assert Alias.objects.count() == 2


def test_an_edit_replaces_the_targets_and_leaves_the_name(
    browser: Client, service: Service, simulator: SmarterMailSimulator
) -> None:
    address = to("alias_edit", service, f"info@{DOMAIN}")
    assert f"anna@{DOMAIN}" in browser.get(address).content.decode()
    post(browser, address, targets="ben@client.example", local_part="other")
    aliases = simulator.state.domain(DOMAIN).aliases
    assert aliases["info"].aliasTargetList == [f"ben@{DOMAIN}"]
    assert "other" not in aliases


def test_options_of_an_alias_are_those_that_the_platform_declares(
    browser: Client, service: Service
) -> None:
    form = browser.get(to("alias_create", service)).context["form"]
    declared = {flag.label for flag in form.platform.module.alias_flags}
    assert declared
    assert declared <= {field.label for field in form}


def test_an_alias_is_deleted(
    browser: Client, service: Service, simulator: SmarterMailSimulator
) -> None:
    address = to("alias_delete", service, f"info@{DOMAIN}")
    assert browser.get(address).status_code == 200
    assert "info" in simulator.state.domain(DOMAIN).aliases
    assert said(post(browser, address)) == f"info@{DOMAIN} was deleted."
    assert "info" not in simulator.state.domain(DOMAIN).aliases


def test_a_list_is_made_with_its_members(crew: DistributionList, browser, service) -> None:
    page = browser.get(to("list_members", service, TEAM))
    assert sorted(page.context["members"]) == ["anna@client.example", "guest@elsewhere.example"]
    assert shown(browser.get(to("lists", service))) == [TEAM]


def test_members_come_and_go_many_at_once(crew: DistributionList, browser, service) -> None:
    address = to("list_members", service, TEAM)
    added = "ben@client.example, carla@client.example\nGUEST@elsewhere.example"
    response = post(browser, address, add=added, remove=["anna@client.example"])
    assert said(response) == "2 added, 1 removed."
    assert sorted(response.context["members"]) == [
        "ben@client.example", "carla@client.example", "guest@elsewhere.example",
    ]  # fmt: skip
    crew.refresh_from_db()
    assert crew.member_count == 3


def test_wrong_members_change_nothing(
    crew: DistributionList, browser, service, simulator: SmarterMailSimulator
) -> None:
    simulator.journal.clear()
    address = to("list_members", service, TEAM)
    response = post(browser, address, add="nobody", remove=["anna@client.example"])
    assert response.status_code == 422
    assert 'value="anna@client.example" id="member-1" checked' in response.content.decode()
    assert post(browser, address).status_code == 422
    assert post(browser, address, remove=["stranger@client.example"]).status_code == 422
    assert len(browser.get(address).context["members"]) == 2


def test_a_list_is_deleted(crew: DistributionList, browser, service) -> None:
    assert said(post(browser, to("list_delete", service, TEAM))) == f"{TEAM} was deleted."
    assert not DistributionList.objects.exists()


def test_a_platform_that_is_down_leaves_the_members_unknown_not_empty(
    crew: DistributionList, browser, service, simulator: SmarterMailSimulator
) -> None:
    simulator.stop()
    page = browser.get(to("list_members", service, TEAM)).content.decode()
    assert "does not answer" in page
    assert "0 members" not in page


def test_domain_aliases_are_added_and_removed(
    browser: Client, service: Service, simulator: SmarterMailSimulator
) -> None:
    response = post(browser, to("domain_aliases", service), name="Büro.example")
    assert said(response) == "xn--bro-hoa.example was added."
    assert simulator.state.domain(DOMAIN).domain_aliases.keys() == {"xn--bro-hoa.example"}
    remove = to("domain_alias_delete", service, "xn--bro-hoa.example")
    assert post(browser, remove, confirmation="wrong").status_code == 422
    assert DomainAlias.objects.count() == 1
    post(browser, remove, confirmation="xn--bro-hoa.example")
    assert simulator.state.domain(DOMAIN).domain_aliases == {}


@pytest.mark.parametrize("name", ["", "localhost", "a..example", "-a.example", DOMAIN.upper()])
def test_a_wrong_domain_alias_is_refused_beside_its_field(
    browser: Client, service: Service, simulator: SmarterMailSimulator, name: str
) -> None:
    simulator.journal.clear()
    response = post(browser, to("domain_aliases", service), name=name)
    assert response.status_code == 422
    assert list(response.context["form"].errors) == ["name"]
    assert len(simulator.journal) == 0


def test_who_may_only_look_sees_domain_aliases_and_adds_none(
    client: Client, acme: Customer, service: Service, simulator: SmarterMailSimulator
) -> None:
    service.domain_aliases.create(name="second.example")
    client.force_login(MembershipFactory(customer=acme, role=CustomerRole.BILLING).user)
    page = client.get(to("domain_aliases", service)).content.decode()
    assert "second.example" in page and "Add a domain" not in page
    simulator.journal.clear()
    assert client.post(to("domain_aliases", service), {"name": "third.example"}).status_code == 403
    assert len(simulator.journal) == 0
    assert DomainAlias.objects.count() == 1


def test_a_package_without_domain_aliases_has_no_page_for_them(
    browser: Client, service: Service
) -> None:
    service.product.module_settings = product_settings(max_domain_aliases=0)
    service.product.save()
    assert browser.get(to("domain_aliases", service)).status_code == 404
    assert "Domain aliases" not in browser.get(to("service", service)).content.decode()


def test_pages_exist_only_for_what_the_platform_can_do(
    browser: Client, service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The fake platform has neither lists nor signing."""
    assert service.server
    with fake_module.installed(monkeypatch):
        service.server.module = service.product.module = "fake"
        service.product.module_settings = {}
        service.server.save()
        service.product.save()
        page = browser.get(to("service", service)).content.decode()
        assert to("aliases", service) in page
        for name in ("lists", "dkim"):
            assert to(name, service) not in page
            assert browser.get(to(name, service)).status_code == 404
    assert Mailbox.objects.count() == 3
