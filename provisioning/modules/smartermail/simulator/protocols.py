"""vendor API: settings/domain, ActiveSync (EAS) and MAPI/EWS per mailbox"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from provisioning.modules.smartermail.simulator.call import (
    Access,
    Call,
    Handler,
    Route,
    change,
    envelope,
    get,
)
from provisioning.modules.smartermail.simulator.errors import (
    INVALID_INPUT,
    BusinessError,
    Forbidden,
)
from provisioning.modules.smartermail.simulator.inputs import flag, text
from provisioning.modules.smartermail.simulator.model import NEVER, Domain


@dataclass(frozen=True, slots=True)
class Protocol:
    table: str
    path: str
    rows_key: str
    switch: str
    limit: str
    licences: str

    def of(self, domain: Domain) -> dict[str, str]:
        table: dict[str, str] = getattr(domain, self.table)
        return table


EAS = Protocol(
    table="eas",
    path="active-sync-mailboxes",
    rows_key="activeSyncAccounts",
    switch="enableActiveSyncAccountManagement",
    limit="maxActiveSyncAccounts",
    licences="eas_licences",
)
MAPI = Protocol(
    table="mapi",
    path="mapi-ews-mailboxes",
    rows_key="mapiEwsAccounts",
    switch="enableMapiEwsAccountManagement",
    limit="maxMapiEwsAccounts",
    licences="mapi_licences",
)


def lister(protocol: Protocol) -> Handler:
    """Only the mailboxes that have the protocol are listed."""

    def list_mailboxes(call: Call) -> dict[str, Any]:
        return envelope({protocol.rows_key: list(_rows(call.domain, protocol))})

    return list_mailboxes


def patcher(protocol: Protocol) -> Handler:
    """The body is a JSON array of ``{"emailAddress", "isActive"}``; all of it or nothing."""

    def patch(call: Call) -> dict[str, Any]:
        wanted = _wanted(call)
        switched_on = call.domain.settings[protocol.switch]
        if not switched_on and call.variants.protocol_patch_switched_off == "403":
            raise Forbidden
        if switched_on and not call.variants.protocol_patch_no_effect:
            _apply(call, protocol, wanted)
        return envelope({})

    return patch


def _rows(domain: Domain, protocol: Protocol) -> list[dict[str, Any]]:
    rows = []
    for local, last_sync in protocol.of(domain).items():
        user = domain.users[local]
        rows.append(
            {
                "emailAddress": domain.address(user.name),
                "isActive": True,
                "displayName": user.full_name or user.name,
                "lastSync": last_sync,
            }
        )
    return rows


def _wanted(call: Call) -> dict[str, bool]:
    """Lower-case local name to the state asked for."""
    items = call.json()
    if not isinstance(items, list) or not all(isinstance(item, dict) for item in items):
        raise BusinessError(INVALID_INPUT)
    return {
        call.named_user(text(item, "emailAddress")).name.lower(): flag(item, "isActive")
        for item in items
    }


def _apply(call: Call, protocol: Protocol, wanted: dict[str, bool]) -> None:
    table = dict(protocol.of(call.domain))
    for local, active in wanted.items():
        if active:
            table.setdefault(local, NEVER)
        else:
            table.pop(local, None)
    added = len(table) - len(protocol.of(call.domain))
    if added > 0:
        _check_room(call, protocol, len(table), added)
    setattr(call.domain, protocol.table, table)


def _check_room(call: Call, protocol: Protocol, total: int, added: int) -> None:
    limit = call.domain.settings[protocol.limit]
    if limit and total > limit:
        raise BusinessError("The domain has reached its maximum number of accounts.")
    licences = getattr(call.variants, protocol.licences)
    if licences is None:
        return
    used = sum(len(protocol.of(domain)) for domain in call.state.domains.values())
    if used + added > licences:
        raise BusinessError("The licence does not cover more accounts.")


ROUTES: tuple[Route, ...] = tuple(
    route
    for protocol in (EAS, MAPI)
    for route in (
        get(f"settings/domain/{protocol.path}", Access.DOMAIN, lister(protocol)),
        change(f"settings/domain/{protocol.path}-patch", Access.DOMAIN, patcher(protocol)),
    )
)
