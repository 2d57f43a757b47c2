"""The printed invoice: opened and read by another program than the one that wrote it."""

from __future__ import annotations

import datetime as dt
import io
import re
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path
from typing import Any

import pypdf
import pytest

from core import resources
from core.billing.invoice_document import priced
from core.billing.pdf import invoice as pdf_invoice
from core.billing.pdf.sheet import UNKNOWN, safe
from core.i18n import translation
from tests.core.billing.invoices import (
    ACCOUNT,
    PERSON,
    SELLER,
    correction,
    fine_invoice,
    invoice,
    long_invoice,
    sum_invoice,
)


def pages(made: bytes) -> list[str]:
    """The text of each page, runs of spaces as one."""
    reader = pypdf.PdfReader(io.BytesIO(made), strict=True)
    return [re.sub(r"[\s\u00a0]+", " ", page.extract_text()) for page in reader.pages]


def test_one_page_with_everything_the_law_wants() -> None:
    (text,) = pages(pdf_invoice.render(invoice(), "en"))
    for wanted in (
        *("FV/11/2026/00042", "2 Nov 2026", "30 Nov 2026", "16 Nov 2026"),
        *(SELLER.name, SELLER.street, "05-120 Nowe Łęgi", "NIP 1234563218"),
        *(PERSON.name, PERSON.street, "05-121 Święta Góra", "K-00042", "UA/2024/118", "1–30 listopada 2026"),
        *("Światłowód 600/100, listopad 2026", "mies.", "64.96", "14.94", "79.90", "23%"),
        *("74.72", "17.18", "PLN 91.90", "ninety-one złoty 90/100"),
        *("91 1234 1234 0000 0000 0000 0042", "FV/11/2026/00042 K-00042", "Bank Próbny S.A.", "Page 1 of 1"),
    ):
        assert wanted in text, wanted


def test_polish_letters_can_be_searched_in_the_polish_one() -> None:
    (text,) = pages(pdf_invoice.render(invoice(), "pl"))
    assert "Bronisława Ćwiąkała-Źdźbło" in text
    assert "dziewięćdziesiąt jeden złotych 90/100" in text
    assert "2 lis 2026" in text and "91,90 zł" in text and "PLN" not in text


def test_prices_finer_than_a_grosz() -> None:
    (text,) = pages(pdf_invoice.render(fine_invoice(), "pl"))
    assert "1000 szt. 0,0033 3,30" in text
    assert "12,5 szt. 1 234,56789012 15 432,10" in text and "1 szt. 56,10 56,10" in text


def test_a_correction_holds_what_the_law_wants() -> None:
    (text,) = pages(pdf_invoice.render(correction(), "en"))
    for wanted in (
        *("Correcting invoice FK/3/11/2026", "12 Nov 2026", "FV/11/2026/00042 of 2 Nov 2026"),
        *("Niższa prędkość od 1 listopada", "Before the correction", "After the correction"),
        *("Change -26.02 23% -5.98 -32.00", "-PLN 32.00", "minus thirty-two złoty 00/100"),
    ):
        assert wanted in text, wanted
    assert text.index("Before the") < text.index("Stały adres IPv4") < text.index("After the")
    assert "To pay" not in text and "How to pay" not in text and "Payment due" not in text
    (text,) = pages(pdf_invoice.render(correction(), "pl"))
    assert "Faktura korygująca FK/3/11/2026" in text and "Kwota korekty" in text
    (text,) = pages(pdf_invoice.render(correction(lines=correction().lines[1:2]), "en"))
    assert "Differences" in text and "To pay PLN 59.90" in text and "How to pay" in text


def test_vat_of_the_sum_leaves_the_lines_without_it() -> None:
    (text,) = pages(pdf_invoice.render(sum_invoice(), "en"))
    assert "Total 0.99 23% 0.23 1.22" in text and "0.08" not in text and "0.41" not in text


def test_two_pages_repeat_the_head_of_the_table() -> None:
    made = pages(pdf_invoice.render(long_invoice(), "en"))
    assert len(made) == 2
    for number, text in enumerate(made, start=1):
        assert text.count("Goods or service") == 1
        assert f"Page {number} of 2" in text and long_invoice().number in text and SELLER.name in text
    for line in long_invoice().lines:
        assert sum(text.count(f"{line.name} ") for text in made) == 1, line.name
    for wanted in ("1,168.80", "268.80", "exempt", "art. 43 ust. 1 pkt 29", "PLN 2,289.78", "Faktura bez podpisu."):
        assert wanted in made[1], wanted


def test_the_same_invoice_is_the_same_bytes_in_another_language_it_is_not() -> None:
    with translation.speaking("pl"):
        first = pdf_invoice.render(long_invoice(), "en")
    assert first == pdf_invoice.render(long_invoice(), "en")
    assert first != pdf_invoice.render(long_invoice(), "pl")
    assert first != pdf_invoice.render(long_invoice(number="FV/11/2026/00043"), "en")


