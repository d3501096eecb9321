"""Reading the list of a bank: CSV in whatever dress banks put it."""

from __future__ import annotations

import csv
import hashlib
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation

from django.core.exceptions import ValidationError

from config.money import CURRENCIES, exponent

MOST_LINES = 5000
DELIMITERS = ";,\t|"
# Headings as banks write them, in lower case.
COLUMNS: dict[str, tuple[str, ...]] = {
    "on": (
        "date", "booking date", "value date", "transaction date", "completed date", "posted",
        "buchungstag", "buchungsdatum", "valuta", "datum",
    ),
    "amount": ("amount", "credit", "paid in", "betrag", "umsatz", "bedrag"),
    "currency": ("currency", "ccy", "währung", "waehrung", "munt"),
    "text": (
        "description", "text", "reference", "payment reference", "details", "purpose",
        "remittance information", "memo", "verwendungszweck", "omschrijving",
    ),
    "name": ("name", "payer", "counterparty", "sender", "auftraggeber", "zahlungspflichtiger"),
    "key": ("id", "transaction id", "bank reference", "entry reference"),
}  # fmt: skip
ISO = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})(?:[T ].*)?")
PARTED = re.compile(r"(\d{1,2})[./-](\d{1,2})[./-](\d{4}|\d{2})")
FIGURES = re.compile(r"[+-]?[\d.,]+")


@dataclass(frozen=True, kw_only=True)
class BankLine:
    """`key` is the same whenever this line is read again, and another for every other line."""

    number: int  # in the file, the heading is 1
    on: date
    amount: Decimal
    currency: str
    text: str
    name: str
    key: str


@dataclass(frozen=True, kw_only=True)
class Unread:
    number: int
    reason: str


@dataclass(frozen=True, kw_only=True)
class Habits:
    """`currency` where the list names none; `day_first`: 03/04 is the third of April."""

    currency: str
    day_first: bool = True


def decode(raw: bytes) -> str:
    for encoding in ("utf-8-sig", "cp1252"):
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            continue
    return raw.decode("latin-1")


def read(text: str, habits: Habits) -> tuple[list[BankLine], list[Unread]]:
    """Money that came in; lines of money that went out are left out. ValidationError when it is no
    such list.
    """
    rows = _rows(text)
    columns = _columns(next(rows, []))
    found: list[BankLine] = []
    unread: list[Unread] = []
    seen: Counter[str] = Counter()
    for number, row in enumerate(rows, start=2):
        if number > MOST_LINES:
            raise ValidationError(
                f"The list has more than {MOST_LINES:,} lines; import it in parts."
            )
        if not any(cell.strip() for cell in row):
            continue
        try:
            line = _line(number, _cells(row, columns), habits, seen)
        except ValueError as error:
            unread.append(Unread(number=number, reason=str(error)))
            continue
        if line.amount > 0:
            found.append(line)
    return found, unread


def _rows(text: str) -> Iterator[list[str]]:
    first = text.partition("\n")[0]
    delimiter = max(DELIMITERS, key=first.count)
    try:
        yield from csv.reader(text.splitlines(), delimiter=delimiter)
    except csv.Error as error:
        raise ValidationError(f"This is not a CSV file: {error}.") from error


def _columns(heading: Sequence[str]) -> dict[str, list[int]]:
    names = [cell.strip().strip('"').lower() for cell in heading]
    found = {
        field: [at for at, name in enumerate(names) if name in known]
        for field, known in COLUMNS.items()
    }
    missing = [field for field in ("on", "amount") if not found[field]]
    if missing:
        words = {"on": "a date", "amount": "an amount"}
        wanted = " and ".join(words[field] for field in missing)
        raise ValidationError(
            f"The first line names no column for {wanted}. Known headings are"
            f" {', '.join(COLUMNS['on'][:3])} and {', '.join(COLUMNS['amount'][:3])}."
        )
    return found


def _cells(row: Sequence[str], columns: Mapping[str, Sequence[int]]) -> dict[str, str]:
    return {
        field: " ".join(row[at].strip() for at in places if at < len(row)).strip()
        for field, places in columns.items()
    }


def _line(number: int, cells: Mapping[str, str], habits: Habits, seen: Counter[str]) -> BankLine:
    currency = cells["currency"].upper() or habits.currency
    if currency not in CURRENCIES:
        raise ValueError(f"“{currency}” is no currency.")
    on = _date(cells["on"].split(" ")[0], day_first=habits.day_first)
    amount = _amount(cells["amount"], exponent(currency))
    facts = "\n".join(
        (str(on), str(amount), currency, *(cells[n] for n in ("text", "name", "key")))
    )
    mark = hashlib.sha256(facts.encode()).hexdigest()[:24]
    seen[mark] += 1
    return BankLine(
        number=number,
        on=on,
        amount=amount,
        currency=currency,
        text=cells["text"],
        name=cells["name"],
        key=f"{mark}-{seen[mark]}",
    )


def _date(text: str, *, day_first: bool) -> date:
    iso, parted = ISO.fullmatch(text), PARTED.fullmatch(text)
    try:
        if iso:
            return date(int(iso[1]), int(iso[2]), int(iso[3]))
        if parted:
            day, month = (parted[1], parted[2]) if day_first else (parted[2], parted[1])
            year = int(parted[3]) + (2000 if len(parted[3]) == 2 else 0)
            return date(year, int(month), int(day))
    except ValueError:
        pass
    raise ValueError(f"“{text}” is no date.")


def _amount(text: str, places: int) -> Decimal:
    """1.234,56 and 1,234.56; what could be either is not guessed."""
    bare = re.sub(r"[\s'\u00a0€$£]|[A-Z]{3}", "", text)
    if not FIGURES.fullmatch(bare):
        raise ValueError(f"“{text}” is no amount.")
    point = max(bare.rfind("."), bare.rfind(","))
    behind = len(bare) - point - 1 if point >= 0 else 0
    mixed = "." in bare and "," in bare
    if point >= 0 and not mixed and behind == 3 and places == 2:
        raise ValueError(f"“{text}” can be read in two ways.")
    whole = point < 0 or (behind == 3 and places == 0)
    digits = re.sub(r"[.,]", "", bare) if whole else _with_point(bare, point)
    try:
        amount = Decimal(digits)
    except InvalidOperation:
        raise ValueError(f"“{text}” is no amount.") from None
    if amount != round(amount, places):
        raise ValueError(f"“{text}” has too many decimals.")
    return amount


def _with_point(bare: str, point: int) -> str:
    return re.sub(r"[.,]", "", bare[:point]) + "." + bare[point + 1 :]
