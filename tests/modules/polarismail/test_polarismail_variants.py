"""What the platform leaves open is read whichever way it turns out."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from provisioning.contract import InvalidInput, MailboxChange, PermanentError
from provisioning.modules.polarismail.module import PolarisMail
from tests.modules.contract_tests import PASSWORD
from tests.modules.polarismail.conftest import DOMAIN, forms

GB = 1024**3
NEW = MailboxChange(password=PASSWORD)


def at(local: str) -> str:
    return f"{local}@{DOMAIN}"


@pytest.fixture
def boxes(delivered):
    """Runs an act on the mailbox store."""
    return lambda act: delivered.run(lambda m: act(m.mailboxes(delivered.account)))


@pytest.fixture
def snapshot(delivered):
    return lambda: delivered.run(lambda m: m.snapshot(delivered.account))


@pytest.mark.parametrize("variant", [
    {"empty_list": "null"}, {"empty_list": "false"}, {"empty_list": "array"},
    {"figures": "texts"}, {"figures": "numbers"}, {"returncode": "text"},
])  # fmt: skip
def test_loose_types_and_shapes_of_nothing_are_all_read(
    delivered, simulator, snapshot, boxes, variant
) -> None:
    simulator.set_variants(**variant)
    seen = snapshot()
    assert (seen.mailboxes, seen.aliases, seen.lists, seen.domain_aliases) == ((), (), (), ())
    boxes(lambda s: s.create(at("amy"), replace(NEW, quota_bytes=GB)))
    (amy,) = snapshot().mailboxes
    assert (amy.quota_bytes, amy.size_bytes, amy.enabled) == (GB, 0, True)
    assert delivered.observe().state == "active"


def test_an_empty_list_may_come_as_a_refusal_when_the_figures_say_so(
    delivered, simulator, boxes
) -> None:
    simulator.set_variants(empty_list="refusal")
    boxes(lambda s: s.create(at("amy"), NEW))
    assert "amy" in simulator.state.domain(DOMAIN).users
    delivered.terminate()
    assert delivered.observe().state == "missing"


def test_a_refused_list_that_is_not_empty_is_not_taken_for_empty(
    delivered, simulator, snapshot, boxes, bob
) -> None:
    simulator.fault("refusal", contains="action=getAllUsersDomain", times=None, message="Busy")
    for act in (snapshot, lambda: boxes(lambda s: s.create(at("amy"), NEW))):
        with pytest.raises(PermanentError, match="Busy"):
            act()
    assert not forms(simulator, "addUser")


def test_a_part_that_cannot_be_read_is_named_and_the_rest_is_there(
    simulator, snapshot, bob
) -> None:
    simulator.fault("refusal", contains="action=getAliasDomains", times=None)
    seen = snapshot()
    assert (len(seen.mailboxes), seen.domain_aliases) == (1, None)
    assert "Domain aliases" in seen.unreadable[0]


@pytest.mark.parametrize("variant", [{}, {"page_cap": 25}, {"page_cap": 25, "meta": False}])
def test_more_than_a_page_of_mailboxes_is_read(simulator, snapshot, variant) -> None:
    simulator.set_variants(**variant)
    for number in range(1203 if not variant else 60):
        simulator.state.add_user(at(f"u{number}"))
    assert len(snapshot().mailboxes) == len(simulator.state.domain(DOMAIN).users)


@pytest.mark.parametrize(("base", "half"), [(1000, 500), (1024, 512)])
def test_half_a_gigabyte_goes_in_as_a_decimal_and_comes_back_as_half(
    delivered, simulator, boxes, base, half
) -> None:
    simulator.set_variants(mb_per_gb=base)
    delivered.link = replace(
        delivered.link, settings={"mb_per_gb": "auto" if base == 1000 else "1024"}
    )
    boxes(lambda s: s.create(at("amy"), replace(NEW, quota_bytes=GB // 2)))
    assert simulator.state.domain(DOMAIN).users["amy"].quota == half
    assert boxes(lambda s: s.get(at("amy"))).quota_bytes == GB // 2


def test_a_size_that_is_whole_in_1024_is_read_so_without_being_told(simulator, boxes) -> None:
    simulator.state.add_user(at("amy"), quota=10_240)
    simulator.state.add_user(at("bea"), quota=10_000)
    sizes = [boxes(lambda s, local=local: s.get(at(local))).quota_bytes for local in ("amy", "bea")]
    assert sizes == [10 * GB, 10 * GB]


def test_a_mailbox_whose_own_answer_lacks_the_size_is_read_from_the_list(simulator, boxes) -> None:
    simulator.set_variants(user_info_has_quota=False)
    simulator.state.add_user(at("amy"), quota=4_000, last_auth="2026-03-01 10:00:00")
    seen = boxes(lambda s: s.get(at("amy")))
    assert seen.quota_bytes == 4 * GB
    assert seen.last_login_at == datetime(2026, 3, 1, 10, tzinfo=UTC)


@pytest.mark.parametrize("host", ["relative", "full"])
def test_dkim_that_waits_for_its_record_is_on_standby(delivered, simulator, host) -> None:
    simulator.set_variants(dkim_host=host)
    simulator.state.domain(DOMAIN).published = False
    key = delivered.run(lambda m: m.dkim(delivered.account).enable())
    assert (key.state, key.selector) == ("standby", "ea1")
    assert key.public_key.startswith("v=DKIM1")


def test_a_key_that_is_shown_after_switching_off_is_disabled(delivered, simulator) -> None:
    simulator.set_variants(dkim_known_when_off=True)
    delivered.run(lambda m: m.dkim(delivered.account).enable())
    assert delivered.run(lambda m: m.dkim(delivered.account).disable()).state == "disabled"


def test_domain_aliases_keep_to_the_products_limit(delivered, simulator) -> None:
    settings = {**delivered.account.settings, "max_domain_aliases": 1}
    delivered.account = replace(delivered.account, settings=settings)
    delivered.run(lambda m: m.domain_aliases(delivered.account).add("one.example"))
    with pytest.raises(InvalidInput):
        delivered.run(lambda m: m.domain_aliases(delivered.account).add("two.example"))
    assert set(simulator.state.domain(DOMAIN).alias_domains) == {"one.example"}


def test_the_webmail_of_the_vendors_own_hosts_is_known() -> None:
    url = PolarisMail.webmail_url("cp.emailarray.com", 443, secure=True)
    assert url == "https://al.emailarray.com/"
    assert PolarisMail.webmail_url("cp.brand.example", 443, secure=True) == ""
