"""Settings that start but must not be lived with. Ids are stable: people silence them by id."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from django.conf import settings
from django.core.checks import CheckMessage, Error, Warning

from config.keys import DEVELOPMENT_FERNET_KEY, DEVELOPMENT_SECRET_KEY


class Danger(NamedTuple):
    id: str
    kind: type[Error] | type[Warning]
    present: Callable[[], object]
    text: str


def _production() -> bool:
    return not (settings.DEBUG or settings.DEMO)


DANGERS = (
    Danger(
        "postmeter.E001",
        Error,
        lambda: not settings.DEBUG and settings.SECRET_KEY == DEVELOPMENT_SECRET_KEY,
        "SECRET_KEY is the public development key.",
    ),
    Danger(
        "postmeter.E002",
        Error,
        lambda: not settings.DEBUG and DEVELOPMENT_FERNET_KEY in settings.ENCRYPTION_KEYS,
        "ENCRYPTION_KEYS holds the public development key.",
    ),
    Danger(
        "postmeter.E003",
        Error,
        lambda: settings.DEBUG and settings.SITE_URL.startswith("https://"),
        "DEBUG is on at an https address; error pages would show settings to visitors.",
    ),
    Danger(
        "postmeter.E004",
        Error,
        lambda: _production() and (settings.CLOCK_FILE or settings.CLOCK_OFFSET_SECONDS),
        "The clock is moved; invoices would carry wrong dates.",
    ),
    Danger(
        "postmeter.E005",
        Error,
        lambda: settings.HTTP_DEADLINE < settings.HTTP_CONNECT_TIMEOUT,
        "HTTP_DEADLINE is shorter than HTTP_CONNECT_TIMEOUT; no platform could ever answer.",
    ),
    Danger(
        "postmeter.E006",
        Error,
        lambda: _production() and settings.CELERY_BROKER_URL.startswith("memory:"),
        "REDIS_URL names no real broker; no command would ever reach a worker.",
    ),
    Danger(
        "postmeter.W001",
        Warning,
        lambda: _production() and settings.DATABASES["default"]["ENGINE"].endswith("sqlite3"),
        "DATABASE_URL is SQLite; use PostgreSQL for more than one process.",
    ),
    Danger(
        "postmeter.W002",
        Warning,
        lambda: _production() and settings.CACHE_URL.startswith("locmem:"),
        "CACHE_URL is per process; limits on sign-in attempts would be weaker.",
    ),
    Danger(
        "postmeter.W003",
        Warning,
        lambda: _production() and not settings.STAFF_REQUIRE_MFA,
        "STAFF_REQUIRE_MFA is off; a stolen staff password is enough to enter.",
    ),
    Danger(
        "postmeter.W004",
        Warning,
        lambda: _production() and not settings.SECURE,
        "SITE_URL is not https; sign-in cookies travel in the clear.",
    ),
    Danger(
        "postmeter.W005",
        Warning,
        lambda: _production() and settings.CACHE_URL == settings.REDIS_URL,
        "CACHE_URL and REDIS_URL are the same database; clearing one loses the other.",
    ),
)


def dangerous_settings(**_kwargs: Any) -> list[CheckMessage]:
    return [danger.kind(danger.text, id=danger.id) for danger in DANGERS if danger.present()]
