"""How sizes and times are told."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest

from clientarea.forms.texts import once
from clientarea.templatetags.postmeter import ago, meter_tone, percent
from config import clock
from config.exports import safe_cell
from config.sizes import size
from config.templatetags.figures import plain_number

MB = 1024**2


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (None, "–"),
        (0, "0 B"),
        (1023, "1,023 B"),
        (1536, "2 KB"),
        (Decimal("0.5") * MB, "512 KB"),
        (999 * MB + MB // 2, "1,000 MB"),
        (21 * 1024 * MB, "21.00 GB"),
        (5 * 1024**4, "5.00 TB"),
        (1024**6, "1,024.00 PB"),
    ],
)
def test_sizes_are_told_in_the_unit_that_fits_rounded_half_up(value, words: str) -> None:
    assert size(value) == words


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0, "just now"),
        (59, "just now"),
        (60, "1 minute ago"),
        (3599, "59 minutes ago"),
        (3600, "1 hour ago"),
        (86_400, "1 day ago"),
        (29 * 86_400, "29 days ago"),
        (-30, "just now"),
    ],
)
def test_times_are_told_by_the_panel_s_own_clock(seconds: int, words: str, time_machine) -> None:
    time_machine.move_to("2026-03-10T12:00:00+00:00", tick=False)
    told = ago(clock.now() - timedelta(seconds=seconds))
    assert f">{words}</time>" in told
    assert "title=" in told


def test_what_is_long_ago_is_told_as_a_date_and_what_never_was_as_never() -> None:
    assert ago(None) == "never"
    assert "ago" not in str(ago(clock.now() - timedelta(days=31)))


@pytest.mark.parametrize(
    ("used", "room", "full"),
    [(50, 100, 50), (150, 100, 100), (0, 100, 0), (None, 100, None), (5, 0, None), (5, None, None)],
)
def test_a_bar_is_drawn_only_where_use_and_limit_are_known(used, room, full) -> None:
    assert percent(used, room) == full


@pytest.mark.parametrize(
    ("share", "tone"), [(None, ""), (79, ""), (80, "meter-warn"), (95, "meter-bad")]
)
def test_a_bar_warns_before_it_is_full(share, tone: str) -> None:
    assert meter_tone(share) == tone


def test_numbers_lose_the_zeros_that_say_nothing() -> None:
    assert [plain_number(Decimal(text)) for text in ("3.0000", "19.5", "100", "0")] == [
        "3", "19.5", "100", "0",
    ]  # fmt: skip


@pytest.mark.parametrize("value", [-5, 0, True, None, "plain", "a=b"])
def test_an_export_leaves_harmless_cells_alone(value) -> None:
    assert not safe_cell(value).startswith("'")


def test_addresses_are_kept_once_in_their_order() -> None:
    assert once(["B@x", "a@x", "b@X", "A@x", "c@x"]) == ("B@x", "a@x", "c@x")
