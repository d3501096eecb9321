"""Every address of the admin site, asked by everybody, answers as the table of roles says."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.db.models import Model
from django.test import Client
from django.urls import URLPattern, URLResolver

from accounts.models import AuditEvent
from accounts.roles import STAFF_RIGHTS, StaffRight, StaffRole
from backoffice import urls
from backoffice.admin import PAGES
from provisioning.models import Command
from tests.backoffice.world import World, do_url
from tests.factories import MembershipFactory

V, SETUP, STAFF, CUSTOMERS, RUN, END, MONEY, LOGIN = (
    StaffRight.VIEW, StaffRight.MANAGE_SETUP, StaffRight.MANAGE_STAFF,
    StaffRight.MANAGE_CUSTOMERS, StaffRight.RUN_COMMANDS, StaffRight.TERMINATE,
    StaffRight.MANAGE_BILLING, StaffRight.SIGN_ON,
)  # fmt: skip
NOBODY = None

# Who may open the page that adds a row; a model that is not named has no such page.
ADDS = {
    "productgrace": SETUP,
    "customer": CUSTOMERS, "dunningpolicy": SETUP, "mailtemplate": SETUP, "gatewayaccount": SETUP,
    "invite": STAFF, "option": SETUP, "optiongroup": SETUP, "product": SETUP,
    "productgroup": SETUP, "promotion": MONEY, "server": SETUP, "servergroup": SETUP,
    "service": RUN, "taxrate": SETUP,
}  # fmt: skip
DELETES = {
    "productgrace": SETUP,
    "mailtemplate": SETUP,
    "option": SETUP, "optiongroup": SETUP, "product": SETUP, "productgroup": SETUP,
    "promotion": MONEY, "servergroup": SETUP, "taxrate": SETUP,
}  # fmt: skip
BUTTONS = {
    "command": {"retry": RUN, "cancel": RUN},
    "dunningpolicy": {"revise": SETUP, "publish": SETUP, "default": SETUP},
    "mailtemplate": {"test": SETUP},
    "sentmail": {"resend": CUSTOMERS},
    "terminationrequest": {"approve": END, "dismiss": MONEY},
    "chargeattempt": {"look": MONEY},
    "customer": {
        "billing": MONEY, "check-vat": CUSTOMERS, "credit": MONEY, "invite": CUSTOMERS,
        "payment": MONEY,
    },
    "gatewayaccount": {"check": SETUP},
    "gatewayevent": {"again": MONEY, "seen": MONEY},
    "invite": {"send-again": STAFF, "withdraw": STAFF},
    "invoice": {
        "issue": MONEY, "release": MONEY, "discard": MONEY, "payment": MONEY, "use-credit": MONEY,
        "charge": MONEY, "credit-note": MONEY, "correct": MONEY, "void": MONEY, "write-off": MONEY,
    },
    "membership": {"role": CUSTOMERS, "remove": CUSTOMERS},
    "order": {"accept": MONEY, "cancel": MONEY, "fraud": MONEY},
    "payment": {"refund": MONEY, "charge-back": MONEY, "won": MONEY},
    "product": {"duplicate": SETUP, "metering": SETUP},
    "server": {"check": RUN, "go": SETUP, "try-now": RUN, "sync": RUN},
    "service": {
        "create": RUN, "adopt": RUN, "unsuspend": RUN, "login": LOGIN, "refresh": RUN, "sync": RUN,
        "password": RUN, "suspend": RUN, "stop-mail": RUN, "allow-mail": RUN, "terms": MONEY,
        "hold": MONEY, "unhold": MONEY,
        "notes": CUSTOMERS, "inputs": RUN, "start-again": RUN, "terminate": END,
        "cancel_change": MONEY,
    },
    "usagereading": {"accept": MONEY, "reject": MONEY},
    "user": {
        "staff-role": STAFF, "reset": CUSTOMERS, "remove-factors": CUSTOMERS, "disable": CUSTOMERS,
        "enable": CUSTOMERS,
    },
}  # fmt: skip
OTHERS = {
    "optiongroup/make": SETUP, "server/import": RUN, "service/change-package": RUN,
    "service/change-plan": MONEY,
    "product/metering": SETUP, "billingrun/run-now": MONEY,
    "billingrun/dry-run": MONEY, "payment/import": MONEY,
}  # fmt: skip
OPEN_TO_ALL = ("login/", "logout/", "jsi18n/")  # no page of ours stands behind them
ANSWERS = {200, 302, 405}

Address = tuple[str, StaffRight | None]


def leaves(patterns: Any, prefix: str = "") -> Iterator[str]:
    for each in patterns:
        route = prefix + str(each.pattern)
        if isinstance(each, URLResolver):
            yield from leaves(each.url_patterns, route)
        elif isinstance(each, URLPattern):
            yield route


def addresses(world: World) -> Iterator[Address]:
    rows = {f"{row._meta.app_label}/{row._meta.model_name}/": row for row in world.values()}
    for route in leaves(urls.urlpatterns):
        if route.startswith(OPEN_TO_ALL):
            continue
        row = next((row for start, row in rows.items() if route.startswith(start)), None)
        yield from _of_model(route, row) if row else _of_site(route)


def _of_site(route: str) -> Iterator[Address]:
    filled = route.replace("<int:content_type_id>/<path:object_id>/", "1/1/")
    filled = filled.replace("<slug:code>", "revenue")
    filled = re.sub(r"\^?\(\?P<app_label>.*", "provisioning/", filled)
    filled = re.sub(r"\(\?P<url>\.\*\)\$?", "no/such/page/", filled)
    if not filled.startswith("r/"):
        # Completion answers only to a form's own field, and no form here uses it.
        yield f"/admin/{filled}", NOBODY if filled == "autocomplete/" else V


def _of_model(route: str, row: Model) -> Iterator[Address]:
    noun = str(row._meta.model_name)
    url = "/admin/" + re.sub(r"<(int|path):(pk|object_id)>", str(row.pk), route)
    url = url.replace("<slug:code>", "opensrs")
    leaf = route.removeprefix(f"{row._meta.app_label}/{noun}/")
    if "<slug:name>" in url:
        for name, right in BUTTONS[noun].items():
            yield url.replace("<slug:name>", name), right
        return
    yield url, _right(noun, re.sub(r"<[^>]*>", "", leaf).strip("/"))


def _right(noun: str, leaf: str) -> StaffRight | None:
    if leaf == "add":
        return ADDS.get(noun)
    if leaf == "delete":
        return DELETES.get(noun)
    return OTHERS.get(f"{noun}/{leaf}", V)


def wrong_answers(browser: Client, world: World, rights: frozenset[str]) -> dict[str, int]:
    found = {}
    for url, right in addresses(world):
        status = browser.get(url).status_code
        allowed = right in rights
        missing = allowed and "no/such" in url
        fine = {404} if missing else ANSWERS if allowed else {403}
        if status not in fine:
            found[url] = status
    return found


def test_there_is_a_row_of_every_model_with_pages(world: World) -> None:
    assert set(PAGES) == set(world)


def test_every_button_is_in_the_table_of_this_test() -> None:
    found = {
        str(model._meta.model_name): {button.name for button in admin.buttons}
        for model, admin in PAGES.items()
        if admin.buttons
    }
    assert found == {noun: set(names) for noun, names in BUTTONS.items()}


@pytest.mark.parametrize("role", StaffRole.values)
def test_staff_see_everything_and_open_only_what_their_role_allows(
    role: str, world: World, signed_in: Any
) -> None:
    assert wrong_answers(signed_in(role), world, STAFF_RIGHTS[role]) == {}


def test_a_visitor_is_sent_to_the_sign_in_from_everywhere(client: Client, world: World) -> None:
    answers = {url: client.get(url) for url, _right in addresses(world)}
    elsewhere = {
        url: answer.status_code
        for url, answer in answers.items()
        if answer.status_code != 302 or not answer["Location"].startswith("/accounts/login/")
    }
    assert {url for url in elsewhere if "no/such" not in url} == set()


def test_a_customer_is_refused_everywhere(client: Client, world: World) -> None:
    client.force_login(MembershipFactory().user)
    answers = {url: client.get(url).status_code for url, _right in addresses(world)}
    assert set(answers.values()) == {403}


@pytest.mark.parametrize("role", StaffRole.values)
def test_a_button_without_the_right_is_refused_and_nothing_changes(
    role: str, world: World, signed_in: Any, sent: list[Any]
) -> None:
    browser = signed_in(role)
    rows = {str(model._meta.model_name): row for model, row in world.items()}
    before = state(world)
    for noun, buttons in BUTTONS.items():
        for name, right in buttons.items():
            if right not in STAFF_RIGHTS[role]:
                answer = browser.post(do_url(rows[noun], name), {"form_token": "x" * 20})
                assert answer.status_code == 403, (noun, name)
    assert state(world) == before
    assert sent == []


@pytest.mark.parametrize("role", ["billing", "support", "read_only"])
def test_a_form_without_the_right_is_refused_and_nothing_changes(
    role: str, world: World, signed_in: Any
) -> None:
    browser, before = signed_in(role), state(world)
    for model, admin in PAGES.items():
        row = world[model]
        if admin.change_right is None or admin.change_right in STAFF_RIGHTS[role]:
            continue
        meta = model._meta
        url = f"/admin/{meta.app_label}/{meta.model_name}/{row.pk}/change/"
        assert browser.post(url, {"name": "Changed"}).status_code in (403, 405), url
    assert state(world) == before


def state(world: World) -> tuple[Any, ...]:
    """Every row as the database has it, and how many commands and audit events there are."""
    rows = [
        (model, tuple(model._base_manager.filter(pk=row.pk).values_list()))
        for model, row in world.items()
    ]
    return repr(rows), Command.objects.count(), AuditEvent.objects.count()
