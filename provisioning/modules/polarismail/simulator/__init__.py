"""A PolarisMail reseller account that is not one: the vendor's wire protocol, state and quirks."""

from __future__ import annotations

from provisioning.modules.polarismail.simulator.server import PolarisMailSimulator
from provisioning.modules.polarismail.simulator.variants import Variants

__all__ = ["PolarisMailSimulator", "Variants"]
