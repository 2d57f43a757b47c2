"""An invoice on paper: A4, with its font inside, text that can be searched, and a code that banking apps read."""

from __future__ import annotations

from core.billing.invoice_document import InvoiceDocument
from core.i18n.translation import speaking


def render(invoice: InvoiceDocument, language: str) -> bytes:
    """The PDF in ``language`` (``pl`` or ``en``); the same invoice is always the same bytes.

    Takes about 60 ms, and a quarter of a second more the first time, which imports fpdf2. Draws whatever it is given:
    ask :func:`core.billing.invoice_document.problems` first.
    """
    from core.billing.pdf.page import draw  # deferred: start-up, fpdf2 (250 ms)

    with speaking(language):
        return draw(invoice)
