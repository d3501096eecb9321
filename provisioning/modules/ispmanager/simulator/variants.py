"""What differs between panels, or is left open by the vendor's papers."""

from __future__ import annotations

from dataclasses import dataclass

LITE, PRO, HOST, BUSINESS = "Lite", "Pro", "Host", "Business"


@dataclass(frozen=True, slots=True)
class Variants:
    """`late_seconds`: how long after the answer an account is seen to come or go (Business).

    `page_rows`: the most rows of a list in one answer. `single_as_object`: a repeated JSON element
    that stands alone is no array. `marks`: where a comment can be read: "form", "list" or nowhere.
    `edit_reset`: what an empty limit in an edit does: "unlimited", or "ignored".
    `mail_switches`: those that the form of a mail domain has; `lists_choices`: whether it lists
    what is to be chosen for unknown addresses; `ignores_mail_switches`: it says ok and keeps them.
    """

    edition: str = BUSINESS
    extended_ip: bool = False
    quotas: bool = True
    late_seconds: float = 0.0
    page_rows: int = 1000
    follows_pages: bool = True
    tells_total: bool = True
    single_as_object: bool = False
    marks: str = "form"
    edit_reset: str = "ignored"
    mail_owner: bool = True
    template_levels: bool = True
    form_tells_passwords: bool = True
    two_factor: bool = False
    authinfo_allowed: bool = True
    session_seconds: float = 3600.0
    key_seconds: float = 300.0
    shortest_password: int = 6
    echoes_values: bool = True
    mail_switches: tuple[str, ...] = ("greylist", "spamassassin", "avcheck")
    lists_choices: bool = True
    ignores_mail_switches: bool = False
    names_unknown_functions: str = "missed"

    @property
    def has_resellers(self) -> bool:
        return self.edition in (HOST, BUSINESS)

    @property
    def has_resource_limits(self) -> bool:
        return self.edition in (HOST, BUSINESS)

    @property
    def has_addresses(self) -> bool:
        return self.edition == BUSINESS or (self.edition == HOST and self.extended_ip)
