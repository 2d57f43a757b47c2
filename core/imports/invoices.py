"""Importing invoices: a row a line of an invoice, the rows of one together.

An invoice that was issued never changes: one that is here already must be the same, or the file is refused. Seller and
buyer are kept as they stand today, each once however many invoices name them.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import hashlib
import json
from decimal import Decimal
from typing import Any

import sqlalchemy as sa

from core.billing import invoice_document
from core.billing.allocation import settle
from core.billing.invoices import THOUSAND
from core.errors import Say, say
from core.i18n.translation import N_
from core.imports import invoice_totals
from core.imports.csv import pipeline
from core.imports.csv.report import Report
from core.imports.csv.spool import Scratch, Seen
from core.imports.invoice_rows import NEEDED, OPTIONAL, InvoiceRows, read
from core.imports.pending_rows import Coming
from core.models.billing import Invoice, InvoiceLine, InvoiceParty, Payment
from core.models.contracts import Contract
from core.models.subscribers import Subscriber
from core.service.bulk import by_key, chunks, insert_each
from core.service.settings import Settings
from core.service.unit_of_work import ReadContext, UnitOfWork, table

_invoice, _line, _party = table(Invoice), table(InvoiceLine), table(InvoiceParty)
_subscriber, _contract, _payment = table(Subscriber), table(Contract), table(Payment)

MAILED_WITHIN = dt.timedelta(days=30)
"""An invoice older than this comes with the books of past years; nobody wants them all by mail."""


def seller_of(settings: Settings) -> invoice_document.Party:
    """Who issues the invoices, by the settings."""
    section = settings.seller
    return invoice_document.Party(
        section.name,
        section.street,
        section.postcode,
        section.town,
        tax_id=section.tax_id,
        bank_account=section.bank_account,
        bank_name=section.bank_name,
        email=settings.desk.email,
        phone=settings.desk.phone,
    )


def seller_problems(settings: Settings) -> list[Say]:
    """Which settings of the seller are missing or wrong: art. 106e of the VAT act wants name, address and NIP."""
    section = settings.seller
    wrong = [
        say(N_("The setting seller.{name} is missing: no invoice can be brought in without it."), name=name)
        for name in ("name", "street", "postcode", "town", "tax_id")
        if not getattr(section, name).strip()
    ]
    for name, right in (("tax_id", invoice_document.right_nip), ("bank_account", invoice_document.right_account)):
        value = getattr(section, name)
        if value and not right(value):
            wrong.append(say(N_("The setting seller.{name} is wrong; please look for a typing error."), name=name))
    return wrong


def digest_and_body(party: invoice_document.Party) -> tuple[str, dict[str, Any]]:
    """A party as it is kept, and the digest by which it is kept once: of its JSON, fields in order, no spaces."""
    body = {name: getattr(party, name) for name in _PARTY}
    text = json.dumps(body, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest(), body


_PARTY = tuple(field.name for field in dataclasses.fields(invoice_document.Party))
_COLUMNS = (
    _subscriber.c.id,
    _subscriber.c.number,
    _subscriber.c.number_key,
    _subscriber.c.name,
    _subscriber.c.street,
    _subscriber.c.postcode,
    _subscriber.c.town,
    _subscriber.c.tax_id,
    _subscriber.c.bank_account,
    _subscriber.c.e_invoices,
)


def _buyer(row: Any) -> invoice_document.Party:
    return invoice_document.Party(row.name, row.street, row.postcode, row.town, tax_id=row.tax_id)


class InvoicesPass(pipeline.Pass[InvoiceRows]):
    """Compares invoices with the desk, and with a :class:`UnitOfWork` writes them and what payments cover of them."""

    coming: Coming | None = None
    """Customers that this run brings as well."""

    def __init__(self, look: ReadContext, report: Report, scratch: Scratch) -> None:
        super().__init__(look, report, scratch)
        self.numbers = Seen(scratch, "invoice")
        self._seller = seller_of(look.settings)
        self._touched: set[int] = set()
        """Subscribers who owe more now: bounded by how many there are, not by the rows."""
        self._parties: dict[str, int] = {}
        self._seller_told = False

    def take(self, rows: list[InvoiceRows]) -> list[InvoiceRows]:
        if not self._seller_told and any(row.seller is None for row in rows):
            self._seller_told = True
            for what in seller_problems(self.look.settings):
                self.report.wrong(1, "", what)
        if self.work is None:
            self._once(rows)
        holders = by_key(self.look, _COLUMNS, _subscriber.c.number_key, (row.customer.key for row in rows))
        if self.coming is not None:
            holders = self.coming.customers(holders, {row.customer.key for row in rows})
        contracts = by_key(
            self.look,
            [_contract.c.id, _contract.c.number_key, _contract.c.subscriber_id],
            _contract.c.number_key,
            (row.contract.key for row in rows if row.contract),
        )
        if self.work is None:
            self._check_corrected([row for row in rows if row.corrects is not None], holders)
        known = by_key(self.look, [_invoice], _invoice.c.number_key, (row.number.key for row in rows))
        lines = self._lines(known)
        new = []
        for row in rows:
            values = self._values(row, holders, contracts)
            if values is None:
                continue
            here = known.get(row.number.key)
            if here is None:
                self.report.created += len(row.lines)
                new.append((row, values))
            elif self._same(row, values, here, lines):
                self.report.unchanged += len(row.lines)
        if self.work is not None and new and not self.report.errors:
            self._write(self.work, new, holders)
        return [row for row, _values in new]

    def _once(self, rows: list[InvoiceRows]) -> None:
        firsts = self.numbers.first([(row.number.key, row.line, row.customer.key.encode()) for row in rows])
        for row in rows if firsts else ():
            first = firsts.get(row.number.key, (row.line, b""))[0]
            if first != row.line:
                what = say(N_("This invoice begins on line {line} already; its rows must stand together."), line=first)
                self.report.wrong(row.line, "invoice_number", what)

    def _check_corrected(self, rows: list[InvoiceRows], holders: dict[str, Any]) -> None:
        """Nobody's invoice is corrected for somebody else, be it here or in the file. One that is neither may well be
        right: it was issued before the books that came in."""
        keys = {row.corrects.key for row in rows if row.corrects}
        columns = [_invoice.c.subscriber_id, _invoice.c.number_key]
        here = by_key(self.look, columns, _invoice.c.number_key, keys)
        there = self.numbers.digests(keys)
        for row in rows:
            key = row.corrects.key if row.corrects else ""
            holder = holders.get(row.customer.key)
            other = key in here and holder is not None and here[key].subscriber_id != holder.id
            if other or there.get(key, row.customer.key.encode()) != row.customer.key.encode():
                what = N_("Invoice {number} was issued to another customer.")
                self.report.wrong(row.line, "corrected_number", say(what, number=row.corrects and row.corrects.text))

    def _values(self, row: InvoiceRows, holders: dict[str, Any], contracts: dict[str, Any]) -> dict[str, Any] | None:
        """The invoice as the table has it; None when it can't be, and the report says why."""
        holder = holders.get(row.customer.key)
        if holder is None:
            what = say(N_("There is no customer {number} here."), number=row.customer.text)
            self.report.wrong(row.line, "customer_number", what)
            return None
        contract = contracts.get(row.contract.key) if row.contract else None
        if row.contract and (contract is None or contract.subscriber_id != holder.id):
            what = say(N_("Customer {number} has no contract with this number here."), number=holder.number)
            self.report.wrong(row.line, "contract_number", what)
            return None
        if row.broken:
            return None
        if self.work is None and not self._right(row, holder):
            return None
        return {
            "subscriber_id": holder.id,
            "contract_id": contract.id if contract is not None else None,
            "number": row.number.text,
            "number_key": row.number.key,
            "issued_on": row.issued_on,
            "sold_on": row.sold_on,
            "due_on": row.due_on,
            **row.words,
            **_totals(row),
            **(_corrects(row) if row.with_correction else {}),
        }

    def _right(self, row: InvoiceRows, holder: Any) -> bool:
        """Whether the invoice itself is right; the pass that writes need not ask again."""
        made = row.document(self._seller, row.buyer or _buyer(holder))
        before = len(self.report.errors)
        for place, what in invoice_document.placed_problems(made):
            if not place.startswith("seller.") or row.seller is not None:
                self.report.wrong(*row.place(place), what)
        for column, what in invoice_totals.problems(row.lines, row.gross_priced, row.file_totals):
            self.report.wrong(row.line, column, what)
        return len(self.report.errors) == before

    def _lines(self, known: dict[str, Any]) -> dict[int, list[tuple[Any, ...]]]:
        """The lines of the invoices that are here already, in their order."""
        lines: dict[int, list[tuple[Any, ...]]] = {}
        for part in chunks(row.id for row in known.values()):
            wanted = sa.select(_line).where(_line.c.invoice_id.in_(part)).order_by(_line.c.invoice_id, _line.c.position)
            for row in self.look.rows(wanted):
                lines.setdefault(row.invoice_id, []).append(tuple(getattr(row, name) for name in _LINE))
        return lines

    def _same(
        self, row: InvoiceRows, values: dict[str, Any], here: Any, lines: dict[int, list[tuple[Any, ...]]]
    ) -> bool:
        unsaid = _unsaid(row)
        other = [name for name, value in values.items() if getattr(here, name) != value and name not in unsaid]
        for name in other:
            self._otherwise(row.line, _WHERE.get(name, name))
        if other:
            return False
        own = [tuple(_kept_line(line).values()) for line in row.lines]
        issued = lines.get(here.id, [])
        for at, line in enumerate(own):
            if at >= len(issued) or line != issued[at]:
                self._otherwise(row.places[at], "name")
                return False
        if len(own) != len(issued):
            self._otherwise(row.places[-1], "invoice_number")
        return len(own) == len(issued)

    def _otherwise(self, line: int, column: str) -> None:
        self.report.wrong(line, column, say(N_("This invoice is here already and was issued otherwise.")))

    def _write(self, work: UnitOfWork, new: list[tuple[InvoiceRows, dict[str, Any]]], holders: dict[str, Any]) -> None:
        parties = self._keep_parties(work, [row for row, _values in new], holders)
        since = work.today - MAILED_WITHIN
        insert_each(
            work,
            Invoice,
            [
                {
                    "period": "",
                    "notes": "",
                    "exemption": "",
                    "bank_account": holders[row.customer.key].bank_account,
                    **values,
                    "origin": row.origin,
                    "seller_id": parties[at][0],
                    "buyer_id": parties[at][1],
                    "unpaid": max(values["gross"], 0),
                    "mail_due": holders[row.customer.key].e_invoices and row.issued_on >= since,
                    "created_at": work.now,
                }
                for at, (row, values) in enumerate(new)
            ],
        )
        columns = [_invoice.c.id, _invoice.c.number_key]
        keys = (row.number.key for row, _values in new)
        ids = by_key(work, columns, _invoice.c.number_key, keys)
        insert_each(
            work,
            InvoiceLine,
            [
                {"invoice_id": ids[row.number.key].id, "position": at, **_kept_line(line)}
                for row, _values in new
                for at, line in enumerate(row.lines, start=1)
            ],
        )
        self._take_stand_ins(work, [values for _row, values in new if values.get("corrects_key")])
        self._touched.update(values["subscriber_id"] for _row, values in new)

    def _take_stand_ins(self, work: UnitOfWork, corrections: list[dict[str, Any]]) -> None:
        """A desk that once went back to a version without corrections has what they changed beside the payments (the
        migration wrote it there): now that they are here again it would count twice."""
        for part in chunks(corrections):
            marks = [(values["subscriber_id"], f"kor {values['number_key']}") for values in part]
            mine = sa.tuple_(_payment.c.subscriber_id, _payment.c.mark_key).in_(marks)
            work.connection.execute(sa.delete(_payment).where(mine))

    def _keep_parties(
        self, work: UnitOfWork, rows: list[InvoiceRows], holders: dict[str, Any]
    ) -> list[tuple[int, int]]:
        """The ids of the seller and the buyer of each invoice, kept if they aren't yet."""
        sellers = {seller: digest_and_body(seller) for seller in {row.seller or self._seller for row in rows}}
        pairs = [
            (sellers[row.seller or self._seller], digest_and_body(row.buyer or _buyer(holders[row.customer.key])))
            for row in rows
        ]
        bodies = dict(party for pair in pairs for party in pair)
        if len(self._parties) > _PARTIES:
            self._parties.clear()
        for again in (False, True):
            missing = bodies.keys() - self._parties.keys()
            columns = [_party.c.id, _party.c.digest]
            parties = by_key(work, columns, _party.c.digest, missing)
            self._parties |= {digest: row.id for digest, row in parties.items()}
            new = sorted(missing - parties.keys())
            if not new or again:
                break
            insert_each(work, InvoiceParty, [{"digest": digest, "body": bodies[digest]} for digest in new])
        return [(self._parties[seller], self._parties[buyer]) for (seller, _), (buyer, _) in pairs]

    def finish(self) -> None:
        if self.work is not None and not self.report.errors:
            settle(self.work, sorted(self._touched))


