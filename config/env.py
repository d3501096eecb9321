"""Reads the environment into typed values, or says in one sentence what is wrong."""

from __future__ import annotations

import importlib
import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final, TypeVar
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.core.exceptions import ImproperlyConfigured
from environ import Env
from environ.fileaware_mapping import FileAwareMapping

from config.money import validate_currency

T = TypeVar("T")

TRUE: Final = frozenset({"1", "true", "yes", "on"})
FALSE: Final = frozenset({"0", "false", "no", "off"})


class SettingsError(Exception):
    """A variable is missing or wrong; the text is one sentence for the person who starts us."""

    def __init__(self, name: str, expected: str, *, missing: bool) -> None:
        problem = "is not set" if missing else "has a wrong value"
        super().__init__(f"{name} {problem}; expected {expected}.")


class Reader:
    """Typed access to one mapping of variables; ``<NAME>_FILE`` names a file with the value.

    A default of ``None`` makes a variable required.
    """

    def __init__(self, source: Mapping[str, str]) -> None:
        self._values = FileAwareMapping(env=dict(source), cache=False)

    def has(self, name: str) -> bool:
        return bool(self._raw(name, "a readable file"))

    def text(self, name: str, default: str | None = None, *, expected: str = "a text") -> str:
        value = self._raw(name, expected) or default
        if value is None:
            raise SettingsError(name, expected, missing=True)
        return value

    def flag(self, name: str, default: bool) -> bool:
        value = self.text(name, str(default)).lower()
        if value not in TRUE | FALSE:
            raise SettingsError(name, "1 or 0", missing=False)
        return value in TRUE

    def integer(self, name: str, default: int, *, low: int = 0, high: int = 10**9) -> int:
        expected = f"a whole number from {low} to {high}"
        number = self.parsed(name, int, default=str(default), expected=expected)
        if not low <= number <= high:
            raise SettingsError(name, expected, missing=False)
        return number

    def seconds(self, name: str, default: float) -> float:
        expected = "a number of seconds above 0"
        number = self.parsed(name, float, default=str(default), expected=expected)
        if not 0 < number < 86_400:
            raise SettingsError(name, expected, missing=False)
        return number

    def names(self, name: str, default: str | None, *, expected: str) -> list[str]:
        value = self.text(name, default, expected=expected)
        return [part.strip() for part in value.split(",") if part.strip()]

    def choice(self, name: str, options: tuple[str, ...], *, default: str) -> str:
        value = self.text(name, default)
        if value not in options:
            raise SettingsError(name, "one of " + ", ".join(options), missing=False)
        return value

    def zone(self, name: str, default: str) -> str:
        expected = "a time zone such as Europe/Warsaw"
        return self.parsed(name, ZoneInfo, default=default, expected=expected).key

    def url(
        self, name: str, default: str | None, *, schemes: tuple[str, ...], expected: str
    ) -> str:
        value = self.text(name, default, expected=expected)
        if urlsplit(value).scheme not in schemes:
            raise SettingsError(name, expected, missing=False)
        return value

    def hours(self, name: str, default: str) -> list[int]:
        expected = "hours of the day from 0 to 23, separated by commas"
        hours = self.parsed(name, _numbers, default=default, expected=expected)
        if not hours or not all(0 <= hour <= 23 for hour in hours):
            raise SettingsError(name, expected, missing=False)
        return hours

    def path(self, name: str) -> Path | None:
        value = self._raw(name, "a path")
        return Path(value) if value else None

    def database(self, name: str, default: str | None) -> dict[str, Any]:
        expected = "a URL such as postgresql://user:password@host:5432/name"
        schemes = ("postgresql", "postgres", "sqlite")
        url = self.url(name, default, schemes=schemes, expected=expected)
        config = Env.db_url_config(url)
        if not config["NAME"]:
            raise SettingsError(name, expected, missing=False)
        return dict(config)

    def email(self, name: str, default: str | None) -> dict[str, Any]:
        expected = "a URL such as smtp+tls://user:password@host:587"
        return dict(self.parsed(name, Env.email_url_config, default=default, expected=expected))

    def parsed(
        self, name: str, parse: Callable[[str], T], *, default: str | None, expected: str
    ) -> T:
        value = self.text(name, default, expected=expected)
        try:
            return parse(value)
        except (ValueError, KeyError, ZoneInfoNotFoundError, ImproperlyConfigured):
            raise SettingsError(name, expected, missing=False) from None

    def _raw(self, name: str, expected: str) -> str:
        try:
            return str(self._values.get(name) or "").strip()
        except (OSError, ValueError):
            raise SettingsError(
                f"{name}_FILE", f"a readable file holding {expected}", missing=False
            ) from None


def with_env_file(environment: Mapping[str, str], path: Path) -> dict[str, str]:
    """The environment over the lines of an env file, where there is one."""
    values: dict[str, str] = {}
    if path.is_file():
        for line in path.read_text().splitlines():
            name, equals, value = line.strip().partition("=")
            if equals and not name.startswith("#"):
                values[name.strip()] = value.strip().strip("\"'")
    return values | dict(environment)


def currency_codes(value: str) -> list[str]:
    return [validate_currency(code.strip()) for code in value.split(",")]


def _numbers(value: str) -> list[int]:
    return [int(part) for part in value.split(",")]


def load_settings() -> None:
    """Import the settings early, so that a wrong one is reported before Django starts."""
    importlib.import_module(os.environ["DJANGO_SETTINGS_MODULE"])
