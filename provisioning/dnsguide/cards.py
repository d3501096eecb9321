"""What one check found, ready for a page: a status, what is wrong, and which records to publish."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from provisioning.contract.dns import DnsRecord


class Status(StrEnum):
    OK = "ok"
    PARTIAL = "partial"
    MISSING = "missing"
    NOT_APPLICABLE = "not_applicable"
    UNKNOWN = "unknown"  # DNS gave no usable answer: says nothing about the customer's records
    CHECKING = "checking"  # nothing is cached and nobody has asked yet


STATUS_WORDS: dict[Status, str | Promise] = {
    Status.OK: _("Configured"),
    Status.PARTIAL: _("Partial"),
    Status.MISSING: _("Not configured"),
    Status.NOT_APPLICABLE: _("Not applicable"),
    Status.UNKNOWN: _("Unknown"),
    Status.CHECKING: _("Checking…"),
}


@dataclass(frozen=True, kw_only=True)
class Advice:
    """Publish `record`; it takes the place of the records in `replaces`, which have to go."""

    record: DnsRecord
    replaces: tuple[DnsRecord, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Finding:
    """A check without its name. `problems` explain the status, `notes` are only worth knowing."""

    status: Status
    found: tuple[str, ...] = ()
    problems: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    advice: tuple[Advice, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Card:
    code: str
    title: str
    status: Status
    found: tuple[str, ...] = ()
    problems: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    records_to_publish: tuple[Advice, ...] = ()

    @property
    def status_word(self) -> str:
        return str(STATUS_WORDS[self.status])


def tally(good: int, total: int) -> Status:
    if good == total:
        return Status.OK
    return Status.PARTIAL if good else Status.MISSING
