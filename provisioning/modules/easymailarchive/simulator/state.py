"""The reseller's tenants, and the handles by which tests and the demo arrange and move them."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from provisioning.simulation import SimClock

FORMAT = 1
ACTIVE, SUSPENDED, DELETED = "active", "suspended", "deleted"


@dataclass(slots=True)
class Tenant:
    """`storage` in bytes. `looks`: how often it still shows itself as being built."""

    slug: str
    name: str
    created_at: str
    status: str = ACTIVE
    plan: str = "starter"
    users: int = 0
    storage: int = 0
    messages: int = 0
    admin_email: str = ""
    admin_password: str = ""
    looks: int = 0


class State:
    """By slug. `used` are all slugs ever given out, `foreign` those of other resellers."""

    def __init__(self, clock: SimClock) -> None:
        self.clock = clock
        self.tenants: dict[str, Tenant] = {}
        self.foreign: set[str] = set()
        self.used: set[str] = set()
        self.revision = 0

    def touch(self) -> None:
        self.revision += 1

    def taken(self, slug: str) -> bool:
        return slug in self.used or slug in self.foreign

    def find(self, slug: str) -> Tenant | None:
        """Foreign and deleted ones look as if they did not exist."""
        return self.tenants.get(slug)

    def tenant(self, slug: str) -> Tenant:
        """For tests: KeyError when there is none."""
        return self.tenants[slug]

    def add(self, slug: str, name: str, **facts: Any) -> Tenant:
        tenant = Tenant(slug, name, f"{self.clock.now():%Y-%m-%dT%H:%M:%SZ}", **facts)
        self.tenants[slug] = tenant
        self.used.add(slug)
        self.touch()
        return tenant

    def delete(self, slug: str) -> None:
        """The slug stays used for ever."""
        del self.tenants[slug]
        self.touch()

    # Handles for tests and the demo

    def add_tenant(self, slug: str, *, name: str = "", **facts: Any) -> str:
        """`facts` are fields of Tenant: `status`, `plan`, `users`, `storage`, `messages`."""
        return self.add(slug, name or slug, **facts).slug

    def add_foreign(self, slug: str) -> str:
        self.foreign.add(slug)
        self.touch()
        return slug

    def set_usage(
        self, slug: str, *, users: int | None = None, storage: int | None = None
    ) -> dict[str, Any]:
        tenant = self.tenant(slug)
        tenant.users = tenant.users if users is None else users
        tenant.storage = tenant.storage if storage is None else storage
        self.touch()
        return asdict(tenant)

    def grow(self, slug: str, storage: int) -> int:
        """Add bytes, and a message for each 64 KB of them."""
        tenant = self.tenant(slug)
        tenant.storage += storage
        tenant.messages += storage // 65_536
        self.touch()
        return tenant.storage

    def set_status(self, slug: str, status: str) -> str:
        self.tenant(slug).status = status
        self.touch()
        return status

    def remove_tenant(self, slug: str) -> str:
        """As the vendor's support does it."""
        self.delete(slug)
        return slug

    def summary(self) -> dict[str, object]:
        tenants = self.tenants.values()
        return {
            "tenants": len(self.tenants),
            "suspended": sum(tenant.status == SUSPENDED for tenant in tenants),
            "users": sum(tenant.users for tenant in tenants),
            "bytes": sum(tenant.storage for tenant in tenants),
        }

    # Keeping it in a file

    def dump(self) -> dict[str, Any]:
        return {
            "format": FORMAT,
            "tenants": [asdict(tenant) for tenant in self.tenants.values()],
            "foreign": sorted(self.foreign),
            "used": sorted(self.used),
        }

    def restore(self, data: dict[str, Any]) -> None:
        if data.get("format") != FORMAT:
            raise ValueError("the state file was written by another version of the simulator")
        self.tenants = {raw["slug"]: Tenant(**raw) for raw in data["tenants"]}
        self.foreign, self.used = set(data["foreign"]), set(data["used"])
