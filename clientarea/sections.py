"""The pages of a service: which there are depends on what its platform declares."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.roles import CustomerRight
from clientarea.platform import Platform
from provisioning.contract import Capability


def _always(platform: Platform) -> bool:
    return True


def _with(capability: Capability) -> Callable[[Platform], bool]:
    return lambda platform: platform.has(capability)


@dataclass(frozen=True)
class Section:
    """`code` is the name of the section's first URL. A label may be the platform's to give."""

    code: str
    label: str | Promise | Callable[[Platform], str]
    icon: str
    shown: Callable[[Platform], bool] = _always
    right: str = CustomerRight.VIEW_SERVICES
    lasting: bool = False  # has something to show of a service that has ended

    def name(self, platform: Platform) -> str:
        return self.label(platform) if callable(self.label) else str(self.label)

    def url(self, platform: Platform) -> str:
        return reverse(f"clientarea:{self.code}", args=[platform.service.public_id])


SECTIONS = (
    Section("service", _("Overview"), "speedometer2", lasting=True),
    Section("mailboxes", _("Mailboxes"), "envelope", _with(Capability.MAILBOXES)),
    Section("aliases", _("Aliases"), "envelope-at", _with(Capability.ALIASES)),
    Section(
        "redirects",
        _("Redirects"),
        "arrow-left-right",
        lambda platform: platform.offers_redirects,
    ),
    Section(
        "lists",
        lambda platform: platform.nouns.list_plural,
        "people",
        _with(Capability.LISTS),
    ),
    Section(
        "groups",
        lambda platform: platform.nouns.group_plural,
        "list",
        _with(Capability.GROUPS),
    ),
    Section(
        "domain_aliases",
        _("Domain aliases"),
        "globe",
        lambda platform: platform.offers_domain_aliases,
    ),
    Section(
        "settings_index",
        _("Mail settings"),
        "sliders",
        lambda platform: bool(platform.domain_pages),
    ),
    Section("deleted", _("Deleted"), "trash", _with(Capability.RESTORE)),
    Section("dkim", _("Mail signing (DKIM)"), "shield-check", _with(Capability.DKIM)),
    Section("dns", _("DNS guide"), "list-ul", _with(Capability.DNS_GUIDE)),
    Section("activity", _("Activity"), "clock-history", lasting=True),
)


def shown(platform: Platform) -> list[Section]:
    ended = platform.service.ended
    return [each for each in SECTIONS if each.shown(platform) and (each.lasting or not ended)]
