from __future__ import annotations

import pytest

from billing.typesetting.lines import Cluster, fill, join


def lines(text: str, width: int) -> list[str]:
    """With characters of one millimetre each."""
    clusters = join([Cluster(each, 1) for each in text])
    return ["".join(each.text for each in line) for line in fill(clusters, width)]


@pytest.mark.parametrize(
    ("text", "width", "expected"),
    [
        ("one two three", 7, ["one two ", "three"]),
        ("one two", 7, ["one two"]),
        ("no abcdefghij", 4, ["no ", "abcd", "efgh", "ij"]),
        ("企业邮箱服务", 4, ["企业邮箱", "服务"]),
        ("Mail 企业邮箱", 7, ["Mail 企业", "邮箱"]),
        # A stop is never first on a line, an opening bracket never last.
        ("企业邮箱。服务", 4, ["企业邮", "箱。服务"]),
        ("企业邮（箱）", 4, ["企业邮", "（箱）"]),
        # Korean has spaces, and its lines end there.
        ("서울 특별시", 5, ["서울 ", "특별시"]),
        ("", 5, [""]),
    ],
)
def test_lines_end_where_the_script_has_it(text: str, width: int, expected: list[str]) -> None:
    assert lines(text, width) == expected


@pytest.mark.parametrize("text", ["कि", "e\u0302", "श\u094dर", "เก", "ก\u0e33", "क\u200dष"])
def test_no_line_ends_inside_of_what_is_written_as_one(text: str) -> None:
    assert len(join([Cluster(each, 1) for each in text])) == 1
    assert lines(text, 1) == [text]


def test_nothing_is_lost_however_narrow_it_is() -> None:
    text = "Mail: 企业（邮箱）服务。 हिन्दी ईमेल  and moreandmore"
    for width in range(1, len(text)):
        assert "".join(lines(text, width)) == text


def test_no_line_is_wider_than_asked_but_for_spaces_at_its_end() -> None:
    text = "a bb ccc dddd eeeee 企业邮箱服务企业"
    for width in range(1, 12):
        assert all(len(line.rstrip()) <= width for line in lines(text, width))
