"""Create: judge everything, look, store the login, create, wait, and complete what is ours."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

from provisioning.contract import (
    ConflictError,
    MisconfiguredError,
    Observed,
    PermanentError,
    Progress,
    TemporaryError,
    unless_done,
)
from provisioning.modules.ispmanager import editions, ipaddresses, logins, signon
from provisioning.modules.ispmanager.accounts import (
    DOMAIN_LISTS,
    accounts,
    holder_of,
    is_ours,
    mark,
    optional_rows,
    owner_of,
    row_of,
    state_of,
    stranger,
)
from provisioning.modules.ispmanager.answers import Node
from provisioning.modules.ispmanager.client import Client, wait_until
from provisioning.modules.ispmanager.failures import Exists
from provisioning.modules.ispmanager.kinds import HOSTING, RESELLER, Kind
from provisioning.modules.ispmanager.limits import Plan, plan
from provisioning.modules.ispmanager.scope import Scope, ascii_domain
from provisioning.modules.ispmanager.settings import SHARED, setting

_TRIES = 10
_LONGEST_NAME = 100
# What the panel may call the thing that is taken when it is the domain and not the login.
_DOMAIN_WORDS = (*DOMAIN_LISTS, "webdomain_name", "emaildomain_name", "limit_brand_domain", "site")


def create(scope: Scope, progress: Progress) -> Observed:
    terms = terms_of(scope)
    if scope.kind is HOSTING and any(ipaddresses.wanted(scope.account).values()):
        editions.require_addresses(scope.client)
    row = row_of(scope)
    fresh = row is None or not is_ours(scope, row)
    if fresh:
        _require_free_domain(scope)
        scope = _make(scope, terms, progress)
    row = _listed(scope)
    done = _complete(scope, terms, fresh=fresh)
    data = {**linked(scope, scope.login), **done}
    return Observed(state=state_of(row), data=data, secrets=scope.account.secrets)


def linked(scope: Scope, login: str) -> dict[str, str]:
    """What is stored of an account that is ours; `panel_url` is where people sign in by hand."""
    return {
        "login": login,
        "linked": scope.account.key,
        "panel_url": signon.panel_url(scope.client),
    }


def terms_of(scope: Scope) -> Plan:
    """The product's limits on its template's. MisconfiguredError when the template is gone."""
    account, name = scope.account, str(setting(scope.account.settings, "template") or "")
    template = template_form(scope.client, scope.kind, name) if name else None
    if template is None and scope.kind is HOSTING:
        raise MisconfiguredError("The product names no template. Choose its package name.")
    return plan(scope.kind.limits, account.settings, account.options, template)


def template_names(client: Client, kind: Kind) -> list[str]:
    rows = client.rows("preset")
    return [row.value("name") for row in rows if kind.fits(row.value("level"))]


def template_form(client: Client, kind: Kind, name: str) -> Node:
    if name not in template_names(client, kind):
        raise MisconfiguredError(f'There is no template "{name}" for this on the panel.')
    return client.form("preset.edit", name)


def _require_free_domain(scope: Scope) -> None:
    """A domain that is somebody's already would be left out silently by the panel's own tools."""
    holder = holder_of(scope)
    if holder and holder == scope.login:
        raise TemporaryError(f"{scope.domain} is there for {holder}, who is not listed yet.")
    if holder:
        raise stranger(scope, holder)


def _make(scope: Scope, terms: Plan, progress: Progress) -> Scope:
    asked_before = scope.login
    for name in islice(_names(scope), _TRIES):
        secrets = {"password": scope.account.secrets.get("password") or logins.password()}
        scope = scope.with_data({"login": name}, secrets)
        progress({"login": name}, secrets)
        try:
            _ask(scope, terms)
        except Exists as error:
            _judge_collision(scope, error, asked_before)
            if _is_there(scope):
                return scope
            continue
        return scope
    raise ConflictError(f"No free user name was found for {scope.domain}.")


def _names(scope: Scope) -> Iterator[str]:
    """The name that we may have asked for already comes first."""
    kinds = (HOSTING, RESELLER) if scope.kind is RESELLER else (HOSTING,)
    taken = {row.value("name") for kind in kinds for row in accounts(scope.client, kind)}
    if scope.kind is HOSTING:
        taken |= {row.value("name") for row in optional_rows(scope.client, RESELLER.list)}
    if scope.login and scope.login not in taken:
        yield scope.login
    yield from (name for name in logins.candidates(scope, taken) if name != scope.login)


def _ask(scope: Scope, terms: Plan) -> None:
    body = new_hosting(scope, terms) if scope.kind is HOSTING else new_reseller(scope, terms)
    unless_done(lambda: scope.client.apply(scope.kind.create, body), lambda: _is_there(scope))


def _judge_collision(scope: Scope, error: Exists, asked_before: str) -> None:
    """An earlier request of ours may have been carried out after we had given it up."""
    if _is_there(scope):
        return
    if error.what in _DOMAIN_WORDS:
        raise stranger(scope, holder_of(scope) or "somebody") from None
    if scope.login == asked_before and row_of(scope) is None:
        raise TemporaryError(
            f'The panel says that "{scope.login}" exists and does not list it yet.'
        ) from None


def _is_there(scope: Scope) -> bool:
    row = row_of(scope)
    return row is not None and is_ours(scope, row)


def _listed(scope: Scope) -> Node:
    found: list[Node] = []

    def look() -> bool:
        row = row_of(scope)
        found.extend([row] if row is not None else [])
        return row is not None

    if not wait_until(scope.client, look):
        raise TemporaryError(f"The panel accepted {scope.login} and does not list it yet.")
    return found[-1]


def new_hosting(scope: Scope, terms: Plan) -> dict[str, str]:
    settings = scope.account.settings
    main = str(setting(settings, "main_ip"))
    source = {"ipsrc": "do_not_assign"} if main == SHARED else {"ipsrc": "auto", "iptype": main}
    return {**_new(scope, terms), **_first_domains(scope, terms), **source}


def new_reseller(scope: Scope, terms: Plan) -> dict[str, str]:
    brand = scope.domain if setting(scope.account.settings, "brand_domain") else ""
    return {**_new(scope, terms), "limit_brand_domain": brand}


def _new(scope: Scope, terms: Plan) -> dict[str, str]:
    password, name = scope.account.secrets["password"], _full_name(scope)
    marked_in = str(scope.client.link.settings.get("mark_in") or "comment")
    texts = {"fullname": name, "comment": ""}
    texts[marked_in] = f"{texts[marked_in]} {mark(scope)}".strip()
    template = str(setting(scope.account.settings, "template") or "")
    return {
        "name": scope.login,
        "passwd": password,
        "confirm": password,
        **texts,
        **({"preset": template} if template else {}),
        **terms.wire(change=False),
    }


def _first_domains(scope: Scope, terms: Plan) -> dict[str, str]:
    body = {"webdomain": "off", "emaildomain": "off"}
    if wants_mail(scope, terms):
        body = {"webdomain": "off", "emaildomain_name": scope.domain}
    if wants_site(scope, terms):
        body = {**body, "webdomain_name": scope.domain}
        body.pop("webdomain")
        if terms.most("limit_ftp_users") != 0:
            body |= {"ftp_user": "on", "ftp_user_name": scope.login}
    return body


def wants_mail(scope: Scope, terms: Plan) -> bool:
    asked = bool(setting(scope.account.settings, "mail_domain"))
    return asked and terms.most("limit_emaildomains") != 0


def wants_site(scope: Scope, terms: Plan) -> bool:
    asked = bool(setting(scope.account.settings, "web_site"))
    return asked and terms.most("limit_webdomains") != 0


def _full_name(scope: Scope) -> str:
    owner = scope.account.owner
    name = (owner.name or owner.company) if owner else ""
    plain = "".join(letter if letter.isprintable() else " " for letter in name)
    # Brackets are left to the mark, so that no customer's name can pass for one.
    return plain.replace("[", "(").replace("]", ")").strip()[:_LONGEST_NAME] or scope.domain


def _complete(scope: Scope, terms: Plan, *, fresh: bool) -> dict[str, object]:
    """The steps after the account itself; each may fail, and is resumed when asked again."""
    if scope.kind is RESELLER:
        return {}
    if wants_mail(scope, terms):
        _settle_mail_domain(scope, fresh=fresh)
    ftp = wants_site(scope, terms) and terms.most("limit_ftp_users") != 0
    try:
        return {"ftp": ftp, **ipaddresses.settle(scope)}
    except PermanentError as error:
        error.detail = f"The account {scope.login} exists, its addresses do not: {error.detail}"
        raise


def _settle_mail_domain(scope: Scope, *, fresh: bool) -> None:
    """A panel that works in background may show the domain of a new account late."""
    found = [""]

    def look() -> bool:
        found[0] = _mail_holder(scope)
        return bool(found[0])

    wait_until(scope.client, look, seconds=None if fresh else 0)
    held = found[0]
    if not held:
        body = {"name": scope.domain, "owner": scope.login}
        unless_done(
            lambda: scope.client.apply("emaildomain.edit", body),
            lambda: _mail_holder(scope) == scope.login,
        )
    elif held != scope.login:
        raise stranger(scope, held)


def _mail_holder(scope: Scope) -> str:
    for row in scope.client.rows("emaildomain"):
        if ascii_domain(row.value("name")) == scope.domain:
            return owner_of(row) or scope.login
    return ""
