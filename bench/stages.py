"""Many accounts on each simulated platform, and what the panel remembers of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from provisioning.models import Service

GB = 1024**3
MB_IN_GB = 1024
USUAL = "smartermail"
PASSWORD = "Simulated-Sys4dmin"


@dataclass(frozen=True, kw_only=True)
class Stage:
    """`fill` makes one account; `data` is what its module has stored of the service."""

    fill: Callable[[Any, int, str], None]
    data: Callable[[Service, int], Mapping[str, Any]] = lambda service, number: {"linked": True}
    username: str = "admin"
    settings: Mapping[str, Any] = field(default_factory=dict)


def domain_of(number: int) -> str:
    return f"client{number}.example"


def gb_of(number: int) -> int:
    return number % 40 + 1


def _domain(state: Any, number: int, domain: str) -> None:
    state.set_disk(state.add_domain(domain), gb_of(number) * GB)


def _suite(state: Any, number: int, domain: str) -> None:
    state.add_domain(domain)
    state.add_user(f"anna@{domain}", usage=gb_of(number) * MB_IN_GB)


def _by_number(state: Any, number: int, domain: str) -> None:
    state.add_domain(domain)
    state.add_user(f"anna@{domain}", bytes_used=gb_of(number) * GB)


def _hosting(state: Any, number: int, domain: str) -> None:
    login = state.add_user(f"u{number}", domain=domain)
    state.set_usage(login, files=str(gb_of(number) * MB_IN_GB))


def _reseller(state: Any, number: int, domain: str) -> None:
    owner = state.add_reseller(f"r{number}", domain=domain)
    login = state.add_user(f"u{number}", domain=domain, owner=owner)
    state.set_usage(login, files=str(gb_of(number) * MB_IN_GB))


def _archive(state: Any, number: int, domain: str) -> None:
    state.add_tenant(f"client{number}", users=number % 50, storage=gb_of(number) * GB)


STAGES: Mapping[str, Stage] = {
    "smartermail": Stage(
        fill=_domain,
        # Without mailbox features: the bulk call tells all there is to know.
        settings={"offer_eas": False, "offer_mapi": False, "eas_price": {}, "mapi_price": {}},
    ),
    "polarismail": Stage(
        fill=_suite, data=lambda service, number: {"claim": service.domain, "verified": True}
    ),
    "opensrs": Stage(fill=_by_number, username="admin@reseller.adm"),
    "ispmanager": Stage(
        fill=_hosting,
        username="root",
        data=lambda service, number: {"login": f"u{number}", "linked": service.public_id},
    ),
    "ispmanager_reseller": Stage(
        fill=_reseller,
        username="root",
        data=lambda service, number: {"login": f"r{number}", "linked": service.public_id},
    ),
    "easymailarchive": Stage(
        fill=_archive, data=lambda service, number: {"slug": f"client{number}", "linked": True}
    ),
}
