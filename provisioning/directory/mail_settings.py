"""Pages of settings. Nothing is mirrored: they are few, and read when somebody looks at one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from accounts import audit
from provisioning.contract import Kind, NotFound, SettingsPage, SettingsSeen, Written
from provisioning.directory.opening import reading, writing
from provisioning.directory.policy import kind_of
from provisioning.models import Mailbox, Service


def read_settings(service: Service, code: str, address: str = "") -> SettingsSeen:
    """Fresh from the platform. UnsupportedError for an unknown page, NotFound for a mailbox that
    the mirror does not show.
    """
    page = kind_of(service).settings_page(code)
    mailbox = _mailbox(service, page, address)
    with reading(service) as opened:
        store = opened.module.mail_settings(opened.account, code)
        return store.read(mailbox.address if mailbox else "")


def write_settings(
    service: Service, code: str, changes: Mapping[str, Any], address: str = ""
) -> Written:
    """`changes` are typed values of what a person changed, and nothing else."""
    page = kind_of(service).settings_page(code)
    mailbox = _mailbox(service, page, address)
    page.check(changes)
    if not changes:
        return Written()
    name = mailbox.address if mailbox else ""
    with writing(service) as opened:
        store = opened.module.mail_settings(opened.account, code)
        before = store.values(name)
        written = store.write(changes, name)
    told = {
        "page": code,
        "address": name,
        "fields": sorted(changes),
        "incomplete": list(written.incomplete),
    }
    audit.record(
        "mail_settings.changed",
        mailbox or service,
        before=_told(page, before, changes),
        after={**_told(page, changes, changes), **told},
        customer=service.customer,
    )
    return written


def _mailbox(service: Service, page: SettingsPage, address: str) -> Mailbox | None:
    """None for a page of the domain. The hidden administrator is in no mirror."""
    if not page.of_mailbox:
        return None
    name = address.strip().lower()
    found = Mailbox.objects.filter(service=service, address=name).first()
    if found is None:
        raise NotFound(f"{name} is no mailbox of {service}.")
    return found


def _told(page: SettingsPage, values: Mapping[str, Any], codes: Iterable[str]) -> dict[str, Any]:
    """As the audit trail keeps it: of long texts, which are letters, their length alone."""
    return {code: _shortened(page.fields[code].kind, values.get(code)) for code in codes}


def _shortened(kind: Kind, value: Any) -> Any:
    return f"{len(value or '')} characters" if kind is Kind.LONG_TEXT else value
