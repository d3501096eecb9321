"""DKIM of a domain. A key that is shown while signing is off waits for its DNS record."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from provisioning.contract import DkimKey, DkimState, DkimStore, PermanentError
from provisioning.modules.polarismail import loose, wire
from provisioning.modules.polarismail.answers import Answer
from provisioning.modules.polarismail.scope import Scope

_LABEL = "._domainkey"


class PolarisMailDkim(DkimStore):
    def __init__(self, scope: Scope) -> None:
        scope.require_ready()
        self._scope = scope

    def read(self) -> DkimKey:
        """A refusal may tell host and key all the same."""
        return _key(_facts(self._scope.client.ask("dkim", domain=self._scope.domain)))

    def enable(self) -> DkimKey:
        made = self._scope.client.call("enable_dkim", domain=self._scope.domain)
        key = self.read()
        if key.state == DkimState.NONE:
            key = _key(wire.facts("dkim_made", made.body))
        if key.state == DkimState.NONE:
            raise PermanentError("The platform accepted the request for DKIM and made no key.")
        return key

    def disable(self) -> DkimKey:
        self._scope.client.call("disable_dkim", domain=self._scope.domain)
        key = self.read()
        if key.state == DkimState.ACTIVE:
            raise PermanentError("The platform accepted the request and still signs with DKIM.")
        state = DkimState.NONE if key.state == DkimState.NONE else DkimState.DISABLED
        return DkimKey(state=state, selector=key.selector, public_key=key.public_key)


def _facts(answer: Answer) -> dict[str, Any]:
    data = answer.data if isinstance(answer.data, Mapping) else answer.body
    return wire.facts("dkim", data)


def _key(facts: Mapping[str, Any]) -> DkimKey:
    host, key = facts.get("host"), facts.get("key")
    if not (isinstance(host, str) and host.strip() and isinstance(key, str) and key.strip()):
        return DkimKey(state=DkimState.NONE)
    signing = loose.truth(facts.get("enabled"))
    return DkimKey(
        state=DkimState.ACTIVE if signing else DkimState.STANDBY,
        selector=host.strip().lower().partition(_LABEL)[0],
        public_key=key.strip(),
    )
