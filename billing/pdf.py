"""An invoice as a PDF: the same facts as the page, fonts embedded so that any script prints."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.conf import settings
from fpdf import FPDF
from fpdf.enums import XPos, YPos
from fpdf.fonts import FontFace

from billing.models import Invoice, InvoiceLine
from billing.payments import instructions
from billing.payments.instructions import Way
from billing.sellers import buyer_copy, seller, seller_copy
from config.money import format_money, format_unit_price
from config.periods import Period

INK, MUTED, RULE = (33, 37, 41), (108, 117, 125), (222, 226, 230)
FONTS = settings.BASE_DIR / "static" / "vendor" / "fonts"


def render(invoice: Invoice) -> bytes:
    """Lines and taxes are read from the database; a draft is marked as one."""
    pdf = _Document(invoice)
    pdf.add_page()
    pdf.head()
    pdf.parties()
    pdf.table_of_lines()
    pdf.totals()
    pdf.tax_notes()
    pdf.closing()
    return bytes(pdf.output())


class _Document(FPDF):
    def __init__(self, invoice: Invoice) -> None:
        super().__init__(format="A4")
        self.invoice = invoice
        self.party = invoice.seller or seller_copy(seller())
        self.add_font("DejaVu", "", FONTS / "DejaVuSans.ttf")
        self.add_font("DejaVu", "B", FONTS / "DejaVuSans-Bold.ttf")
        self.set_margins(20, 18, 20)
        self.set_auto_page_break(auto=True, margin=22)
        self.set_title(f"{invoice.get_kind_display()} {invoice}")
        self.set_author(self.party["name"])
        self.set_creator("Postmeter")

    def footer(self) -> None:
        self.set_y(-15)
        self._style(7, colour=MUTED)
        self.cell(
            0, 4, f"{self.party['name']} · {self.invoice} · {self.page_no()}/{{nb}}", align="C"
        )

    def head(self) -> None:
        self._style(9, bold=True)
        self.cell(100, 6, self.party["name"])
        self._style(18, bold=True)
        self.cell(
            0, 8, self.invoice.get_kind_display(), align="R", new_x=XPos.LMARGIN, new_y=YPos.NEXT
        )
        for label, value in _facts(self.invoice):
            self._style(9, colour=MUTED)
            self.cell(130, 5, label, align="R")
            self._style(9)
            self.cell(0, 5, value, align="R", new_x=XPos.LMARGIN, new_y=YPos.NEXT)
        self.ln(6)

    def parties(self) -> None:
        top = self.get_y()
        buyer = self.invoice.buyer or buyer_copy(self.invoice.customer)
        self._party("Billed to", buyer, x=20)
        bottom = self.get_y()
        self.set_y(top)
        self._party("From", self.party, x=115)
        self.set_y(max(bottom, self.get_y()) + 8)

    def _party(self, title: str, party: dict[str, Any], *, x: int) -> None:
        self.set_x(x)
        self._style(8, colour=MUTED)
        self.cell(75, 5, title, new_x=XPos.LEFT, new_y=YPos.NEXT)
        self._style(9)
        for text in _address(party):
            self.set_x(x)
            self.multi_cell(75, 4.6, text, align="L", new_x=XPos.LEFT, new_y=YPos.NEXT)

    def table_of_lines(self) -> None:
        self._style(8.5)
        self.set_draw_color(*RULE)
        heading = FontFace(emphasis="BOLD", color=INK)
        with self.table(
            col_widths=(92, 16, 30, 32),
            text_align=("LEFT", "RIGHT", "RIGHT", "RIGHT"),
            borders_layout="HORIZONTAL_LINES",
            headings_style=heading,
            line_height=5,
            padding=1.2,
        ) as table:
            table.row(("Description", "Qty", "Unit price", "Amount"))
            for line in self.invoice.lines.all():
                table.row(_cells(line, self.invoice.currency))

    def totals(self) -> None:
        self.ln(3)
        currency = self.invoice.currency
        rows = [("Net", self.invoice.net)]
        rows += [
            (f"{tax.name} {tax.rate.normalize():f} % of {format_money(tax.net, currency)}", tax.tax)
            for tax in self.invoice.taxes.all()
        ]
        for label, amount in rows:
            self._total(label, format_money(amount, currency))
        self._total("Total", format_money(self.invoice.total, currency), bold=True)

    def _total(self, label: str, value: str, *, bold: bool = False) -> None:
        self._style(10 if bold else 9, bold=bold)
        self.cell(130, 6, label, align="R")
        self.cell(0, 6, value, align="R", new_x=XPos.LMARGIN, new_y=YPos.NEXT)

    def tax_notes(self) -> None:
        gross = "Prices include tax." if self.invoice.prices_include_tax else ""
        for text in (gross, self.invoice.tax_evidence.get("reason")):
            if text:
                self.ln(3)
                self._style(8.5)
                self.multi_cell(0, 4.6, text, align="L", new_x=XPos.LMARGIN, new_y=YPos.NEXT)

    def closing(self) -> None:
        ways = [_way(each) for each in instructions.for_invoice(self.invoice)]
        for text in (self.party.get("payment_instructions"), *ways, self.party.get("footer")):
            if text:
                self.ln(5)
                self._style(8.5)
                self.multi_cell(0, 4.6, text, align="L", new_x=XPos.LMARGIN, new_y=YPos.NEXT)

    def _style(
        self, size: float, *, bold: bool = False, colour: tuple[int, int, int] = INK
    ) -> None:
        self.set_font("DejaVu", "B" if bold else "", size)
        self.set_text_color(*colour)


def _facts(invoice: Invoice) -> Iterable[tuple[str, str]]:
    yield "Number", str(invoice)
    for label, day in (("Date", invoice.issued_on), ("Due", invoice.due_on)):
        if day:
            yield label, f"{day:%d %b %Y}"
    if invoice.status in (Invoice.Status.DRAFT, Invoice.Status.VOID, Invoice.Status.PAID):
        yield "Status", invoice.get_status_display().upper()


def _way(way: Way) -> str:
    return "\n".join((way.label, *(f"{row.label}: {row.value}" for row in way.rows)))


def _address(party: dict[str, Any]) -> list[str]:
    place = " ".join(filter(None, (party.get("postcode"), party.get("city"))))
    tax = f"Tax number {party['tax_number']}" if party.get("tax_number") else ""
    parts = (
        party.get("company"), party.get("name"), party.get("address"), place,
        party.get("region"), party.get("country"), tax, party.get("registration"),
    )  # fmt: skip
    return [part for part in parts if part]


def _cells(line: InvoiceLine, currency: str) -> tuple[str, str, str, str]:
    text = line.description
    if line.period_start and line.period_end:
        period = Period(line.period_start, line.period_end)
        text += f"\n{period.start:%d %b %Y} – {period.last_day:%d %b %Y}"
    return (
        text,
        f"{line.quantity.normalize():f}",
        format_unit_price(line.unit_price, currency),
        format_money(line.amount, currency),
    )
