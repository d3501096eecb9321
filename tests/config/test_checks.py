from __future__ import annotations

import pytest
from django.core.checks import run_checks
from pytest_django import Settings

from config.checks import DANGERS
from config.keys import DEVELOPMENT_FERNET_KEY, DEVELOPMENT_SECRET_KEY

SAFE = {
    "DEBUG": False,
    "DEMO": False,
    "SECURE": True,
    "SITE_URL": "https://panel.example.com",
    "STAFF_REQUIRE_MFA": True,
    "REDIS_URL": "redis://queue/0",
    "CACHE_URL": "redis://queue/1",
    "CELERY_BROKER_URL": "redis://queue/0",
}
POSTGRESQL = "django.db.backends.postgresql"


@pytest.fixture
def safe(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Settings:
    monkeypatch.setitem(settings.DATABASES["default"], "ENGINE", POSTGRESQL)
    for name, value in SAFE.items():
        setattr(settings, name, value)
    return settings


def found() -> set[str]:
    ids = {str(message.id) for message in run_checks(tags=["security"])}
    return {one for one in ids if one.startswith("postmeter.")}


def test_a_sound_production_has_nothing_to_report(safe: Settings) -> None:
    assert found() == set()


@pytest.mark.parametrize(
    ("id_", "change"),
    [
        ("postmeter.E001", {"SECRET_KEY": DEVELOPMENT_SECRET_KEY}),
        ("postmeter.E002", {"ENCRYPTION_KEYS": [DEVELOPMENT_FERNET_KEY]}),
        ("postmeter.E003", {"DEBUG": True}),
        ("postmeter.E004", {"CLOCK_OFFSET_SECONDS": 60}),
        ("postmeter.E005", {"HTTP_DEADLINE": 1.0, "HTTP_CONNECT_TIMEOUT": 5.0}),
        ("postmeter.E006", {"CELERY_BROKER_URL": "memory://"}),
        ("postmeter.W002", {"CACHE_URL": "locmem://"}),
        ("postmeter.W003", {"STAFF_REQUIRE_MFA": False}),
        ("postmeter.W004", {"SECURE": False}),
        ("postmeter.W005", {"CACHE_URL": "redis://queue/0"}),
    ],
)
def test_each_danger_is_reported_under_its_own_id(
    safe: Settings, id_: str, change: dict[str, object]
) -> None:
    for name, value in change.items():
        setattr(safe, name, value)
    assert found() == {id_}


def test_sqlite_in_production_is_reported(safe: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(safe.DATABASES["default"], "ENGINE", "django.db.backends.sqlite3")
    assert found() == {"postmeter.W001"}


def test_ids_are_used_once() -> None:
    ids = [danger.id for danger in DANGERS]
    assert len(ids) == len(set(ids))
