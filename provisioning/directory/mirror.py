"""The mirror of one service's directory: filled set-based from a snapshot, kept true by writes."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, TypeVar

from django.db import models, transaction

from config import clock
from provisioning import contract
from provisioning.models import (
    Alias,
    DirectorySync,
    DistributionList,
    DomainAlias,
    Mailbox,
    Service,
)

DELETE_AT_ONCE = 5_000

Row = TypeVar("Row", Mailbox, Alias, DistributionList)


def fill(service: Service, snapshot: contract.Snapshot) -> list[str]:
    """In the caller's transaction; returns the addresses of mailboxes that are gone.

    A part that the platform does not have, or could not tell, stays as it was.
    """
    if snapshot.aliases is not None:
        _sync(service, Alias, "address", [alias_row(service, each) for each in snapshot.aliases])
    if snapshot.lists is not None:
        lists = [list_row(service, each) for each in snapshot.lists]
        _sync(service, DistributionList, "address", lists)
    if snapshot.domain_aliases is not None:
        names = [each.name.lower() for each in snapshot.domain_aliases]
        _sync(service, DomainAlias, "name", [DomainAlias(service=service, name=n) for n in names])
    return _fill_mailboxes(service, snapshot)


def lock(service: Service) -> DirectorySync:
    """The state of the mirror, held until the transaction ends."""
    # By id, or the caller's service would remember the row as it was before.
    DirectorySync.objects.get_or_create(service_id=service.pk)
    return DirectorySync.objects.select_for_update().get(service_id=service.pk)


@contextmanager
def changing(service: Service) -> Iterator[None]:
    """The transaction in which a write that the platform has carried out becomes the mirror's."""
    with transaction.atomic():
        state = lock(service)
        state.changed_at = clock.now()
        state.save(update_fields=["changed_at"])
        yield


def forget(service: Service) -> dict[str, int]:
    """The account is gone, and all of this with it; returns how many rows of each kind went."""
    held: dict[str, type[models.Model]] = {
        "mailboxes": Mailbox, "aliases": Alias, "lists": DistributionList,
        "domain_aliases": DomainAlias,
    }  # fmt: skip
    gone = {
        name: kind._default_manager.filter(service=service).delete()[0]
        for name, kind in held.items()
    }
    DirectorySync.objects.filter(service=service).delete()
    return {name: count for name, count in gone.items() if count}


def alias_row(service: Service, alias: contract.Alias) -> Alias:
    targets = [target.lower() for target in alias.targets]
    return Alias(
        service=service,
        address=alias.address.lower(),
        targets=targets,
        display_name=alias.display_name[:250],
        flags=dict(alias.flags),
        search=_words(alias.address, alias.display_name, *targets),
    )


def list_row(service: Service, mailing_list: contract.MailingList) -> DistributionList:
    members = mailing_list.members
    return DistributionList(
        service=service,
        address=mailing_list.address.lower(),
        description=mailing_list.description[:250],
        owner=mailing_list.owner,
        member_count=mailing_list.member_count if members is None else len(members),
        extra=dict(mailing_list.extra),
    )


def mailbox_row(
    service: Service, mailbox: contract.Mailbox, *, aliases: Iterable[str], forward_to: Any
) -> Mailbox:
    """`forward_to` None: not read yet."""
    return Mailbox(
        service=service,
        address=mailbox.address.lower(),
        display_name=mailbox.display_name[:250],
        size_bytes=mailbox.size_bytes,
        quota_bytes=mailbox.quota_bytes,
        enabled=mailbox.enabled,
        last_login_at=mailbox.last_login_at,
        features=sorted(mailbox.features),
        forward_to=forward_to,
        forward_keeps_copy=mailbox.forward_keeps_copy,
        extra=dict(mailbox.extra),
        search=_words(mailbox.address, mailbox.display_name, *aliases, *(forward_to or ())),
    )


def save_mailbox(service: Service, mailbox: contract.Mailbox) -> Mailbox:
    """As read fresh, forwards included."""
    address = mailbox.address.lower()
    aliases = aliases_by_target(service).get(address, ())
    forwards = [target.lower() for target in mailbox.forward_to]
    return upsert(mailbox_row(service, mailbox, aliases=aliases, forward_to=forwards))


