"""Create: look first, note that we ask, add the domain, and tell what its DNS must prove."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from provisioning.contract import ConflictError, Observed, Progress, State, TemporaryError
from provisioning.modules.polarismail import reading
from provisioning.modules.polarismail.answers import Refusal
from provisioning.modules.polarismail.lifecycle import is_ours, observe, stranger
from provisioning.modules.polarismail.scope import Scope
from provisioning.modules.polarismail.transport import unless_done, words_of

# Before the platform is asked. What an earlier domain of the same name was is over.
UNCLAIMED: dict[str, Any] = {
    "claim": "",
    "domain_id": "",
    "verified": False,
    "verification": {},
    "adopted": False,
}


def create(scope: Scope, progress: Progress) -> Observed:
    """Also starts again when the platform has deleted a domain that was not proven in time."""
    plan = scope.plan
    row = reading.domains(scope.client).get(scope.domain)
    if row is None:
        scope = _add(scope, progress)
    elif not is_ours(scope, row):
        raise stranger(scope)
    scope = _with_data(scope, {"quota_gb": str(plan.quota_gb)})
    found = observe(scope)
    if found.state is State.MISSING:
        raise TemporaryError(f"{scope.domain} was added and is not in the account now.")
    return replace(found, data={**scope.data, **found.data})


def _add(scope: Scope, progress: Progress) -> Scope:
    client, domain = scope.client, scope.domain
    answer = client.ask("domain_available", domain=domain)
    if answer.refused:
        raise ConflictError(f"{domain} is not available: {words_of(answer, {})}")
    claim = {**UNCLAIMED, "claim": domain}
    progress(claim, {})

    def there() -> bool:
        return domain in reading.domains(client)

    try:
        unless_done(lambda: client.call("add_domain", domain=domain), there)
    except Refusal:
        # It was not there a moment ago, so when it is there now the refusal was not the first word.
        if not there():
            progress(UNCLAIMED, {})  # what appears under this name later is somebody else's
            raise
    return _with_data(scope, claim)


def _with_data(scope: Scope, data: Mapping[str, Any]) -> Scope:
    account = scope.account
    return replace(scope, account=replace(account, data={**account.data, **data}))
