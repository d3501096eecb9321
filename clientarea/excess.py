"""More than was bought: how much there is too much of, and what to delete first."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from django.db.models import F
from django.utils.translation import gettext as _

from clientarea.platform import Platform
from provisioning.contract import Capability
from provisioning.models import Service

MOST_CANDIDATES = 5


@dataclass(frozen=True)
class Excess:
    label: str
    used: int
    limit: int
    candidates: tuple[str, ...] = ()

    @property
    def over(self) -> int:
        return self.used - self.limit


def of(platform: Platform, section: str = "") -> list[Excess]:
    """Of one section, or of all."""
    return [each for each in _counted(platform, section) if each.over > 0]


def _counted(platform: Platform, section: str) -> Iterator[Excess]:
    service, limits = platform.service, platform.limits
    kinds = (
        (Capability.MAILBOXES, _("Mailboxes"), service.mailboxes, limits.mailboxes),
        (Capability.ALIASES, _("Aliases"), service.aliases, limits.aliases),
        (Capability.LISTS, platform.nouns.list_plural, service.lists, limits.lists),
        (
            Capability.DOMAIN_ALIASES,
            _("Domain aliases"),
            service.domain_aliases,
            limits.domain_aliases,
        ),
    )
    for capability, label, rows, limit in kinds:
        wanted = section in ("", capability.value)
        if wanted and platform.has(capability) and limit is not None:
            used = rows.count()
            unused = capability is Capability.MAILBOXES and used > limit
            yield Excess(label, used, limit, _unused(service, used - limit) if unused else ())


def _unused(service: Service, number: int) -> tuple[str, ...]:
    """Mailboxes nobody signed in to come first."""
    order = F("last_login_at").asc(nulls_first=True)
    rows = service.mailboxes.order_by(order, "size_bytes", "address")
    return tuple(rows.values_list("address", flat=True)[: min(number, MOST_CANDIDATES)])
