from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings

BASE = Path(settings.BASE_DIR)
ROOMS = {
    "config", "accounts", "products", "provisioning", "billing", "backoffice", "clientarea", "demo",
}  # fmt: skip
MODULES = BASE / "provisioning/modules"
# A simulator stands on the shared simulation server; nothing else of the panel.
SIMULATION = "provisioning.simulation"


def sources(*rooms: str) -> Iterator[Path]:
    for room in rooms:
        yield from (path for path in (BASE / room).rglob("*.py") if "migrations" not in path.parts)


def imported(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module


def vendor_files() -> list[Path]:
    return sorted(path for path in MODULES.rglob("*.py") if path.parent != MODULES)


@pytest.mark.parametrize("path", vendor_files(), ids=lambda path: str(path.relative_to(MODULES)))
def test_a_platform_module_imports_the_contract_and_its_own_folder_alone(path: Path) -> None:
    parts = path.relative_to(MODULES).parts
    allowed = ["provisioning.contract", f"provisioning.modules.{parts[0]}"]
    if "simulator" in parts[1]:
        allowed.append(SIMULATION)
    ours = [name for name in imported(path) if name.split(".")[0] in ROOMS]
    assert [name for name in ours if not name.startswith(tuple(allowed))] == []


def test_only_the_clock_knows_the_time() -> None:
    calls = {"now", "today", "utcnow", "localdate", "localtime"}
    owners = {"datetime", "date", "timezone"}
    found = [
        f"{path.relative_to(BASE)}:{node.lineno}"
        for path in sources(*ROOMS)
        if path != BASE / "config/clock.py"
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Attribute) and node.attr in calls
        and isinstance(node.value, ast.Name) and node.value.id in owners
    ]  # fmt: skip
    assert found == []


def test_no_file_is_one_that_everything_goes_into() -> None:
    long = {
        str(path.relative_to(BASE)): lines
        for path in sources(*ROOMS, "tools", "bench")
        if (lines := len(path.read_text().splitlines())) > 400
    }
    assert long == {}


def test_only_the_worker_boundary_catches_everything() -> None:
    broad = [
        str(path.relative_to(BASE))
        for path in sources(*ROOMS)
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.ExceptHandler)
        and (node.type is None or getattr(node.type, "id", "") in {"Exception", "BaseException"})
    ]
    assert len(broad) <= 1, broad


def test_no_business_flow_hangs_on_signals() -> None:
    hooks = ("django.db.models.signals", "django.dispatch")
    assert [str(path) for path in sources(*ROOMS) if set(hooks) & set(imported(path))] == []
