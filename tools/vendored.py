"""Holds files that others made to the checksums in the VENDORED.json beside them.

python -m tools.vendored            says which files differ, are missing or are not listed
python -m tools.vendored --write    records the present checksums of the listed files
"""

from __future__ import annotations

import hashlib
import json
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
PLACES = (ROOT / "static/vendor", ROOT / "billing/fonts")
MANIFEST = "VENDORED.json"


def checksum(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def problems(directory: Path) -> list[str]:
    recorded: dict[str, str] = {}
    for package in load(directory):
        recorded |= package["files"]
    present = {
        str(path.relative_to(directory))
        for path in directory.rglob("*")
        if path.is_file() and path.name != MANIFEST
    }
    missing = [f"{name} is listed and missing" for name in sorted(recorded.keys() - present)]
    strangers = [f"{name} is not listed" for name in sorted(present - recorded.keys())]
    changed = [
        f"{name} does not have its recorded checksum"
        for name in sorted(present & recorded.keys())
        if checksum(directory / name) != recorded[name]
    ]
    return missing + strangers + changed


def load(directory: Path) -> list[dict[str, Any]]:
    packages: list[dict[str, Any]] = json.loads((directory / MANIFEST).read_text())
    return packages


def write(directory: Path) -> None:
    packages = load(directory)
    for package in packages:
        package["files"] = {name: checksum(directory / name) for name in package["files"]}
    (directory / MANIFEST).write_text(json.dumps(packages, indent=2) + "\n")


def main() -> int:
    if sys.argv[1:] == ["--write"]:
        for place in PLACES:
            write(place)
    found = [(place, problem) for place in PLACES for problem in problems(place)]
    for place, problem in found:
        print(f"{place.relative_to(ROOT)}: {problem}")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
