"""Senders whose mail to the domain is not looked at for spam."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django.utils.translation import gettext_noop as _

from provisioning.contract import (
    Field,
    FieldSet,
    Kind,
    SettingsPage,
    SettingsSeen,
    SettingsStore,
    UnsupportedError,
    Written,
)
from provisioning.contract.mail_settings import Attempt
from provisioning.modules.smartermail.domain_aliases import is_domain_name
from provisioning.modules.smartermail.scope import (
    Scope,
    ascii_domain,
    is_address,
    present_settings,
)
from provisioning.modules.smartermail.words import TRUSTED_ADDRESSES, TRUSTED_DOMAINS

MOST = 1000
_WIRE = {"addresses": TRUSTED_ADDRESSES, "domains": TRUSTED_DOMAINS}


def _addresses_only(lines: tuple[str, ...]) -> str | None:
    wrong = next((line for line in lines if not is_address(line)), None)
    return f"{wrong} is not an e-mail address." if wrong else None


def _domains_only(lines: tuple[str, ...]) -> str | None:
    wrong = next((line for line in lines if not is_domain_name(ascii_domain(line))), None)
    return f"{wrong} is not a domain name." if wrong else None


PAGE = SettingsPage(
    code="trusted-senders",
    label=_("Trusted senders"),
    help=_("Mail from these senders is not held back as spam, in any mailbox of your domain."),
    fields=FieldSet(
        (
            Field(
                code="addresses",
                label=_("Addresses"),
                kind=Kind.LINES,
                default=(),
                maximum=MOST,
                help=_("One per line: anna@partner.example"),
                validate=_addresses_only,
            ),
            Field(
                code="domains",
                label=_("Domains"),
                kind=Kind.LINES,
                default=(),
                maximum=MOST,
                help=_("One per line, for everybody there: partner.example"),
                validate=_domains_only,
            ),
        )
    ),
)


class TrustedSenders(SettingsStore):
    def __init__(self, scope: Scope) -> None:
        super().__init__(PAGE)
        self._scope = scope

    def read(self, address: str = "") -> SettingsSeen:
        settings = present_settings(self._scope)
        return SettingsSeen(
            values={code: _entries(settings, seen) for code, (seen, _sent) in _WIRE.items()}
        )

    def write(self, changes: Mapping[str, Any], address: str = "") -> Written:
        self.page.check(changes)
        plain = dict(changes)
        if "domains" in plain:
            plain["domains"] = tuple(map(ascii_domain, plain["domains"]))
        return super().write(plain, address)

    def attempts(self, changes: Mapping[str, Any], address: str) -> Iterable[Attempt]:
        """The call replaces both lists, so the other one goes back as it came."""
        wanted = {**self.read().values, **changes}
        body = {sent: list(wanted[code]) for code, (_seen, sent) in _WIRE.items()}

        def replace() -> tuple[str, ...]:
            self._scope.way.post("whitelist", json=body)
            return ()

        return (replace,)


def _entries(settings: Mapping[str, Any], key: str) -> tuple[str, ...]:
    """Each is a text, or an object with the text as its `value`."""
    if key not in settings or not isinstance(settings[key], list | None):
        raise UnsupportedError(f"The server does not tell the domain's {key}.")
    rows = (row.get("value") if isinstance(row, Mapping) else row for row in settings[key] or ())
    return tuple(str(row) for row in rows if row)
