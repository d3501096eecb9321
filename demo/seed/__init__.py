"""A believable reseller, made by the same code that serves a real one."""

from __future__ import annotations

from demo.seed.reseller import HalfDone, connect, is_complete, plant

__all__ = ["HalfDone", "connect", "is_complete", "plant"]
