"""When billable features were on: intervals, opened and closed by what the panel does and sees."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.db.models import F, Q, QuerySet, Value
from django.db.models.functions import Greatest

from config import clock
from provisioning.connection.links import product_settings
from provisioning.contract import FeatureState, Module
from provisioning.models import FeatureInterval, Service

PANEL, POLL = "panel", "poll"


def metered(service: Service, kind: type[Module]) -> bool:
    """Whether the service's features are billed or offered, so that their intervals matter.

    Others are not polled: a poll costs a platform call or two for every domain.
    """
    settings = product_settings(service.product)
    terms = kind.metering(settings, service.currency).features
    priced = terms is not None and any(
        each.price for each in (*terms.features, terms.combined) if each
    )
    return priced or bool(kind.offered_features(settings))


def note_poll(service: Service, state: FeatureState, *, since: datetime) -> None:
    """Intervals by the difference to what was open.

    `since` is when the reading began: what the panel switched after that is newer than what was
    read. A feature that was not readable stays as it is.
    """
    rows = FeatureInterval.objects.filter(service=service, feature__in=state.enabled.keys())
    held = {(row.address, row.feature) for row in rows.filter(ended_at__isnull=True)}
    touched = {
        (row.address, row.feature)
        for row in rows.filter(Q(started_at__gte=since) | Q(ended_at__gte=since))
    }
    on = {
        (address.lower(), feature)
        for feature, addresses in state.enabled.items()
        for address in addresses
    }
    start(service, on - held - touched, source=POLL)
    gone = held - on - touched
    for feature in state.enabled:
        stop(service, [address for address, code in gone if code == feature], feature=feature)


def note_mailbox(service: Service, address: str, features: Iterable[str]) -> None:
    """What the panel has just seen on a mailbox that it changed."""
    name, on = address.lower(), set(features)
    rows = _open(service).filter(address=name)
    held = set(rows.values_list("feature", flat=True))
    _close(rows.exclude(feature__in=on))
    start(service, {(name, feature) for feature in on - held}, source=PANEL)


def note_deleted(service: Service, addresses: Iterable[str]) -> None:
    names = [address.lower() for address in addresses]
    _close(_open(service).filter(address__in=names), mailbox_deleted=True)


def start(service: Service, on: Iterable[tuple[str, str]], *, source: str) -> None:
    """(address, feature) pairs. Ignores those that another worker opened at this moment."""
    now = clock.now()
    FeatureInterval.objects.bulk_create(
        [
            FeatureInterval(
                service=service, address=address, feature=feature, started_at=now, source=source
            )
            for address, feature in sorted(on)
        ],
        ignore_conflicts=True,
    )


def stop(service: Service, addresses: Iterable[str], *, feature: str) -> None:
    names = list(addresses)
    if names:
        _close(_open(service).filter(feature=feature, address__in=names))


def close_all(service: Service) -> None:
    """The account is gone, and its mailboxes with it."""
    _close(_open(service), mailbox_deleted=True)


def _open(service: Service) -> QuerySet[FeatureInterval]:
    return FeatureInterval.objects.filter(service=service, ended_at__isnull=True)


def _close(rows: QuerySet[FeatureInterval], *, mailbox_deleted: bool = False) -> None:
    # Never before the start, even when the clock of another machine was ahead.
    ended = Greatest(F("started_at"), Value(clock.now()))
    rows.update(ended_at=ended, mailbox_deleted=mailbox_deleted)