_PARTIES = 20_000
"""Parties whose id is remembered (4 MB)."""
_WHERE = {
    "subscriber_id": "customer_number",
    "contract_id": "contract_number",
    "gross": "total_gross",
    "vat": "total_vat",
    "corrects_key": "corrected_number",
    "corrects_on": "corrected_on",
}
_LINE = ("name", "quantity", "unit", "net_price", "unit_price", "rate", "net", "vat", "gross", "before")


def _totals(row: InvoiceRows) -> dict[str, Any]:
    """As the table has them."""
    totals = row.totals()
    net, vat = sum(total.net for total in totals), sum(total.vat for total in totals)
    rates = [[total.rate, total.net, total.vat] for total in row.rates] or None
    return {"net": net, "vat": vat, "gross": net + vat, "rates": rates}


def _corrects(row: InvoiceRows) -> dict[str, Any]:
    corrects = {"corrects": row.corrects.text, "corrects_key": row.corrects.key} if row.corrects else {}
    return {"corrects": "", "corrects_key": "", **corrects, "corrects_on": row.corrects_on}


def _unsaid(row: InvoiceRows) -> set[str]:
    """What a file says nothing of: totals follow from the lines unless they are named, and numbers are compared by
    their keys."""
    unsaid = {"number", "corrects", "net", "rates"}
    if row.total is None:
        unsaid.add("gross")
    if row.total_vat is None:
        unsaid.add("vat")
    return unsaid if row.with_contract else unsaid | {"contract_id"}


def _kept_line(line: invoice_document.DocumentLine) -> dict[str, Any]:
    """As the table has it, in the order of :data:`_LINE`."""
    return {
        "name": line.name,
        "quantity": int(line.quantity * Decimal(THOUSAND)),
        "unit": line.unit,
        "net_price": line.net_price,
        "unit_price": line.unit_price,
        "rate": line.rate,
        "net": line.net,
        "vat": line.vat,
        "gross": line.gross,
        "before": line.before,
    }


KIND = pipeline.FileKind("billing.import", "invoice", NEEDED, OPTIONAL, read, InvoicesPass, pace=8_000)

import_invoices = pipeline.importing(KIND)
"""Invoices from a file; how it is called says :class:`core.imports.csv.pipeline.Import`."""
