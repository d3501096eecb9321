"""A simulated ispmanager 6 on a real socket."""

from __future__ import annotations

from provisioning.modules.ispmanager.simulator.server import IspManagerSimulator
from provisioning.modules.ispmanager.simulator.variants import Variants

__all__ = ["IspManagerSimulator", "Variants"]
