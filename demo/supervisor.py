"""Runs the demo: `make demo`, or `python -m demo.supervisor [DIRECTORY]`.

Starts a queue, the simulated mail servers, the web process and a worker, each a child process;
ends them all when one ends or Ctrl-C is pressed.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping
from pathlib import Path

from demo import banner
from demo.address import Address, CannotListen, chosen, free_port
from demo.children import Child, python
from demo.home import ROOT, AlreadyRunning, Home
from tools.services import VALKEY_OPTIONS, ServiceMissing, valkey_binary

POLL = 0.1
START_PATIENCE = 60.0
NO_QUEUE = (
    "There is no Valkey for this machine; files stand in for the queue, which is slower\n"
    "but does the same."
)


class Stopped(Exception):
    """Somebody wants the demo to end."""


class Failed(Exception):
    """A part of the demo does not do its work; the text tells which and why."""


class Supervisor:
    def __init__(self, home: Home, address: Address) -> None:
        self.home = home
        self.address = address
        self.children: list[Child] = []
        self.environment: dict[str, str] = {}
        self._stop = threading.Event()

    def run(self) -> None:
        """Until Ctrl-C or a SIGTERM. Failed when a part ends before that."""
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._asked_to_stop)
        try:
            self._start()
            print(banner.welcome(self.address, self.home), flush=True)
            self._watch()
        except Stopped:
            print("\nStopping ...", flush=True)
        finally:
            self._end_all()

    def _asked_to_stop(self, _number: int, _frame: object) -> None:
        self._stop.set()

    def _start(self) -> None:
        first = not self.home.seeded
        self.home.prepare()
        names, stripe = free_port(), free_port()
        self.environment = self.home.environment(
            address=self.address.url,
            broker=self._start_queue(),
            name_server=f"127.0.0.1:{names}",
            stripe=f"http://127.0.0.1:{stripe}",
        )
        self._child("names", *python("-m", "demo.nameserver", str(names), str(self.home.zones)))
        self._start_simulators()
        self._start_stripe(stripe)
        print("Preparing the database ...", flush=True)
        self._finish("migrate", *_manage("migrate", "--no-input", "--verbosity=0"))
        if first:
            print("Filling it with an example reseller, about 20 seconds ...", flush=True)
        self._finish("seed", *_manage("seed_demo", str(self.home.addresses), str(self.home.zones)))
        self.home.note_seeded()
        self._child("worker", *_worker(self.home.path), patience=10.0)
        web = self._child("web", *_web(self.address))
        self._until(lambda: _answers(f"{self.address.url}/healthz"), web)

    def _start_simulators(self) -> None:
        self.home.addresses.unlink(missing_ok=True)
        state = str(self.home.simulators)
        simulators = self._child("simulators", *_manage("simulators", "--state", state))
        self._until(self.home.addresses.exists, simulators)

    def _start_stripe(self, port: int) -> None:
        """Its payment page is for the browser, which may be on another machine."""
        where = ["--host", self.address.host, "--port", str(port)]
        kept = ["--state", str(self.home.simulators / "stripe.json")]
        events = ["--events", f"{self.address.url}/payments/stripe/events/"]
        stripe = self._child("stripe", *_manage("stripe_simulator", *where, *kept, *events))
        self._until(Address("127.0.0.1", port).accepts, stripe)

    def _start_queue(self) -> str:
        """The broker's URL; empty when there is no Valkey or it does not run here."""
        port = free_port()
        try:
            command = [str(valkey_binary()), *VALKEY_OPTIONS, "--port", str(port)]
        except ServiceMissing:
            print(NO_QUEUE, flush=True)
            return ""
        queue = self._child("queue", *command, "--dir", str(self.home.path))
        while queue.running and not Address("127.0.0.1", port).accepts():
            self._pause(besides=queue)
        if queue.running:
            return f"redis://127.0.0.1:{port}/0"
        self.children.remove(queue)
        print(NO_QUEUE, flush=True)
        return ""

    def _child(self, name: str, *command: str, patience: float = 5.0) -> Child:
        child = Child(name, command, log=self._log(name), patience=patience)
        self.children.append(child)
        child.start(self.environment)
        return child

    def _log(self, name: str) -> Path:
        return self.home.logs / f"{name}.log"

    def _finish(self, name: str, *command: str) -> None:
        """Run to the end."""
        step = self._child(name, *command)
        while step.running:
            self._pause(besides=step)
        self.children.remove(step)
        if step.exit_code:
            raise Failed(_obituary(step))

    def _until(self, ready: Callable[[], bool], child: Child) -> None:
        deadline = time.monotonic() + START_PATIENCE
        while not ready():
            self._pause()
            if time.monotonic() > deadline:
                raise Failed(f"The demo's {child.name} did not get ready.\n{child.tail()}")

    def _watch(self) -> None:
        while True:
            self._pause()

    def _pause(self, *, besides: Child | None = None) -> None:
        if self._stop.wait(POLL):
            raise Stopped
        for child in self.children:
            if child is not besides and not child.running:
                raise Failed(_obituary(child))

    def _end_all(self) -> None:
        """Those that others depend on go last. Pressing Ctrl-C again does not make it worse."""
        for child in reversed(self.children):
            child.ask_to_end()
            child.end(time.monotonic() + child.patience)


def _manage(*arguments: str) -> list[str]:
    return python("manage.py", *arguments)


def _web(address: Address) -> list[str]:
    options = ["--threads", "8", "--graceful-timeout", "3", "--no-control-socket"]
    return python("-m", "gunicorn", "config.wsgi", "--bind", address.bind, *options)


def _worker(folder: Path) -> list[str]:
    schedule = f"--schedule={folder / 'beat'}"
    pool = ["--beat", "--pool", "threads", "--concurrency", "2"]
    alone = ["--without-gossip", "--without-mingle"]
    return python("-m", "celery", "-A", "config", "worker", *pool, *alone, schedule)


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=5) as answer:  # noqa: S310 - our own address
            return bool(answer.status == 200)
    except (urllib.error.URLError, OSError):
        return False


def _obituary(child: Child) -> str:
    last = f"Its last lines ({child.log}):\n\n{child.tail()}"
    return f"The demo's {child.name} {child.how_it_ended()}. {last}"


def folder(arguments: list[str]) -> Path:
    return Path(arguments[0]) if arguments else ROOT / ".demo"


def main(arguments: list[str], environ: Mapping[str, str]) -> None:
    home = Home(folder(arguments))
    try:
        with home.held():
            if environ.get("RESET", "") not in ("", "0"):
                home.empty()
            Supervisor(home, chosen(environ)).run()
    except AlreadyRunning:
        sys.exit(f"The demo is running already (in {home.path}); end it first with Ctrl-C.")
    except (CannotListen, Failed) as problem:
        sys.exit(f"\n{problem}")


if __name__ == "__main__":
    main(sys.argv[1:], os.environ)
