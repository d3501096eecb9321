"""All tenants under the key, by the domain each is known by in the panel.

A tenant is known by its name where that is a domain, as we call ours, else by its own host name.
"""

from __future__ import annotations

from provisioning.contract import NotFound, Observed, RemoteAccount, State
from provisioning.modules.easymailarchive.client import whole
from provisioning.modules.easymailarchive.mapping import Tenant
from provisioning.modules.easymailarchive.scope import Scope
from provisioning.modules.easymailarchive.settings import is_host


def inventory(scope: Scope) -> list[RemoteAccount]:
    return [
        RemoteAccount(
            domain=domain,
            state=tenant.state,
            mailboxes=whole(tenant.users),
            disk_bytes=whole(tenant.bytes),
            data={"slug": tenant.slug, "name": tenant.name},
        )
        for domain, tenant in sorted(_by_domain(scope).items())
    ]


def adopt(scope: Scope) -> Observed:
    if scope.slug:
        return scope.seen(scope.need())
    wanted = scope.account.domain.strip().lower()
    tenant = _by_domain(scope).get(wanted)
    if tenant is None:
        raise NotFound(f"No archive under this API key is known as {wanted}.")
    return scope.seen(tenant, slug=tenant.slug, linked=True, released=False, claim={})


def _by_domain(scope: Scope) -> dict[str, Tenant]:
    """Of several with one name, the active one has it: the others were terminated."""
    found: dict[str, Tenant] = {}
    for tenant in sorted(scope.client.tenants(), key=lambda each: each.state is not State.ACTIVE):
        name = tenant.name.lower()
        own = is_host(name) and name not in found
        if tenant.state is not State.MISSING:
            found[name if own else scope.host(tenant.slug)] = tenant
    return found
