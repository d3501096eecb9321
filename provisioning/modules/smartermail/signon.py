"""One-click sign-in to the server's own pages. The link is fetched at the click and used once."""

from __future__ import annotations

from urllib.parse import quote, urljoin, urlsplit

from provisioning.contract import (
    ConflictError,
    LoginLink,
    PermanentError,
)
from provisioning.modules.smartermail.envelope import Reply
from provisioning.modules.smartermail.scope import Scope

_ADMIN_PAGE = "/settings/domain/domain-accounts"


def admin_login(scope: Scope) -> LoginLink:
    scope.require_claim()
    if not scope.admin:
        raise ConflictError(f"The administrator of {scope.domain} is not known; adopt it again.")
    return _link(scope, scope.admin, page=_ADMIN_PAGE)


def mailbox_login(scope: Scope, address: str) -> LoginLink:
    scope.require_claim()
    return _link(scope, scope.local(address))


def _link(scope: Scope, local: str, *, page: str = "") -> LoginLink:
    reply = _token(scope, local)
    token, url = str(reply.get("autoLoginToken") or ""), str(reply.get("autoLoginUrl") or "")
    base = scope.client.link.http.base_url
    if not token and not url:
        raise PermanentError(f"The server gives no sign-in link for {scope.address(local)}.")
    target = urljoin(f"{base}/", url) if url else ""
    if urlsplit(target).scheme not in ("http", "https"):
        target = f"{base}/interface/autologin?autologin={quote(token, safe='')}"
    if page:
        target += f"{'&' if '?' in target else '?'}redirect={quote(page, safe='')}"
    return LoginLink(url=target)


def _token(scope: Scope, local: str) -> Reply:
    """Some builds want name and domain apart, others the whole address."""
    apart = {"username": local, "domain": scope.domain, "isSystemAdmin": False}
    try:
        return scope.client.auth.post("retrieve-login-token", json=apart)
    except PermanentError:
        whole = {"username": scope.address(local), "isSystemAdmin": False}
        return scope.client.auth.post("retrieve-login-token", json=whole)
