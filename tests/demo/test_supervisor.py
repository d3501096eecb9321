from __future__ import annotations

import signal
import socket
import time
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest
import requests

from demo.signins import CUSTOMER, PASSWORD, STAFF
from tests.support.demo import Demo, alive


@pytest.fixture
def running(seeded: Path):
    with Demo(seeded) as demo:
        demo.wait_until_up()
        yield demo


def test_a_second_start_is_quick_and_says_where_to_go_and_how_to_sign_in(first_start):
    started = time.monotonic()
    with Demo(first_start.folder) as demo:
        demo.wait_until_up()
        took = time.monotonic() - started
    assert took < first_start.seconds / 2
    assert demo.url in demo.said and PASSWORD in demo.said
    assert all(person.email in demo.said for person in (*STAFF, *CUSTOMER))
    assert "example reseller" not in demo.said


def test_ctrl_c_ends_every_process(running):
    family = running.family()
    assert {"gunicorn", "celery", "simulators"} <= words(family)
    assert running.stop() == 0
    assert alive(family) == []
    assert "Stopping" in running.said


def test_even_a_killed_supervisor_leaves_no_process_behind(running):
    family = running.family()
    running.stop(signal.SIGKILL)
    assert alive(family) == []


def test_when_one_part_ends_the_others_end_too_and_its_last_words_are_shown(running):
    family = running.family()
    wait_for(running.folder / "logs/worker.log", "celery@")
    next(each for each in family if "celery" in each.cmdline()).kill()
    running.process.wait(timeout=30)
    assert running.process.returncode == 1
    assert "The demo's worker was ended by SIGKILL" in running.said
    assert "celery" in running.said
    assert alive(family) == []


def test_a_port_in_use_is_said_with_the_way_out(seeded):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with Demo(seeded, PORT=str(port)) as demo:
            assert demo.process.wait(timeout=20) == 1
    assert f"Port {port} is in use by another program." in demo.said
    assert "make demo PORT=" in demo.said


def test_a_host_that_is_not_this_machine_is_named(seeded):
    with Demo(seeded, HOST="192.0.2.1") as demo:
        assert demo.process.wait(timeout=20) == 1
    assert "HOST=192.0.2.1 is no address of this machine" in demo.said


def test_a_second_demo_in_the_same_directory_is_refused(running):
    with Demo(running.folder) as second:
        assert second.process.wait(timeout=20) == 1
    assert "running already" in second.said
    assert requests.get(f"{running.url}/healthz", timeout=10).ok


def test_a_seed_that_was_interrupted_starts_over(tmp_path):
    with Demo(tmp_path / "data") as first:
        first.wait_for("Filling it with")
        wait_for_growth(tmp_path / "data/panel.sqlite3-wal")
    assert first.process.returncode == 0
    assert not (tmp_path / "data/seeded").exists()
    with Demo(tmp_path / "data") as again:
        again.wait_for("Filling it with")
        wait_for_growth(tmp_path / "data/panel.sqlite3-wal")
    assert "not empty" not in again.said


def wait_for(log: Path, text: str) -> None:
    wait_until(lambda: text in log.read_text())


def wait_for_growth(file: Path) -> None:
    """The seed's process has begun to write."""
    wait_until(file.exists)
    size = file.stat().st_size
    wait_until(lambda: file.stat().st_size > size)


def wait_until(true: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 30
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def words(processes: list[psutil.Process]) -> set[str]:
    return {word for process in processes for word in process.cmdline()}
