"""The whole panel as real processes on the test's own database and a queue of its own."""

from __future__ import annotations

import json
import os
import re
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import redis
import requests

from demo.children import Child, python
from tests.support.demo import free_port
from tests.support.processes import environment

QUEUE, CACHE = 14, 15  # of 16; the processes of a test run count up from 0
PATIENCE = 30


class Stack:
    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.children: list[Child] = []
        self.environment = environment() | self._settings()
        for number in (QUEUE, CACHE):
            redis.Redis.from_url(_numbered(number)).flushdb()

    def _settings(self) -> dict[str, str]:
        return {
            "SITE_URL": self.url,
            "ALLOWED_HOSTS": "127.0.0.1",
            "REDIS_URL": _numbered(QUEUE),
            "CACHE_URL": _numbered(CACHE),
            "EMAIL_URL": f"filemail:///{self.folder}/mail",
            "DEMO": "1",  # elsewhere a clock that is moved stops the start
            "CLOCK_FILE": str(self.folder / "clock"),
            "DNS_NAMESERVERS": "127.0.0.1:1",  # nobody listens: no question leaves the machine
            "LOG_LEVEL": "INFO",
        }

    def start(self, name: str, *command: str) -> Child:
        child = Child(name, python(*command), log=self.folder / f"{name}.log")
        child.start(self.environment)
        self.children.append(child)
        return child

    def web(self) -> None:
        self.start("web", "-m", "gunicorn", "config.wsgi", "--bind", urlsplit(self.url).netloc,
                   "--threads", "4", "--no-control-socket")  # fmt: skip
        until(self._answers, self.tails)

    def worker(self) -> None:
        self.start("worker", "-m", "celery", "-A", "config", "worker", "--pool", "threads",
                   "--concurrency", "2", "--without-mingle")  # fmt: skip

    def beat(self) -> None:
        self.start("beat", "-m", "celery", "-A", "config", "beat", "-s", f"{self.folder}/beat")

    def platform(self) -> str:
        """The address of a simulated SmarterMail."""
        self.start("simulators", "manage.py", "simulators", "--state", str(self.folder))
        addresses = self.folder / "addresses.json"
        until(addresses.exists, self.tails)
        return str(json.loads(addresses.read_text())["smartermail"])

    def manage(self, *arguments: str) -> str:
        """What the command printed."""
        step = self.start(arguments[0], "manage.py", *arguments)
        until(lambda: not step.running, self.tails)
        assert step.exit_code == 0, step.tail()
        self.children.remove(step)
        return step.log.read_text()

    def move_clock(self, seconds: float) -> None:
        """Of every process at once; always from the real time."""
        (self.folder / "clock").write_text(f"{seconds:.0f}\n")

    def link_mailed(self, containing: str) -> str:
        """The newest address in a mail that has `containing` in it."""
        pattern = re.compile(rf"{re.escape(self.url)}\S*{re.escape(containing)}\S*")
        found: list[str] = []

        def arrived() -> bool:
            mails = sorted((self.folder / "mail").glob("*"), key=os.path.getmtime)
            found.extend(link for mail in mails for link in pattern.findall(mail.read_text()))
            return bool(found)

        until(arrived, self.tails)
        return found[-1]

    def lose_messages(self) -> int:
        """As a broker that was restarted without its data; how many there were."""
        queue = redis.Redis.from_url(_numbered(QUEUE))
        lost = int(queue.llen("celery"))
        queue.flushdb()
        return lost

    def stop(self) -> None:
        for child in reversed(self.children):
            child.ask_to_end()
            child.end(time.monotonic() + child.patience)

    def tails(self) -> str:
        return "\n".join(f"== {child.name}\n{child.tail()}" for child in self.children)

    def _answers(self) -> bool:
        try:
            return requests.get(f"{self.url}/healthz/ready", timeout=5).ok
        except requests.ConnectionError:
            return False


def control(url: str, action: str, **arguments: Any) -> Any:
    """What happens on the platform without the panel."""
    answer = requests.post(f"{url}/_sim/do/{action}", json=arguments, timeout=10)
    assert answer.ok, answer.text
    return answer.json()["result"]


def until(true: Callable[[], object], why: Callable[[], str], seconds: float = PATIENCE) -> None:
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, why()
        time.sleep(0.1)


def _numbered(database: int) -> str:
    return urlsplit(os.environ["REDIS_URL"])._replace(path=f"/{database}").geturl()
