"""Makes the project's own virtual environment. Standard library only; run with the system python.

    python3 tools/bootstrap.py demo|dev|runtime [--venv .venv]

A second call with the same lock file does nothing.
"""

from __future__ import print_function

import argparse
import hashlib
import os
import shutil
import subprocess
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
OLDEST_PYTHON = (3, 11)
OLDEST_PIP = (22, 3)  # the first with `pip --python`
# Each set holds all of the sets before it.
SETS = ("runtime", "demo", "dev")


def main(arguments=None):
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("set", choices=SETS)
    parser.add_argument("--venv", default=os.path.join(ROOT, ".venv"))
    options = parser.parse_args(arguments)
    if sys.version_info < OLDEST_PYTHON:
        found = ".".join(map(str, sys.version_info[:3]))
        sys.exit("Postmeter needs Python 3.11 or newer; this one is %s (%s)." % (found, sys.executable))
    if satisfied(options.venv, options.set):
        return
    install(options.venv, options.set)


def lock_file(name):
    return os.path.join(ROOT, "requirements", name + ".txt")


def fingerprint(name):
    with open(lock_file(name), "rb") as lock:
        digest = hashlib.sha256(lock.read()).hexdigest()
    return "%s python%d.%d" % (digest, sys.version_info[0], sys.version_info[1])


def stamp_path(venv):
    return os.path.join(venv, "postmeter-stamp")


def satisfied(venv, name):
    """Whether the last complete installation was this lock file or a wider set of it."""
    try:
        with open(stamp_path(venv)) as stamp:
            installed = stamp.read().strip()
    except (IOError, OSError):
        return False
    wide_enough = SETS[SETS.index(name):]
    return works(venv) and installed in [fingerprint(one) for one in wide_enough]


def install(venv, name):
    pip = find_pip()
    print("Installing Postmeter's packages into %s (%s) ..." % (os.path.relpath(venv), name))
    sys.stdout.flush()
    if not works(venv):
        shutil.rmtree(venv, ignore_errors=True)
        run([sys.executable, "-m", "venv", "--without-pip", venv], "create " + venv)
    if os.path.exists(stamp_path(venv)):
        os.remove(stamp_path(venv))
    options = ["--quiet", "--disable-pip-version-check", "--no-input", "--require-hashes"]
    target = pip + ["--python", python_of(venv), "install"]
    run(target + options + ["-r", lock_file(name)], "install the packages of " + lock_file(name))
    with open(stamp_path(venv), "w") as stamp:
        stamp.write(fingerprint(name) + "\n")


def python_of(venv):
    return os.path.join(venv, "bin", "python")


def works(venv):
    """False for no environment, and for one that was moved or whose Python is gone."""
    probe = [python_of(venv), "-c", "import sys; print('%d.%d' % sys.version_info[:2])"]
    try:
        version = subprocess.check_output(probe, stderr=subprocess.DEVNULL).decode().strip()
    except (OSError, subprocess.CalledProcessError):
        return False
    return version == "%d.%d" % sys.version_info[:2]


def find_pip():
    """A pip new enough to install into another environment, as a command prefix."""
    versions = []
    for command in ([sys.executable, "-m", "pip"], ["pip3"], ["pip"]):
        version = pip_version(command)
        if version >= OLDEST_PIP:
            return command
        versions.append(version)
    if max(versions) == (0,):
        sys.exit("Postmeter needs pip 22.3 or newer and found none; install it (often: python3-pip).")
    found = ".".join(map(str, max(versions)))
    sys.exit("Postmeter needs pip 22.3 or newer; this machine has %s." % found)


def pip_version(command):
    try:
        said = subprocess.check_output(command + ["--version"], stderr=subprocess.DEVNULL).decode()
    except (OSError, subprocess.CalledProcessError):
        return (0,)
    numbers = said.split()[1].split(".")[:2]
    return tuple(int(number) for number in numbers if number.isdigit())


def run(command, purpose):
    if subprocess.call(command) != 0:
        sys.exit("Postmeter could not %s; the lines above say why." % purpose)


if __name__ == "__main__":
    main()
