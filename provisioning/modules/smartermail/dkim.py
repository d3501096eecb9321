"""DKIM keys of a domain, always read back: some builds say yes and do nothing."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from provisioning.contract import DkimKey, DkimState, DkimStore, PermanentError
from provisioning.modules.smartermail.scope import Scope, push_settings

KEY_BITS = "2048"
_SWITCH = "enableDkimSigningDomainAdmin"


class SmarterMailDkim(DkimStore):
    def __init__(self, scope: Scope) -> None:
        self._scope = scope
        self._way = scope.way

    def read(self) -> DkimKey:
        settings = self._settings()
        keys = settings.get("domainKeysSettings")
        if not isinstance(keys, Mapping):
            keys = self._older_settings()
        return key_of(keys, signing=settings.get(_SWITCH) is not False)

    def enable(self) -> DkimKey:
        """Activates the key when its record is published already, else leaves it waiting."""
        self._way.post("dkim-enable", "false")
        key = self.read()
        if key.state == DkimState.NONE:
            self._way.post("dkim-create-rollover", KEY_BITS)
            key = self.read()
        if key.state == DkimState.DISABLED:
            push_settings(self._scope.client, self._scope.domain, {_SWITCH: True})
            key = self.read()
        if key.state in (DkimState.NONE, DkimState.DISABLED):
            raise PermanentError("The server accepted the request for DKIM and made no key.")
        return key

    def disable(self) -> DkimKey:
        self._way.post("dkim-disable")
        key = self.read()
        if key.state == DkimState.ACTIVE:
            raise PermanentError("The server accepted the request and still signs with DKIM.")
        return key

    def _settings(self) -> Mapping[str, Any]:
        found = self._way.get("domain").get("domainSettings")
        return found if isinstance(found, Mapping) else {}

    def _older_settings(self) -> Mapping[str, Any]:
        """Builds before the keys became part of the domain's settings."""
        for name in ("dkim-settings", "dkim"):
            try:
                reply = self._way.get(name)
            except PermanentError:
                continue
            return next((value for value in reply.values() if isinstance(value, Mapping)), reply)
        return {}


def key_of(keys: Mapping[str, Any], *, signing: bool) -> DkimKey:
    pending = keys.get("pending")
    waiting = _key(pending) if isinstance(pending, Mapping) else None
    active = _key(keys)
    if active is None:
        return _as(waiting, DkimState.STANDBY) if waiting else DkimKey(state=DkimState.NONE)
    if not signing:
        return _as(active, DkimState.DISABLED)
    return _as(active, DkimState.ACTIVE if keys.get("isActive") else DkimState.STANDBY)


def _key(found: Mapping[str, Any]) -> tuple[str, str] | None:
    selector, public_key = found.get("selector"), found.get("publicKey")
    return (str(selector), str(public_key)) if selector and public_key else None


def _as(key: tuple[str, str], state: DkimState) -> DkimKey:
    return DkimKey(state=state, selector=key[0], public_key=key[1])
