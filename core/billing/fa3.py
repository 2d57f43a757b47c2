"""An invoice in XML as the Polish national e-invoice system (KSeF) takes it: the FA(3) schema, version 1-0E.

Published as pattern 2025/06/25/13775 of the central register of document patterns; in force since 1 February 2026. The
schema checks shapes only, so what it lets through (totals, check digits) is held against
:func:`core.billing.invoice_document.placed_problems` first, and what it would refuse is refused here with a sentence.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from decimal import Decimal
from xml.etree.ElementTree import Element, SubElement, tostring  # writes only; nothing is ever parsed by it

from core.billing import invoice_document, money
from core.billing.invoice_document import Correction, DocumentLine, InvoiceDocument, Party
from core.errors import Invalid, Say, say
from core.i18n.sanitize import clean
from core.i18n.translation import N_

NAMESPACE = "http://crd.gov.pl/wzor/2025/06/25/13775/"
EARLIEST = dt.date(2016, 7, 1)
LATEST = dt.date(2050, 1, 1)
"""The days that the schema's type TData allows."""
_EARLIEST_CORRECTED = dt.date(2006, 1, 1)
"""Its type TDataT, of what is corrected."""
_FIRST_MADE = dt.datetime(2025, 9, 1, tzinfo=dt.UTC)
"""The first moment that the schema takes as the one a file was made in."""
_YES, _NO = "1", "2"
_RATES = {"23": "23", "8": "8", "5": "5", "0": "0 KR", "zw": "zw", "np": "np I"}
"""A line's rate as P_12 wants it: 0 % at home, and *not taxed* as a supply outside the country."""
_NET_AND_VAT = {"23": ("P_13_1", "P_14_1"), "8": ("P_13_2", "P_14_2"), "5": ("P_13_3", "P_14_3")}
_NET_ALONE = {"0": "P_13_6_1", "zw": "P_13_7", "np": "P_13_8"}


def xml(invoice: InvoiceDocument, made_at: dt.datetime | None = None) -> bytes:
    """The invoice as UTF-8; :class:`Invalid` names everything that forbids it.

    ``made_at`` (aware) stands as the moment of making it; without it, the day of issue, so that the same invoice is
    always the same bytes.
    """
    wrong = dict(placed_problems(invoice))
    if wrong:
        raise Invalid(wrong)
    made_at = max(made_at or dt.datetime.combine(invoice.issued_on, dt.time(), tzinfo=dt.UTC), _FIRST_MADE)
    root = Element("Faktura", xmlns=NAMESPACE)
    head = SubElement(root, "Naglowek")
    SubElement(head, "KodFormularza", kodSystemowy="FA (3)", wersjaSchemy="1-0E").text = "FA"
    _put(head, "WariantFormularza", "3")
    _put(head, "DataWytworzeniaFa", f"{made_at.astimezone(dt.UTC):%Y-%m-%dT%H:%M:%SZ}")
    _put(head, "SystemInfo", "Okienko")
    _seller(SubElement(root, "Podmiot1"), invoice.seller)
    _buyer(SubElement(root, "Podmiot2"), invoice)
    _body(SubElement(root, "Fa"), invoice)
    if clean(invoice.notes):
        info = SubElement(SubElement(root, "Stopka"), "Informacje")
        _put(info, "StopkaFaktury", invoice.notes, limit=3500)
    return bytes(tostring(root, encoding="utf-8", xml_declaration=True)) + b"\n"


def placed_problems(invoice: InvoiceDocument) -> Iterator[tuple[str, Say]]:
    """What is wrong with it anywhere, and what this schema wants besides."""
    yield from invoice_document.placed_problems(invoice)
    if not _address(invoice.seller):
        yield "seller.street", say(N_("The seller needs an address."))
    days = [("issued_on", invoice.issued_on, EARLIEST), ("sold_on", invoice.sold_on, EARLIEST)]
    if invoice.correction:
        days.append(("correction.issued_on", invoice.correction.issued_on, _EARLIEST_CORRECTED))
    for place, day, first in days:
        if not first <= day <= LATEST:
            sentence = N_("The national e-invoice system takes days from {first} to {last}.")
            yield place, say(sentence, first=first, last=LATEST)
    if len(invoice.lines) > 10_000:
        yield "lines", say(N_("The national e-invoice system takes 10,000 lines at most."))
    if not clean(invoice.exemption) and any(line.rate == "zw" for line in invoice.lines):
        yield "exemption", say(N_("Lines exempt from VAT need the provision that exempts them."))


