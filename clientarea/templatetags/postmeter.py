from __future__ import annotations

from django import template
from django.templatetags.static import static
from django.utils.html import format_html
from django.utils.safestring import SafeString

register = template.Library()

SPRITE = "vendor/icons/sprite.svg"


@register.simple_tag
def icon(name: str, label: str = "", css: str = "") -> SafeString:
    """An icon of the sprite; decoration unless it has a label."""
    role = format_html('role="img" aria-label="{}"', label) if label else 'aria-hidden="true"'
    return format_html(
        '<svg class="icon {}" width="16" height="16" focusable="false" {}><use href="{}#{}"></use></svg>',
        css,
        SafeString(role),
        static(SPRITE),
        name,
    )
