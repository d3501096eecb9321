"""What stands on a document can be read, copied and searched, in any script."""

from __future__ import annotations

import io
import re
from datetime import date
from decimal import Decimal
from unicodedata import normalize

import pypdfium2
import pytest

from billing.documents import pdf
from billing.models import Invoice, InvoiceLine
from tests.billing import build

pytestmark = pytest.mark.django_db

LANGUAGES = {
    "English": "Harbour Legal Ltd – “Quay” 50 %",
    "Polish": "Zażółć gęślą jaźń",
    "Vietnamese": "Công ty Thư điện tử Việt Nam",
    "Greek": "Ελληνική Εταιρεία",
    "Russian": "ООО «Почта»",
    "Armenian": "Հայաստան էլփոստ",
    "Georgian": "საქართველო ფოსტა",
    "Amharic": "የኢትዮጵያ ኢሜይል",
    "Arabic": "شركة الخدمات البريدية المحدودة",
    "Persian": "شرکت خدمات پست الکترونیک",
    "Urdu": "ای میل ہوسٹنگ کمپنی",
    "Hebrew": "חברת דואר אלקטרוני תל אביב",
    "Hindi": "हिन्दी क्षत्रिय श्री ईमेल सेवा",
    "Bengali": "বাংলা ইমেল পরিষেবা",
    "Punjabi": "ਪੰਜਾਬੀ ਈਮੇਲ",
    "Gujarati": "ગુજરાતી ઇમેઇલ ક્ષ",
    "Odia": "ଓଡ଼ିଆ ଇମେଲ",
    "Tamil": "தமிழ் மின்னஞ்சல் கொழும்பு",
    "Telugu": "తెలుగు ఈమెయిల్ స్త్రీ",
    "Kannada": "ಕನ್ನಡ ಇಮೇಲ್ ಸ್ತ್ರೀ",
    "Malayalam": "മലയാളം ഇമെയിൽ",
    "Sinhala": "සිංහල ශ්‍රී ලංකා",
    "Thai": "บริษัท อีเมลไทย จำกัด",
    "Lao": "ບໍລິສັດ ລາວ ຈຳກັດ",
    "Khmer": "ក្រុមហ៊ុន អ៊ីមែល កម្ពុជា",
    "Burmese": "မြန်မာ အီးမေးလ် ကုမ္ပဏီ",
    "Tibetan": "བོད་སྐད་རྒྱལ",
    "Chinese": "北京邮件服务有限公司，企业邮箱。",
    "Taiwanese": "臺灣電子郵件股份有限公司",
    "Japanese": "株式会社メールサービス　東京都",
    "Korean": "한국 이메일 서비스 주식회사",
    "signs": "€ £ ¥ ₹ ₽ ₺ ₴ ₫ ₩ ₦ ₱ ₿ ₾ ₼ ✓ → ½",
}


def invoice(text: str, *, lines: int = 1) -> Invoice:
    made: Invoice = Invoice.objects.create(
        customer=build.customer(name=text[:120]), status="issued", number="R-1", currency="EUR",
        issued_on=date(2026, 4, 1), due_on=date(2026, 4, 15), net=6, total=6,
        seller={"name": text, "country": "DE", "footer": text},
    )  # fmt: skip
    InvoiceLine.objects.bulk_create(
        InvoiceLine(
            invoice=made, position=position, kind="base", description=text, quantity=Decimal(1),
            unit_price=Decimal(6), amount=Decimal(6),
        )
        for position in range(lines)
    )  # fmt: skip
    return made


def pages(document: bytes) -> list[str]:
    read = pypdfium2.PdfDocument(io.BytesIO(document))
    return [page.get_textpage().get_text_bounded() for page in read]


@pytest.mark.parametrize("text", LANGUAGES.values(), ids=LANGUAGES.keys())
def test_a_name_a_line_and_a_footer_are_read_back_in_every_language(text: str) -> None:
    (page,) = pages(pdf.render(invoice(text)))
    # At the head and the foot, for both parties, as a line and as a footer.
    assert page.replace("\u200d", "").count(normalize("NFC", text).replace("\u200d", "")) >= 6


@pytest.mark.parametrize("text", LANGUAGES.values(), ids=LANGUAGES.keys())
def test_every_font_is_embedded_and_only_its_used_part(text: str) -> None:
    document = pdf.render(invoice(text))
    names = set(re.findall(rb"/FontName /(\S+)", document))
    assert names and all(re.match(rb"[A-Z]{6}\+", name) for name in names)
    files = document.count(b"/FontFile2 ") + document.count(b"/FontFile3 ")
    assert files == document.count(b"/FontDescriptor\n") > 0
    assert len(document) < 60_000


def test_a_document_in_latin_letters_has_two_fonts_and_is_small() -> None:
    document = pdf.render(invoice("Harbour Legal Ltd", lines=8))
    assert document.count(b"/FontFile2 ") == 2
    assert len(document) < 16_000


def test_the_table_s_heading_stands_on_every_page() -> None:
    found = pages(pdf.render(invoice("Email", lines=70)))
    assert len(found) == 3
    assert all("Unit price" in page for page in found[:2])
    assert [f"{number}/3" in page for number, page in enumerate(found, 1)] == [True] * 3


def test_a_description_longer_than_a_page_is_printed_whole() -> None:
    made = invoice("企业邮箱服务每月费用。" * 400)
    made.seller["name"] = made.seller["footer"] = "Mail"
    made.buyer = {"name": "Mail"}
    found = pages(pdf.render(made))
    assert len(found) > 1
    assert sum(page.count("费") for page in found) == 400


@pytest.mark.parametrize(
    "text", ["\U00013080 \ue000", "\x00\x07", "\ud800", "\u202e\u2066", "👩‍💻 ✉️", "̈", "W" * 500]
)
def test_odd_characters_stop_no_document(text: str) -> None:
    made = invoice("Mail")
    made.seller["name"] = made.seller["footer"] = text
    made.buyer = {"name": text, "address": text}
    assert "R-1" in pages(pdf.render(made))[0]
