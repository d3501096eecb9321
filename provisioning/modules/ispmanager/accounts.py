"""Accounts as the panel lists them, and whether one of them is ours.

An account carries a mark in its comment (or its full name): the key of the service it belongs to.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from provisioning.contract import (
    ConflictError,
    NotFound,
    State,
)
from provisioning.modules.ispmanager.answers import Node
from provisioning.modules.ispmanager.client import Client, NoSuchList
from provisioning.modules.ispmanager.failures import AccessDenied
from provisioning.modules.ispmanager.kinds import HOSTING, RESELLER, Kind
from provisioning.modules.ispmanager.scope import Scope, ascii_domain

_MARK = re.compile(r"\[service:([^\s:\]]+):([^\s:\]]*)\]")
MARKED_FIELDS = ("comment", "fullname")
# Lists in which a domain may already be somebody's; a panel need not have all of them.
DOMAIN_LISTS = ("emaildomain", "webdomain", "domain")


def mark(scope: Scope) -> str:
    return f"[service:{scope.account.key}:{scope.domain}]"


def marks(*nodes: Node) -> list[tuple[str, str]]:
    """(service key, domain) of every mark in these rows or forms."""
    texts = [node.value(name) for node in nodes for name in MARKED_FIELDS]
    return [(found[1], found[2]) for text in texts for found in _MARK.finditer(text)]


def accounts(client: Client, kind: Kind) -> list[Node]:
    """UnsupportedError or MisconfiguredError where the panel has no such accounts."""
    return client.rows(kind.list)


def row_of(scope: Scope, login: str = "") -> Node | None:
    name = login or scope.login
    if not name:
        return None
    rows = accounts(scope.client, scope.kind)
    return next((row for row in rows if row.value("name") == name), None)


def form_of(scope: Scope, login: str = "") -> Node | None:
    """None when the account vanishes while we look."""
    try:
        return scope.client.form(scope.kind.form, login or scope.login)
    except NotFound:
        return None


def is_ours(scope: Scope, row: Node) -> bool:
    found = marks(row)
    if not found:
        form = form_of(scope, row.value("name"))
        found = marks(form) if form else []
    return scope.account.key in [key for key, _ in found]


def our_row(scope: Scope) -> Node | None:
    """Our account; None when there is none. ConflictError when the name is a stranger's."""
    row = row_of(scope)
    if row is None and not scope.login:
        holder = holder_of(scope)
        if holder:
            raise stranger(scope, holder)
    if row is not None and not is_ours(scope, row):
        raise stranger(scope, scope.login)
    return row


def need_row(scope: Scope) -> Node:
    row = our_row(scope)
    if row is None:
        raise NotFound(f"The {scope.kind.noun} of {scope.account.domain} is not on the panel.")
    return row


def state_of(row: Node) -> State:
    states = {"on": State.ACTIVE, "off": State.SUSPENDED}
    return states.get(row.value("active").lower(), State.UNKNOWN)


def owner_of(row: Node) -> str:
    """The Business edition may add the group, as in "root*admins"."""
    return row.value("owner").partition("*")[0]


def holder_of(scope: Scope) -> str:
    """The login that has the service's domain on this panel; "" when nobody has it."""
    if scope.kind is HOSTING:
        return domain_holder(scope.client, scope.domain)
    found = (login for login, domain in reseller_domains(scope.client) if domain == scope.domain)
    return next(found, "")


def domain_holder(client: Client, domain: str, lists: Iterable[str] = DOMAIN_LISTS) -> str:
    for name in lists:
        for row in optional_rows(client, name):
            if ascii_domain(row.value("name")) == domain:
                return owner_of(row) or row.value("user") or "somebody"
    return ""


def reseller_domains(client: Client) -> list[tuple[str, str]]:
    """(login, domain): of the mark, else his own panel address, else one made of his login."""
    return [
        (row.value("name"), _reseller_domain(client, row)) for row in accounts(client, RESELLER)
    ]


def _reseller_domain(client: Client, row: Node) -> str:
    login = row.value("name")
    nodes = [row]
    if not marks(row):
        try:
            nodes.append(client.form(RESELLER.form, login))
        except NotFound:
            return login
    marked = [domain for _, domain in marks(*nodes) if domain]
    brand = [ascii_domain(node.value("limit_brand_domain")) for node in nodes]
    return next(filter(None, (*marked, *brand)), f"{login}.{client.link.hostname}")


def optional_rows(client: Client, name: str) -> list[Node]:
    try:
        return client.rows(name)
    except (NoSuchList, AccessDenied):
        return []


def stranger(scope: Scope, login: str) -> ConflictError:
    return ConflictError(
        f'"{login}" on the panel holds {scope.account.domain} or its user name, and this service'
        " did not create it. Adopt it, or remove it on the panel."
    )
