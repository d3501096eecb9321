from __future__ import annotations

from dataclasses import replace

import pytest

from provisioning.contract import (
    ConflictError,
    DkimState,
    HttpResponse,
    InvalidInput,
    MisconfiguredError,
    NotFound,
    PermanentError,
    TemporaryError,
)
from provisioning.modules.smartermail.envelope import Forbidden, TokenRejected, read
from provisioning.modules.smartermail.server import build_of, warnings


def answer(status: int, body: str = "", **headers: str) -> HttpResponse:
    return HttpResponse(status=status, headers=headers, content=body.encode())


def no(message: str) -> str:
    return f'{{"success": false, "message": "{message}"}}'


@pytest.mark.parametrize("status", [200, 400])
@pytest.mark.parametrize(
    ("message", "error"),
    [
        ("DOMAIN_ADD_ERROR_NAME_IN_USE", ConflictError),
        ("ERRORS.USER_ADD_ERROR_NAME_IN_USE", ConflictError),
        ("USER_ADD_ERROR_INVALID_NAME", InvalidInput),
        ("USER_ADD_ERROR_PASSWORD_TOO_SHORT", InvalidInput),
        ("User does not meet password requirements: a number is required", InvalidInput),
        ("INVALID_PERMISSIONS", Forbidden),
        ("ERRORS.USER_NOT_FOUND", NotFound),
        ("User does not exist.", NotFound),
        ("Domain does not exist", NotFound),
        ("The domain has reached its maximum number of users.", PermanentError),
        ("Something new", PermanentError),
        ("", PermanentError),
    ],
)
def test_a_refusal_is_known_by_part_of_its_text(status, message, error) -> None:
    with pytest.raises(error) as caught:
        read(answer(status, no(message)))
    assert type(caught.value) is error


@pytest.mark.parametrize(
    ("response", "error"),
    [
        (answer(401), TokenRejected),
        (answer(401, no("Token has expired")), TokenRejected),
        (answer(403), Forbidden),
        (answer(404), NotFound),
        (answer(404, no("")), NotFound),
        (answer(404, "<html>nginx</html>"), TemporaryError),
        (answer(400, "<html>Bad Request</html>"), TemporaryError),
        (answer(429), TemporaryError),
        (answer(500, "<html>Server Error</html>"), TemporaryError),
        (answer(500, no("Domain does not exist")), TemporaryError),
        (answer(503), TemporaryError),
        (answer(302, "", Location="https://other.example/"), MisconfiguredError),
        (answer(200), TemporaryError),
        (answer(200, "[1]"), TemporaryError),
        (answer(200, "<html>Welcome</html>"), TemporaryError),
        (answer(200, "[" * 100_000), TemporaryError),
    ],
)
def test_every_failure_shape_has_one_meaning(response, error) -> None:
    with pytest.raises(error):
        read(response)


def test_success_needs_an_object_that_does_not_say_no() -> None:
    assert read(answer(200, '{"success": true, "x": 1}'))["x"] == 1
    assert read(answer(200, "{}")) == {}


@pytest.mark.parametrize(
    ("status", "maybe"), [(500, True), (200, True), (429, False), (503, False)]
)
def test_whether_a_lost_act_may_have_happened_is_told(status, maybe) -> None:
    with pytest.raises(TemporaryError) as caught:
        read(answer(status, "<html></html>", **{"Retry-After": "7"}))
    assert caught.value.maybe_applied is maybe


def test_a_server_says_when_to_come_back() -> None:
    with pytest.raises(TemporaryError) as caught:
        read(answer(429, "", **{"Retry-After": "30"}))
    assert caught.value.retry_after == 30.0


@pytest.mark.parametrize(
    ("version", "build"),
    [
        ("100.0.9504", 9504),
        ("100.0.9504.21000", 9504),
        ("Build 9560 (Mar 4)", 9560),
        ("17.4", None),
    ],
)
def test_the_build_is_read_from_the_version(version, build) -> None:
    assert build_of(version) == build


@pytest.mark.parametrize(
    ("build", "holes"),
    [
        (9400, 5),
        (9406, 5),
        (9407, 4),
        (9511, 2),
        (9518, 1),
        (9559, 1),
        (9560, 0),
    ],
)
def test_a_build_with_published_holes_is_warned_of_by_name(build, holes) -> None:
    text = " ".join(warnings(f"100.0.{build}"))
    assert text.count("CVE-") == holes
    assert ("CVE-2026-7807" in text) is (build < 9560)


@pytest.mark.parametrize("facts", ["system-info", "sysadmin-info", "server-settings", "none"])
def test_test_connection_tells_what_the_server_tells(panel, simulator, facts) -> None:
    simulator.set_variants(facts_call=facts, build=9500, edition="Professional")
    simulator.state.add_domain("a.example")
    report = panel.run(lambda module: module.check_connection())
    assert report.edition == "Professional"
    assert report.accounts == 1
    assert report.version == ("" if facts == "none" else "100.0.9500")
    assert bool(report.warnings) is (facts != "none")


def test_the_dns_guide_gets_the_products_answers(delivered) -> None:
    settings = {
        **delivered.account.settings,
        "spf_primary": "include:spf.host.example",
        "spf_secondary": "a, include:old.example ,",
        "autodiscover_srv": "srv.host.example",
        "check_dmarc": True,
        "dmarc_rua": "dmarc@host.example",
        "dmarc_policy": "quarantine",
    }
    account = replace(delivered.account, settings=settings)
    found = delivered.run(lambda module: module.dns_expectations(account))
    assert (found.domain, found.mx[0].host) == ("client.example", "mail.host.example")
    assert found.spf.secondary == ("a", "include:old.example")
    assert found.autodiscover.host == "mail.host.example"
    assert found.autodiscover.srv_target == "srv.host.example"
    assert (found.dmarc.checked, found.dmarc.policy) == (True, "quarantine")
    assert found.dkim.state is DkimState.STANDBY
    assert found.dkim.public_key


def test_the_dns_guide_is_alive_while_the_server_is_not(delivered, simulator) -> None:
    simulator.stop()
    delivered.link = replace(delivered.link, settings={"mail_host": "mx.host.example"})
    found = delivered.run(lambda module: module.dns_expectations(delivered.account))
    assert found.mx[0].host == "mx.host.example"
    assert found.dkim.selector == ""


def test_a_dkim_key_is_active_once_its_record_is_published(delivered, simulator) -> None:
    simulator.state.publish_dkim("client.example")
    key = delivered.run(lambda module: module.dkim(delivered.account).enable())
    assert key.state == DkimState.ACTIVE


def test_a_key_whose_signing_is_switched_off_is_disabled(delivered, simulator) -> None:
    simulator.state.publish_dkim("client.example")
    delivered.run(lambda module: module.dkim(delivered.account).enable())
    simulator.state.domain("client.example").settings["enableDkimSigningDomainAdmin"] = False
    key = delivered.run(lambda module: module.dkim(delivered.account).read())
    assert key.state == DkimState.DISABLED
    key = delivered.run(lambda module: module.dkim(delivered.account).enable())
    assert key.state == DkimState.ACTIVE


def test_a_sign_in_link_never_leads_to_a_script(delivered, simulator) -> None:
    body = '{"success": true, "autoLoginToken": "t&1", "autoLoginUrl": "javascript:alert(1)"}'
    simulator.fault("status", "*/retrieve-login-token", status=200, body=body)
    link = delivered.run(lambda module: module.staff_login(delivered.account))
    assert link.url.startswith(
        f"{delivered.link.http.base_url}/interface/autologin?autologin=t%261&"
    )
