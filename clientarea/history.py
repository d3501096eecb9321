"""The audit trail of a service, as its customer may read it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from accounts.models import AuditEvent
from config.language import told as translated
from config.sizes import size
from provisioning.models import Alias, DistributionList, DomainAlias, Mailbox, Service

# Facts that mean something to the customer; everything else of an event is for staff.
SHOWN = (
    "address",
    "name",
    "display_name",
    "targets",
    "aliases",
    "forward_to",
    "features",
    "quota_bytes",
    "enabled",
    "domain",
    "page",
)
LONGEST = 160
# What `_words` makes of the actions that are recorded; any other one reads so in English.
ACTIONS = (
    gettext_noop("Service: created"),
    gettext_noop("Service: cancelled"),
    gettext_noop("Service: cancellation withdrawn"),
    gettext_noop("Service: adopted"),
    gettext_noop("Service: adoption requested"),
    gettext_noop("Service: delivery requested"),
    gettext_noop("Service: drifted"),
    gettext_noop("Service: mail directory gone"),
    gettext_noop("Service: package changed"),
    gettext_noop("Service: restrict requested"),
    gettext_noop("Service: unrestrict requested"),
    gettext_noop("Service: suspend requested"),
    gettext_noop("Service: unsuspend requested"),
    gettext_noop("Service: suspended"),
    gettext_noop("Service: terminate requested"),
    gettext_noop("Service: secret shown"),
    gettext_noop("Mailbox: created"),
    gettext_noop("Mailbox: changed"),
    gettext_noop("Mailbox: deleted"),
    gettext_noop("Mailbox: restored"),
    gettext_noop("Mailbox: password changed"),
    gettext_noop("Alias: created"),
    gettext_noop("Alias: changed"),
    gettext_noop("Alias: deleted"),
    gettext_noop("List: created"),
    gettext_noop("List: changed"),
    gettext_noop("List: deleted"),
    gettext_noop("List: members changed"),
    gettext_noop("Domain alias: added"),
    gettext_noop("Domain alias: deleted"),
    gettext_noop("Group: created"),
    gettext_noop("Group: deleted"),
    gettext_noop("Group: mailboxes moved"),
    gettext_noop("Dkim: enabled"),
    gettext_noop("Dkim: disabled"),
    gettext_noop("Mail settings: changed"),
    gettext_noop("Sign on: customer"),
    gettext_noop("Sign on: mailbox"),
    gettext_noop("Sign on: staff"),
)


@dataclass(frozen=True)
class Told:
    at: datetime
    what: str
    details: tuple[str, ...]
    who: str


def events_of(service: Service) -> QuerySet[AuditEvent]:
    """Of the service and of what is in it. An event names its object, not the service around it."""
    itself = Q(object_type=Service._meta.label_lower, object_id=str(service.pk))
    addresses = Q(
        object_type__in=[kind._meta.label_lower for kind in (Mailbox, Alias, DistributionList)],
        object_label__iendswith=f"@{service.domain}",
    )
    names = Q(
        object_type=DomainAlias._meta.label_lower,
        object_id__in=[str(key) for key in service.domain_aliases.values_list("pk", flat=True)],
    )
    mine = AuditEvent.objects.filter(customer=service.customer, at__gte=service.created_at)
    return mine.filter(itself | addresses | names)


def told(event: AuditEvent) -> Told:
    return Told(event.at, _words(event.action), tuple(_details(event)), _who(event))


def _words(action: str) -> str:
    """ "mailbox.password_changed" reads "Mailbox: password changed"."""
    thing, _dot, act = action.replace("_", " ").partition(".")
    return translated(f"{thing.capitalize()}: {act}" if act else thing.capitalize())


def _who(event: AuditEvent) -> str:
    """Members of staff stay nameless, and so does the machine."""
    if event.actor is None or event.actor.is_staff or event.acting_for:
        return _("Support") if event.actor else _("Automatic")
    return event.actor.name or event.actor.email


def _details(event: AuditEvent) -> Iterator[str]:
    for name in SHOWN:
        if name in event.after or name in event.before:
            text = _value(event.after, name) or _value(event.before, name)
            if text:
                yield text[:LONGEST]


def _value(facts: Mapping[str, Any], name: str) -> str:
    value = facts.get(name)
    if isinstance(value, bool):
        return _("Active") if value else _("Disabled")
    if name == "quota_bytes":
        return size(value) if value else ""
    if isinstance(value, list):
        return ", ".join(str(each) for each in value)
    return "" if value in (None, "", {}) else str(value)
