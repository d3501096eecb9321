from __future__ import annotations

import stat

import pytest

from demo.home import AlreadyRunning, Home


@pytest.fixture
def home(tmp_path):
    made = Home(tmp_path / "data")
    with made.held():
        made.prepare()
        yield made


def test_keys_are_made_once_and_are_nobody_elses_to_read(home):
    keys = home.keys()
    assert home.keys() == keys
    assert stat.S_IMODE((home.path / "keys.json").stat().st_mode) == 0o600
    assert stat.S_IMODE(home.path.stat().st_mode) == 0o700


def test_one_directory_is_held_by_one_demo(home):
    with pytest.raises(AlreadyRunning), Home(home.path).held():
        pass


def test_what_was_seeded_to_the_end_is_kept_and_half_of_it_is_not(home):
    (home.path / "panel.sqlite3").write_text("half")
    home.prepare()
    assert not (home.path / "panel.sqlite3").exists()
    (home.path / "panel.sqlite3").write_text("whole")
    home.note_seeded()
    home.prepare()
    assert (home.path / "panel.sqlite3").read_text() == "whole"


def test_nothing_of_the_environment_reaches_the_demo(home, monkeypatch):
    monkeypatch.setenv("DATABASE_URL", "postgresql://real/customers")
    monkeypatch.setenv("SECRET_KEY_FILE", "/run/secrets/real")
    given = home.environment(
        address="http://127.0.0.1:8000",
        broker="",
        name_server="127.0.0.1:53",
        stripe="http://127.0.0.1:54",
    )
    assert given["DATABASE_URL"].startswith("sqlite:")
    assert given["REDIS_URL"].startswith("filesystem:")
    assert "SECRET_KEY_FILE" not in given
