"""Where sources are silent or differ, the choices; no client may depend on them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Variants:
    # OMA
    exists_error: Literal[23, 7] = 23
    audit: bool = True
    largest_page: int = 1000
    total_count: bool = True
    session_tokens: bool = True
    token_seconds: int = 10_800
    domain_rows_have_counts: bool = True
    shows_notes: bool = True
    shows_disabled: bool = True
    role: str = "company"
    roles_as_list: bool = False
    caller_allowed: bool = True
    second_factor: bool = False
    # Reports: columns and shapes that are not documented
    report_has_sizes: bool = True
    has_reports: bool = True
    summary: Literal["rows", "by_period", "without storage"] = "rows"
    # APP
    app_versions: tuple[str, ...] = ("3.5", "3.4")
    app_greeting: str = "OK 0 HI APP 3.5 mail platform"
    app_shows_disabled: bool = True
    app_shows_alias_targets: bool = True
    app_packet: int = 0  # bytes per packet of an answer; 0: whole
