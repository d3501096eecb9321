"""After a lost answer: look before calling it a failure, and before anybody repeats it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from provisioning.contract.errors import ModuleError, TemporaryError


def unless_done(act: Callable[[], Any], done: Callable[[], bool]) -> None:
    """Do it; when the answer is lost, look whether it happened before calling it a failure."""
    try:
        act()
    except TemporaryError as error:
        if error.maybe_applied and _quietly(done):
            return
        raise


def _quietly(done: Callable[[], bool]) -> bool:
    try:
        return done()
    except ModuleError:
        return False
