from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tools import bootstrap


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project whose lock files name no package, so that nothing is downloaded."""
    (tmp_path / "requirements").mkdir()
    for name in bootstrap.SETS:
        (tmp_path / f"requirements/{name}.txt").write_text(f"# {name}\n")
    monkeypatch.setattr(bootstrap, "ROOT", tmp_path)
    return tmp_path


def prepare(project: Path, name: str) -> None:
    bootstrap.main([name, "--venv", str(project / "venv")])


def satisfied(project: Path, name: str) -> bool:
    return bootstrap.satisfied(project / "venv", name)


def test_the_first_start_makes_a_working_environment_and_the_second_does_nothing(
    project: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    prepare(project, "demo")
    assert subprocess.check_output([project / "venv/bin/python", "-c", "print(1)"]) == b"1\n"
    assert "Installing" in capfd.readouterr().out
    prepare(project, "demo")
    assert capfd.readouterr().out == ""


def test_a_wider_set_serves_a_narrower_one_and_not_the_reverse(project: Path) -> None:
    prepare(project, "demo")
    assert satisfied(project, "runtime")
    assert not satisfied(project, "dev")


def test_a_changed_lock_file_a_moved_python_or_an_interrupted_start_installs_again(
    project: Path,
) -> None:
    prepare(project, "demo")
    lock = project / "requirements/demo.txt"
    lock.write_text("# changed\n")
    assert not satisfied(project, "demo")
    prepare(project, "demo")
    (project / "venv/bin/python").unlink()
    assert not satisfied(project, "demo")
    prepare(project, "demo")
    (project / "venv/postmeter-stamp").unlink()
    assert not satisfied(project, "demo")


def test_packages_that_cannot_be_installed_leave_no_stamp(project: Path) -> None:
    (project / "requirements/demo.txt").write_text("postmeter-unhashed @ file:///absent\n")
    with pytest.raises(SystemExit, match="could not install the packages"):
        prepare(project, "demo")
    assert not (project / "venv/postmeter-stamp").exists()


@pytest.mark.parametrize(
    ("version", "sentence"),
    [((0,), "found none"), ((20, 3), "this machine has 20.3")],
)
def test_a_missing_or_old_pip_is_said_in_one_sentence(
    monkeypatch: pytest.MonkeyPatch, version: tuple[int, ...], sentence: str
) -> None:
    monkeypatch.setattr(bootstrap, "pip_version", lambda command: version)
    with pytest.raises(SystemExit, match=sentence):
        bootstrap.find_pip()


def test_an_old_python_is_said_in_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "version_info", (3, 9, 2))
    with pytest.raises(SystemExit, match=r"needs Python 3\.11 or newer; this one is 3\.9\.2"):
        bootstrap.main(["demo"])
