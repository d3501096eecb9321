"""How one SmarterMail build may differ from another; every client has to survive all of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Variants:
    """Defaults describe a current, well-behaved build. Times in seconds."""

    # Failure shapes
    business_errors: Literal[400, 200] = 400
    unknown_entity: Literal[404, 400, 200] = 404
    manage_unknown_domain: Literal["404", "invalid_permissions"] = "404"
    role_too_low: Literal[403, 401] = 403
    login_failure: Literal[401, 400] = 401
    empty_401: bool = False
    api_off: bool = False
    # Some search calls fail when a key of their criteria is missing.
    strict_search: bool = True

    # Silent no-ops: success is answered and nothing has changed
    dkim_enable_no_effect: bool = False
    protocol_patch_no_effect: bool = False
    # Paths that contain one of these
    no_effect: tuple[str, ...] = ()
    # What a patch does while the domain's own EAS/MAPI switch is off
    protocol_patch_switched_off: Literal["ignored", "403"] = "ignored"
    # Licensed mailboxes on the whole server; None: no bound
    eas_licences: int | None = None
    mapi_licences: int | None = None

    # Usage fields of domainData, and the calls that list domains. diskUsage was read by one
    # client only, no current sample shows it.
    omit_disk_usage: bool = True
    omit_size: bool = False
    omit_size_mb: bool = False
    domains_call: bool = True
    domain_list_search_call: bool = True
    search_rows_key: Literal["results", "data"] = "results"
    search_name_key: Literal["name", "domainName"] = "domainName"
    search_rows_have_usage: bool = True

    # Rows of account-list-search
    search_flags_ignored: bool = False
    alias_rows_without_targets: bool = False

    # Identity
    header_identity: bool = True
    access_token_seconds: int = 900
    refresh_token_seconds: int = 86_400
    login_token_seconds: int = 60
    auto_login_url: Literal["full", "relative", "empty"] = "full"
    disabled_domain_blocks_login: bool = True
    two_factor_as_401: bool = False
    failed_logins_allowed: int = 10
    block_seconds: int = 600

    # Domains and mailboxes
    admin_counts_as_user: bool = True
    platform: Literal["any", "windows", "linux"] = "any"
    dkim_in_domain_call: bool = True
    password_settings_key: str = "passwordRequirements"

    # Settings of a domain and a mailbox
    responder_at_root: bool = False
    responder_converts: bool = True  # else the body comes as it is stored
    whitelist_of_strings: bool = False

    # Server facts
    build: int = 9560
    edition: str = "Enterprise"
    facts_call: Literal["system-info", "sysadmin-info", "server-settings", "none"] = "system-info"
