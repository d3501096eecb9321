"""The token-bearing replies that several auth calls share, and when a login is refused."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from provisioning.modules.smartermail.simulator.call import Call, envelope
from provisioning.modules.smartermail.simulator.model import Domain, User
from provisioning.modules.smartermail.simulator.tokens import Principal, Role, TokenSet
from provisioning.modules.smartermail.simulator.variants import Variants

TOKEN_FIELDS = (
    "accessToken",
    "refreshToken",
    "accessTokenExpiration",
    "refreshTokenExpiration",
    "isImpersonating",
    "canViewPasswords",
)


def login_refusal(domain: Domain | None, user: User, variants: Variants) -> str | None:
    """Why a right password would still not do."""
    if not user.is_enabled:
        return "USER_DISABLED"
    if domain and not domain.is_enabled and variants.disabled_domain_blocks_login:
        return "DOMAIN_DISABLED"
    return None


def login_reply(
    principal: Principal, fields: dict[str, Any], *, change_password: bool
) -> dict[str, Any]:
    whole = {
        "emailAddress": principal.username if principal.domain else "",
        "changePasswordNeeded": change_password,
        "displayWelcomeWizard": False,
        "isAdmin": principal.role is Role.SYSADMIN,
        "isDomainAdmin": principal.role is Role.DOMAIN_ADMIN,
        "isLicensed": True,
        "localeId": "en",
        "username": principal.username.partition("@")[0],
        "resultCode": 200,
    }
    return envelope(whole | fields)


def token_fields(issued: TokenSet) -> dict[str, Any]:
    values = (
        issued.access,
        issued.refresh,
        issued.access_expires,
        issued.refresh_expires if issued.refresh else None,
        issued.principal.impersonating,
        False,
    )
    return dict(zip(TOKEN_FIELDS, values, strict=True))


def impersonated(call: Call, principal: Principal) -> dict[str, Any]:
    issued = call.platform.tokens.impersonate(principal)
    return envelope(
        {
            "impersonateAccessToken": issued.access,
            "impersonateRefreshToken": issued.refresh,
            "impersonateAccessTokenExpiration": issued.access_expires,
            "username": principal.username.partition("@")[0],
            "email": principal.username,
        }
    )


def login_link(call: Call, username: str) -> dict[str, Any]:
    token = call.platform.tokens.new_login_token(username)
    path = f"/interface/autologin?autologin={quote(token)}"
    links = {"full": call.platform.root() + path, "relative": path, "empty": ""}
    return {"autoLoginToken": token, "autoLoginUrl": links[call.variants.auto_login_url]}
