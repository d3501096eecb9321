"""The module log of one piece of work: which calls were made to a server, with secrets masked."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from dataclasses import asdict, replace
from datetime import datetime
from urllib.parse import quote

import structlog
from django.db import DatabaseError, transaction

from config import clock
from provisioning.contract import CallRecord
from provisioning.contract.http import MASK
from provisioning.models import Command, ModuleCall, Server, Service

log = structlog.get_logger(__name__)

# Masked whatever a module declares besides.
COMMON_SECRETS = frozenset({
    "password", "adminpassword", "newpassword", "oldpassword", "temppassword", "pass", "passwd",
    "accesstoken", "refreshtoken", "autologintoken", "autologinurl", "impersonateaccesstoken",
    "impersonaterefreshtoken", "token", "key", "apikey", "api_key", "secret", "authorization",
    "twofactorcode", "session", "cookie",
})  # fmt: skip
SHORTEST_SECRET = 6  # shorter values would blot out innocent text
TEXTS = ("operation", "method", "url", "request", "response", "error")
LONGEST_TEXT = 20_000
LONGEST = {
    field.name: field.max_length or LONGEST_TEXT
    for field in ModuleCall._meta.concrete_fields
    if field.name in TEXTS
}


UNANSWERED = "Sent; the work ended before an answer came."


class CallLog:
    """Reads are kept and written together at the end. Every other call may change something, so its
    row is committed before it goes out and completed by its answer: a worker that is killed leaves
    the evidence.

    Commands and sync never open a module inside a transaction, so no rollback can take rows back.
    Where a caller does (the admin site wraps its forms in one), the rows share that transaction's
    fate. A row that cannot be written costs itself, never the work it tells of.
    """

    def __init__(
        self,
        server: Server,
        *,
        service: Service | None,
        command: Command | None,
        secrets: Iterable[str],
    ) -> None:
        self._of = {"server": server, "service": service, "command": command}
        self._secrets = sorted(_spellings(secrets), key=len, reverse=True)
        self._kept: list[ModuleCall] = []
        self._sent: ModuleCall | None = None

    def sending(self, record: CallRecord) -> None:
        row = self._row(replace(record, error=UNANSWERED), clock.now())
        self._kept.append(row)
        if self.flush():
            self._sent = row

    def __call__(self, record: CallRecord) -> None:
        sent, self._sent = self._sent, None
        if sent is not None:
            self._complete(self._row(record, sent.at), sent)
            return
        self._kept.append(self._row(record, clock.now()))
        if not record.reads:
            self.flush()

    def flush(self) -> bool:
        """Whether all that was kept is written."""
        rows, self._kept = self._kept, []
        return self._written(lambda: ModuleCall.objects.bulk_create(rows), len(rows))

    def _complete(self, row: ModuleCall, sent: ModuleCall) -> None:
        row.pk = sent.pk
        self._written(lambda: row.save(force_update=True), 1)

    def _written(self, write: Callable[[], object], calls: int) -> bool:
        try:
            with transaction.atomic():
                write()
        except DatabaseError:
            log.exception("module log not written", calls=calls)
            return False
        return True

    def _row(self, record: CallRecord, at: datetime) -> ModuleCall:
        values = asdict(record)
        texts = {name: self._clean(values[name])[: LONGEST[name]] for name in TEXTS}
        return ModuleCall(
            **self._of,
            **texts,
            at=at,
            status=record.status,
            duration_ms=max(0, record.duration_ms),
        )

    def _clean(self, text: str) -> str:
        """Without the secrets we know, wherever they stand, and without NUL, which no row takes."""
        for secret in self._secrets:
            text = text.replace(secret, MASK)
        return text.replace("\x00", "\ufffd")


def _spellings(secrets: Iterable[str]) -> set[str]:
    """Each secret as it may stand in a text, in JSON and in an address."""
    return {
        spelling
        for secret in secrets
        if len(secret) >= SHORTEST_SECRET
        for spelling in (
            secret,
            json.dumps(secret)[1:-1],
            json.dumps(secret, ensure_ascii=False)[1:-1],
            quote(secret, safe=""),
        )
    }
