from __future__ import annotations

import pytest
from django.test import Client

from config import health


def test_the_process_answers_without_asking_anything_it_depends_on(client: Client) -> None:
    assert client.get("/healthz").json() == {"ok": True}


def test_ready_when_database_cache_and_broker_answer(client: Client, db: None) -> None:
    answer = client.get("/healthz/ready")
    assert answer.json() == {"database": True, "cache": True, "broker": True}
    assert answer.status_code == 200


def test_not_ready_names_what_is_down(
    client: Client, db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused() -> None:
        raise ConnectionRefusedError

    monkeypatch.setitem(health.PROBES, "broker", refused)
    answer = client.get("/healthz/ready")
    assert answer.status_code == 503
    assert answer.json() == {"database": True, "cache": True, "broker": False}
