"""An invoice as a PDF: the same facts as the page, with the fonts it needs embedded."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from itertools import zip_longest
from typing import Any

from django.utils.translation import gettext as _

from billing.documents.sellers import buyer_copy, seller, seller_copy
from billing.gateways.contract import Instruction
from billing.models import Invoice, InvoiceLine, InvoiceTax
from billing.payments import instructions
from billing.payments.instructions import Way
from billing.typesetting import Line, Sheet, Style
from config import language
from config.countries import name_of
from config.language import speaking
from config.money import format_money, format_unit_price
from config.periods import Period

INK, MUTED, RULE = (33, 37, 41), (108, 117, 125), (222, 226, 230)
LEFT, WIDTH, LABELS = 20, 170, 130  # mm; labels end where amounts begin
PAD, GAP = 1.2, 1  # mm, around what stands in a cell; beside all else
COLUMNS = (92, 16, 30, 32)
NAME = Style(size=9, height=6, colour=INK, bold=True)
KIND = Style(size=18, height=8, colour=INK, bold=True, right=True)
FACT = Style(size=9, height=5, colour=INK, right=True)
HEADING = Style(size=8, height=5, colour=MUTED)
TEXT = Style(size=9, height=4.6, colour=INK)
CELL = Style(size=8.5, height=5, colour=INK)
SUM = Style(size=9, height=6, colour=INK, right=True)
NOTE = Style(size=8.5, height=4.6, colour=INK)
FOOT = Style(size=7, height=4, colour=MUTED)


def render(invoice: Invoice) -> bytes:
    """Lines and taxes are read from the database; a draft is marked as one. In the language the
    document was issued in.
    """
    with speaking(str(invoice.buyer.get("language") or invoice.customer.language)):
        return _rendered(invoice)


def _rendered(invoice: Invoice) -> bytes:
    pdf = _Document(invoice)
    pdf.add_page()
    pdf.head()
    pdf.parties()
    pdf.table_of_lines()
    pdf.totals()
    pdf.tax_notes()
    pdf.closing()
    return bytes(pdf.output())


class _Document(Sheet):
    def __init__(self, invoice: Invoice) -> None:
        super().__init__()
        self.invoice = invoice
        self.party = invoice.seller or seller_copy(seller())
        self.set_margins(LEFT, 18, LEFT)
        self.set_auto_page_break(auto=True, margin=22)
        self.set_title(f"{invoice.get_kind_display()} {invoice}")
        self.set_author(self.party["name"])
        self.set_creator("Postmeter")

    def _own(self, style: Style) -> Style:
        """For what the seller wrote."""
        return _of(self.party, style)

    def footer(self) -> None:
        self.set_y(-15)
        name = self.lines(self.party["name"], self._own(FOOT), width=WIDTH / 2)[0]
        rest = self.lines(f" · {self.invoice} ·", FOOT, width=WIDTH / 2)[0]
        left = (self.w - name.width - rest.width - self.get_string_width(" 1/1")) / 2
        self.draw(name, x=left)
        self.draw(rest, x=left + name.width)
        self.set_x(left + name.width + rest.width)
        self.cell(h=FOOT.height, text=f" {self.page_no()}/{{nb}}")

    def head(self) -> None:
        top = self.y
        self.write_text(self.party["name"], self._own(NAME), x=LEFT + GAP, width=100)
        bottom = self.y
        self.y = top
        self.write_text(self.invoice.get_kind_display(), KIND, x=LEFT, width=WIDTH - GAP)
        self.y = max(bottom, self.y)
        for label, value in _facts(self.invoice):
            self._pair(label, value, FACT, label_colour=MUTED)
        self.ln(6)

    def parties(self) -> None:
        top = self.y
        buyer = self.invoice.buyer or buyer_copy(self.invoice.customer)
        self._party(_("Billed to"), buyer, x=LEFT)
        bottom = self.y
        self.y = top
        self._party(_("From"), self.party, x=115)
        self.y = max(bottom, self.y) + 8

    def _party(self, title: str, party: dict[str, Any], *, x: float) -> None:
        self.write_text(title, HEADING, x=x + GAP, width=73)
        for text in _address(party):
            self.write_text(text, _of(party, TEXT), x=x + GAP, width=73)

    def table_of_lines(self) -> None:
        self.set_draw_color(*RULE)
        self._heading()
        for line in self.invoice.lines.all():
            self._row(_cells(line, self.invoice.currency))

    def _heading(self) -> None:
        style = replace(CELL, bold=True)
        self._draw_cells(
            self._cells((_("Description"), _("Qty"), _("Unit price"), _("Amount")), style)
        )

    def _row(self, texts: tuple[str, ...]) -> None:
        """One that is longer than a page goes on over the next."""
        cells = self._cells(texts, self._own(CELL))
        height = max(map(len, cells)) * CELL.height + 2 * PAD
        if height < self.eph / 2 and self.make_room(height):
            self._heading()
        self.line(LEFT, self.y, LEFT + WIDTH, self.y)
        self._draw_cells(cells)

    def _cells(self, texts: tuple[str, ...], style: Style) -> list[list[Line]]:
        columns = enumerate(zip(texts, COLUMNS, strict=True))
        return [
            self.lines(text, replace(style, right=number > 0), width=width - 2 * PAD)
            for number, (text, width) in columns
        ]

    def _draw_cells(self, cells: list[list[Line]]) -> None:
        self.y += PAD
        for lines in zip_longest(*cells):
            self.make_room(CELL.height)
            left = LEFT + PAD
            for line, width in zip(lines, COLUMNS, strict=True):
                if line:
                    self.draw(line, x=left, width=width - 2 * PAD)
                left += width
            self.y += CELL.height
        self.y += PAD

    def totals(self) -> None:
        self.ln(3)
        currency = self.invoice.currency
        rows = [(_("Net"), self.invoice.net)]
        rows += [(_taxed(tax, currency), tax.tax) for tax in self.invoice.taxes.all()]
        for label, amount in rows:
            self._pair(label, format_money(amount, currency), SUM)
        total = format_money(self.invoice.total, currency)
        self._pair(_("Total"), total, replace(SUM, size=10, bold=True))

    def tax_notes(self) -> None:
        gross = _("Prices include tax.") if self.invoice.prices_include_tax else ""
        self._notes((gross, self.invoice.tax_evidence.get("reason")), space=3)

    def closing(self) -> None:
        ways = [_way(each) for each in instructions.for_invoice(self.invoice)]
        texts = (self.party.get("payment_instructions"), *ways, self.party.get("footer"))
        self._notes(texts, space=5)

    def _notes(self, texts: Iterable[str | None], *, space: float) -> None:
        for text in filter(None, texts):
            self.ln(space)
            self.write_text(text, self._own(NOTE), x=LEFT + GAP, width=WIDTH - 2 * GAP)

    def _pair(
        self, label: str, value: str, style: Style, *, label_colour: tuple[int, int, int] = INK
    ) -> None:
        self.make_room(style.height)
        top = self.y
        self.write_text(label, replace(style, colour=label_colour), x=LEFT, width=LABELS - GAP)
        bottom = self.y
        self.y = top
        self.write_text(value, style, x=LEFT + LABELS, width=WIDTH - LABELS - GAP)
        self.y = max(bottom, self.y)


def _of(party: dict[str, Any], style: Style) -> Style:
    return replace(style, country=str(party.get("country") or ""))


def _facts(invoice: Invoice) -> Iterable[tuple[str, str]]:
    yield _("Number"), str(invoice)
    for label, day in ((_("Date"), invoice.issued_on), (_("Due"), invoice.due_on)):
        if day:
            yield label, language.day(day)
    if invoice.status in (Invoice.Status.DRAFT, Invoice.Status.VOID, Invoice.Status.PAID):
        yield _("Status"), invoice.get_status_display().upper()


def _taxed(tax: InvoiceTax, currency: str) -> str:
    told = _("%(tax)s %(rate)s %% of %(amount)s")
    rate = language.grouped(tax.rate.normalize())
    return told % {"tax": tax.name, "rate": rate, "amount": format_money(tax.net, currency)}


def _way(way: Way) -> str:
    return "\n".join((way.label, *(_pair_of(row) for row in way.rows)))


def _pair_of(row: Instruction) -> str:
    return _("%(label)s: %(value)s") % {"label": row.label, "value": row.value}


def _address(party: dict[str, Any]) -> list[str]:
    place = " ".join(filter(None, (party.get("postcode"), party.get("city"))))
    tax = (
        _("Tax number %(number)s") % {"number": party["tax_number"]}
        if party.get("tax_number")
        else ""
    )
    country = name_of(party.get("country", ""))
    parts = (
        party.get("company"), party.get("name"), party.get("address"), place,
        party.get("region"), country, tax, party.get("registration"),
    )  # fmt: skip
    return [part for part in parts if part]


def _cells(line: InvoiceLine, currency: str) -> tuple[str, str, str, str]:
    text = line.description
    if line.period_start and line.period_end:
        period = Period(line.period_start, line.period_end)
        text += f"\n{language.day(period.start)} – {language.day(period.last_day)}"
    return (
        text,
        language.grouped(line.quantity.normalize()),
        format_unit_price(line.unit_price, currency),
        format_money(line.amount, currency),
    )
