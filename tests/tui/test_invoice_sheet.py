"""An invoice laid out for a terminal: every figure whole at every width, in both languages."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.billing.invoice_document import InvoiceDocument, priced
from core.billing.invoices import InvoiceDetail, InvoiceRow
from core.billing.money import amount, figures
from core.billing.transfer_code import grouped
from core.i18n import translation
from tests.core.billing.invoices import ACCOUNT, correction, fine_invoice, invoice, long_invoice, sum_invoice
from tui.screens.billing.invoice_sheet import ONE_LINE, WIDEST, laid_out

TODAY = dt.date(2026, 11, 10)


def opened(document: InvoiceDocument, unpaid: int | None = None) -> InvoiceDetail:
    left = document.gross if unpaid is None else unpaid
    late = left > 0 and document.due_on < TODAY
    row = InvoiceRow(1, document.number, document.issued_on, document.due_on, document.gross, left, late)
    return InvoiceDetail(row, document, ACCOUNT, "")


def sheet(found: InvoiceDetail, width: int, language: str = "en") -> list[str]:
    with translation.speaking(language):
        return [line.plain for line in laid_out(found, width, TODAY)]


@pytest.mark.parametrize("language", ["pl", "en"])
@pytest.mark.parametrize("width", [60, 72, ONE_LINE - 1, ONE_LINE, WIDEST, 200])
def test_everything_of_a_long_invoice_is_there_and_nothing_is_cut(width: int, language: str) -> None:
    document = long_invoice()
    lines = sheet(opened(document), width, language)
    text = "\n".join(lines)
    assert all(len(line) <= min(width, WIDEST) for line in lines)
    assert "…" not in text
    with translation.speaking(language):
        for line in document.lines:
            assert figures(line.net) in text and figures(line.gross) in text
        for total in document.by_rate():
            assert figures(total.net) in text
        assert amount(document.to_pay) in text and amount(-document.paid) in text
    for name in ("Wspólnota Mieszkaniowa", "lokal nr 24", "art. 43 ust. 1 pkt 29", "Faktura bez podpisu."):
        assert name in " ".join(text.split())


def test_the_amount_in_words_is_the_readers() -> None:
    assert "In words: ninety-one złoty 90/100" in " ".join(sheet(opened(invoice()), 72))
    assert "dziewięćdziesiąt jeden złotych 90/100" in " ".join(sheet(opened(invoice()), 72, "pl"))


@pytest.mark.parametrize("width", [72, WIDEST])
def test_prices_finer_than_a_grosz(width: int) -> None:
    text = " ".join("\n".join(sheet(opened(fine_invoice()), width)).split())
    for price in ("0.0033", "1,234.56789012", "0.542", "56.10", "0.005"):
        assert f" {price} " in text


def test_how_it_stands_and_how_to_pay() -> None:
    due = "\n".join(sheet(opened(invoice()), 72))
    assert "○ due in 6 days" in due and "91 1234 1234 0000 0000 0000 0042" in due and "How to pay" in due
    paid = "\n".join(sheet(opened(invoice(), 0), 72))
    assert "✓ paid" in paid and "Nothing is left to pay" in paid and "How to pay" not in paid
    part = "\n".join(sheet(opened(invoice(), 1000), 72))
    assert "◐ due in 6 days" in part and "10.00, what is left" in part
    late = "\n".join(sheet(opened(invoice(due_on=dt.date(2026, 11, 3))), 72))
    assert "▲ 7 days late" in late


def test_hostile_texts_stay_texts() -> None:
    evil = "[/]\x1b[31m\u202eZły [b]x[/b] " + "x" * 300
    document = invoice(number="[/]", notes=evil, buyer=replace(invoice().buyer, name=evil, street=evil))
    document = replace(document, lines=(replace(document.lines[0], name=evil, unit="j" * 40),))
    for width in (60, WIDEST):
        lines = sheet(opened(document), width)
        assert all("\x1b" not in line and len(line) <= width for line in lines)
        assert any("[b]x[/b]" in line for line in lines)


@given(
    st.lists(st.tuples(st.integers(1, 10**9), st.integers(1, 9_999)), min_size=1, max_size=4),
    st.integers(72, 140),
    st.sampled_from(["pl", "en"]),
)
def test_large_figures_are_whole(made: list[tuple[int, int]], width: int, language: str) -> None:
    lines = tuple(priced(f"Usługa {at}", Decimal(many) / 4, "szt.", net, "23") for at, (net, many) in enumerate(made))
    document = invoice(lines=lines)
    text = "\n".join(sheet(opened(document), width, language))
    with translation.speaking(language):
        for line in lines:
            assert all(figures(value) in text for value in (line.net_price, line.net, line.vat, line.gross))


def lowered(document: InvoiceDocument, *family: InvoiceRow) -> InvoiceDetail:
    day = document.issued_on
    number = document.correction.number if document.correction else ""
    row = InvoiceRow(1, document.number, day, document.due_on, document.gross, 0, False, number, bool(family))
    return InvoiceDetail(row, document, ACCOUNT, "", (row, *family))


@pytest.mark.parametrize("language", ["pl", "en"])
@pytest.mark.parametrize("width", [72, WIDEST])
def test_a_correction_says_what_it_corrects_why_and_by_how_much(width: int, language: str) -> None:
    lines = sheet(lowered(correction()), width, language)
    text = "\n".join(lines)
    assert all(len(line) <= width for line in lines) and "…" not in text
    named = {
        "en": ("Correcting invoice FK/3/11/2026", "± correction", "Before the correction", "After the correction"),
        "pl": ("Faktura korygująca FK/3/11/2026", "± korekta", "Przed korektą", "Po korekcie"),
    }[language]
    with translation.speaking(language):
        wanted = (*named, "FV/11/2026/00042", "Niższa prędkość od 1 listopada", figures(-2602), figures(-598))
        assert amount(-3200) in text and all(word in text for word in wanted), text
    assert grouped(ACCOUNT) not in text and "How to pay" not in text
    part = sheet(lowered(correction(lines=correction().lines[:1] * 2)), width, "en")
    assert not any("After the correction" in line for line in part)


def test_what_was_corrected_names_what_corrects_it() -> None:
    other = InvoiceRow(2, "FK/1", dt.date(2026, 11, 12), TODAY, -9190, 0, False, invoice().number)
    text = "\n".join(sheet(lowered(invoice(), other), 72))
    assert "Corrected by: FK/1 of 12 Nov 2026" in text and "✓ corrected" in text
    assert lowered(invoice(), other).next == other


@pytest.mark.parametrize("width", [72, WIDEST])
def test_vat_of_the_sum_leaves_the_lines_without_it(width: int) -> None:
    text = "\n".join(sheet(opened(sum_invoice()), width))
    assert "1.22" in text and "0.23" in text and "0.99" in text
    assert "0.08" not in text and "0.41" not in text