def test_it_says_what_it_is_and_carries_its_font() -> None:
    reader = pypdf.PdfReader(io.BytesIO(pdf_invoice.render(invoice(), "pl")))
    assert reader.metadata is not None
    assert reader.metadata.title and invoice().number in reader.metadata.title
    assert reader.metadata.creation_date == dt.datetime(2026, 11, 2, 12, tzinfo=dt.UTC)
    fonts: Any = reader.pages[0]["/Resources"]["/Font"]
    for font in fonts.values():
        inner = font.get_object()["/DescendantFonts"][0].get_object()["/FontDescriptor"].get_object()
        assert "/FontFile2" in inner  # embedded
        assert re.match(r"/[A-Z]{6}\+SourceSans3", inner["/FontName"])  # and only the letters used
    assert len(pdf_invoice.render(invoice(), "pl")) < 40_000


def test_nothing_to_pay_says_so_and_shows_no_account() -> None:
    (text,) = pages(pdf_invoice.render(invoice(paid=9_190), "en"))
    assert "Nothing is left to pay" in text and "How to pay" not in text and "91 1234" not in text
    (text,) = pages(pdf_invoice.render(invoice(seller=replace(SELLER, bank_account="")), "en"))
    assert "How to pay" not in text


def test_hostile_texts_stay_texts() -> None:
    evil = "Zły\x1b[31m\u202e{nb} **b** \\(x) /JS 日本\ud800 😀"
    made = invoice(
        number="{nb}", buyer=replace(PERSON, name=evil, street="x" * 3000), notes=evil * 200, lines=(
            priced("Ż" * 3000, 1, "jednostka" * 9, 1, "23"),
            priced("słowo " * 500, 999_999, "szt.", 99_999, "23"),
        )
    )  # fmt: skip
    text = " ".join(pages(pdf_invoice.render(made, "pl")))
    assert "{nb}" in text  # fpdf2's own mark for the number of pages
    assert "**b**" in text and "\\(x) /JS" in text
    assert "\x1b" not in text and "\u202e" not in text
    assert f"{UNKNOWN}{UNKNOWN}" in text
    assert "…" in text


@pytest.mark.parametrize("letters", ["ąćęłńóśźżĄĆĘŁŃÓŚŹŻ", "„”–—…€§№×·", "ÄÖÜßéčřšž", "Жуковська ґїє", "Ελλάς"])
def test_the_font_has_the_letters_of_our_neighbours(letters: str) -> None:
    assert safe(letters) == letters


def test_the_font_ships_with_its_licence() -> None:
    shipped = {path.name for path in resources.folder("fonts").iterdir()}
    assert {"SourceSans3-Regular.ttf", "SourceSans3-SemiBold.ttf", "SourceSans3-LICENSE.txt"} <= shipped


@pytest.mark.parametrize("lines", [1, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 40, 200])
def test_wherever_the_page_ends_nothing_runs_over_the_foot(lines: int) -> None:
    made = pdf_invoice.render(long_invoice(lines=long_invoice().lines[:1] * lines), "en")
    reader = pypdf.PdfReader(io.BytesIO(made))
    foot = []

    def seen(text: str, _cm: Any, matrix: Any, *_rest: Any) -> None:
        if text.strip():
            foot.append(matrix[5])

    for page in reader.pages:
        foot.clear()
        page.extract_text(visitor_text=seen)
        lowest = min(foot)
        assert lowest > 30  # points from the edge of the paper
        assert len([height for height in foot if height < 62]) == 2  # the foot's own two texts
    assert sum(page.extract_text().count("lokal nr 1") for page in reader.pages) == lines


@pytest.mark.parametrize("lines", [18, 20, 22, 24, 40])
def test_nor_of_a_correction_with_its_headings(lines: int) -> None:
    before, after = correction().lines[:2]
    made = pages(pdf_invoice.render(correction(lines=(before,) * lines + (after,) * lines), "en"))
    assert sum(text.count("Before the correction") for text in made) == 1
    assert sum(text.count("After the correction") for text in made) == 1
    assert sum(text.count("64.96 64.96") for text in made) == lines


@pytest.mark.skipif(not shutil.which("pdftotext"), reason="poppler is not installed")
def test_poppler_opens_it(tmp_path: Path) -> None:
    path = tmp_path / "invoice.pdf"
    path.write_bytes(pdf_invoice.render(long_invoice(), "pl"))
    done = subprocess.run(["pdftotext", "-layout", path, "-"], capture_output=True, text=True, check=True)
    assert not done.stderr
    assert "Wspólnota Mieszkaniowa Pod Dębami" in done.stdout and done.stdout.count("\f") == 2
    assert ACCOUNT[-4:] in done.stdout
