"""The pages of settings, of the domain first."""

from __future__ import annotations

from collections.abc import Callable

from provisioning.contract import SettingsStore, UnsupportedError
from provisioning.modules.smartermail import catch_all, responder, signatures, spam, trusted
from provisioning.modules.smartermail.scope import Scope

PAGES = (
    catch_all.PAGE,
    spam.PAGE,
    trusted.PAGE,
    signatures.OF_DOMAIN,
    responder.PAGE,
    signatures.OF_MAILBOX,
)
_STORES: dict[str, Callable[[Scope], SettingsStore]] = {
    catch_all.PAGE.code: catch_all.CatchAll,
    spam.PAGE.code: spam.Spam,
    trusted.PAGE.code: trusted.TrustedSenders,
    signatures.OF_DOMAIN.code: signatures.DomainSignature,
    responder.PAGE.code: responder.Responder,
    signatures.OF_MAILBOX.code: signatures.MailboxSignature,
}


def store(scope: Scope, code: str) -> SettingsStore:
    if code not in _STORES:
        raise UnsupportedError(f"There are no settings called {code}.")
    return _STORES[code](scope)
