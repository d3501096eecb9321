"""An Easy Mail Archive that is not one: both published descriptions, state and open questions."""

from __future__ import annotations

from provisioning.modules.easymailarchive.simulator.server import EasyMailArchiveSimulator
from provisioning.modules.easymailarchive.simulator.variants import Variants

__all__ = ["EasyMailArchiveSimulator", "Variants"]
