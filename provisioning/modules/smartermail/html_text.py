"""Texts that people type and the server keeps as HTML."""

from __future__ import annotations

import html
import re
from html.parser import HTMLParser

_UNSEEN = frozenset({"style", "script", "head", "title"})
_BLOCKS = frozenset({"p", "div", "li", "tr", "table", "ul", "ol", "h1", "h2", "h3", "blockquote"})


class _Text(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []
        self._unseen = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._unseen += tag in _UNSEEN
        if tag == "br":
            self.parts.append("\n")
        elif tag in _BLOCKS:
            self._new_line()

    def handle_endtag(self, tag: str) -> None:
        self._unseen = max(0, self._unseen - (tag in _UNSEEN))
        if tag in _BLOCKS:
            self._new_line()

    def handle_data(self, data: str) -> None:
        """Blanks alone, where a line begins, are the markup's own."""
        if not self._unseen and (data.strip() or not self._at_line_start):
            self.parts.append(re.sub(r"\s*\n\s*", " ", data))

    @property
    def _at_line_start(self) -> bool:
        return not self.parts or self.parts[-1].endswith("\n")

    def _new_line(self) -> None:
        if not self._at_line_start:
            self.parts.append("\n")


def to_html(text: str) -> str:
    return html.escape(text, quote=False).replace("\n", "<br>")


def to_text(markup: str) -> str:
    """What one reads of it, without blanks at the ends of lines."""
    reader = _Text()
    reader.feed(markup)
    reader.close()
    lines = "".join(reader.parts).replace("\xa0", " ").split("\n")
    return "\n".join(line.strip() for line in lines).strip()


def is_formatted(markup: str) -> bool:
    """Whether more than its text would be lost by saving the text alone."""
    plain = re.sub(r"<br\s*/?>", "\n", markup, flags=re.IGNORECASE)
    return html.unescape(plain).split() != to_text(markup).split()
