"""Where a line may end, and the lines of a paragraph."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from unicodedata import category, combining, east_asian_width

from billing.typesetting.faces import is_silent

HANGUL = range(0xAC00, 0xD7A4)
VIRAMA = 9
# A line does not begin with these, nor end with those: brackets, stops, small kana, and the vowels
# that Thai and Lao write after or before their consonant.
NOT_FIRST = frozenset(
    "、。，．・：；？！）］｝〕〉》」』】〙〗々ーぁぃぅぇぉっゃゅょゎァィゥェォッャュョヮ"
    "ะาำๅๆฯະາຳໆຯ,.:;?!)]}%»”’…"
)
NOT_LAST = frozenset("（［｛〔〈《「『【〘〖เแโใไເແໂໃໄ([{«“‘")


@dataclass(frozen=True, slots=True)
class Cluster:
    """Characters that are never on two lines."""

    text: str
    width: float


def join(clusters: list[Cluster]) -> list[Cluster]:
    """Those of a font, with marks and joined letters in one."""
    found: list[Cluster] = []
    for each in clusters:
        if found and _are_one(found[-1].text, each.text):
            last = found.pop()
            found.append(Cluster(last.text + each.text, last.width + each.width))
        else:
            found.append(each)
    return found


def _are_one(before: str, after: str) -> bool:
    left, right = before[-1], after[0]
    return (
        category(right)[0] == "M"
        or is_silent(right)
        or left in ("\u200d", "\u2060")
        or combining(left) == VIRAMA
        or _is_tied(left, right)
    )


def _is_tied(left: str, right: str) -> bool:
    return right in NOT_FIRST or left in NOT_LAST


def fill(clusters: list[Cluster], width: float) -> Iterator[list[Cluster]]:
    """Lines that are at most so wide, but for one cluster that is wider."""
    line: list[Cluster] = []
    for each in clusters:
        line.append(each)
        while len(line) > 1 and not each.text.isspace() and _width(line) > width:
            cut = _last_chance(line) or len(line) - 1
            yield line[:cut]
            line = line[cut:]
    yield line


def _width(line: list[Cluster]) -> float:
    return sum(each.width for each in line)


def _last_chance(line: list[Cluster]) -> int:
    """Before which cluster the line may end; 0 where it must not."""
    places = range(len(line) - 1, 0, -1)
    return next((at for at in places if _may_end(line[at - 1].text[-1], line[at].text[0])), 0)


def _may_end(left: str, right: str) -> bool:
    if right == " ":
        return False
    if left in " \u200b":
        return True
    return not _is_tied(left, right) and (_is_ideograph(left) or _is_ideograph(right))


def _is_ideograph(character: str) -> bool:
    return east_asian_width(character) in "WF" and ord(character) not in HANGUL
