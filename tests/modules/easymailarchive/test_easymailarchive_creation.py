"""Creation: conflicts of names, lost answers, and what becomes of the vendor's two descriptions."""

from __future__ import annotations

from dataclasses import replace

import pytest

from provisioning.contract import (
    ConflictError,
    InvalidInput,
    Owner,
    PermanentError,
    State,
    TemporaryError,
)
from tests.modules.easymailarchive.conftest import SLUG, ordered, sent

NAME = "client.example"


def tenants(simulator) -> list[str]:
    return sorted(simulator.state.tenants)


def typed(panel, slug: str = SLUG):
    account = ordered(auto_slug=False)
    panel.account = replace(account, inputs={"slug": slug})
    return panel


def test_name_and_address_are_kept_with_the_service(panel, simulator) -> None:
    done = panel.create()
    assert (done.state, done.data["slug"], done.data["linked"]) == (State.ACTIVE, SLUG, True)
    assert done.data["url"] == f"https://{SLUG}.archive.host.example"
    assert simulator.state.tenant(SLUG).name == NAME


def test_the_address_that_the_platform_tells_wins(panel, simulator) -> None:
    simulator.set_variants(dialect="apis")
    simulator.base_domain = "mail.other.example"
    panel.create()
    assert panel.account.data["url"] == f"https://{SLUG}.mail.other.example"
    panel.keep(panel.observe())
    assert panel.account.data["url"] == f"https://{SLUG}.mail.other.example"


@pytest.mark.parametrize("url", ["javascript:alert(1)", "//x.example", "https://", "ftp://x.y"])
def test_an_address_that_is_no_web_address_is_not_taken_over(panel, simulator, url) -> None:
    body = f'{{"slug": "{SLUG}", "url": "{url}", "status": "active"}}'
    simulator.fault("apply-then-status", method="POST", status=200, body=body)
    panel.create()
    assert panel.account.data["url"] == f"https://{SLUG}.archive.host.example"


def test_without_a_base_domain_links_lead_to_the_vendors(panel) -> None:
    panel.link = replace(panel.link, settings={**panel.link.settings, "base_domain": ""})
    panel.create()
    assert panel.account.data["url"] == f"https://{SLUG}.easymailarchive.com"


@pytest.mark.parametrize("conflict", [409, 422])
@pytest.mark.parametrize("dialect", ["help", "apis"])
def test_a_name_taken_by_another_reseller_gets_a_number(
    panel, simulator, conflict, dialect
) -> None:
    simulator.set_variants(dialect=dialect, conflict=conflict, slug_honoured=True)
    simulator.state.add_foreign(SLUG)
    simulator.state.add_foreign(f"{SLUG}-2")
    assert panel.create().state is State.ACTIVE
    assert tenants(simulator) == [f"{SLUG}-3"]
    assert panel.account.data["slug"] == f"{SLUG}-3"
    assert len([call for call in panel.calls if call.operation == "create tenant"]) == 3


def test_a_name_of_our_own_other_tenant_is_passed_over_without_asking(panel, simulator) -> None:
    simulator.state.add_tenant(SLUG, name=NAME, status="suspended")
    panel.create()
    assert tenants(simulator) == [SLUG, f"{SLUG}-2"]
    assert simulator.state.tenant(SLUG).status == "suspended"
    assert len(simulator.journal.find(method="POST")) == 1


def test_where_the_name_is_made_of_the_company_the_company_gets_the_number(
    panel, simulator
) -> None:
    """The short description names no slug: the same refusal twice tells that ours is ignored."""
    simulator.set_variants(dialect="apis", slug_honoured=False)
    simulator.state.add_foreign(SLUG)
    assert panel.create().state is State.ACTIVE
    assert tenants(simulator) == [f"{SLUG}-3"]
    assert panel.account.data["slug"] == f"{SLUG}-3"
    names = [call.json()["company_name"] for call in simulator.journal.find(method="POST")]
    assert names == [NAME, NAME, f"{NAME} 3"]


def test_ten_names_taken_are_enough(panel, simulator) -> None:
    simulator.fault("status", method="POST", times=None, status=409, body='{"message": "Taken."}')
    with pytest.raises(ConflictError):
        panel.create()
    assert len(simulator.journal.find(method="POST")) == 10
    assert tenants(simulator) == []


@pytest.mark.parametrize("ours", [True, False])
def test_a_typed_name_that_is_taken_is_a_conflict_and_nothing_is_made(
    panel, simulator, ours
) -> None:
    if ours:
        simulator.state.add_tenant(SLUG, name="Somebody else")
    else:
        simulator.state.add_foreign(SLUG)
    before = tenants(simulator)
    with pytest.raises(ConflictError, match=SLUG) as caught:
        typed(panel).create()
    assert "choose another" in caught.value.message
    assert tenants(simulator) == before
    assert "linked" not in panel.account.data


@pytest.mark.parametrize("slug", ["", "www", "no good", "../x"])
def test_a_typed_name_that_breaks_the_rules_is_refused_before_anything_is_sent(
    panel, simulator, slug
) -> None:
    with pytest.raises(InvalidInput):
        typed(panel, slug).create()
    assert not simulator.journal.find(method="POST")
    assert tenants(simulator) == []


def test_a_name_reserved_by_the_platform_alone_is_passed_over(panel, simulator) -> None:
    panel.account = ordered(domain="internal")
    panel.create()
    assert tenants(simulator) == ["internal-2"]


