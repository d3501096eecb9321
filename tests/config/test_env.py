from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from cryptography.fernet import Fernet
from django.conf import settings

from config.env import Reader, SettingsError, with_env_file

COMPLETE = {
    "SECRET_KEY": "s" * 50,
    "ENCRYPTION_KEYS": Fernet.generate_key().decode(),
    "SITE_URL": "https://panel.example.com",
    "DATABASE_URL": "postgresql://panel:secret@db.example.com/panel",
    "REDIS_URL": "redis://queue.example.com:6379/0",
    "EMAIL_URL": "smtp+tls://mailer:secret@mail.example.com:587",
}


def start(*arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    environment = {"PATH": os.environ["PATH"], "ENV_FILE": os.devnull, **variables}
    return subprocess.run(
        [sys.executable, "manage.py", *(arguments or ("check",))],
        cwd=settings.BASE_DIR,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize("name", COMPLETE)
def test_a_missing_required_variable_stops_the_start_with_one_sentence(name: str) -> None:
    rest = {key: value for key, value in COMPLETE.items() if key != name}
    done = start(**rest)
    assert done.returncode == 1
    assert done.stderr.startswith(f"Postmeter cannot start: {name} is not set; expected ")
    assert done.stderr.count("\n") == 1


def test_everything_required_is_enough() -> None:
    done = start("diffsettings", **COMPLETE)
    assert done.returncode == 0, done.stderr
    assert "SESSION_COOKIE_NAME = '__Host-session'" in done.stdout
    assert "ALLOWED_HOSTS = ['panel.example.com']" in done.stdout
    assert "CACHE_URL = 'redis://queue.example.com:6379/1'" in done.stdout


def test_development_needs_no_variable_at_all() -> None:
    assert start("diffsettings", DEBUG="1").returncode == 0


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("DEBUG", "perhaps"),
        ("SITE_URL", "panel.example.com"),
        ("ENCRYPTION_KEYS", "not-a-key"),
        ("DATABASE_URL", "nonsense"),
        ("REDIS_URL", "amqp://rabbit"),
        ("CACHE_URL", "memcached://cache"),
        ("EMAIL_URL", "pigeon://coop"),
        ("TIME_ZONE", "Europe/Atlantis"),
        ("CURRENCIES", "EUR,Euro"),
        ("BILLING_HOUR", "24"),
        ("USAGE_SYNC_HOURS", "2,25"),
        ("USAGE_STALE_DAYS", "many"),
        ("USAGE_STALE_POLICY", "guess"),
        ("HTTP_READ_TIMEOUT", "0"),
        ("DNS_LIFETIME_SECONDS", "nan"),
    ],
)
def test_a_wrong_value_stops_the_start_and_is_not_repeated(name: str, value: str) -> None:
    done = start(**{**COMPLETE, name: value})
    assert done.returncode == 1
    assert done.stderr.startswith(f"Postmeter cannot start: {name} has a wrong value; expected ")
    assert done.stderr.count("\n") == 1
    assert "not-a-key" not in done.stderr


def test_a_secret_may_come_from_a_file(tmp_path: Path) -> None:
    (tmp_path / "key").write_text("from the file\n")
    reader = Reader({"SECRET_KEY_FILE": str(tmp_path / "key"), "SECRET_KEY": "ignored"})
    assert reader.text("SECRET_KEY") == "from the file"


def test_a_secret_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    reader = Reader({"SECRET_KEY_FILE": str(tmp_path / "absent")})
    with pytest.raises(SettingsError, match=r"^SECRET_KEY_FILE has a wrong value"):
        reader.text("SECRET_KEY")


def test_a_secret_that_looks_like_a_shell_variable_is_taken_literally() -> None:
    assert Reader({"SECRET_KEY": "$HOME and more"}).text("SECRET_KEY") == "$HOME and more"


def test_an_empty_variable_counts_as_not_set() -> None:
    assert Reader({"LANGUAGE_CODE": ""}).text("LANGUAGE_CODE", "en") == "en"


def test_the_environment_wins_over_the_env_file(tmp_path: Path) -> None:
    (tmp_path / "env").write_text("# comment\nTIME_ZONE=UTC\nSITE_URL='http://a=b'\n")
    values = with_env_file({"TIME_ZONE": "Europe/Warsaw"}, tmp_path / "env")
    assert values == {"TIME_ZONE": "Europe/Warsaw", "SITE_URL": "http://a=b"}


def test_the_example_file_names_every_variable_the_settings_read() -> None:
    base = Path(settings.BASE_DIR)
    source = (base / "config/settings.py").read_text()
    read = set(re.findall(r'\benv\.\w+\(\s*"([A-Z_]+)"', source))
    example = set(re.findall(r"^([A-Z_]+)=", (base / ".env.example").read_text(), re.MULTILINE))
    assert read == example
