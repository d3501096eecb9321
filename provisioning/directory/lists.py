"""Mailing lists, or what the platform calls so."""

from __future__ import annotations

from collections.abc import Iterable

from django.db.models import QuerySet

from accounts import audit
from provisioning.contract import ListStore, MailingList, ModuleError
from provisioning.directory import mirror, policy
from provisioning.directory.opening import reading, writing
from provisioning.models import DistributionList, Service


def create_list(service: Service, mailing_list: MailingList) -> None:
    used = DistributionList.objects.filter(service=service).count()
    limit = policy.limits(service).lists
    policy.check_room(service, "lists", limit=limit, used=used, field="address")
    with writing(service) as opened:
        opened.module.lists(opened.account).create(mailing_list)
    _note(service, mailing_list, action="list.created")


def update_list(service: Service, mailing_list: MailingList) -> None:
    with writing(service) as opened:
        opened.module.lists(opened.account).update(mailing_list)
    _note(service, mailing_list, action="list.changed")


def list_members(service: Service, address: str) -> tuple[str, ...]:
    """Fresh from the platform."""
    with reading(service) as opened:
        members = opened.module.lists(opened.account).members(address.strip().lower())
    _rows(service, address).update(member_count=len(members))
    return members


def change_members(
    service: Service, address: str, *, add: Iterable[str], remove: Iterable[str]
) -> None:
    more, fewer = _tidy(add), _tidy(remove)
    with writing(service) as opened:
        store = opened.module.lists(opened.account)
        store.change_members(address.strip().lower(), add=more, remove=fewer)
        count = _count(store, address.strip().lower())
    with mirror.changing(service):
        row = _rows(service, address).first()
        _rows(service, address).update(member_count=count)
        audit.record(
            "list.members_changed",
            row or service,
            before={"removed": fewer},
            after={"added": more},
            customer=service.customer,
        )


def delete_list(service: Service, address: str) -> None:
    with writing(service) as opened:
        opened.module.lists(opened.account).delete(address.strip().lower())
    with mirror.changing(service):
        row = _rows(service, address).first()
        before = audit.facts(row) if row else {"address": address}
        audit.record("list.deleted", row or service, before=before, customer=service.customer)
        _rows(service, address).delete()


def _rows(service: Service, address: str) -> QuerySet[DistributionList]:
    return DistributionList.objects.filter(service=service, address=address.strip().lower())


def _tidy(addresses: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(each.strip().lower() for each in addresses if each.strip()))


def _count(store: ListStore, address: str) -> int | None:
    try:
        return len(store.members(address))
    except ModuleError:
        return None


def _note(service: Service, mailing_list: MailingList, *, action: str) -> None:
    with mirror.changing(service):
        old = _rows(service, mailing_list.address).first()
        row = mirror.list_row(service, mailing_list)
        if row.member_count is None and old:
            row.member_count = old.member_count
        saved = mirror.upsert(row)
        before = audit.facts(old) if old else {}
        after = audit.facts(saved)
        audit.record(action, saved, before=before, after=after, customer=service.customer)
