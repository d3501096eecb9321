"""Builds the fonts of documents, billing/fonts, from the packages they come in.

    python -m tools.fonts DIRECTORY    then refresh the checksums: python -m tools.vendored --write

DIRECTORY holds the packages that billing/fonts/VENDORED.json names, each unpacked into a folder of
its name (`dpkg-deb -x`; of npm's the folder `package`). The fonts lose their hinting and what no
document needs; `coverage.json` says in which of them a character is found, the first one first.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fontTools import subset
from fontTools.ttLib import TTFont

FONTS = Path(__file__).resolve().parent.parent / "billing/fonts"
DEJAVU = "dejavu-fonts-ttf/ttf"
NOTO = "fonts-noto-core/usr/share/fonts/truetype/noto"
CJK = "fonts-noto-cjk/usr/share/fonts/opentype/noto"
EMOJI = "noto-emoji/400Regular"
DROPPED = ["DSIG", "FFTM", "MATH", "STAT", "kern", "gasp", "VORG", "vhea", "vmtx", "BASE", "VDMX"]

TEXT = "20-24F 250-36F 370-52F 1E00-1FFF 2000-200A 2010-2027 2030-205E 2070-209C 20A0-20CF"
SYMBOLS = "1D00-1DBF 2100-27BF 27C0-27EF 2900-2BFF A640-A69F A720-A7FF"
HAN = "20 2E80-33FF 4E00-9FFF AC00-D7A3 F900-FAFF FF00-FFEF 20BB7"
# The languages that draw the same character differently get glyphs of their own for the characters
# of their national standard; of the Taiwanese one for its first level, the frequent ones.
FORMS = {"JAN ": ("shift_jis", b"\xff\xff"), "ZHT ": ("big5", b"\xc6\x7e")}
SCRIPTS = (
    "Hebrew", "Arabic", "Armenian", "Georgian", "Devanagari", "Bengali", "Gurmukhi", "Gujarati",
    "Oriya", "Tamil", "Telugu", "Kannada", "Malayalam", "Sinhala", "Thai", "Lao", "Khmer",
    "Myanmar", "Ethiopic", "Thaana", "Syriac", "NKo", "Cherokee", "CanadianAboriginal", "Mongolian",
    "Tifinagh", "Yi", "Javanese", "Balinese", "Sundanese", "Adlam", "OlChiki", "MeeteiMayek", "Vai",
)  # fmt: skip


@dataclass(frozen=True)
class Build:
    target: str
    source: str
    only: str = ""  # ranges of code points; all that the source has without
    number: int = -1  # in a collection
    rest: bool = False  # only what no font before it has


BUILDS = (
    Build("DejaVuSans.ttf", f"{DEJAVU}/DejaVuSans.ttf", f"{TEXT} 2100-2193 2200-22FF 25A0-25CF"),
    Build("DejaVuSans-Bold.ttf", f"{DEJAVU}/DejaVuSans-Bold.ttf", TEXT),
    Build("NotoSans.ttf", f"{NOTO}/NotoSans-Regular.ttf", f"{TEXT} 2C60-2C7F A720-A7FF", rest=True),
    *(Build(f"NotoSans{script}.ttf", f"{NOTO}/NotoSans{script}-Regular.ttf") for script in SCRIPTS),
    Build("NotoSerifTibetan.ttf", f"{NOTO}/NotoSerifTibetan-Regular.ttf"),
    Build("NotoSansCJK.otf", f"{CJK}/NotoSansCJK-Regular.ttc", HAN, 2),
    Build("DejaVuSans-Symbols.ttf", f"{DEJAVU}/DejaVuSans.ttf", SYMBOLS, rest=True),
    Build("NotoEmoji.ttf", f"{EMOJI}/NotoEmoji_400Regular.ttf", rest=True),
)


def points(ranges: str) -> set[int]:
    found: set[int] = set()
    for each in ranges.split():
        first, _, last = each.partition("-")
        found.update(range(int(first, 16), int(last or first, 16) + 1))
    return found


def build(directory: Path, each: Build, known: set[int]) -> set[int]:
    """Writes the font, without what is `known` from those before it; what it covers."""
    font = TTFont(directory / each.source, fontNumber=each.number, lazy=True, recalcTimestamp=False)
    covered = set(_names(font))
    if each.only:
        covered &= points(each.only) | _rare(each)
    covered -= known
    is_han = each.number >= 0
    if is_han:
        _keep_common_forms(font)
    tool = subset.Subsetter(_options(["locl"] if is_han else ["*"]))
    tool.populate(unicodes=covered)
    tool.subset(font)
    font.save(FONTS / each.target)
    return covered


def _names(font: TTFont) -> dict[int, str]:
    """Of the glyphs, by code point."""
    return font.getBestCmap() or {}


def _rare(each: Build) -> set[int]:
    """Outside the basic block, the kanji of the Japanese standard: they are in people's names."""
    extended = (*range(0x3400, 0x4DC0), *range(0x20000, 0x2A6E0)) if each.number >= 0 else ()
    return set(_encodable(extended, "euc_jis_2004", b"\xff\xff\xff"))


def _options(features: list[str]) -> subset.Options:
    options = subset.Options()
    options.layout_features = features
    options.hinting = False
    options.notdef_outline = True
    options.drop_tables += DROPPED
    return options


def _keep_common_forms(font: TTFont) -> None:
    names = _names(font)
    table = font["GSUB"].table
    for tag, lookups in _local_forms(table):
        kept = _encodable(names, *FORMS[tag]) if tag in FORMS else ()
        glyphs = {names[point] for point in kept}
        for index in lookups:
            for part in table.LookupList.Lookup[index].SubTable:
                mapping = getattr(part, "ExtSubTable", part).mapping
                for glyph in set(mapping) - glyphs:
                    del mapping[glyph]


def _local_forms(table: Any) -> Iterator[tuple[str, list[int]]]:
    """The look-ups of each language of the script Han; they are the same for other scripts."""
    for record in table.ScriptList.ScriptRecord:
        if record.ScriptTag != "hani":
            continue
        for language in record.Script.LangSysRecord:
            for index in language.LangSys.FeatureIndex:
                feature = table.FeatureList.FeatureRecord[index]
                if feature.FeatureTag == "locl":
                    yield language.LangSysTag, feature.Feature.LookupListIndex


def _encodable(points: Iterable[int], encoding: str, last: bytes) -> list[int]:
    return [point for point in points if b"" < chr(point).encode(encoding, "ignore") <= last]


def ranges(found: set[int]) -> list[list[int]]:
    """Of code points, both ends included."""
    rows: list[list[int]] = []
    for point in sorted(found):
        if rows and rows[-1][1] == point - 1:
            rows[-1][1] = point
        else:
            rows.append([point, point])
    return rows


def main() -> None:
    directory = Path(sys.argv[1])
    coverage: dict[str, set[int]] = {}
    for each in BUILDS:
        known = set().union(*coverage.values()) if each.rest else set()
        coverage[each.target] = build(directory, each, known)
    text = ",\n".join(f'"{name}": {json.dumps(ranges(found))}' for name, found in coverage.items())
    (FONTS / "coverage.json").write_text("{\n" + text + "\n}\n")


if __name__ == "__main__":
    main()
