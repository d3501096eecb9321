"""What the EU's service says, and what it does not say."""

from __future__ import annotations

import socket
from typing import Any

import pytest

from billing.taxation.vies import Answer, NoAnswer, ask
from tests.support.vies import UNAVAILABLE, ViesSimulator
from tests.taxation.conftest import FRENCH, GERMAN


def test_a_known_number_is_valid_with_the_consultation_number(vies: ViesSimulator) -> None:
    vies.valid.add(FRENCH)

    assert ask(FRENCH, requester=GERMAN) == Answer(
        valid=True, consultation="WAPIAAAA00000001", name="BEISPIEL SARL"
    )
    assert vies.asked == [
        {
            "countryCode": "FR",
            "vatNumber": "40303265045",
            "requesterMemberStateCode": "DE",
            "requesterNumber": "136695976",
        }
    ]


def test_without_our_own_number_there_is_an_answer_and_no_proof(vies: ViesSimulator) -> None:
    vies.valid.add(FRENCH)

    assert ask(FRENCH) == Answer(valid=True, name="BEISPIEL SARL")
    assert vies.asked == [{"countryCode": "FR", "vatNumber": "40303265045"}]


def test_an_unknown_number_is_invalid(vies: ViesSimulator) -> None:
    assert ask(FRENCH, requester=GERMAN) == Answer(valid=False)


CODES = (
    "MS_UNAVAILABLE", "SERVICE_UNAVAILABLE", "TIMEOUT", "MS_MAX_CONCURRENT_REQ",
    "GLOBAL_MAX_CONCURRENT_REQ", "IP_BLOCKED", "INVALID_REQUESTER_INFO",
)  # fmt: skip


@pytest.mark.parametrize("code", CODES)
def test_an_error_code_says_nothing_about_the_number(vies: ViesSimulator, code: str) -> None:
    vies.trouble = (200, {"actionSucceed": False, "errorWrappers": [{"error": code}]})

    with pytest.raises(NoAnswer, match=code):
        ask(FRENCH)


@pytest.mark.parametrize("code", CODES)
def test_not_valid_beside_an_error_code_is_an_outage_too(vies: ViesSimulator, code: str) -> None:
    vies.trouble = (200, {"isValid": False, "valid": False, "userError": code})

    with pytest.raises(NoAnswer, match=code):
        ask(FRENCH)


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (500, UNAVAILABLE),
        (503, b"<html>Maintenance</html>"),
        (200, b""),
        (200, b"[]"),
        (200, {}),
        (200, {"valid": "false"}),
        (200, {"valid": None}),
        (302, b""),
        (200, b"\xff\xfe not text"),
        (200, b'{"valid": false' + b" " * 70_000 + b"}"),
    ],
)
def test_what_is_no_answer_is_never_read_as_one(
    vies: ViesSimulator, status: int, body: Any
) -> None:
    vies.trouble = (status, body)

    with pytest.raises(NoAnswer):
        ask(FRENCH)


def test_a_service_that_is_down_gives_no_answer(settings: Any) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        settings.VIES_URL = f"http://127.0.0.1:{free.getsockname()[1]}"

    with pytest.raises(NoAnswer, match="ConnectionError"):
        ask(FRENCH)


def test_a_service_that_hangs_gives_no_answer_in_time(settings: Any) -> None:
    settings.HTTP_READ_TIMEOUT = 0.1
    with socket.create_server(("127.0.0.1", 0)) as mute:
        settings.VIES_URL = f"http://127.0.0.1:{mute.getsockname()[1]}"
        with pytest.raises(NoAnswer, match="Timeout"):
            ask(FRENCH)
