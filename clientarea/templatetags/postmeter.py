from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from typing import Any

from django import template
from django.contrib.messages.storage.base import Message
from django.template import Context
from django.templatetags.static import static
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from clientarea import excess as excesses
from clientarea import least
from clientarea.platform import Platform
from clientarea.shell import Shell
from config import clock
from products.models import Product

register = template.Library()

SPRITE = "vendor/icons/sprite.svg"
TONES = {"success": "good", "warning": "warn", "error": "bad", "info": "info", "debug": "info"}
ICONS = {
    "good": "check-circle",
    "warn": "exclamation-triangle",
    "bad": "x-circle",
    "info": "info-circle",
}
# Up to how many seconds, told in units of how many.
SPANS: tuple[tuple[int, int, Callable[[int], str]], ...] = (
    (3600, 60, lambda n: ngettext("%d minute ago", "%d minutes ago", n)),
    (86_400, 3600, lambda n: ngettext("%d hour ago", "%d hours ago", n)),
    (30 * 86_400, 86_400, lambda n: ngettext("%d day ago", "%d days ago", n)),
)


@register.simple_tag(takes_context=True)
def shell(context: Context) -> Shell:
    return Shell(context.get("request"))


@register.simple_tag
def icon(name: str, label: str = "", css: str = "") -> SafeString:
    """An icon of the sprite; decoration unless it has a label."""
    role = format_html('role="img" aria-label="{}"', label) if label else 'aria-hidden="true"'
    return format_html(
        '<svg class="icon {}" width="16" height="16" focusable="false" {}>'
        '<use href="{}#{}"></use></svg>',
        css,
        SafeString(role),
        static(SPRITE),
        name,
    )


@register.simple_tag
def tone_icon(tone: str) -> SafeString:
    return icon(ICONS.get(tone, "info-circle"))


@register.simple_tag
def message_tone(message: Message) -> str:
    return TONES.get(message.level_tag, "info")


@register.simple_tag
def message_icon(message: Message) -> SafeString:
    return tone_icon(message_tone(message))


@register.inclusion_tag("clientarea/excess.html")
def excess(platform: Platform, section: str = "") -> dict[str, Any]:
    return {"excess": excesses.of(platform, section)}


@register.filter
def breakable(address: str) -> SafeString:
    """An address that may go on in a new line at its @."""
    local, at, domain = address.partition("@")
    return format_html("{}<wbr>{}{}", local, at, domain)


@register.filter
def ago(moment: datetime | None) -> SafeString | str:
    """How long before the panel's clock, with the exact time at hand."""
    if moment is None:
        return _("never")
    exact = date_format(localtime(moment), "DATETIME_FORMAT")
    return format_html(
        '<time datetime="{}" title="{}">{}</time>', moment.isoformat(), exact, _since(moment)
    )


def _since(moment: datetime) -> str:
    seconds = int((clock.now() - moment).total_seconds())
    if seconds < 60:
        return _("just now")
    for limit, unit, words in SPANS:
        if seconds < limit:
            return words(seconds // unit) % (seconds // unit)
    return date_format(localtime(moment), "DATE_FORMAT")


@register.simple_tag
def at_least(product: Product | None, cycle: str, currency: str, price: Decimal) -> str:
    return least.words(product, cycle, currency, price)


@register.filter
def meter_tone(share: int | None) -> str:
    """The colour of a bar that is `share` percent full."""
    if share is None or share < 80:
        return ""
    return "meter-bad" if share >= 95 else "meter-warn"


@register.simple_tag
def percent(used: int | None, room: int | None) -> int | None:
    """How full something is, 0 to 100; None when one of the two is unknown or without limit."""
    if used is None or not room:
        return None
    return min(100, used * 100 // room)
