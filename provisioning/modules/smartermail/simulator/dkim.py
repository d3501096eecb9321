"""vendor API: DKIM keys, as domain administrator and their system administrator twins"""

from __future__ import annotations

import base64
import secrets
from typing import Any

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from provisioning.modules.smartermail.simulator import views
from provisioning.modules.smartermail.simulator.call import (
    Access,
    Call,
    Route,
    change,
    envelope,
    get,
)
from provisioning.modules.smartermail.simulator.errors import INVALID_INPUT, BusinessError
from provisioning.modules.smartermail.simulator.inputs import merge, truth
from provisioning.modules.smartermail.simulator.model import Dkim, DkimKey
from provisioning.modules.smartermail.simulator.state import dkim_record, wire_time
from provisioning.modules.smartermail.simulator.sysadmin import named

BITS = ("1024", "2048", "4096")
DEFAULT_BITS = 2048
CHECK_AGAIN_SECONDS = 3600
NOT_IN_DNS = "DKIM_ERROR_DNS_RECORD_NOT_FOUND"

# dkim-settings-set sends shorter names than domainKeysSettings shows.
OPTION_NAMES = {
    "canonicalizationBody": "dkimCanonicalizationAlgorithmBody",
    "canonicalizationHeader": "dkimCanonicalizationAlgorithmHeader",
    "fieldOption": "dkimHeaderFieldOption",
    "fields": "dkimHeaderFields",
    "maxMessageSign": "maxMessageSign",
}


def enable(call: Call) -> dict[str, Any]:
    """Make a pending key if there is none; activate when DNS agrees, or when forced."""
    force = truth(call.args["force"])
    if call.variants.dkim_enable_no_effect:
        return envelope({})
    dkim = call.domain.dkim
    call.domain.settings["enableDkimSigningDomainAdmin"] = True
    if dkim.active is None and dkim.pending is None:
        dkim.pending = _new_key(call, DEFAULT_BITS)
    if dkim.active is None:
        _promote(call, dkim, force=force)
    else:
        dkim.is_active = force or _published(call, dkim.active)
        dkim.forced = force
    return envelope({})


def disable(call: Call) -> dict[str, Any]:
    """Signing ends at once and a pending key is dropped; the active key is kept."""
    dkim = call.domain.dkim
    dkim.is_active, dkim.forced, dkim.pending = False, False, None
    call.domain.settings["enableDkimSigningDomainAdmin"] = False
    return envelope({})


def create_rollover(call: Call) -> dict[str, Any]:
    if call.args["bits"] not in BITS:
        raise BusinessError(INVALID_INPUT)
    key = _new_key(call, int(call.args["bits"]))
    call.domain.dkim.pending = key
    return envelope(views.dkim_key(key))


def delete_rollover(call: Call) -> dict[str, Any]:
    call.domain.dkim.pending = None
    return envelope({})


def verify_rollover(call: Call) -> dict[str, Any]:
    dkim = call.domain.dkim
    if dkim.pending is None:
        raise BusinessError("DKIM_ERROR_NO_PENDING_KEY")
    if not _promote(call, dkim, force=truth(call.args["force"])):
        raise BusinessError(NOT_IN_DNS)
    return envelope({})


def verify_active(call: Call) -> dict[str, Any]:
    dkim = call.domain.dkim
    if dkim.active is None:
        raise BusinessError("DKIM_ERROR_NO_ACTIVE_KEY")
    if not _published(call, dkim.active):
        raise BusinessError(NOT_IN_DNS)
    dkim.is_active = True
    return envelope({})


def set_options(call: Call) -> dict[str, Any]:
    given = {OPTION_NAMES.get(key, key): value for key, value in call.body.items()}
    stored = {**views.DKIM_OPTIONS, **call.domain.dkim.options}
    call.domain.dkim.options = merge(stored, given, views.DKIM_OPTIONS)
    return envelope({})


def test_dns(call: Call) -> dict[str, Any]:
    key = DkimKey(call.args["selector"], call.args["key"], 0, "")
    if not _published(call, key):
        raise BusinessError(NOT_IN_DNS)
    return envelope({})


def read(call: Call) -> dict[str, Any]:
    """What older builds have instead of domainKeysSettings in the domain call."""
    return envelope({"domainKeysSettings": views.dkim_settings(call.domain.dkim)})


def _new_key(call: Call, bits: int) -> DkimKey:
    public = rsa.generate_private_key(public_exponent=65537, key_size=bits).public_key()
    der = public.public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    selector = secrets.token_hex(8).upper()
    next_check = wire_time(call.platform.clock, CHECK_AGAIN_SECONDS)
    return DkimKey(selector, base64.b64encode(der).decode(), bits, next_check)


def _published(call: Call, key: DkimKey) -> bool:
    name = f"{key.selector}._domainkey.{call.domain.name}".lower()
    return call.state.txt.get(name) == dkim_record(key.public_key)


def _promote(call: Call, dkim: Dkim, *, force: bool) -> bool:
    pending = dkim.pending
    if pending is None or not (force or _published(call, pending)):
        return False
    dkim.active, dkim.pending = pending, None
    dkim.is_active, dkim.forced = True, force
    return True


WRITES = (
    ("dkim-enable", "{force}", enable),
    ("dkim-disable", "", disable),
    ("dkim-create-rollover", "{bits}", create_rollover),
    ("dkim-delete-rollover", "", delete_rollover),
    ("dkim-verify-rollover", "{force}", verify_rollover),
    ("dkim-verify-active", "", verify_active),
    ("dkim-settings-set", "", set_options),
)

ROUTES: tuple[Route, ...] = (
    *(change(f"settings/domain/{name}/{arg}", Access.DOMAIN, do) for name, arg, do in WRITES),
    *(
        change(f"settings/sysadmin/{name}/{{domain}}/{arg}", Access.SYSADMIN, named(do))
        for name, arg, do in WRITES
    ),
    get("settings/domain/test-domain-key-dns/{selector}/{key}", Access.DOMAIN, test_dns),
    get("settings/domain/dkim-settings", Access.DOMAIN, read),
    get("settings/domain/dkim", Access.DOMAIN, read),
)
