"""Whose call is it, and may they: bearer token, identity headers, roles."""

from __future__ import annotations

from provisioning.modules.smartermail.simulator.call import Access, Call
from provisioning.modules.smartermail.simulator.errors import (
    NO_DOMAIN,
    BusinessError,
    Forbidden,
    Unauthorized,
)
from provisioning.modules.smartermail.simulator.tokens import Role, Session

DOMAIN_HEADER = "X-SmarterMailDomain"
USER_HEADER = "X-SmarterMailUser"

LOWEST_ROLE = {
    Access.TOKEN: Role.USER,
    Access.USER: Role.USER,
    Access.DOMAIN: Role.DOMAIN_ADMIN,
    Access.ADMIN: Role.DOMAIN_ADMIN,
    Access.SYSADMIN: Role.SYSADMIN,
}


def admit(call: Call, access: Access) -> None:
    """Fill in the call's session, domain and user, or refuse it."""
    if access is Access.ANYONE:
        return
    session = call.platform.tokens.session(_bearer(call))
    call.session_or_none = session
    principal = session.principal
    if principal.limited and access is not Access.TOKEN:
        raise Unauthorized
    if principal.role < LOWEST_ROLE[access]:
        raise (
            Forbidden if call.variants.role_too_low == 403 else Unauthorized("INVALID_PERMISSIONS")
        )
    call.by_sysadmin = principal.by_sysadmin or principal.role is Role.SYSADMIN
    if access in (Access.DOMAIN, Access.USER):
        _enter_context(call, session, access)


def _bearer(call: Call) -> str:
    scheme, _, token = call.request.header("Authorization").partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        raise Unauthorized
    return token.strip()


def _enter_context(call: Call, session: Session, access: Access) -> None:
    """A system administrator's own token has no domain: it needs the headers."""
    principal = session.principal
    if principal.role is Role.SYSADMIN:
        domain, user = _headers(call)
    else:
        domain, user = principal.domain, principal.username
    call.domain_or_none = call.state.find_domain(domain)
    if call.domain_or_none is None:
        raise BusinessError(NO_DOMAIN)
    call.user_or_none = call.domain.user(user) if user else call.domain.admin
    if call.user_or_none is None and not call.by_sysadmin:
        raise Unauthorized  # the account behind the token is gone
    if call.user_or_none is None and access is Access.USER:
        raise BusinessError("User does not exist.")


def _headers(call: Call) -> tuple[str, str]:
    if not call.variants.header_identity:
        return "", ""
    return call.request.header(DOMAIN_HEADER), call.request.header(USER_HEADER)
