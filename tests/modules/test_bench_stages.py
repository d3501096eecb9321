"""Each platform has its stage for the measurement of the usage sync."""

from __future__ import annotations

from bench.stages import STAGES
from bench.steps import MEASUREMENTS
from provisioning.contract import Capability
from provisioning.registry import MODULES, module_class


def test_the_usage_sync_is_measured_on_every_platform_that_reports_usage() -> None:
    wanted = {code for code in MODULES if Capability.USAGE in module_class(code).capabilities}
    assert set(STAGES) == wanted
    assert {each.platform for each in MEASUREMENTS if each.platform} == wanted
