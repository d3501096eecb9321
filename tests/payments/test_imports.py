"""A gateway is a folder that knows the contract and itself."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.config.test_architecture import BASE, ROOMS, imported

GATEWAYS = BASE / "billing/gateways"
CONTRACT = (
    "billing.gateways.contract",
    "billing.gateways.errors",
    "provisioning.contract",
    "config",
)


def files() -> list[Path]:
    own = [path for path in GATEWAYS.rglob("*.py") if path.parent != GATEWAYS]
    return sorted([*own, GATEWAYS / "bank.py"])


@pytest.mark.parametrize("path", files(), ids=lambda path: str(path.relative_to(GATEWAYS)))
def test_a_gateway_imports_the_contract_and_its_own_folder_alone(path: Path) -> None:
    allowed = [*CONTRACT, "billing.gateways.stripe"]
    if "simulator" in path.parts:
        allowed.append("provisioning.simulation")
    ours = [name for name in imported(path) if name.split(".")[0] in ROOMS]
    assert [name for name in ours if not name.startswith(tuple(allowed))] == []