def _put(parent: Element, tag: str, text: str, *, limit: int = 256) -> None:
    """An element with ``text``, without controls and cut at the schema's limit; nothing when there is no text."""
    line = " ".join(clean(text).split())[:limit].rstrip()
    if line:
        SubElement(parent, tag).text = line


def _seller(parent: Element, seller: Party) -> None:
    identity = SubElement(parent, "DaneIdentyfikacyjne")
    _put(identity, "NIP", seller.tax_id)
    _put(identity, "Nazwa", seller.name, limit=512)
    _put_address(parent, seller)
    _contact(parent, seller)


def _buyer(parent: Element, invoice: InvoiceDocument) -> None:
    buyer = invoice.buyer
    identity = SubElement(parent, "DaneIdentyfikacyjne")
    if buyer.tax_id:
        _put(identity, "NIP", buyer.tax_id)
    else:
        _put(identity, "BrakID", _YES)
    _put(identity, "Nazwa", buyer.name, limit=512)
    _put_address(parent, buyer)
    _contact(parent, buyer)
    _put(parent, "NrKlienta", invoice.customer_number)
    _put(parent, "JST", _NO)  # the buyer is no unit of a local government
    _put(parent, "GV", _NO)  # and no member of a VAT group


def _address(party: Party) -> list[str]:
    return [line for line in (clean(party.street), clean(party.place)) if line]


def _put_address(parent: Element, party: Party) -> None:
    lines = _address(party)
    if lines:
        address = SubElement(parent, "Adres")
        _put(address, "KodKraju", party.country)
        for number, line in enumerate(lines, start=1):
            _put(address, f"AdresL{number}", line, limit=512)


def _contact(parent: Element, party: Party) -> None:
    """Mail and telephone, each only as the schema can hold it: a shortened one would be another one."""
    email = clean(party.email)
    phone = re.sub(r"\s", "", clean(party.phone))
    email = email if re.fullmatch(".+@.+", email) and len(email) <= 255 else ""
    phone = phone if len(phone) <= 16 else ""
    if email or phone:
        contact = SubElement(parent, "DaneKontaktowe")
        _put(contact, "Email", email)
        _put(contact, "Telefon", phone)


def _body(fa: Element, invoice: InvoiceDocument) -> None:
    """The elements in the order of the schema, which is a sequence."""
    _put(fa, "KodWaluty", "PLN")
    _put(fa, "P_1", invoice.issued_on.isoformat())
    _put(fa, "P_2", invoice.number)
    if invoice.sold_on != invoice.issued_on:
        _put(fa, "P_6", invoice.sold_on.isoformat())
    for total in invoice.by_rate():
        if total.rate in _NET_AND_VAT:
            net, vat = _NET_AND_VAT[total.rate]
            _put(fa, net, money.plain(total.net))
            _put(fa, vat, money.plain(total.vat))
        else:
            _put(fa, _NET_ALONE[total.rate], money.plain(total.net))
    _put(fa, "P_15", money.plain(invoice.gross))
    _annotations(SubElement(fa, "Adnotacje"), invoice)
    _put(fa, "RodzajFaktury", "KOR" if invoice.correction else "VAT")
    if invoice.correction:
        _corrects(fa, invoice.correction)
    for key, value in (("Okres", invoice.period), ("Tytuł przelewu", invoice.transfer_title)):
        if clean(value):
            more = SubElement(fa, "DodatkowyOpis")
            _put(more, "Klucz", key)
            _put(more, "Wartosc", value)
    for number, line in enumerate(invoice.lines, start=1):
        _line(SubElement(fa, "FaWiersz"), number, line, invoice)
    if invoice.paid:
        settled = SubElement(fa, "Rozliczenie")
        deducted = SubElement(settled, "Odliczenia")
        _put(deducted, "Kwota", money.plain(invoice.paid))
        _put(deducted, "Powod", "Wpłaty przed wystawieniem faktury")
        _put(settled, "SumaOdliczen", money.plain(invoice.paid))
        over = invoice.paid > invoice.gross
        _put(settled, "DoRozliczenia" if over else "DoZaplaty", money.plain(abs(invoice.gross - invoice.paid)))
    if invoice.gross > 0 or not invoice.correction:
        _payment(SubElement(fa, "Platnosc"), invoice)
    if clean(invoice.contract_number):
        contract = SubElement(SubElement(fa, "WarunkiTransakcji"), "Umowy")
        _put(contract, "NrUmowy", invoice.contract_number)


