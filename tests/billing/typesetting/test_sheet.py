from __future__ import annotations

import io
from collections.abc import Iterator

import pypdfium2
import pytest
from PIL import Image

from billing.typesetting import Sheet, Style
from billing.typesetting.glyphs import advances
from billing.typesetting.runs import split

STYLE = Style(size=20, height=12, colour=(0, 0, 0))


@pytest.fixture
def sheet() -> Iterator[Sheet]:
    sheet = Sheet()
    sheet.add_page()
    yield sheet
    for font in sheet.fonts.values():
        font.close()


def widths(sheet: Sheet, text: str) -> list[tuple[str, float]]:
    (run,) = split(text)
    return advances(sheet._font(run, STYLE), run, STYLE.size)


def picture(text: str, **style: object) -> Image.Image:
    sheet = Sheet()
    sheet.add_page()
    sheet.write_text(text, Style(**{"size": 20, "height": 12, "colour": (0, 0, 0)} | style),
                     x=10, width=150)  # fmt: skip
    document = pypdfium2.PdfDocument(io.BytesIO(bytes(sheet.output())))
    return document[0].render(scale=2, grayscale=True).to_pil()


def ink(image: Image.Image) -> int:
    return sum(image.point(lambda value: value < 128 and 255).histogram()[128:])


def test_arabic_letters_are_joined(sheet: Sheet) -> None:
    joined = sum(width for _, width in widths(sheet, "بيت"))
    apart = sum(width for each in "بيت" for _, width in widths(sheet, each))
    assert joined < 0.8 * apart


def test_a_devanagari_conjunct_is_one_and_a_vowel_stands_before_its_consonant(
    sheet: Sheet,
) -> None:
    assert len(widths(sheet, "क्ष")) < 3
    assert picture("कि").tobytes() != picture("क").tobytes()


@pytest.mark.parametrize("text", ["ශ්\u200dරී", "क्\u200dष", "न\u094d\u200cन"])
def test_joiners_join_and_part_what_is_around_them(text: str) -> None:
    plain = text.replace("\u200d", "").replace("\u200c", "")
    assert picture(text).tobytes() != picture(plain).tobytes()


def test_han_characters_of_a_country_look_as_there() -> None:
    pictures = {picture("直骨角", country=each).tobytes() for each in ("CN", "JP", "TW")}
    assert len(pictures) == 3


def test_a_character_that_no_font_has_is_a_box_that_is_seen() -> None:
    assert picture("\U00013080").tobytes() == picture("□").tobytes()
    assert ink(picture("\U00013080")) > 0


def test_a_font_without_a_bold_weight_is_made_bold() -> None:
    for text in ("株式会社", "شركة", "บริษัท"):
        assert ink(picture(text, bold=True)) > 1.1 * ink(picture(text))


def test_a_text_from_right_to_left_begins_at_the_right_when_it_takes_several_lines(
    sheet: Sheet,
) -> None:
    short, long = "مرحبا بكم", "مرحبا بكم " * 20
    assert not any(line.style.right for line in sheet.lines(short, STYLE, width=100))
    assert all(line.style.right for line in sheet.lines(long, STYLE, width=100))


def test_every_line_fits(sheet: Sheet) -> None:
    text = "Mail شركة الخدمات 12,50 企业邮箱服务每月费用包括 हिन्दी ईमेल सेवा " * 5
    found = sheet.lines(text, STYLE, width=60)
    assert len(found) > 5
    assert all(line.width <= 60.5 for line in found)


def test_a_text_longer_than_a_page_goes_on_over_the_next(sheet: Sheet) -> None:
    sheet.write_text("\n".join(["中文"] * 60), STYLE, x=10, width=100)
    assert sheet.pages_count == 3


def test_only_the_fonts_that_a_text_needs_are_opened(sheet: Sheet) -> None:
    sheet.write_text("Latin only, 6,00 €", STYLE, x=10, width=100)
    assert list(sheet.fonts) == ["dejavusans.ttf"]
    sheet.write_text("ไทย", STYLE, x=10, width=100)
    assert list(sheet.fonts) == ["dejavusans.ttf", "notosansthai.ttf"]
