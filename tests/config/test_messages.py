"""What customers read is marked, translated and compiled."""

from __future__ import annotations

import re
from pathlib import Path

import polib
import pytest

from tools import messages

TEMPLATES = [
    path
    for folder in messages.TEMPLATES
    for path in sorted((messages.ROOT / folder).rglob("*.*"))
    if not str(path.relative_to(messages.ROOT)).startswith(messages.LEFT_OUT)
]
# Names of formats and of records, and what only the templates' own machinery reads.
SAME_EVERYWHERE = {"CSV", "PDF", "TXT", "_dmarc", "GB", "page-narrow", "document"}
MARKED = re.compile(r"{%\s*blocktranslate.*?endblocktranslate\s*%}", re.S)
NOTES = re.compile(r"{%\s*comment.*?endcomment\s*%}|{#.*?#}|<!--.*?-->", re.S)
CODE = re.compile(r"<(script|style|svg)\b.*?</\1>|{%.*?%}|{{.*?}}", re.S)
READ_OUT = re.compile(r'\b(?:title|aria-label|placeholder|alt)="([^"]*)"')
WORD = re.compile(r"[A-Za-z]{2,}")


def bare_words(source: str) -> set[str]:
    """What a page would say in English whatever its reader speaks."""
    text = CODE.sub("\n", MARKED.sub("\n", NOTES.sub("", source)))
    read_out = {part for each in READ_OUT.findall(text) for part in each.split("\n")}
    shown = set(re.sub(r"<[^>]*>", "\n", text).split("\n"))
    found = {part.strip() for part in read_out | shown if WORD.search(part)}
    return found - SAME_EVERYWHERE


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.name)
def test_no_page_of_customers_has_words_outside_a_translation(path: Path) -> None:
    assert bare_words(path.read_text("utf-8")) == set()


@pytest.mark.parametrize(
    "source",
    [
        "<p>Hello there</p>",
        '<a title="Open it">{{ name }}</a>',
        "{% if a %}Yes{% endif %}",
        '<input placeholder="Search">',
    ],
)
def test_words_that_nobody_translates_are_found(source: str) -> None:
    assert bare_words(source)


def test_every_message_is_gathered_translated_beyond_doubt_and_compiled() -> None:
    assert list(messages.problems()) == []


@pytest.mark.parametrize(
    ("made", "said"),
    [
        ({"msgid": "Save", "msgstr": ""}, "not translated"),
        ({"msgid": "Save", "msgstr": "Sichern", "flags": ["fuzzy"]}, "doubtful"),
        ({"msgid": "Pay %(sum)s", "msgstr": "Bezahlen"}, "leaves something out"),
        ({"msgid": "Pay %(sum)s", "msgstr": "%(amount)s zahlen"}, "fills in what is not there"),
        ({"msgid": "{{ name }},", "msgstr": "Guten Tag,"}, "leaves something out"),
    ],
)
def test_a_bad_translation_is_told(made: dict[str, object], said: str) -> None:
    assert said in list(messages._faults(polib.POEntry(**made)))
