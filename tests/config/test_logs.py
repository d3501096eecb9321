from __future__ import annotations

import json
import logging

import pytest
import structlog

from config.logs import MASK, _formatter, redact


@pytest.mark.parametrize(
    "name",
    ["password", "new_password", "client_secret", "X-Api-Key", "apikey", "Authorization",
     "Set-Cookie", "accessToken", "credentials", "private_key", "otp"],
)  # fmt: skip
def test_values_of_secret_looking_names_are_masked_at_any_depth(name: str) -> None:
    assert redact({"call": [{name: "hunter2"}]}) == {"call": [{name: MASK}]}


def test_what_is_not_secret_stays() -> None:
    event = {"server": "mail1", "passed": 3, "url": "https://mail.example.com/x?y=1", "at": None}
    assert redact(event) == event


def test_the_password_inside_a_url_is_masked() -> None:
    text = "cannot reach postgresql://panel:hunter2@db/panel"
    assert redact({"event": text}) == {"event": f"cannot reach postgresql://panel:{MASK}@db/panel"}


@pytest.mark.parametrize("kind", ["text", "json"])
def test_a_traceback_does_not_show_local_variables(kind: str) -> None:
    planted = "hunter2".upper()
    try:
        raise ValueError(len(planted))
    except ValueError as error:
        failure = (type(error), error, error.__traceback__)
    line = _formatter(kind).format(logging.LogRecord("x", 40, "", 0, "Broken", (), failure))
    assert "ValueError: 7" in line
    assert planted not in line


def test_a_json_line_carries_the_fields_without_the_secret() -> None:
    record = logging.LogRecord("x", logging.INFO, "", 0, "Signed in", (), None)
    with structlog.contextvars.bound_contextvars(user=7, password="hunter2"):
        line = json.loads(_formatter("json").format(record))
    assert line["event"] == "Signed in"
    assert (line["user"], line["password"], line["level"]) == (7, MASK, "info")
