"""Which font has a character. Most documents need one font; another is opened for what it lacks."""

from __future__ import annotations

import json
from functools import cache, lru_cache
from pathlib import Path
from unicodedata import category

FONTS = Path(__file__).resolve().parent.parent / "fonts"
REGULAR, BOLD = "DejaVuSans.ttf", "DejaVuSans-Bold.ttf"
HAN = "NotoSansCJK.otf"
VARIATION_SELECTORS = range(0xFE00, 0xFE10)


@cache
def coverage() -> dict[str, list[tuple[int, int]]]:
    """First and last code points of each font, the preferred one first: see tools/fonts.py."""
    table: dict[str, list[tuple[int, int]]] = json.loads((FONTS / "coverage.json").read_text())
    return table


@cache
def plain() -> frozenset[str]:
    """Characters that stand side by side, from left to right, and are in both weights."""
    points = {point for first, last in coverage()[BOLD] for point in range(first, last + 1)}
    return frozenset(chr(each) for each in points if category(chr(each)) not in ("Mn", "Me", "Cf"))


@lru_cache(maxsize=4096)
def having(character: str) -> tuple[str, ...]:
    """The files, preferred one first."""
    point = ord(character)
    return tuple(
        file
        for file, ranges in coverage().items()
        if any(first <= point <= last for first, last in ranges)
    )


def is_silent(character: str) -> bool:
    """Nothing to see; it says how its neighbours look."""
    return category(character) == "Cf" or ord(character) in VARIATION_SELECTORS


def faces(text: str, *, bold: bool) -> list[str]:
    """A file for each character. Marks stay with the letter before them, spaces with the word."""
    found: list[str] = []
    for character in text:
        found.append(_face(character, found[-1] if found else "", bold=bold))
    return found


def _face(character: str, before: str, *, bold: bool) -> str:
    files = [file for file in having(character) if bold or file != BOLD]
    if before and is_silent(character):
        return before
    if before in files and (character == " " or character not in plain()):
        return before
    main = BOLD if bold else REGULAR
    return main if main in files or not files else files[0]
