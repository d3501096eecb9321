from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from provisioning.contract import HttpResponse, MisconfiguredError, State, TemporaryError
from provisioning.modules.smartermail.session import USUAL, lifetime
from tests.modules.conftest import SYSADMIN_PASSWORD
from tests.modules.panel import MemoryTokens

SIGN_IN = "*/auth/authenticate-user"


def sign_ins(simulator) -> int:
    return len(simulator.journal.find(SIGN_IN))


def test_signing_in_sends_name_password_and_a_client_id_of_our_own(panel, simulator) -> None:
    panel.observe()
    sent = simulator.journal.find(SIGN_IN, method="POST")[0].json()
    assert sent["username"] == "admin"
    assert sent["password"] == SYSADMIN_PASSWORD
    assert sent["clientId"].startswith("postmeter-")
    bearer = simulator.journal.find("*/sysadmin/domain/client.example")[0]
    assert bearer.header("Authorization").startswith("Bearer ey")


def test_ten_workers_sign_in_once(panel, simulator) -> None:
    with ThreadPoolExecutor(10) as workers:
        states = list(workers.map(lambda _: panel.observe().state, range(10)))
    assert states == [State.MISSING] * 10
    assert sign_ins(simulator) == 1


def test_the_token_is_shared_and_not_fetched_again(panel, simulator) -> None:
    panel.observe()
    panel.observe()
    assert sign_ins(simulator) == 1


def test_an_expired_token_is_refreshed_instead_of_signing_in(panel, simulator) -> None:
    panel.observe()
    panel.link.tokens.delete("session")
    assert panel.observe().state is State.MISSING
    assert sign_ins(simulator) == 1
    assert len(simulator.journal.find("*/auth/refresh-token")) == 1


def test_a_refresh_token_the_server_forgot_leads_to_signing_in(panel, simulator) -> None:
    panel.observe()
    panel.link.tokens.delete("session")
    simulator.platform.tokens.kill_all()
    assert panel.observe().state is State.MISSING
    assert sign_ins(simulator) == 2


def test_a_revoked_token_leads_to_exactly_one_new_sign_in(panel, simulator) -> None:
    panel.observe()
    simulator.platform.tokens.kill_all()
    assert panel.observe().state is State.MISSING
    assert sign_ins(simulator) == 2


def test_a_server_that_rejects_its_own_fresh_tokens_is_asked_twice_and_no_more(
    panel, simulator
) -> None:
    simulator.fault("status", "*/sysadmin/domain/*", status=401, body=" ", times=None)
    with pytest.raises(MisconfiguredError):
        panel.observe()
    assert len(simulator.journal.find("*/sysadmin/domain/*")) == 2
    assert sign_ins(simulator) == 2


def test_another_workers_new_token_is_used_instead_of_signing_in_again(panel, simulator) -> None:
    def evicted(module):
        module.observe(panel.account)
        simulator.platform.tokens.kill_all()
        panel.observe()  # another worker, which signs in
        return module.observe(panel.account).state

    assert panel.run(evicted) is State.MISSING
    assert sign_ins(simulator) == 2


def test_a_store_that_forgets_everything_costs_one_sign_in_a_worker(panel, simulator) -> None:
    class Forgetful(MemoryTokens):
        def set(self, key, value, *, seconds) -> None:
            return

    panel.link = replace(panel.link, tokens=Forgetful())
    panel.create()
    assert sign_ins(simulator) == 1


@pytest.mark.parametrize("variant", [{"login_failure": 400}, {"login_failure": 401}])
def test_a_rejected_password_is_not_tried_again(panel, simulator, variant) -> None:
    simulator.set_variants(**variant)
    panel.link = replace(panel.link, password="wrong")
    for _ in range(20):
        with pytest.raises(MisconfiguredError) as caught:
            panel.observe()
    assert "user name or password" in caught.value.detail
    assert sign_ins(simulator) == 1
    assert not simulator.platform.gatekeeper.blocked


def test_new_credentials_are_tried_at_once(panel, simulator) -> None:
    panel.link = replace(panel.link, password="wrong")
    with pytest.raises(MisconfiguredError):
        panel.observe()
    panel.link = replace(panel.link, password=SYSADMIN_PASSWORD)
    assert panel.observe().state is State.MISSING


def test_test_connection_tries_all_the_same_and_opens_the_way(panel, simulator) -> None:
    simulator.fault("status", SIGN_IN, status=401, body=" ")
    with pytest.raises(MisconfiguredError):
        panel.observe()
    panel.run(lambda module: module.check_connection())
    assert panel.observe().state is State.MISSING
    assert sign_ins(simulator) == 2


def test_test_connection_does_not_pass_on_an_old_token(panel) -> None:
    panel.observe()
    panel.link = replace(panel.link, password="wrong")
    with pytest.raises(MisconfiguredError):
        panel.run(lambda module: module.check_connection())


def test_the_memory_of_a_rejection_holds_no_password(panel) -> None:
    panel.link = replace(panel.link, password="not-the-password")
    with pytest.raises(MisconfiguredError):
        panel.observe()
    assert not [text for text in panel.link.tokens.texts() if "not-the-password" in text]


