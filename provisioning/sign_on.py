"""Single sign-on into a platform. The link is fetched at the click, audited, and never stored."""

from __future__ import annotations

from collections.abc import Callable

from accounts import audit
from provisioning.connection.links import WEB_BUDGET, open_module
from provisioning.contract import LoginLink
from provisioning.directory.opening import Opened, reading
from provisioning.models import Server, Service


def staff_login(service: Service) -> LoginLink:
    """ModuleError."""
    return _login(service, "sign_on.staff", lambda way: way.module.staff_login(way.account))


def customer_login(service: Service) -> LoginLink:
    return _login(service, "sign_on.customer", lambda way: way.module.customer_login(way.account))


def mailbox_login(service: Service, address: str) -> LoginLink:
    name = address.strip().lower()
    return _login(
        service,
        "sign_on.mailbox",
        lambda way: way.module.mailbox_login(way.account, name),
        address=name,
    )


def server_login(server: Server) -> LoginLink:
    """Staff, into the server's own administration."""
    with open_module(server, budget=WEB_BUDGET) as module:
        link = module.server_login()
    audit.record("sign_on.server", server)
    return link


def _login(
    service: Service, action: str, fetch: Callable[[Opened], LoginLink], **what: str
) -> LoginLink:
    with reading(service) as opened:
        link = fetch(opened)
    audit.record(action, service, after={"server": str(service.server), **what})
    return link
