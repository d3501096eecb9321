"""Mailing lists and their subscribers."""

from __future__ import annotations

from typing import Any

import pytest

from provisioning.modules.smartermail.simulator import SmarterMailSimulator
from tests.simulation.wire import Api

L = "settings/domain/mailing-lists"
SEARCH = {
    "skip": 0, "take": 100, "search": "", "subscriberType": 0, "sortField": "emailaddress",
    "sortDescending": False,
}  # fmt: skip


def add(api: Api, name: str = "team", **fields: Any) -> int:
    body = {"listAddress": name, "moderatorAddress": "bob@client.com", **fields}
    number: int = api.post(f"{L}/add", body).json()["item"]["id"]
    return number


def members(api: Api, number: int, **criteria: Any) -> list[str]:
    reply = api.post(f"{L}/{number}/subscriber-search", {**SEARCH, **criteria}).json()
    return [row["emailAddress"] for row in reply["items"]]


def test_a_list_is_created_listed_changed_and_deleted(inside: Api) -> None:
    number = add(inside, description="The team", postingPermissions=2)
    item = inside.get(f"{L}/list").json()["items"][0]
    assert (item["id"], item["listAddress"], item["postingPermissions"]) == (number, "team", 2)
    assert inside.post(f"{L}/{number}/settings", {"postingPermissions": 0}).status_code == 200
    settings = inside.get(f"{L}/{number}/settings").json()["item"]
    assert (settings["postingPermissions"], settings["description"]) == (0, "The team")
    assert inside.post(f"{L}/{number}/delete").status_code == 200
    assert inside.post(f"{L}/{number}/delete").status_code == 404


@pytest.mark.parametrize(
    "body", [["x@y.org", "z@y.org", "X@y.org"], {"data": ["x@y.org", "z@y.org"]}]
)
def test_subscribers_are_added_once_each(inside: Api, body: Any) -> None:
    number = add(inside)
    assert inside.post(f"{L}/{number}/subscriber-add", body).status_code == 200
    assert members(inside, number) == ["x@y.org", "z@y.org"]
    assert members(inside, number, subscriberType="Subscriber", search="z@") == ["z@y.org"]
    assert inside.get(f"{L}/{number}/counts").json()["listSubscribers"] == 2


def test_subscribers_are_removed_one_by_one_and_all_at_once(inside: Api) -> None:
    number = add(inside)
    inside.post(f"{L}/{number}/subscriber-add", ["a@y.org", "b@y.org", "c@y.org"])
    inside.post(f"{L}/{number}/subscriber-remove", ["A@y.org"])
    assert members(inside, number) == ["b@y.org", "c@y.org"]
    inside.post(f"{L}/{number}/subscriber-remove-all")
    assert members(inside, number) == []


def test_digest_subscribers_posters_and_banned_users_are_kept_apart(inside: Api) -> None:
    number = add(inside)
    for kind in ("digest-subscriber", "poster", "banned-user"):
        inside.post(f"{L}/{number}/{kind}-add", [f"{kind}@y.org"])
    assert members(inside, number) == []
    assert members(inside, number, subscriberType=1) == ["digest-subscriber@y.org"]
    assert members(inside, number, subscriberType=999) == ["digest-subscriber@y.org"]
    item = inside.get(f"{L}/list").json()["items"][0]
    assert (item["posterCount"], item["bannedUserCount"], item["listSubscriberCount"]) == (1, 1, 0)


def test_one_bad_address_spoils_the_whole_addition(inside: Api) -> None:
    number = add(inside)
    assert inside.post(f"{L}/{number}/subscriber-add", ["a@y.org", "b"]).status_code == 400
    assert members(inside, number) == []


def test_one_address_is_put_on_exactly_the_lists_named(inside: Api) -> None:
    one, two = add(inside, "one"), add(inside, "two")
    path = f"{L}/subscribers/x%40y.org"
    inside.post(f"{L}/{one}/subscriber-add", ["x@y.org"])
    inside.post(f"{path}/edit/{one}", {"subscribedLists": [two]})
    assert inside.get(f"{path}/{one}").json()["subscribedLists"] == [two]


@pytest.mark.parametrize("name", ["bob", "TEAM", "a b", "team@other.org"])
def test_a_taken_or_bad_list_name_is_refused(
    sim: SmarterMailSimulator, inside: Api, name: str
) -> None:
    add(inside)
    assert inside.post(f"{L}/add", {"listAddress": name}).status_code == 400
    assert [one.name for one in sim.state.domain("client.com").lists.values()] == ["team"]


def test_lists_have_a_limit_and_are_deleted_in_bulk(sim: SmarterMailSimulator, inside: Api) -> None:
    sim.state.domain("client.com").settings["maxLists"] = 2
    numbers = [add(inside, "one"), add(inside, "two")]
    assert inside.post(f"{L}/add", {"listAddress": "three"}).status_code == 400
    assert inside.post(f"{L}/delete-bulk", {"ints": [*numbers, 99]}).status_code == 404
    assert inside.post(f"{L}/delete-bulk", {"ints": numbers}).status_code == 200
    assert inside.get(f"{L}/list").json()["items"] == []