def upsert(row: Row) -> Row:
    """The one row of this service and address, new or replaced."""
    values = _values(row)
    kind: Any = type(row)
    key = {name: values.pop(name) for name in ("service_id", "address")}
    saved: Row = kind.objects.update_or_create(**key, defaults=values)[0]
    return saved


def reindex(service: Service, addresses: Iterable[str]) -> None:
    """The search texts of mailboxes whose aliases have changed."""
    wanted, aliases = set(addresses), aliases_by_target(service)
    rows = list(Mailbox.objects.filter(service=service, address__in=wanted))
    for row in rows:
        forwards = row.forward_to or ()
        row.search = _words(row.address, row.display_name, *aliases.get(row.address, ()), *forwards)
    Mailbox.objects.bulk_update(rows, ["search"], batch_size=200)


def aliases_by_target(service: Service) -> dict[str, list[str]]:
    found: dict[str, list[str]] = defaultdict(list)
    for address, targets in Alias.objects.filter(service=service).values_list("address", "targets"):
        for target in targets:
            found[target].append(address)
    return found


def _fill_mailboxes(service: Service, snapshot: contract.Snapshot) -> list[str]:
    """Forwards are read one by one, so a snapshot without them keeps those of the mirror; where
    parts were not readable, features that seem to be off may just not have been told.
    """
    held = {row.address: row for row in Mailbox.objects.filter(service=service)}
    aliases = aliases_by_target(service)
    rows = []
    for mailbox in snapshot.mailboxes:
        address = mailbox.address.lower()
        old = held.get(address) or Mailbox(forward_to=None)
        known = [each.lower() for each in mailbox.forward_to]
        row = mailbox_row(
            service,
            mailbox,
            aliases=aliases.get(address, ()),
            forward_to=known or old.forward_to,
        )
        if not known:
            row.forward_keeps_copy = old.forward_keeps_copy
        if mailbox.brief:
            _keep_details(row, old)
        if snapshot.unreadable:
            row.features = row.features or old.features
        rows.append(row)
    return _sync(service, Mailbox, "address", rows)


def _keep_details(row: Mailbox, old: Mailbox) -> None:
    """A list that tells less than the platform knows takes nothing away from what was read."""
    row.display_name, row.features = old.display_name, old.features
    row.size_bytes, row.quota_bytes = old.size_bytes, old.quota_bytes
    row.last_login_at = row.last_login_at or old.last_login_at
    row.extra = {**old.extra, **row.extra}
    row.search = " ".join(filter(None, (row.search, row.display_name.lower())))


def _sync(service: Service, kind: Any, key: str, rows: Sequence[Any]) -> list[str]:
    """Inserts, updates and deletes what differs, set by set; returns the keys that went."""
    # A platform that lists a name twice means one.
    wanted = {getattr(row, key): row for row in rows}
    held = {getattr(row, key): row for row in kind.objects.filter(service=service)}
    before = {name: _values(row) for name, row in held.items()}
    changed = [row for name, row in wanted.items() if before.get(name) != _values(row)]
    kind.objects.bulk_create(changed, **_on_conflict(kind, key))
    gone = sorted(held.keys() - wanted.keys())
    for start in range(0, len(gone), DELETE_AT_ONCE):
        names = gone[start : start + DELETE_AT_ONCE]
        kind.objects.filter(service=service, **{f"{key}__in": names}).delete()
    return gone


def _on_conflict(kind: Any, key: str) -> dict[str, Any]:
    """Options of bulk_create: replace all columns but the key of a row that is there already."""
    unique = ["service", key]
    columns = [field.name for field in kind._meta.concrete_fields if not field.primary_key]
    others = [name for name in columns if name not in unique]
    if not others:
        return {"ignore_conflicts": True}
    return {"update_conflicts": True, "update_fields": others, "unique_fields": unique}


def _values(row: Any) -> dict[str, Any]:
    return {
        field.attname: getattr(row, field.attname)
        for field in row._meta.concrete_fields
        if not field.primary_key
    }


def _words(*parts: str) -> str:
    return " ".join(part.lower() for part in parts if part)
