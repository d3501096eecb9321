"""A paragraph as runs, each of one font and one direction."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from itertools import groupby
from unicodedata import bidirectional, normalize

from fpdf.bidi import BidiParagraph, auto_detect_base_direction
from fpdf.enums import TextDirection

from billing.typesetting.faces import BOLD, HAN, REGULAR, faces, having, is_silent, plain

RIGHT_TO_LEFT = frozenset(("R", "AL", "AN", "RLE", "RLO", "RLI"))
CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff\ufff9-\ufffb]")
BOX = "□"  # in place of a character that no font has
KANA = re.compile(r"[\u3041-\u30ff]")
# Where Han characters look other than in mainland China. Korean ones are nearest to the Japanese.
LANGUAGES = {"JP": "ja", "KR": "ja", "TW": "zh-Hant", "HK": "zh-Hant", "MO": "zh-Hant"}


@dataclass(frozen=True, slots=True)
class Run:
    text: str
    face: str
    level: int = 0  # odd: from right to left
    shaped: bool = False  # its glyphs depend on each other
    language: str = ""


def clean(text: str) -> str:
    """Composed, on one line, and with a box for each character that no font has."""
    if plain().issuperset(text):
        return text
    text = CONTROLS.sub(" ", normalize("NFC", text).replace("\xad", ""))
    return "".join(each if having(each) or is_silent(each) else BOX for each in text)


def split(text: str, *, bold: bool = False, country: str = "") -> list[Run]:
    """In the order of reading; their texts together are the text."""
    if plain().issuperset(text):
        return [Run(text, BOLD if bold else REGULAR)] if text else []
    language = "ja" if KANA.search(text) else LANGUAGES.get(country, "")
    keys = list(zip(faces(text, bold=bold), levels(text), strict=True))
    found = []
    for (face, level), group in groupby(range(len(text)), key=keys.__getitem__):
        part = "".join(text[index] for index in group)
        found.append(_run(part, face, level, language))
    return found


def _run(text: str, face: str, level: int, language: str) -> Run:
    if face == HAN:
        return Run(text, face, level, shaped=bool(language or level % 2), language=language)
    return Run(text, face, level, shaped=level % 2 == 1 or not plain().issuperset(text))


def levels(text: str) -> list[int]:
    """Of each character, by the Unicode bidirectional algorithm."""
    if not any(bidirectional(each) in RIGHT_TO_LEFT for each in text):
        return [0] * len(text)
    paragraph = BidiParagraph(text, preserve_bn_chars=True)
    return [each.embedding_level for each in paragraph.get_characters()]


def is_right_to_left(text: str) -> bool:
    """As a paragraph: by its first letter."""
    return auto_detect_base_direction(text) == TextDirection.RTL


def cut(runs: list[Run], length: int) -> tuple[list[Run], list[Run]]:
    """The first so many characters, and the rest."""
    head: list[Run] = []
    for number, run in enumerate(runs):
        if length < len(run.text):
            rest = replace(run, text=run.text[length:])
            part = [replace(run, text=run.text[:length])] if length else []
            return head + part, [rest, *runs[number + 1 :]]
        head.append(run)
        length -= len(run.text)
    return head, []


def without_end(runs: list[Run]) -> list[Run]:
    """Without the spaces at the end of a line."""
    while runs and not runs[-1].text.rstrip():
        runs = runs[:-1]
    return [*runs[:-1], replace(runs[-1], text=runs[-1].text.rstrip())] if runs else []


def in_sight(runs: list[Run]) -> list[Run]:
    """From left to right: a line of them as it is seen."""
    ordered = list(runs)
    for level in range(max((run.level for run in runs), default=0), 0, -1):
        ordered = [
            run
            for deep, group in groupby(ordered, key=lambda run: run.level >= level)
            for run in (reversed(list(group)) if deep else group)
        ]
    return ordered
