"""One service and its tenant: which one is ours, and what is kept of it.

Kept in `Account.data`: `slug` and `linked` once the tenant is ours; before that `claim`, written
down before the request that creates it, so that a lost answer does not make it a stranger's.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from django.utils.translation import gettext as _

from provisioning.contract import (
    Account,
    ConflictError,
    InvalidInput,
    NotFound,
    Observed,
    State,
)
from provisioning.modules.easymailarchive import mapping, slugs
from provisioning.modules.easymailarchive.client import Client
from provisioning.modules.easymailarchive.mapping import Tenant
from provisioning.modules.easymailarchive.settings import plan_of


@dataclass(frozen=True, kw_only=True)
class Claim:
    """`seen`: slugs that had our name before; whatever has it besides is what we made."""

    slug: str
    name: str
    seen: tuple[str, ...]

    def among(self, tenants: Iterable[Tenant]) -> Tenant | None:
        return next((each for each in tenants if self._covers(each)), None)

    def _covers(self, tenant: Tenant) -> bool:
        ours = tenant.slug == self.slug or tenant.slug not in self.seen
        return ours and tenant.name == self.name

    def as_data(self) -> dict[str, Any]:
        return {"claim": {"slug": self.slug, "name": self.name, "seen": list(self.seen)}}


@dataclass(frozen=True)
class Scope:
    client: Client
    account: Account

    @property
    def data(self) -> Mapping[str, Any]:
        return self.account.data

    @property
    def slug(self) -> str:
        """Of the tenant that is ours; empty before there is one."""
        return str(self.data.get("slug") or "") if self.data.get("linked") else ""

    @property
    def claim(self) -> Claim | None:
        kept = self.data.get("claim")
        if not isinstance(kept, Mapping) or not kept.get("slug"):
            return None
        return Claim(
            slug=str(kept["slug"]),
            name=str(kept.get("name") or ""),
            seen=tuple(str(slug) for slug in kept.get("seen") or ()),
        )

    @property
    def name(self) -> str:
        """What a tenant of ours is called: a live service's domain is unique in the panel."""
        return self.account.domain.strip().lower() or slugs.source(self.account)

    @property
    def server(self) -> Mapping[str, Any]:
        return self.client.link.settings

    @property
    def plan(self) -> str:
        return plan_of(self.account.settings, self.server)

    def find(self) -> Tenant | None:
        """Ours, fresh from the platform; also one whose creation was never answered."""
        if not self.slug:
            return self.claim.among(self.client.tenants()) if self.claim else None
        try:
            return self.client.tenant(self.slug)
        except NotFound:
            return None

    def bystander(self) -> Tenant | None:
        """Somebody else's tenant under the one name that this service may have. Where names are
        generated another one is found, so that a tenant in the way is nobody's trouble.
        """
        if self.slug:
            return None
        try:
            found = self.client.tenant(slugs.preferred(self.account))
        except (NotFound, InvalidInput):
            return None
        return None if slugs.automatic(self.account.settings) else found

    def need(self) -> Tenant:
        """NotFound, or ConflictError when the name is somebody else's."""
        tenant = self.find()
        if tenant is not None:
            return tenant
        other = self.bystander()
        if other:
            raise stranger(other.slug)
        raise NotFound(f"{self.slug or self.name} is not found under this API key.")

    def seen(self, tenant: Tenant, **more: Any) -> Observed:
        """What the platform says of our tenant, with what is kept and shown of it."""
        return Observed(
            state=tenant.state,
            detail=self._detail(tenant, released=bool({**self.data, **more}.get("released"))),
            data={**self._facts(tenant), **more},
        )

    def _facts(self, tenant: Tenant) -> dict[str, Any]:
        told = {"plan": tenant.plan[:60], "status": tenant.status[:60]}
        kept: dict[str, Any] = {name: text for name, text in told.items() if text}
        if is_web_address(tenant.url):
            return {**kept, "url": tenant.url, "url_told": True}
        if self.data.get("url_told"):
            return kept
        return {**kept, "url": f"https://{self.host(tenant.slug)}"}

    @property
    def base_domain(self) -> str:
        return str(self.server.get("base_domain") or "").strip().strip(".").lower()

    def host(self, slug: str) -> str:
        return f"{slug}.{self.base_domain or mapping.VENDOR_DOMAIN}"

    def _detail(self, tenant: Tenant, *, released: bool) -> str:
        if tenant.state is State.UNKNOWN:
            return f"The platform says {tenant.status[:60] or 'nothing'} of {tenant.slug}."
        kept = released and tenant.state is State.SUSPENDED
        return deletion_reminder(tenant.slug) if kept else ""


def is_web_address(text: str) -> bool:
    if not text.isprintable() or " " in text or len(text) > 500:
        return False
    try:
        parts = urlsplit(text)
        return parts.scheme in ("http", "https") and bool(parts.hostname)
    except ValueError:
        return False


def deletion_reminder(slug: str) -> str:
    return (
        f"The archive {slug} is suspended and its mail is kept."
        " Only the support of Easy Mail Archive can delete it; ask them if that is wanted."
    )


def stranger(slug: str) -> ConflictError:
    return ConflictError(
        f"{slug} is taken on the platform and this service did not create it."
        " Adopt that archive, or choose another name.",
        message=_("This archive name is already taken. Please choose another one."),
    )
