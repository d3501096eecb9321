from __future__ import annotations

import pytest

from billing.typesetting.faces import BOLD, HAN, REGULAR
from billing.typesetting.runs import Run, clean, cut, in_sight, split, without_end


def seen(text: str) -> list[str]:
    return [run.text.strip() for run in in_sight(split(text)) if run.text.strip()]


@pytest.mark.parametrize("text", ["Mail 21.00 GB – 6,00 €", "Почта «А»", "Ελλάς", "Hữu Việt"])
def test_a_text_in_plain_letters_is_one_run_that_needs_no_shaping(text: str) -> None:
    assert split(text) == [Run(text, REGULAR)]
    assert split(text, bold=True) == [Run(text, BOLD)]


def test_no_text_is_no_run() -> None:
    assert split("") == []


@pytest.mark.parametrize(
    ("text", "order"),
    [
        # In a text from left to right, the second Hebrew word is left of the first one.
        ("for שלום 12 עולם ok", ["for", "עולם", "12", "שלום", "ok"]),
        ("שלום Mail עולם", ["עולם", "Mail", "שלום"]),
        ("مرحبا 34", ["34", "مرحبا"]),
    ],
)
def test_words_of_both_directions_stand_where_a_reader_expects_them(
    text: str, order: list[str]
) -> None:
    assert seen(text) == order


def test_parts_of_a_line_from_right_to_left_are_shaped_brackets_too() -> None:
    assert all(run.shaped for run in split("(שלום)") if run.level % 2)
    assert sum(len(run.text) for run in split("(שלום)")) == 6


@pytest.mark.parametrize(
    ("text", "country", "language"),
    [
        ("直", "CN", ""),
        ("直", "TW", "zh-Hant"),
        ("直", "JP", "ja"),
        ("直の", "CN", "ja"),
        ("直", "DE", ""),
    ],
)
def test_han_characters_look_as_in_the_country_or_as_beside_kana(
    text: str, country: str, language: str
) -> None:
    (run,) = split(text, country=country)
    assert (run.face, run.language, run.shaped) == (HAN, language, bool(language))


@pytest.mark.parametrize(
    ("written", "printed"),
    [
        ("a\tb\x00c", "a b c"),
        ("e\u0301", "é"),
        ("soft\xadware", "software"),
        ("\U00013080x\ue000", "□x□"),
        ("\ud800", " "),
        ("क\u200dष", "क\u200dष"),
    ],
)
def test_what_cannot_be_printed_is_a_space_or_a_visible_box(written: str, printed: str) -> None:
    assert clean(written) == printed


def test_runs_are_cut_after_so_many_characters() -> None:
    one, two = Run("abc", REGULAR), Run("中文", HAN)
    assert cut([one, two], 4) == ([one, Run("中", HAN)], [Run("文", HAN)])
    assert cut([one, two], 3) == ([one], [two])
    assert cut([one, two], 5) == ([one, two], [])


def test_a_line_has_no_spaces_at_its_end() -> None:
    assert without_end([Run("abc ", REGULAR), Run("  ", HAN)]) == [Run("abc", REGULAR)]
    assert without_end([Run(" ", REGULAR)]) == []
