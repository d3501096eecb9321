"""Mailboxes: a write goes to the platform first, then to mirror, intervals and audit in one go."""

from __future__ import annotations

from collections.abc import Iterable

from accounts import audit
from provisioning import contract
from provisioning.contract import MailboxChange, MailboxStore, ModuleError, NotFound, Written
from provisioning.directory import mirror, policy
from provisioning.directory.opening import reading, writing
from provisioning.engine.dispatch import send_on_commit
from provisioning.metering import features
from provisioning.models import Alias, Mailbox, Service


def create_mailbox(service: Service, address: str, change: MailboxChange) -> Written:
    """ModuleError. `Written.incomplete` names the parts that did not happen."""
    name = address.strip().lower()
    used = Mailbox.objects.filter(service=service).count()
    limit = policy.limits(service).mailboxes
    policy.check_room(service, "mailboxes", limit=limit, used=used, field="address")
    wanted = _checked(service, name, change, held=frozenset())
    with writing(service) as opened:
        store = opened.module.mailboxes(opened.account)
        written = store.create(name, wanted)
        seen = _read_back(store, name)
    _note(service, name, wanted, seen=seen, written=written, action="mailbox.created")
    return written


def update_mailbox(service: Service, address: str, change: MailboxChange) -> Written:
    name = address.strip().lower()
    row = Mailbox.objects.filter(service=service, address=name).first()
    held = frozenset(row.features) if row else frozenset()
    wanted = _checked(service, name, change, held=held)
    with writing(service) as opened:
        store = opened.module.mailboxes(opened.account)
        written = store.update(name, wanted)
        seen = _read_back(store, name)
    _note(service, name, wanted, seen=seen, written=written, action="mailbox.changed")
    return written


def set_mailbox_password(service: Service, address: str, password: str) -> None:
    name = address.strip().lower()
    policy.check_password(service, name, password)
    with writing(service) as opened:
        opened.module.mailboxes(opened.account).set_password(name, password)
    row = Mailbox.objects.filter(service=service, address=name).first()
    audit.record(
        "mailbox.password_changed",
        row or service,
        after={"address": name},
        customer=service.customer,
    )


def delete_mailbox(service: Service, address: str) -> None:
    name = address.strip().lower()
    with writing(service) as opened:
        opened.module.mailboxes(opened.account).delete(name)
    with mirror.changing(service):
        row = Mailbox.objects.filter(service=service, address=name).first()
        before = audit.facts(row) if row else {"address": name}
        audit.record("mailbox.deleted", row or service, before=before, customer=service.customer)
        Mailbox.objects.filter(service=service, address=name).delete()
        _retarget(service, name, keep=())
        features.note_deleted(service, [name])


def read_mailbox(service: Service, address: str) -> contract.Mailbox:
    """Fresh from the platform, with forwards; the mirror learns of it. NotFound."""
    name = address.strip().lower()
    try:
        with reading(service) as opened:
            seen = opened.module.mailboxes(opened.account).get(name)
    except NotFound:
        send_on_commit("refresh_directory", service.pk)
        raise
    with mirror.changing(service):
        mirror.save_mailbox(service, seen)
    return seen


def _checked(
    service: Service, name: str, change: MailboxChange, *, held: frozenset[str]
) -> MailboxChange:
    policy.check_password(service, name, change.password)
    policy.check_quota(service, change)
    return policy.offered_only(service, change, held=held)


def _read_back(store: MailboxStore, name: str) -> contract.Mailbox | None:
    """None when the platform fell silent after the write, which happened all the same."""
    try:
        return store.get(name)
    except ModuleError:
        return None


def _note(  # noqa: PLR0913 - one write as a whole: what was wanted, what came of it
    service: Service,
    name: str,
    change: MailboxChange,
    *,
    seen: contract.Mailbox | None,
    written: Written,
    action: str,
) -> None:
    with mirror.changing(service):
        old = Mailbox.objects.filter(service=service, address=name).first()
        before = audit.facts(old) if old else {}
        if change.aliases is not None and not written.incomplete:
            _retarget(service, name, keep=change.aliases)
        row = mirror.save_mailbox(service, seen or _as_wanted(name, change, old))
        if seen:
            features.note_mailbox(service, name, seen.features)
        if written.incomplete or not seen:
            send_on_commit("refresh_directory", service.pk)
        after = {**audit.facts(row), "incomplete": list(written.incomplete)}
        audit.record(action, row, before=before, after=after, customer=service.customer)


def _as_wanted(name: str, change: MailboxChange, old: Mailbox | None) -> contract.Mailbox:
    """Until the platform can be read again: what was there, with what was asked for."""
    row = old or Mailbox(address=name)
    forwards = row.forward_to or () if change.forward_to is None else change.forward_to
    keeps = change.forward_keeps_copy
    return contract.Mailbox(
        address=name,
        display_name=row.display_name if change.display_name is None else change.display_name,
        size_bytes=row.size_bytes,
        quota_bytes=row.quota_bytes if change.quota_bytes is None else change.quota_bytes,
        enabled=row.enabled if change.enabled is None else change.enabled,
        last_login_at=row.last_login_at,
        features=frozenset(row.features),
        forward_to=tuple(forwards),
        forward_keeps_copy=row.forward_keeps_copy if keeps is None else keeps,
        extra={**row.extra, **change.extra},
    )


def _retarget(service: Service, name: str, *, keep: Iterable[str]) -> None:
    """The aliases in `keep` deliver to the mailbox, others do not; an alias to nobody is gone."""
    kept = {address.lower() for address in keep}
    for row in Alias.objects.filter(service=service):
        targets = [target for target in row.targets if target != name]
        targets += [name] * (row.address in kept)
        kept.discard(row.address)
        if sorted(targets) == sorted(row.targets):
            continue
        if targets:
            mirror.upsert(mirror.alias_row(service, _alias(row, targets)))
        else:
            row.delete()
    for address in sorted(kept):
        mirror.upsert(mirror.alias_row(service, contract.Alias(address=address, targets=(name,))))


def _alias(row: Alias, targets: list[str]) -> contract.Alias:
    return contract.Alias(
        address=row.address, targets=tuple(targets), display_name=row.display_name, flags=row.flags
    )
