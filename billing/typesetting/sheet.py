"""A document to write on, line by line, in any script."""

from __future__ import annotations

import re
from codecs import BOM_UTF16_BE
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass, replace

from fpdf import FPDF
from fpdf.enums import TextMode
from fpdf.fonts import TTFFont
from fpdf.line_break import Fragment

from billing.typesetting.faces import BOLD, FONTS, HAN
from billing.typesetting.glyphs import advances, direction
from billing.typesetting.lines import Cluster, fill, join
from billing.typesetting.runs import (
    Run,
    clean,
    cut,
    in_sight,
    is_right_to_left,
    split,
    without_end,
)

Colour = tuple[int, int, int]
WORDS = re.compile(r" +|[^ ]+")
PARAGRAPHS = re.compile(r"\r\n|[\r\n\v\f\x85\u2028\u2029]")
BASELINE = 0.3  # of the size, below the middle of a line
STROKE = 0.03  # of the size, around the letters of a font that has no bold weight


@dataclass(frozen=True, slots=True, kw_only=True)
class Style:
    """`size` in points, `height` of a line in mm. The country says how Han characters look."""

    size: float
    height: float
    colour: Colour
    bold: bool = False
    right: bool = False  # at the right end of the width
    country: str = ""


@dataclass(frozen=True, slots=True)
class Line:
    style: Style
    runs: list[Run]  # from left to right
    widths: list[float]  # of the runs, mm

    @property
    def width(self) -> float:
        return sum(self.widths)


class Sheet(FPDF):
    """Fonts are opened when a text needs them, and only the glyphs in use are embedded."""

    def __init__(self) -> None:
        super().__init__(format="A4")
        self.c_margin = 0

    def set_author(self, author: str | Sequence[str]) -> None:
        names = [author] if isinstance(author, str) else author
        super().set_author([clean(each) for each in names])

    def write_text(self, text: str, style: Style, *, x: float, width: float) -> None:
        """Below the present position, on further pages where it has to be."""
        for line in self.lines(text, style, width=width):
            self.make_room(style.height)
            self.draw(line, x=x, width=width)
            self.y += style.height

    def make_room(self, height: float) -> bool:
        """Whether it needed a new page."""
        if not self.will_page_break(height):
            return False
        self.add_page()
        return True

    def lines(self, text: str, style: Style, *, width: float) -> list[Line]:
        return [
            line
            for paragraph in PARAGRAPHS.split(text)
            for line in self._paragraph(clean(paragraph), style, width)
        ]

    def draw(self, line: Line, *, x: float, width: float = 0) -> None:
        """Beside the present position, which stays."""
        style, top = line.style, self.y
        baseline = top + style.height / 2 + BASELINE * style.size / self.k
        left = x + width - line.width if style.right else x
        self.set_text_color(*style.colour)
        for run, used in zip(line.runs, line.widths, strict=True):
            with self._weight(run, style), self._reading(run):
                self._draw_run(run, style, left, baseline)
            left += used
        self.y = top

    def _draw_run(self, run: Run, style: Style, x: float, baseline: float) -> None:
        self._font(run, style)
        if not run.shaped:
            self.text(x, baseline, run.text)
            return
        self.set_text_shaping(True, direction=direction(run), language=run.language or None)
        self.set_xy(x, baseline - BASELINE * self.font_size)
        self.cell(h=0, text=run.text)
        self.set_text_shaping(False)

    def _preload_bidirectional_text(self, text: str, markdown: bool) -> Sequence[Fragment]:
        """A shaped run as it is: it would be cut again before joiners, which then join nothing."""
        state = self._get_current_graphics_state()
        if state.text_shaping is None:
            return super()._preload_bidirectional_text(text, markdown)
        way = state.text_shaping["direction"]
        state.text_shaping |= {"fragment_direction": way, "paragraph_direction": way}
        return (Fragment(text, state, self.k),)

    @contextmanager
    def _reading(self, run: Run) -> Iterator[None]:
        """Shaped glyphs do not say what was written, so what is copied, searched and read aloud is
        told. Not so from right to left: readers turn that round themselves.
        """
        if not run.shaped or run.level % 2:
            yield
            return
        text = BOM_UTF16_BE + run.text.encode("utf-16-be")
        self._out(f"/Span <</ActualText <{text.hex()}>>> BDC")
        yield
        self._out("EMC")

    def _weight(self, run: Run, style: Style) -> AbstractContextManager[None]:
        if not style.bold or run.face == BOLD:
            return nullcontext()
        context: AbstractContextManager[None] = self.local_context(
            text_mode=TextMode.FILL_STROKE,
            line_width=style.size * STROKE,
            draw_color=style.colour,
        )
        return context

    def _font(self, run: Run, style: Style) -> TTFFont:
        family = run.face.lower()
        if family not in self.fonts:
            self.add_font(family, "", FONTS / run.face)
        self.set_font(family, "", style.size)
        font = self.current_font
        assert isinstance(font, TTFFont)
        return font

    def _paragraph(self, text: str, style: Style, width: float) -> Iterator[Line]:
        runs = split(text, bold=style.bold, country=style.country)
        if sum(self._width(run, style) for run in runs) <= width:
            yield self._line(runs, style)
            return
        clusters = [each for run in runs for each in self._clusters(run, style, width)]
        style = replace(style, right=style.right or is_right_to_left(text))
        for line in fill(clusters, width):
            head, runs = cut(runs, sum(len(each.text) for each in line))
            yield self._line(head, style)

    def _line(self, runs: list[Run], style: Style) -> Line:
        seen = in_sight(without_end(runs))
        return Line(style, seen, [self._width(run, style) for run in seen])

    def _clusters(self, run: Run, style: Style, width: float) -> Iterator[Cluster]:
        if run.shaped or run.face == HAN:
            yield from self._letters(run, style)
            return
        for word in WORDS.findall(run.text):
            part = replace(run, text=word)
            whole = Cluster(word, self._width(part, style))
            yield from [whole] if whole.width <= width else self._letters(part, style)

    def _letters(self, run: Run, style: Style) -> list[Cluster]:
        found = advances(self._font(run, style), run, style.size)
        return join([Cluster(text, width / self.k) for text, width in found])

    def _width(self, run: Run, style: Style) -> float:
        found = advances(self._font(run, style), run, style.size)
        return sum(width for _, width in found) / self.k
