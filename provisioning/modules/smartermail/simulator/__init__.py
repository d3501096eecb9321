"""A SmarterMail server that is not one: the vendor's wire protocol, state and awkward variants."""

from __future__ import annotations

from provisioning.modules.smartermail.simulator.server import SmarterMailSimulator
from provisioning.modules.smartermail.simulator.variants import Variants

__all__ = ["SmarterMailSimulator", "Variants"]
