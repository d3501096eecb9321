"""Keeping the interpreter's own housekeeping out of long, busy work."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def settled() -> Iterator[None]:
    """What is loaded by now is not searched for garbage again while the block makes many objects.

    A panel has half a million of them, and looking through them took a quarter of a billing run.
    """
    gc.freeze()
    try:
        yield
    finally:
        gc.unfreeze()