def test_a_name_the_platform_calls_invalid_is_not_tried_again(panel, simulator) -> None:
    body = '{"message": "No.", "errors": {"slug": ["The slug format is invalid."]}}'
    simulator.fault("status", method="POST", status=422, body=body)
    with pytest.raises(InvalidInput) as caught:
        panel.create()
    assert caught.value.field == "slug"
    assert len(simulator.journal.find(method="POST")) == 1


@pytest.mark.parametrize("dialect", ["help", "apis"])
def test_a_platform_that_refuses_strange_fields_is_asked_once_more_in_its_own_words(
    panel, simulator, dialect
) -> None:
    simulator.set_variants(dialect=dialect, strict_fields=True, slug_honoured=True)
    assert panel.create().state is State.ACTIVE
    first, second = (call.json() for call in simulator.journal.find(method="POST"))
    assert second.keys() < first.keys()
    assert tenants(simulator) == [SLUG]


def test_a_refusal_for_another_reason_is_shown_in_the_platforms_words(panel, simulator) -> None:
    simulator.set_variants(dialect="apis")
    panel.account = replace(panel.account, owner=Owner(name="Jean", email="not an address"))
    with pytest.raises(PermanentError, match="valid email address"):
        panel.create()
    assert tenants(simulator) == []


def test_the_claim_is_written_down_before_the_request_that_creates(panel, simulator) -> None:
    simulator.fault("close", method="POST")
    with pytest.raises(TemporaryError):
        panel.create()
    assert panel.account.data["claim"] == {"slug": SLUG, "name": NAME, "seen": []}
    assert len(panel.account.secrets["admin_password"]) == 16
    assert tenants(simulator) == []
    assert panel.create().state is State.ACTIVE


@pytest.mark.parametrize("dialect", ["help", "apis"])
def test_a_lost_answer_is_found_again_also_where_the_platform_chose_the_name(
    panel, simulator, dialect
) -> None:
    simulator.set_variants(dialect=dialect)
    panel.account = ordered(slug_prefix="my-")
    simulator.fault("apply-then-close", method="POST")
    assert panel.create().state is State.ACTIVE
    expected = "my-client-example" if dialect == "help" else SLUG
    assert tenants(simulator) == [expected]
    assert panel.account.data["slug"] == expected
    assert len(simulator.journal.find(method="POST")) == 1


def test_an_older_archive_of_the_same_name_is_not_taken_for_a_lost_answer(panel, simulator) -> None:
    """A terminated service of the same domain has left its archive behind."""
    simulator.set_variants(dialect="apis")
    simulator.state.add_tenant("older", name=NAME, status="active")
    simulator.fault("close", method="POST")
    with pytest.raises(TemporaryError):
        panel.create()
    assert panel.account.data["claim"]["seen"] == ["older"]
    panel.create()
    assert panel.account.data["slug"] == SLUG
    assert tenants(simulator) == [SLUG, "older"]


def test_a_request_carried_out_after_we_gave_it_up_is_ours_all_the_same(panel, simulator) -> None:
    simulator.fault("close", method="POST")
    with pytest.raises(TemporaryError):
        panel.create()

    posted = simulator.state.taken

    def late(slug: str) -> bool:
        if not simulator.state.tenants:
            simulator.state.add_tenant(slug, name=NAME)
        return bool(posted(slug))

    simulator.state.taken = late
    assert panel.create().state is State.ACTIVE
    assert tenants(simulator) == [SLUG]


def test_an_archive_in_construction_is_not_called_active(panel, simulator) -> None:
    simulator.set_variants(building_looks=2)
    panel.create()
    seen = panel.observe()
    assert seen.state is State.UNKNOWN
    assert "provisioning" in seen.detail
    panel.observe()
    assert panel.observe().state is State.ACTIVE


def test_a_service_that_was_terminated_is_released_and_not_made_anew(delivered, simulator) -> None:
    delivered.terminate()
    simulator.journal.clear()
    assert delivered.create().state is State.ACTIVE
    assert [method for method, _ in sent(simulator)] == ["GET", "PUT", "GET"]
    assert delivered.account.data["released"] is False
    assert tenants(simulator) == [SLUG]


def test_a_name_is_for_ever_even_when_its_archive_was_deleted(delivered, simulator) -> None:
    simulator.state.remove_tenant(SLUG)
    with pytest.raises(ConflictError):
        delivered.create()
    assert tenants(simulator) == []
    assert [call.json()["slug"] for call in simulator.journal.find(method="POST")] == [SLUG]


@pytest.mark.parametrize(("dialect", "there"), [("help", False), ("apis", True)])
def test_the_first_administrator_is_promised_only_where_one_is_made(
    panel, simulator, dialect, there
) -> None:
    simulator.set_variants(dialect=dialect)
    panel.create()
    assert bool(panel.account.data["admin"]) is there
    assert bool(panel.account.secrets["admin_password"]) is there
    if there:
        made = simulator.state.tenant(SLUG)
        assert made.admin_password == panel.account.secrets["admin_password"]


def test_two_services_of_one_customer_get_an_archive_each(panel, simulator, link) -> None:
    panel.create()
    other = replace(panel, account=ordered(key="service-2", domain="other.example"))
    other.create()
    assert tenants(simulator) == [SLUG, "other-example"]
    other.terminate()
    assert panel.observe().state is State.ACTIVE
