"""vendor API: signatures of a domain and of a mailbox, and who uses which"""

from __future__ import annotations

import uuid
from typing import Any

from provisioning.modules.smartermail.simulator.call import (
    Access,
    Call,
    Route,
    change,
    envelope,
    get,
)
from provisioning.modules.smartermail.simulator.errors import (
    INVALID_INPUT,
    BusinessError,
    UnknownEntity,
)
from provisioning.modules.smartermail.simulator.inputs import (
    flag,
    merge,
    section,
    strings,
    text,
)

NO_SIGNATURE = "SIGNATURE_NOT_FOUND"
OF_USER = 4
MAP: dict[str, Any] = {
    "allowUsersToOverride": True,
    "key": "",
    "mapOption": 0,
    "signatureGuid": "",
    "type": 0,
}


def read_domain(call: Call) -> dict[str, Any]:
    return envelope({"signatureConfigs": [dict(row) for row in call.domain.signatures]})


def put_domain(call: Call) -> dict[str, Any]:
    return envelope({"signatureGuid": _put(call.domain.signatures, call)["guid"]})


def change_domain(call: Call) -> dict[str, Any]:
    _change(call.domain.signatures, call)
    return envelope({})


def delete_domain(call: Call) -> dict[str, Any]:
    kept = [row for row in call.domain.signatures if str(row["id"]) != call.args["id"]]
    if len(kept) == len(call.domain.signatures):
        raise UnknownEntity(NO_SIGNATURE)
    call.domain.signatures = kept
    return envelope({})


def read_maps(call: Call) -> dict[str, Any]:
    return envelope({"maps": [dict(row) for row in call.domain.signature_maps]})


def write_maps(call: Call) -> dict[str, Any]:
    """`signatureMaps` are all that stay, `toRemove` keys; each must name a signature there is."""
    removed = strings(call.body.get("toRemove", []))
    rows = [*_maps(call, "signatureMaps"), *_maps(call, "toAdd")]
    known = {row["guid"] for row in call.domain.signatures}
    known |= {row["guid"] for user in call.domain.users.values() for row in user.signatures}
    if any(row["signatureGuid"] not in {"", *known} for row in rows):
        raise UnknownEntity(NO_SIGNATURE)
    call.domain.signature_maps = [row for row in rows if row["key"] not in removed]
    return envelope({})


def read_own(call: Call) -> dict[str, Any]:
    return envelope({"userSignatures": [dict(row) for row in call.user.signatures]})


def put_own(call: Call) -> dict[str, Any]:
    return envelope({"signatureGuid": _put(call.user.signatures, call)["guid"]})


def change_own(call: Call) -> dict[str, Any]:
    _change(call.user.signatures, call)
    return envelope({})


def write_own_maps(call: Call) -> dict[str, Any]:
    """Of the mailbox itself; others stay."""
    rows = _maps(call, "signatureMaps")
    name, known = call.user.name.lower(), {row["guid"] for row in call.user.signatures}
    if any(row["type"] != OF_USER or row["key"].lower() != name for row in rows):
        raise BusinessError(INVALID_INPUT)
    if any(row["signatureGuid"] not in known for row in rows):
        raise UnknownEntity(NO_SIGNATURE)
    others = [
        row for row in call.domain.signature_maps if (row["type"], row["key"]) != (OF_USER, name)
    ]
    call.domain.signature_maps = [*others, *rows]
    return envelope({})


def _maps(call: Call, key: str) -> list[dict[str, Any]]:
    rows = call.body.get(key, [])
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise BusinessError(INVALID_INPUT)
    return [merge(dict(MAP), row, MAP) for row in rows]


def _put(table: list[dict[str, Any]], call: Call) -> dict[str, Any]:
    given = section(call.body, "signatureConfig")
    if not text(given, "name"):
        raise BusinessError(INVALID_INPUT)
    new = {"id": max((row["id"] for row in table), default=0) + 1, "guid": uuid.uuid4().hex}
    table.append(_filled(new, given))
    _one_default(table, table[-1])
    return table[-1]


def _change(table: list[dict[str, Any]], call: Call) -> None:
    given = section(call.body, "signatureConfig")
    found = next((row for row in table if row["guid"] == text(given, "guid")), None)
    if found is None:
        raise UnknownEntity(NO_SIGNATURE)
    found.update(_filled(found, given))
    _one_default(table, found)


def _filled(row: dict[str, Any], given: dict[str, Any]) -> dict[str, Any]:
    return {
        "id": row["id"],
        "guid": row["guid"],
        "name": text(given, "name", row.get("name", "")),
        "text": text(given, "text", row.get("text", "")),
        "isDefault": flag(given, "isDefault", row.get("isDefault", False)),
    }


def _one_default(table: list[dict[str, Any]], chosen: dict[str, Any]) -> None:
    for row in table:
        row["isDefault"] = row["isDefault"] and (row is chosen or not chosen["isDefault"])


DA, U = Access.DOMAIN, Access.USER
D = "settings/domain"

ROUTES: tuple[Route, ...] = (
    get(f"{D}/signatures", DA, read_domain),
    change(f"{D}/signature-put", DA, put_domain),
    change(f"{D}/signature", DA, change_domain),
    change(f"{D}/signature-delete/{{id}}", DA, delete_domain),
    get(f"{D}/signature-mappings", DA, read_maps),
    change(f"{D}/signature-mappings", DA, write_maps),
    get("settings/emails-signatures", U, read_own),
    change("settings/user-signature-put", U, put_own),
    change("settings/user-signature", U, change_own),
    change("settings/signature-mappings", U, write_own_maps),
)
