"""The vendor's two published descriptions in one table, for whoever has to correct it.

"help" is the long description (slug and name, answers wrapped in `data`), "apis" the short one
(company and administrator, answers bare). They disagree, so by default we send what both want and
read what either gives.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from provisioning.contract import State

TENANTS = "/api/reseller/tenants"
VENDOR_DOMAIN = "easymailarchive.com"
# Paging is not described; these are the habit of the framework that the answers look made with.
PAGE, PAGE_SIZE = "page", {"per_page": "100"}

AUTO, HELP, APIS = "auto", "help", "apis"
# What a creation sends, in the order of the descriptions; fields without a value are left out.
BODIES: Mapping[str, tuple[str, ...]] = {
    HELP: ("slug", "name"),
    APIS: ("slug", "company_name", "admin_email", "admin_name", "admin_password", "plan"),
    AUTO: (
        "slug", "name", "company_name", "admin_email", "admin_name", "admin_password", "plan",
    ),
}  # fmt: skip

# Suspend and unsuspend: the method that is described, then the one tried where it is refused (405).
METHODS = ("PUT", "POST")

# Where each value stands in an answer; the first that is present wins.
MEMBERS: Mapping[str, tuple[str, ...]] = {
    "slug": ("slug",),
    "name": ("name", "company_name"),
    "status": ("status",),
    "plan": ("plan",),
    "url": ("url", "access_url"),
    "users": ("usage.active_users", "users_count", "active_users"),
    "bytes": ("usage.storage_bytes", "storage_bytes"),
    "messages": ("usage.message_count", "messages_count", "message_count"),
}
STATES: Mapping[str, State] = {
    "active": State.ACTIVE,
    "suspended": State.SUSPENDED,
    "deleted": State.MISSING,
}

# Words in a refusal of the slug. In doubt it is taken, and another one is tried.
TAKEN_WORDS = ("taken", "exist", "unique", "in use", "already", "reserved")
INVALID_WORDS = ("format", "invalid", "must", "may only")

SECRET_NAMES = frozenset({"admin_password"})


@dataclass(frozen=True, kw_only=True)
class Tenant:
    """As far as an answer tells. Figures are as sent. `bare`: it came without a `data` wrapper."""

    slug: str
    name: str = ""
    status: str = ""
    plan: str = ""
    url: str = ""
    users: Any = None
    bytes: Any = None
    messages: Any = None
    bare: bool = False

    @property
    def state(self) -> State:
        return STATES.get(self.status.lower(), State.UNKNOWN)

    @property
    def figures(self) -> int:
        """How many of users and storage are told."""
        return (self.users is not None) + (self.bytes is not None)


def tenant(answer: Mapping[str, Any], *, slug: str = "", bare: bool = False) -> Tenant:
    """`slug` is taken where the answer names none, as the one about usage."""
    texts = {name: _text(_member(answer, name)) for name in ("name", "status", "plan", "url")}
    return Tenant(
        slug=_text(_member(answer, "slug")) or slug,
        users=_member(answer, "users"),
        bytes=_member(answer, "bytes"),
        messages=_member(answer, "messages"),
        bare=bare,
        **texts,
    )


def body(dialect: str, values: Mapping[str, str]) -> dict[str, str]:
    return {name: values[name] for name in BODIES[dialect] if values.get(name)}


def other_dialect(refused: frozenset[str]) -> str:
    """The description whose body has none of the refused fields; empty when there is none."""
    for dialect in (HELP, APIS):
        if refused and refused.isdisjoint(BODIES[dialect]):
            return dialect
    return ""


def says_taken(text: str) -> bool:
    return any(word in text.lower() for word in TAKEN_WORDS)


def says_invalid(text: str) -> bool:
    return not says_taken(text) and any(word in text.lower() for word in INVALID_WORDS)


def _member(answer: Mapping[str, Any], name: str) -> Any:
    for path in MEMBERS[name]:
        value: Any = answer
        for step in path.split("."):
            value = value.get(step) if isinstance(value, Mapping) else None
        if value is not None:
            return value
    return None


def _text(value: Any) -> str:
    return value.strip() if isinstance(value, str) else ""
