"""What the vendor's two descriptions leave open; every client has to survive all of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Variants:
    dialect: Literal["help", "apis"] = "help"
    conflict: Literal[422, 409] = 422
    # Suspending what is suspended, and the same for unsuspend.
    repeated: Literal[200, 409] = 200
    switch_method: Literal["PUT", "POST"] = "PUT"
    url_in_answer: bool = True  # only the short description has it at all
    # The short description names no slug in a creation: it is made of the company's name.
    slug_honoured: bool = False
    # Refuse fields of the other description instead of ignoring them.
    strict_fields: bool = False
    page_size: int = 15
    page_size_honoured: bool = False  # whether `per_page` is looked at
    list_tells_usage: bool = True
    show_tells_usage: bool = True
    figures_as_text: bool = False
    # A new tenant's status for its first looks, while it is built.
    building_looks: int = 0
    # Seconds in `Retry-After` of the 429 that every call gets; None: no such limit.
    busy: int | None = None