def _corrects(fa: Element, correction: Correction) -> None:
    """Which invoice is corrected, and why. Whether that one went through the national system the desk does not know, so
    it is named by its own number and day."""
    _put(fa, "PrzyczynaKorekty", correction.reason)
    about = SubElement(fa, "DaneFaKorygowanej")
    _put(about, "DataWystFaKorygowanej", correction.issued_on.isoformat())
    _put(about, "NrFaKorygowanej", correction.number)
    _put(about, "NrKSeFN", _YES)


def _annotations(notes: Element, invoice: InvoiceDocument) -> None:
    """What an invoice must say about itself (art. 106e sec. 1 items 16–18a, 19, 22–24): nothing of it applies, but
    for lines that are exempt."""
    for tag in ("P_16", "P_17", "P_18", "P_18A"):
        _put(notes, tag, _NO)
    exempt = SubElement(notes, "Zwolnienie")
    if any(line.rate == "zw" for line in invoice.lines):
        _put(exempt, "P_19", _YES)
        _put(exempt, "P_19A", invoice.exemption)
    else:
        _put(exempt, "P_19N", _YES)
    _put(SubElement(notes, "NoweSrodkiTransportu"), "P_22N", _YES)
    _put(notes, "P_23", _NO)
    _put(SubElement(notes, "PMarzy"), "P_PMarzyN", _YES)


def _line(row: Element, number: int, line: DocumentLine, invoice: InvoiceDocument) -> None:
    """A line with its own VAT, unless that was rounded on the sum: then it has the amount that adds up, the net one or
    (art. 106e sec. 7) the gross one."""
    _put(row, "NrWierszaFa", str(number))
    _put(row, "P_7", line.name, limit=512)
    _put(row, "P_8A", line.unit)
    _put(row, "P_8B", _quantity(line.quantity))
    if invoice.adds_up("net") or not invoice.adds_up("gross"):
        _put(row, "P_9A", line.unit_price or money.plain(line.net_price))
        _put(row, "P_11", money.plain(line.net))
    else:
        each = Decimal(line.gross) / (line.quantity or 1)
        _put(row, "P_9B", money.fine(each) or money.plain(money.rounded(each)))
        _put(row, "P_11A", money.plain(line.gross))
    if not invoice.rates:
        _put(row, "P_11Vat", money.plain(line.vat))
    _put(row, "P_12", _RATES[line.rate])
    if line.before:
        _put(row, "StanPrzed", _YES)


def _quantity(quantity: Decimal) -> str:
    return f"{quantity.normalize():f}"


def _payment(payment: Element, invoice: InvoiceDocument) -> None:
    if EARLIEST <= invoice.due_on <= LATEST:
        _put(SubElement(payment, "TerminPlatnosci"), "Termin", invoice.due_on.isoformat())
    _put(payment, "FormaPlatnosci", "6")  # a transfer
    if invoice.seller.bank_account:
        account = SubElement(payment, "RachunekBankowy")
        _put(account, "NrRB", invoice.seller.bank_account)
        _put(account, "NazwaBanku", invoice.seller.bank_name)
