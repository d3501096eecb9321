"""Sign-on by a temporary key: random, made at the click, good for one use."""

from __future__ import annotations

from provisioning.contract import LoginLink
from provisioning.modules.ispmanager import logins
from provisioning.modules.ispmanager.client import Client
from provisioning.modules.ispmanager.scope import Scope


def account_login(scope: Scope) -> LoginLink:
    """As the user or the reseller himself."""
    scope.require_claim()
    return _link(scope.client, scope.login)


def server_login(client: Client) -> LoginLink:
    """As the administrator whom the server record names."""
    return _link(client, client.link.username)


def panel_url(client: Client) -> str:
    said = str(client.link.settings.get("panel_url") or "").strip().rstrip("/")
    return said or client.link.http.base_url + client.path


def _link(client: Client, login: str) -> LoginLink:
    """Posted by the browser, so that the key stands in no address and in no log."""
    key = logins.one_time_key()
    client.confirm("session.newkey", {"username": login, "key": key})
    fields = {"func": "auth", "username": login, "key": key, "checkcookie": "no"}
    return LoginLink(url=panel_url(client), fields=fields)
