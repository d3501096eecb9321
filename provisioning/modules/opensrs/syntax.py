"""APP's lines: commands built so that no value can end early, answers read in both known styles."""

from __future__ import annotations

import csv
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field

from django.utils.translation import gettext as _

from provisioning.contract import InvalidInput, TemporaryError

END = "\r\n.\r\n"
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]*")
_PAIR = re.compile(r'([A-Za-z][A-Za-z0-9_]*)="((?:[^"]|"")*)"')
_QUOTED = re.compile(r'"((?:[^"]|"")*)"')
_STATUS = re.compile(r"(OK|ER)\s+(\d+)(?:\s+(.*))?", re.DOTALL)
_MASKED = re.compile(r'\b(PASSWORD|NEW_PASSWORD)="(?:[^"]|"")*"?', re.IGNORECASE)
MASK = "••••••"


@dataclass(frozen=True)
class Answer:
    """`record` has upper-case names; `rows` are the rows of a table by its column names."""

    ok: bool
    number: int
    text: str = ""
    record: Mapping[str, str] = field(default_factory=dict)
    rows: tuple[Mapping[str, str], ...] = ()


def command(name: str, attributes: Mapping[str, str]) -> str:
    """One line. InvalidInput for a value that holds a control character or a line break."""
    parts = [_plain(name), *(f"{_plain(key)}={quoted(key, v)}" for key, v in attributes.items())]
    return " ".join(parts)


def quoted(name: str, value: str) -> str:
    """In double quotes, those inside doubled."""
    if not is_one_line(value):
        raise InvalidInput(name, _("Line breaks and control characters cannot be used here."))
    return '"' + value.replace('"', '""') + '"'


def is_one_line(value: str) -> bool:
    """No control character, no line or paragraph separator, nothing that is not Unicode text."""
    return not any(unicodedata.category(char) in ("Cc", "Cs", "Zl", "Zp") for char in value)


def masked(text: str) -> str:
    return _MASKED.sub(lambda found: f'{found[1]}="{MASK}"', text)


def read(text: str) -> Answer:
    """TemporaryError when this is no answer of the protocol: then nothing is known."""
    lines = [line for line in text.replace("\r\n", "\n").split("\n") if line.strip()]
    status = _STATUS.fullmatch(lines[0].strip()) if lines else None
    if status is None:
        start = " ".join(text[:80].split()) or "nothing"
        raise TemporaryError(f"This is no answer of the protocol: {start}", maybe_applied=True)
    number, words = int(status[2]), (status[3] or "").strip()
    if status[1] != "OK" or number != 0:
        return Answer(False, number, " ".join([words, *lines[1:]]).strip())
    data = [line.strip() for line in lines[1:] if line.strip() != ","]
    if not data:
        return Answer(True, 0, words)
    if _PAIR.match(data[0]):
        return Answer(True, 0, words, record=_record("\n".join(data)))
    return Answer(True, 0, words, rows=_table(data))


def _plain(name: str) -> str:
    if not _NAME.fullmatch(name):
        raise ValueError(f"{name!r} cannot be a name in a command")
    return name


def _record(text: str) -> dict[str, str]:
    return {found[1].upper(): found[2].replace('""', '"') for found in _PAIR.finditer(text)}


def _table(lines: list[str]) -> tuple[dict[str, str], ...]:
    """The header has commas (3.5) or blanks (3.4); so have the rows, with their values quoted."""
    names = [name.strip('" ').upper() for name in re.split(r"[,\s]+", lines[0]) if name.strip()]
    return tuple(dict(zip(names, _values(line), strict=False)) for line in lines[1:])


def _values(line: str) -> list[str]:
    if line.startswith('"'):
        return [value.replace('""', '"') for value in _QUOTED.findall(line)]
    return next(csv.reader([line]), [])
