"""Signatures: of one mailbox, and of the whole domain. People type text, the server keeps HTML.

Other signatures, and who uses them, are never touched.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import partial
from typing import Any

from django.utils.translation import gettext_noop as _

from provisioning.contract import (
    Field,
    FieldSet,
    Kind,
    ModuleError,
    PermanentError,
    SettingsPage,
    SettingsSeen,
    SettingsStore,
    TemporaryError,
)
from provisioning.contract.mail_settings import Attempt
from provisioning.modules.smartermail.client import Way
from provisioning.modules.smartermail.html_text import is_formatted, to_html, to_text
from provisioning.modules.smartermail.mailboxes import user_data
from provisioning.modules.smartermail.scope import Scope
from provisioning.modules.smartermail.words import NEW_SIGNATURE, MapOption, MapType

OF_DOMAIN = SettingsPage(
    code="signature",
    label=_("Signature of the domain"),
    help=_("A text below every message that is written in the webmail of your domain."),
    fields=FieldSet(
        (
            Field(
                code="text",
                label=_("Signature"),
                kind=Kind.LONG_TEXT,
                default="",
                max_length=10_000,
                help=_("Plain text. Blank: none."),
            ),
        )
    ),
)
OF_MAILBOX = SettingsPage(
    code="own-signature",
    label=_("Signature"),
    help=_("A text below every new message that this mailbox writes in the webmail."),
    of_mailbox=True,
    fields=OF_DOMAIN.fields,
)
FORMATTED = _("This signature was formatted in the webmail. Saving keeps its text alone.")
NAME = "Signature"  # of those made here
Row = Mapping[str, Any]


class DomainSignature(SettingsStore):
    """The one that the domain's own mapping names."""

    def __init__(self, scope: Scope) -> None:
        super().__init__(OF_DOMAIN)
        self._scope = scope

    def read(self, address: str = "") -> SettingsSeen:
        way = self._scope.way
        return _seen(_of_domain(_signatures(way), _maps(way)))

    def attempts(self, changes: Mapping[str, Any], address: str) -> Iterable[Attempt]:
        text = str(changes["text"] or "").strip()
        return (partial(self._save, text) if text else self._drop,)

    def _save(self, text: str) -> tuple[str, ...]:
        way = self._scope.way
        rows = _signatures(way)
        found = _of_domain(rows, _maps(way)) or _named(rows)
        if found:
            way.post("signature", json={"signatureConfig": {**found, "text": to_html(text)}})
        else:
            new = {**NEW_SIGNATURE, "name": NAME, "text": to_html(text), "isDefault": False}
            way.post("signature-put", json={"signatureConfig": new})
            found = _named(_signatures(way))
        self._use(way, str((found or {}).get("guid") or ""))
        return ()

    def _use(self, way: Way, guid: str) -> None:
        if not guid:
            raise PermanentError("The server accepted a signature and does not list it.")
        wanted = {"mapOption": int(MapOption.SPECIFIED), "signatureGuid": guid}
        maps = _maps(way)
        if not any(map(_is_domains, maps)):
            ours = {"allowUsersToOverride": True, "key": self._scope.domain, **wanted}
            _send_maps(way, maps, add=[{**ours, "type": int(MapType.DOMAIN)}])
        elif any(_is_domains(row) and not row.items() >= wanted.items() for row in maps):
            _send_maps(way, [{**row, **wanted} if _is_domains(row) else row for row in maps])

    def _drop(self) -> tuple[str, ...]:
        way = self._scope.way
        maps = _maps(way)
        gone = [str(row.get("key") or "") for row in maps if _is_domains(row)]
        _send_maps(way, [row for row in maps if not _is_domains(row)], remove=gone)
        return ()


class MailboxSignature(SettingsStore):
    """The mailbox's default one."""

    def __init__(self, scope: Scope) -> None:
        super().__init__(OF_MAILBOX)
        self._scope = scope

    def read(self, address: str = "") -> SettingsSeen:
        local = self._scope.local(address)
        user_data(self._scope, local)
        return _seen(_default(self._all(local)))

    def attempts(self, changes: Mapping[str, Any], address: str) -> Iterable[Attempt]:
        local = self._scope.local(address)
        user_data(self._scope, local)
        return (partial(self._save, local, str(changes["text"] or "").strip()),)

    def _all(self, local: str) -> list[Row]:
        reply = self._scope.user(local).get("emails-signatures")
        return _rows(reply.get("userSignatures"), "signatures")

    def _save(self, local: str, text: str) -> tuple[str, ...]:
        way, wanted = self._scope.user(local), {"text": to_html(text), "isDefault": True}
        found = _default(self._all(local))
        if found:
            way.post("user-signature", json={"signatureConfig": {**found, **wanted}})
        else:
            way.post("user-signature-put", json={"signatureConfig": {"name": NAME, **wanted}})
            found = _default(self._all(local))
        return tuple(self._use(local, str((found or {}).get("guid") or "")))

    def _use(self, local: str, guid: str) -> Iterator[str]:
        """Which signature new mail gets is not told, so it is said each time."""
        use = {
            "allowUsersToOverride": True,
            "key": local,
            "mapOption": int(MapOption.SPECIFIED),
            "signatureGuid": guid,
            "type": int(MapType.USER),
        }
        try:
            self._scope.user(local).post("signature-mappings", json={"signatureMaps": [use]})
        except ModuleError as error:
            yield f"The text was saved. New messages may not begin with it: {error.detail}"


def _seen(found: Row | None) -> SettingsSeen:
    markup = str((found or {}).get("text") or "")
    notices = (FORMATTED,) if is_formatted(markup) else ()
    return SettingsSeen(values={"text": to_text(markup)}, notices=notices)


def _signatures(way: Way) -> list[Row]:
    return _rows(way.get("signatures").get("signatureConfigs"), "signatures")


def _maps(way: Way) -> list[Row]:
    return _rows(way.get("signature-mappings").get("maps"), "uses of signatures")


def _rows(found: Any, what: str) -> list[Row]:
    """What is not read must not be written anew."""
    if not isinstance(found, list):
        raise TemporaryError(f"The server's answer holds no {what}.")
    return [row for row in found if isinstance(row, Mapping)]


def _is_domains(row: Row) -> bool:
    return row.get("type") == MapType.DOMAIN


def _of_domain(rows: list[Row], maps: list[Row]) -> Row | None:
    used = {
        row.get("signatureGuid")
        for row in maps
        if _is_domains(row) and row.get("mapOption") == MapOption.SPECIFIED
    }
    return next((row for row in rows if row.get("guid") and row["guid"] in used), None)


def _named(rows: list[Row]) -> Row | None:
    return next((row for row in rows if row.get("name") == NAME), None)


def _default(rows: list[Row]) -> Row | None:
    return next((row for row in rows if row.get("isDefault") is True), None) or _named(rows)


def _send_maps(
    way: Way, maps: list[Row], *, add: Iterable[Row] = (), remove: Iterable[str] = ()
) -> None:
    body = {"signatureMaps": maps, "toAdd": list(add), "toRemove": list(remove)}
    way.post("signature-mappings", json=body)
