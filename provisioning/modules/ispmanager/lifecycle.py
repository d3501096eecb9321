"""What happens to an account after its creation."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from provisioning.contract import (
    ConflictError,
    DoesNotFit,
    ModuleError,
    NotFound,
    Observed,
    State,
    TemporaryError,
    unless_done,
)
from provisioning.modules.ispmanager import editions, ipaddresses, logins
from provisioning.modules.ispmanager.accounts import (
    accounts,
    form_of,
    holder_of,
    is_ours,
    mark,
    marks,
    need_row,
    our_row,
    owner_of,
    row_of,
    state_of,
    stranger,
)
from provisioning.modules.ispmanager.answers import Node
from provisioning.modules.ispmanager.client import wait_until
from provisioning.modules.ispmanager.creation import linked, terms_of
from provisioning.modules.ispmanager.failures import AccessDenied, OverLimit
from provisioning.modules.ispmanager.kinds import HOSTING, RESELLER
from provisioning.modules.ispmanager.limits import LIMITS, Plan
from provisioning.modules.ispmanager.scope import Scope
from provisioning.modules.ispmanager.settings import setting

# With the account goes our claim to its name: whoever has it next is somebody else.
GONE = {"login": "", "linked": "", "adopted": False, "ftp": False, "addresses": []}


def observe(scope: Scope) -> Observed:
    row = row_of(scope)
    if row is None:
        return Observed(state=State.MISSING) if scope.login else _without_login(scope)
    if is_ours(scope, row):
        return Observed(state=state_of(row))
    return Observed(state=state_of(row), detail=stranger(scope, scope.login).detail)


def _without_login(scope: Scope) -> Observed:
    holder = holder_of(scope)
    if not holder:
        return Observed(state=State.MISSING)
    row = row_of(scope, holder)
    state = state_of(row) if row else State.UNKNOWN
    return Observed(state=state, detail=stranger(scope, holder).detail)


def adopt(scope: Scope) -> Observed:
    """Staff chose an existing account; our mark goes beside what its comment says already."""
    login = holder_of(scope)
    row = row_of(scope, login) if login else None
    if row is None:
        raise NotFound(f"{scope.domain} belongs to no {scope.kind.noun} of the panel.")
    form = form_of(scope, login)
    present = marks(row, *([form] if form else []))
    others = sorted({key for key, _ in present} - {scope.account.key})
    if others:
        raise ConflictError(f'"{login}" belongs to the service {others[0]} already.')
    if not present:
        _add_mark(scope, login, form or row)
    known = scope.login == login and scope.claimed
    data = linked(scope, login)
    return Observed(state=state_of(row), data=data if known else {**data, "adopted": True})


def _add_mark(scope: Scope, login: str, present: Node) -> None:
    field = str(scope.client.link.settings.get("mark_in") or "comment")
    text = f"{present.value(field)} {mark(scope)}".strip()
    scope.client.apply(scope.kind.form, {"elid": login, field: text})


def switch(scope: Scope, wanted: State) -> Observed:
    if state_of(need_row(scope)) is wanted:
        return Observed(state=wanted)
    func = scope.kind.resume if wanted is State.ACTIVE else scope.kind.suspend

    def done() -> bool:
        row = row_of(scope)
        return row is not None and state_of(row) is wanted

    unless_done(lambda: scope.client.act(func, scope.login), done)
    if not wait_until(scope.client, done):
        raise TemporaryError(f"The panel accepted {func} and {scope.login} is not {wanted} yet.")
    return Observed(state=wanted)


def terminate(scope: Scope) -> Observed:
    if our_row(scope) is None:
        return Observed(state=State.MISSING, data=GONE)
    notes = _delete_users(scope) if scope.kind is RESELLER else ()
    _delete(scope, scope.kind.delete, scope.login)
    if not wait_until(scope.client, lambda: row_of(scope) is None):
        raise TemporaryError(f"The panel accepted the removal; {scope.login} is still there.")
    return Observed(state=State.MISSING, data=GONE, notes=notes)


def _delete_users(scope: Scope) -> tuple[str, ...]:
    """First his users, then he: not every version removes them with him."""
    rows = accounts(scope.client, HOSTING)
    names = [row.value("name") for row in rows if owner_of(row) == scope.login]
    for name in names:
        _delete(scope, HOSTING.delete, name)
    if not names:
        return ()
    return (f"{len(names)} accounts of the reseller were removed: {', '.join(names)}"[:1000],)


def _delete(scope: Scope, func: str, name: str) -> None:
    kind = HOSTING if func == HOSTING.delete else RESELLER

    def gone() -> bool:
        return all(row.value("name") != name for row in accounts(scope.client, kind))

    try:
        unless_done(lambda: scope.client.act(func, name), gone)
    except NotFound:
        return


def plan_change(scope: Scope) -> Sequence[str]:
    need_row(scope)
    return tuple(_blockers(scope, terms_of(scope)))


def change_package(scope: Scope) -> Observed:
    row = need_row(scope)
    terms = terms_of(scope)
    if scope.kind is HOSTING and any(ipaddresses.wanted(scope.account).values()):
        editions.require_addresses(scope.client)
    blockers = tuple(_blockers(scope, terms))
    if blockers:
        raise DoesNotFit(blockers)
    template = str(setting(scope.account.settings, "template") or "")
    preset = {"preset": template} if template else {}
    body = {"elid": scope.login, **preset, **terms.wire(change=True)}
    try:
        scope.client.apply(scope.kind.form, body)
    except OverLimit as error:
        raise DoesNotFit([error.detail]) from None
    data = ipaddresses.settle(scope) if scope.kind is HOSTING else {}
    return Observed(state=state_of(row), data=data)


def _blockers(scope: Scope, terms: Plan) -> Iterator[str]:
    for row in _stats(scope):
        named = row.first("name")
        limit = LIMITS.get(named.attributes.get("orig", "")) if named else None
        used = row.value("usages_used")
        if limit is None or limit.share or not (used.isascii() and used.isdigit()):
            continue
        most = terms.most(limit.code)
        if most is not None and int(used) > most:
            yield limit.exceeded(int(used), most)


def _stats(scope: Scope) -> list[Node]:
    """Limits with what is used of them. A panel without this function judges a change by itself."""
    try:
        return scope.client.rows(scope.kind.stats, {"su": scope.login})
    except (NotFound, AccessDenied):
        return []


def change_password(scope: Scope, password: str) -> Observed:
    logins.check_password(password, shortest=1)
    row = need_row(scope)
    both = {"passwd": password, "confirm": password}
    scope.client.apply("usrparam", {"su": scope.login, **both})
    return Observed(
        state=state_of(row), secrets={"password": password}, notes=_ftp_password(scope, both)
    )


def _ftp_password(scope: Scope, both: dict[str, str]) -> tuple[str, ...]:
    """The FTP user of the same name has a password of its own."""
    if not scope.account.data.get("ftp"):
        return ()
    body = {"su": scope.login, "elid": scope.login, "home": "/", **both}
    try:
        scope.client.apply("ftp.user.edit", body)
    except ModuleError as error:
        return (f"The password for FTP may still be the old one: {error.detail}",)
    return ()
