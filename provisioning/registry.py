"""Which modules the panel has. Ours are listed here; a package adds its own by the entry point
group "postmeter.modules", whose name is the module's code and whose value is the class.
"""

from __future__ import annotations

from functools import cache
from importlib.metadata import entry_points

from django.utils.module_loading import import_string

from provisioning.contract import MisconfiguredError, Module

MODULES: dict[str, str] = {
    "smartermail": "provisioning.modules.smartermail.module.SmarterMail",
    "polarismail": "provisioning.modules.polarismail.module.PolarisMail",
    "opensrs": "provisioning.modules.opensrs.module.OpenSrs",
    "ispmanager": "provisioning.modules.ispmanager.module.IspManager",
    "ispmanager_reseller": "provisioning.modules.ispmanager.module.IspManagerReseller",
    "easymailarchive": "provisioning.modules.easymailarchive.module.EasyMailArchive",
}
# Simulated servers for the demo and for tests, by the code of their module.
SIMULATORS: dict[str, str] = {
    "smartermail": "provisioning.modules.smartermail.simulator.SmarterMailSimulator",
    "polarismail": "provisioning.modules.polarismail.simulator.PolarisMailSimulator",
    "opensrs": "provisioning.modules.opensrs.simulator.OpenSrsSimulator",
    "ispmanager": "provisioning.modules.ispmanager.simulator.IspManagerSimulator",
    "ispmanager_reseller": "provisioning.modules.ispmanager.simulator.IspManagerSimulator",
    "easymailarchive": "provisioning.modules.easymailarchive.simulator.EasyMailArchiveSimulator",
}
ENTRY_POINT_GROUP = "postmeter.modules"


@cache
def installed() -> dict[str, type[Module]]:
    """Every module by code, ours first."""
    found: dict[str, type[Module]] = {code: import_string(path) for code, path in MODULES.items()}
    for entry in entry_points(group=ENTRY_POINT_GROUP):
        found.setdefault(entry.name, entry.load())
    return found


def module_class(code: str) -> type[Module]:
    """MisconfiguredError when no such module is installed."""
    try:
        return installed()[code]
    except KeyError:
        raise MisconfiguredError(f'No module "{code}" is installed.') from None


def choices() -> list[tuple[str, str]]:
    return [(code, module.label) for code, module in installed().items()]
