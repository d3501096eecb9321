"""Ways in. A one-time password is fetched at the click, goes into the link, and is kept nowhere."""

from __future__ import annotations

import base64
from urllib.parse import quote

from django.utils.translation import gettext as _

from provisioning.contract import LoginLink, NotFound, PermanentError
from provisioning.modules.polarismail import loose, reading, wire
from provisioning.modules.polarismail.client import Client
from provisioning.modules.polarismail.scope import Scope


def admin_panel(client: Client) -> LoginLink:
    """The reseller's own panel, for staff: a sign-on into it is not published."""
    return LoginLink(url=client.transport.base_url + wire.ADMIN_PANEL)


def mailbox_login(scope: Scope, address: str) -> LoginLink:
    """PermanentError when the mailbox is disabled or the domain switched off."""
    scope.require_ready()
    local = scope.local(address)
    row = reading.mailbox(scope.client, scope.domain, local)
    if row is None:
        raise NotFound(f"{address} is not on the platform.")
    info = reading.domain_info(scope.client, scope.domain)
    if row.disabled or loose.truth(info["active"]) is False:
        raise PermanentError(
            f"{address} or its domain is switched off.",
            message=_("Nobody can sign in to this mailbox while it is switched off."),
        )
    password = scope.client.call("one_time_password", local=local, domain=scope.domain).data
    if not isinstance(password, str) or not password:
        raise PermanentError(f"The platform gives no one-time password for {address}.")
    who, secret = _encoded(scope.address(local)), _encoded(password)
    page = scope.client.transport.base_url + wire.SIGN_IN_PAGE
    return LoginLink(url=f"{page}?u={who}&p={secret}")


def _encoded(value: str) -> str:
    return quote(base64.b64encode(value.encode()).decode(), safe="")
