"""vendor API: auth/*"""

from __future__ import annotations

import secrets
from typing import Any

from provisioning.modules.smartermail.simulator.call import (
    Access,
    Call,
    Route,
    change,
    envelope,
    search,
)
from provisioning.modules.smartermail.simulator.errors import (
    NO_DOMAIN,
    NO_USER,
    ApiError,
    BusinessError,
    Forbidden,
    Unauthorized,
    UnknownEntity,
)
from provisioning.modules.smartermail.simulator.inputs import flag, text
from provisioning.modules.smartermail.simulator.model import Domain, User
from provisioning.modules.smartermail.simulator.replies import (
    TOKEN_FIELDS,
    impersonated,
    login_link,
    login_refusal,
    login_reply,
    token_fields,
)
from provisioning.modules.smartermail.simulator.state import State, wire_time
from provisioning.modules.smartermail.simulator.tokens import Principal, Role

WRONG = "USERNAME_OR_PASSWORD_INCORRECT"
LONGEST_NAME = 200
LONGEST_TOKEN = 1000
TEMP_PASSWORD_SECONDS = 3600


def authenticate(call: Call) -> dict[str, Any]:
    call.platform.gatekeeper.check(call.request.client_ip)
    if ticket := text(call.body, "autoLoginToken"):
        return _by_login_token(call, ticket)
    domain, user = _credentials(call)
    if refusal := login_refusal(domain, user, call.variants):
        raise ApiError(call.variants.login_failure, refusal)
    code = text(call.body, "twoFactorCode")
    if user.two_factor_code and code != user.two_factor_code:
        return _ask_second_factor(call, domain, user, wrong=bool(code))
    return _logged_in(call, domain, user)


def second_factor(call: Call) -> dict[str, Any]:
    principal = call.session.principal
    domain, user = _account(call, principal.username)
    if not user.two_factor_code or text(call.body, "twoFactorCode") != user.two_factor_code:
        call.platform.gatekeeper.failed(call.request.client_ip)
        raise Unauthorized("TWO_FACTOR_CODE_INCORRECT")
    call.platform.tokens.kill(call.session)
    return _logged_in(call, domain, user)


def refresh(call: Call) -> dict[str, Any]:
    issued = call.platform.tokens.refresh(text(call.body, "token", longest=LONGEST_TOKEN))
    name = issued.principal.username
    if not issued.principal.by_sysadmin:
        domain, user = _account(call, name)
        if refusal := login_refusal(domain, user, call.variants):
            raise Unauthorized(refusal)
    return envelope(token_fields(issued) | {"username": name, "resultCode": 200})


def log_out(call: Call) -> dict[str, Any]:
    call.platform.tokens.kill(call.session)
    return envelope({})


def login_token(call: Call) -> dict[str, Any]:
    """``username`` + ``domain``, or ``username`` as a full address."""
    name, host = text(call.body, "username"), text(call.body, "domain")
    address = name if "@" in name or not host else f"{name}@{host}"
    if flag(call.body, "isSystemAdmin"):
        return envelope(_own_login_token(call, name))
    found = call.state.find_user(address)
    if found is None:
        raise BusinessError(NO_USER)
    domain, user = found
    principal = call.session.principal
    if principal.role is not Role.SYSADMIN and domain.name.lower() != principal.domain.lower():
        raise Forbidden
    if refusal := login_refusal(domain, user, call.variants):
        raise BusinessError(refusal)
    return envelope(login_link(call, domain.address(user.name)))


def generate_temp_password(call: Call) -> dict[str, Any]:
    _, user = _mailbox(call)
    user.temp_password = "T1-" + secrets.token_urlsafe(9)
    expires = wire_time(call.platform.clock, TEMP_PASSWORD_SECONDS)
    return envelope({"tempPassword": user.temp_password, "tempPasswordExpUtc": expires})


def revoke_temp_password(call: Call) -> dict[str, Any]:
    _, user = _mailbox(call)
    user.temp_password = ""
    return envelope({})


def manage_domain(call: Call) -> dict[str, Any]:
    domain = call.state.find_domain(call.args["domain"])
    if domain is None and call.variants.manage_unknown_domain == "404":
        raise UnknownEntity(NO_DOMAIN)
    if domain is None:
        raise ApiError(400, "ERRORS.INVALID_PERMISSIONS")
    admin = domain.admin
    name = domain.address(admin.name if admin else "admin")
    return impersonated(call, Principal(name, Role.DOMAIN_ADMIN, domain.name, True, True))


def impersonate_user(call: Call) -> dict[str, Any]:
    email = call.args.get("email") or text(call.body, "email")
    found = call.state.find_user(email)
    if found is None:
        raise UnknownEntity(NO_USER)
    domain, user = found
    caller = call.session.principal
    if caller.role is not Role.SYSADMIN and domain.name.lower() != caller.domain.lower():
        raise Forbidden
    role = Role.DOMAIN_ADMIN if user.is_domain_admin else Role.USER
    name = domain.address(user.name)
    return impersonated(call, Principal(name, role, domain.name, True, call.by_sysadmin))


