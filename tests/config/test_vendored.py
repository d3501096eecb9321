from __future__ import annotations

import json
from pathlib import Path

import pytest

from tools import vendored


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    (tmp_path / "a.js").write_text("a")
    files = {"a.js": vendored.checksum(tmp_path / "a.js")}
    (tmp_path / "VENDORED.json").write_text(json.dumps([{"name": "A", "files": files}]))
    return tmp_path


@pytest.mark.parametrize("place", vendored.PLACES, ids=lambda each: each.name)
def test_the_files_we_ship_are_the_ones_recorded(place: Path) -> None:
    assert vendored.problems(place) == []


@pytest.mark.parametrize("place", vendored.PLACES, ids=lambda each: each.name)
def test_each_recorded_package_says_where_it_is_from_and_under_which_licence(place: Path) -> None:
    for package in vendored.load(place):
        assert all(package[key] for key in ("name", "version", "source", "licence", "files"))


def test_a_changed_file_is_noticed(directory: Path) -> None:
    (directory / "a.js").write_text("b")
    assert vendored.problems(directory) == ["a.js does not have its recorded checksum"]
    vendored.write(directory)
    assert vendored.problems(directory) == []


def test_a_missing_file_and_a_stranger_are_noticed(directory: Path) -> None:
    (directory / "a.js").rename(directory / "b.js")
    assert vendored.problems(directory) == ["a.js is listed and missing", "b.js is not listed"]
