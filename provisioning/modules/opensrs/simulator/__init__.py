"""A simulated OpenSRS Hosted Email platform for tests and the demo."""

from provisioning.modules.opensrs.simulator.model import OTHERS
from provisioning.modules.opensrs.simulator.server import OpenSrsSimulator
from provisioning.modules.opensrs.simulator.variants import Variants

__all__ = ["OTHERS", "OpenSrsSimulator", "Variants"]