def test_a_server_that_does_not_answer_a_sign_in_is_tried_again(panel, simulator) -> None:
    simulator.fault("status", SIGN_IN, status=500)
    with pytest.raises(TemporaryError):
        panel.observe()
    assert panel.observe().state is State.MISSING


@pytest.mark.parametrize("as_401", [False, True])
def test_an_administrator_with_a_second_factor_is_for_staff_to_mend(
    panel, simulator, as_401
) -> None:
    simulator.set_variants(two_factor_as_401=as_401)
    simulator.state.sysadmins["admin"].two_factor_code = "123456"
    with pytest.raises(MisconfiguredError) as caught:
        panel.observe()
    assert "second factor" in caught.value.detail


def test_a_password_that_must_be_changed_is_for_staff_to_mend(panel, simulator) -> None:
    simulator.state.sysadmins["admin"].must_change_password = True
    with pytest.raises(MisconfiguredError) as caught:
        panel.observe()
    assert "must change the password" in caught.value.detail


def test_a_mailbox_is_no_system_administrator(panel, simulator) -> None:
    simulator.state.add_domain("other.example", admin="boss", password="Some-Passw0rd")
    panel.link = replace(panel.link, username="boss@other.example", password="Some-Passw0rd")
    with pytest.raises(MisconfiguredError) as caught:
        panel.observe()
    assert "not a system administrator" in caught.value.detail


def test_an_address_without_the_api_is_for_staff_to_mend(panel, simulator) -> None:
    simulator.set_variants(api_off=True)
    with pytest.raises(MisconfiguredError) as caught:
        panel.observe()
    assert "no SmarterMail API" in caught.value.detail


def test_a_block_after_failed_sign_ins_is_explained(panel, simulator) -> None:
    simulator.platform.gatekeeper.blocked["127.0.0.1"] = 9e12
    with pytest.raises(MisconfiguredError) as caught:
        panel.observe()
    assert "blocked this machine" in caught.value.detail


def test_a_redirect_is_for_staff_to_mend_and_not_followed(panel, simulator) -> None:
    simulator.fault("status", SIGN_IN, status=302, body=" ", times=None)
    with pytest.raises(MisconfiguredError):
        panel.observe()
    assert simulator.journal.total == 1


def test_the_domain_header_is_tried_once_and_then_used(delivered, simulator) -> None:
    simulator.journal.clear()
    delivered.run(lambda module: module.snapshot(delivered.account))
    inside = simulator.journal.find("*/settings/domain/*")
    assert {entry.header("X-SmarterMailDomain") for entry in inside} == {"client.example"}
    assert not simulator.journal.find("*/manage-domain/*")
    assert not simulator.journal.find("*/settings/domain/data")


def test_a_server_without_the_header_is_remembered_and_impersonation_used(panel, simulator) -> None:
    simulator.set_variants(header_identity=False)
    panel.create()
    simulator.journal.clear()
    panel.run(lambda module: module.snapshot(panel.account))
    panel.run(lambda module: module.snapshot(panel.account))
    assert not simulator.journal.find("*/manage-domain/*")  # its token is shared as well
    assert not simulator.journal.find("*/settings/domain/data")
    panel.link.tokens.delete("impersonated:client.example")
    panel.run(lambda module: module.snapshot(panel.account))
    assert len(simulator.journal.find("*/manage-domain/*")) == 1


def test_staff_may_choose_impersonation(panel, simulator) -> None:
    panel.link = replace(panel.link, settings={"identity": "impersonation"})
    panel.create()
    assert not [e for e in simulator.journal if e.header("X-SmarterMailDomain")]


def test_a_revoked_impersonation_is_renewed(panel, simulator) -> None:
    simulator.set_variants(header_identity=False)
    panel.create()
    simulator.platform.tokens.kill_all()
    assert panel.run(lambda module: module.snapshot(panel.account)).mailboxes == ()


def reply(date: str) -> HttpResponse:
    return HttpResponse(status=200, headers={"Date": date}, content=b"")


@pytest.mark.parametrize(
    ("expires", "date", "seconds"),
    [
        ("2026-03-01T10:15:00Z", "Sun, 01 Mar 2026 10:00:00 GMT", 840.0),
        ("2026-03-01T10:15:00.1234567Z", "Sun, 01 Mar 2026 10:00:00 GMT", 840.1),
        ("2026-03-01T10:00:20Z", "Sun, 01 Mar 2026 10:00:00 GMT", 15.0),
        ("2026-03-01T09:00:00Z", "Sun, 01 Mar 2026 10:00:00 GMT", USUAL),
        ("soon", "Sun, 01 Mar 2026 10:00:00 GMT", USUAL),
        (None, "", USUAL),
    ],
)
def test_a_token_lives_as_long_as_the_server_says_by_its_own_clock(expires, date, seconds) -> None:
    assert lifetime(expires, reply(date)) == pytest.approx(seconds, abs=0.1)