def _credentials(call: Call) -> tuple[Domain | None, User]:
    name = text(call.body, "username", longest=LONGEST_NAME)
    password = text(call.body, "password", longest=LONGEST_NAME)
    if not name or not password:
        raise Unauthorized("Username or password is empty")
    host = call.request.header("Host").partition(":")[0].lower()
    found = find_account(call.state, name, host)
    if found and password in (found[1].password, found[1].temp_password):
        return found
    call.platform.gatekeeper.failed(call.request.client_ip)
    raise ApiError(call.variants.login_failure, WRONG if found else NO_USER)


def find_account(state: State, name: str, host: str = "") -> tuple[Domain | None, User] | None:
    """A bare name is a system administrator, or a user of the domain bound to ``host``."""
    if "@" in name:
        return state.find_user(name)
    if sysadmin := state.sysadmins.get(name.lower()):
        return None, sysadmin
    bound = next(
        (one for one in state.domains.values() if one.settings["hostname"].lower() == host), None
    )
    user = bound.user(name) if host and bound else None
    return (bound, user) if user else None


def _account(call: Call, name: str) -> tuple[Domain | None, User]:
    found = find_account(call.state, name)
    if found is None:
        raise Unauthorized(NO_USER)
    return found


def _mailbox(call: Call) -> tuple[Domain, User]:
    found = call.state.find_user(call.args["email"])
    if found is None:
        raise UnknownEntity(NO_USER)
    return found


def _principal(domain: Domain | None, user: User, *, limited: bool = False) -> Principal:
    if domain is None:
        return Principal(user.name, Role.SYSADMIN, limited=limited)
    role = Role.DOMAIN_ADMIN if user.is_domain_admin else Role.USER
    return Principal(domain.address(user.name), role, domain.name, limited=limited)


def _logged_in(call: Call, domain: Domain | None, user: User) -> dict[str, Any]:
    principal = _principal(domain, user, limited=user.must_change_password)
    if flag(call.body, "retrieveAutoLoginToken"):
        fields: dict[str, Any] = dict.fromkeys(TOKEN_FIELDS)
        link = login_link(call, principal.username)
    else:
        issued = call.platform.tokens.log_in(principal, text(call.body, "clientId"))
        user.last_login = call.state.stamp()
        fields, link = token_fields(issued), {"autoLoginToken": None, "autoLoginUrl": None}
    return login_reply(principal, fields | link, change_password=user.must_change_password)


def _ask_second_factor(
    call: Call, domain: Domain | None, user: User, *, wrong: bool
) -> dict[str, Any]:
    if wrong:
        call.platform.gatekeeper.failed(call.request.client_ip)
    if call.variants.two_factor_as_401:
        raise Unauthorized("TWO_FACTOR_REQUIRED")
    principal = _principal(domain, user, limited=True)
    issued = call.platform.tokens.log_in(principal, text(call.body, "clientId"))
    fields = token_fields(issued) | {"autoLoginToken": None, "autoLoginUrl": None}
    reply = login_reply(principal, fields, change_password=False)
    return reply | {"message": f"TWO_FACTOR_REQUIRED|Email|{user.name[:1]}***"}


def _by_login_token(call: Call, ticket: str) -> dict[str, Any]:
    name = call.platform.tokens.consume_login_token(ticket)
    if name is None:
        raise Unauthorized("AUTO_LOGIN_TOKEN_INVALID")
    domain, user = _account(call, name)
    if refusal := login_refusal(domain, user, call.variants):
        raise ApiError(call.variants.login_failure, refusal)
    return _logged_in(call, domain, user)


def _own_login_token(call: Call, name: str) -> dict[str, Any]:
    if call.session.principal.role is not Role.SYSADMIN:
        raise Forbidden
    if name.lower() not in call.state.sysadmins:
        raise BusinessError(NO_USER)
    return login_link(call, name)


ROUTES: tuple[Route, ...] = (
    search("auth/authenticate-user", Access.ANYONE, authenticate),
    search("auth/authenticate-two-factor-code", Access.TOKEN, second_factor),
    search("auth/refresh-token", Access.ANYONE, refresh),
    search("auth/logout-user", Access.TOKEN, log_out),
    search("auth/retrieve-login-token", Access.ADMIN, login_token),
    change("auth/generate-temp-pass/{email}", Access.SYSADMIN, generate_temp_password),
    change("auth/revoke-temp-pass/{email}", Access.SYSADMIN, revoke_temp_password),
    search("settings/sysadmin/manage-domain/{domain}", Access.SYSADMIN, manage_domain),
    search("settings/domain/impersonate-user/{email}", Access.ADMIN, impersonate_user),
    search("settings/domain/impersonate-user", Access.ADMIN, impersonate_user),
)
