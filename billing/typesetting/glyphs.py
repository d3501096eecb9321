"""How wide the characters of a run are."""

from __future__ import annotations

from collections import defaultdict
from itertools import pairwise

from fpdf.enums import TextDirection
from fpdf.fonts import TTFFont

from billing.typesetting.runs import Run

THOUSANDTH = 0.001  # of the size: what fonts in a PDF measure in
Advance = tuple[str, float]  # the characters, and points


def advances(font: TTFFont, run: Run, size: float) -> list[Advance]:
    """In the order of reading: characters one by one, or what shaping makes one of them."""
    scale = size * THOUSANDTH
    if run.shaped:
        return [(text, width * scale) for text, width in _shaped(font, run, size)]
    return [(each, font.cw[ord(each)] * scale) for each in run.text]


def direction(run: Run) -> TextDirection:
    return TextDirection.RTL if run.level % 2 else TextDirection.LTR


def _shaped(font: TTFFont, run: Run, size: float) -> list[Advance]:
    parameters = {
        "features": {},
        "fragment_direction": direction(run),
        "language": run.language or None,
    }
    glyphs, positions = font.perform_harfbuzz_shaping(run.text, size, parameters)
    found: dict[int, float] = defaultdict(float)
    for glyph, position in zip(glyphs, positions, strict=True):
        found[glyph.cluster] += round(font.scale * position.x_advance + THOUSANDTH)
    starts = (*sorted(found), len(run.text))
    return [(run.text[start:end], found[start]) for start, end in pairwise(starts)]
