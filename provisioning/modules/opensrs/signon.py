"""Ways into the platform's own pages."""

from __future__ import annotations

from urllib.parse import urlencode

from provisioning.contract import LoginLink, NotFound, ServerLink
from provisioning.modules.opensrs.scope import Scope
from provisioning.modules.opensrs.settings import cluster_of
from provisioning.modules.opensrs.wire import MAILBOX


def mailbox_login(scope: Scope, link: ServerLink, address: str) -> LoginLink:
    """The token in the address is fetched at the click and works once."""
    scope.require_claim()
    whole = scope.address(address)
    found = scope.wire.find(whole)
    if found is None or found.kind != MAILBOX:
        raise NotFound(f"{whole} is no mailbox on the platform.")
    token = scope.wire.sign_on_token(whole)
    return LoginLink(url=f"{webmail(link)}?{urlencode({'user': whole, 'pass': token})}")


def staff_login(link: ServerLink) -> LoginLink:
    """The administration has no sign-in by token, so this is only where it is."""
    return LoginLink(url=f"{link.http.base_url}/")


def webmail(link: ServerLink) -> str:
    """As the server record says, else the cluster's own."""
    chosen = str(link.settings.get("webmail_url") or "").strip()
    cluster = cluster_of(link.hostname, str(link.settings.get("cluster") or ""))
    if chosen:
        return chosen.rstrip("/")
    if cluster:
        return f"https://mail.{cluster}.hostedemail.com/mail"
    return f"{link.http.base_url}/mail"
