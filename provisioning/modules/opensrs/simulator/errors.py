"""The vendor's own words, by number."""

from __future__ import annotations

from collections.abc import Mapping

OMA_TEXTS: dict[int, str] = {
    0: "Server error",
    1: "Invalid credentials supplied in request",
    2: "The requested object does not exist",
    3: "This object is an alias",
    4: "Requestor lacks permission to change one or more of the requested attributes",
    5: "Request badly formatted (missing required field, or field is not the correct data type)",
    6: "One or more attributes badly formatted",
    7: "An object with this name already exists",
    8: "An object with this name already exists",
    9: "Requestor does not own this object or lacks permission to perform this action",
    10: "The requested object is not empty",
    15: "Domain users full",
    16: "Domain aliases full",
    18: "Workgroup is default",
    20: "Try again later",
    21: "Requestor not permitted from this IP address",
    22: "Requested object temporarily unavailable, try again later",
    23: "Object already exists",
    24: "Admins exist that control this object",
    25: "Failed to obtain provisioning lock",
    28: "An internal error occurred",
    33: "2FA is required",
    37: "Alias domain does not exist",
    38: "maximum number of forward recipients reached",
    39: "expired",
    40: "Password not strong enough",
    47: "Target is a domain alias",
    48: "Password rejected - contains username or other account info",
}


class Refused(Exception):
    """A refusal by its OMA number; `hints` name attributes."""

    def __init__(self, number: int, hints: Mapping[str, str] | None = None) -> None:
        super().__init__(OMA_TEXTS.get(number, "Refused"))
        self.number = number
        self.hints = dict(hints or {})
