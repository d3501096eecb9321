from __future__ import annotations

from fontTools.ttLib import TTFont

from billing.typesetting import faces
from billing.typesetting.faces import BOLD, FONTS, HAN, REGULAR


def test_every_font_has_the_characters_that_the_table_says() -> None:
    for file, ranges in faces.coverage().items():
        with TTFont(FONTS / file, lazy=True) as font:
            has = set(font.getBestCmap())
        said = {point for first, last in ranges for point in range(first, last + 1)}
        assert said <= has, file


def test_the_whole_of_the_scripts_in_common_use_is_covered() -> None:
    blocks = {
        "Han": (0x4E00, 0x9FA5), "Hangul": (0xAC00, 0xD7A3), "kana": (0x3041, 0x3096),
        "Hebrew": (0x5D0, 0x5EA), "Arabic": (0x620, 0x64A), "Thai": (0xE01, 0xE3A),
        "Devanagari": (0x904, 0x939), "Tamil": (0xBBE, 0xBC2), "Ethiopic": (0x1200, 0x1248),
        "Greek": (0x391, 0x3A1), "Cyrillic": (0x400, 0x45F), "Armenian": (0x531, 0x556),
        "Georgian": (0x10D0, 0x10FA), "Latin": (0x20, 0x7E), "currency": (0x20A0, 0x20BF),
    }  # fmt: skip
    for name, (first, last) in blocks.items():
        missing = [point for point in range(first, last + 1) if not faces.having(chr(point))]
        assert missing == [], name


def test_the_plain_characters_are_in_both_weights() -> None:
    assert all({REGULAR, BOLD} <= set(faces.having(each)) for each in faces.plain())


def test_a_mark_stays_with_its_letter_and_a_space_with_its_word() -> None:
    assert faces.faces("e\u0302x", bold=False) == [REGULAR] * 3
    assert faces.faces("क ख", bold=True) == ["NotoSansDevanagari.ttf"] * 3
    assert faces.faces("株 a", bold=False) == [HAN, HAN, REGULAR]


def test_a_stop_shared_by_many_scripts_is_drawn_in_that_of_the_text() -> None:
    bengali = "NotoSansBengali.ttf"
    assert faces.faces("কখ।", bold=False) == [bengali] * 3


def test_only_a_bold_text_is_drawn_in_the_bold_font() -> None:
    assert faces.faces("a√", bold=True) == [BOLD, REGULAR]
    assert faces.faces("a√", bold=False) == [REGULAR, REGULAR]
