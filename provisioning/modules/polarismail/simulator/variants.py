"""What nobody outside the vendor knows for sure; every client has to survive all of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Variants:
    """Times in seconds."""

    mb_per_gb: Literal[1000, 1024] = 1000
    # Figures as the vendor's clients saw them (some numbers, some texts), or all of one kind.
    figures: Literal["mixed", "texts", "numbers"] = "mixed"
    returncode: Literal["number", "text"] = "number"
    empty_list: Literal["array", "null", "false", "refusal"] = "array"
    # getDomainVerification: the bare value, or an object that holds it.
    verification: Literal["text", "object"] = "text"
    verification_seconds: int = 24 * 3600
    token_seconds: int = 300
    otp_seconds: int = 300
    # Rows that one answer holds at most, whatever was asked for; None: no cap.
    page_cap: int | None = None
    meta: bool = True
    user_info_has_quota: bool = True
    dkim_known_when_off: bool = False
    dkim_host: Literal["relative", "full"] = "relative"
    content_type: str = "text/html; charset=UTF-8"

    # The reseller's own account
    two_factor: bool = False
    account_locked: bool = False
    max_basic: int = 100_000
    max_enhanced: int = 100_000
    max_domains: int = 100_000
