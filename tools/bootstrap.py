"""Makes the project's own virtual environment. Standard library only; run with the system python.

    python3 tools/bootstrap.py demo|dev|runtime [--venv .venv]

A second call with the same lock file does nothing. The syntax is that of Python 3.7, so that an
older Python gets as far as being told that it is too old.
"""

from __future__ import annotations

import argparse
import hashlib
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
OLDEST_PYTHON = (3, 11)
OLDEST_PIP = (22, 3)  # the first with `pip --python`
NO_PIP = (0,)
# Each set holds all of the sets before it.
SETS = ("runtime", "demo", "dev")
# Twice quiet: errors alone, without a line for each place that does not have a package.
PIP_OPTIONS = ["-qq", "--disable-pip-version-check", "--no-input", "--require-hashes"]


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description="Make the project's own virtual environment.")
    parser.add_argument("set", choices=SETS)
    parser.add_argument("--venv", type=Path, default=ROOT / ".venv")
    options = parser.parse_args(arguments)
    if sys.version_info < OLDEST_PYTHON:
        found = f"{_dotted(sys.version_info[:3])} ({sys.executable})"
        sys.exit(f"Postmeter needs Python 3.11 or newer; this one is {found}.")
    if not satisfied(options.venv, options.set):
        install(options.venv, options.set)


def lock_file(name: str) -> Path:
    return ROOT / "requirements" / f"{name}.txt"


def stamp(venv: Path) -> Path:
    return venv / "postmeter-stamp"


def fingerprint(name: str) -> str:
    digest = hashlib.sha256(lock_file(name).read_bytes()).hexdigest()
    return f"{digest} python{_dotted(sys.version_info[:2])}"


def satisfied(venv: Path, name: str) -> bool:
    """Whether the last complete installation was this lock file or one of a wider set."""
    if not stamp(venv).exists() or not works(venv):
        return False
    wide_enough = SETS[SETS.index(name) :]
    return stamp(venv).read_text().strip() in [fingerprint(one) for one in wide_enough]


def install(venv: Path, name: str) -> None:
    pip = find_pip()
    print(f"Installing Postmeter's packages ({name}) into {venv} ...", flush=True)
    if not works(venv):
        shutil.rmtree(venv, ignore_errors=True)
        # Some systems split ensurepip off, so the environment does without a pip of its own.
        _run([sys.executable, "-m", "venv", "--without-pip", str(venv)], f"create {venv}")
    if stamp(venv).exists():
        stamp(venv).unlink()
    command = [*pip, "--python", str(python_of(venv)), "install", *PIP_OPTIONS]
    _run([*command, "-r", str(lock_file(name))], f"install the packages of {lock_file(name)}")
    stamp(venv).write_text(f"{fingerprint(name)}\n")


def python_of(venv: Path) -> Path:
    return venv / "bin" / "python"


def works(venv: Path) -> bool:
    """False for no environment, and for one whose Python is gone or is another version."""
    version = _output([str(python_of(venv)), "-c", "import sys; print(*sys.version_info[:2])"])
    return version.split() == [str(number) for number in sys.version_info[:2]]


def find_pip() -> list[str]:
    """A pip new enough to install into another environment, as a command prefix."""
    newest: tuple[int, ...] = NO_PIP
    for command in ([sys.executable, "-m", "pip"], ["pip3"], ["pip"]):
        version = pip_version(command)
        if version >= OLDEST_PIP:
            return command
        newest = max(newest, version)
    if newest == NO_PIP:
        sys.exit("Postmeter needs pip 22.3 or newer and found none; install it (python3-pip).")
    sys.exit(f"Postmeter needs pip 22.3 or newer; this machine has {_dotted(newest)}.")


def pip_version(command: list[str]) -> tuple[int, ...]:
    words = _output([*command, "--version"]).split()
    if len(words) < 2:
        return NO_PIP
    return tuple(int(number) for number in words[1].split(".")[:2] if number.isdigit())


def _dotted(version: tuple[int, ...]) -> str:
    return ".".join(str(number) for number in version)


def _output(command: list[str]) -> str:
    """What the command printed; empty when it is not there or fails."""
    try:
        return subprocess.check_output(command, stderr=subprocess.DEVNULL).decode()
    except (OSError, subprocess.CalledProcessError):
        return ""


def _run(command: list[str], purpose: str) -> None:
    if subprocess.call(command) != 0:
        sys.exit(f"Postmeter could not {purpose}; the lines above say why.")


if __name__ == "__main__":
    main()
