"""An LMS database as it is read: tables and columns by the names of LMS's own schema (``doc/lms.pgsql``).

Versions differ: a column or table that isn't there reads as a default. Times are seconds since 1970, days the midnights
of the operator's zone; money is decimal złotys.
"""

from __future__ import annotations

import datetime as dt
import re
import zoneinfo
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

import sqlalchemy as sa

from core.billing.money import rounded
from core.db.engine import prepare_session
from core.errors import DeskError, Unavailable
from core.i18n.translation import N_
from core.imports.csv.spool import Scratch, Seen
from core.imports.products import Products
from core.models.contracts import Contract
from core.models.subscribers import Subscriber
from core.security.crypto import Keys
from core.service.bulk import chunks, parts_of
from core.service.settings import Settings
from core.service.unit_of_work import ReadContext, table

_contract, _subscriber = table(Contract), table(Subscriber)

NEEDED = ("customers", "nodes", "assignments", "tariffs", "documents", "invoicecontents", "taxes", "cash")
MAYBE = ("customer_addresses", "addresses", "customercontacts", "nodeassignments", "numberplans")

INVOICE: Final = 1
CORRECTION: Final = 3
"""``documents.type``; pro formas are 6, contracts -1."""
CONNECTED: Final = 3
"""``customers.status`` from which on somebody is a customer; below are those who ask and wait."""
NET: Final = 16
"""The bit of ``documents.flags`` that says that its prices are net."""
AT_ONCE: Final = 1_000
RATES: Final = (23, 8, 5, 0)
_EPOCH: Final = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
ORIGIN: Final = "lms"
"""Says of a contract that it came from LMS, and begins the origin of an invoice before its document's id there."""
PREFIX: Final = "LMS-"
"""Begins the identifiers of lines, the marks of payments, and the numbers of contracts that have none on paper."""


CONNECT_WITHIN: Final = 10
"""Seconds."""
ANSWER_WITHIN: Final = 300
"""Seconds that LMS may take for one statement, or for the next rows of one; a server that says nothing at all is left
after a minute."""
_LINE: Final = {"keepalives_idle": 20, "keepalives_interval": 10, "keepalives_count": 4, "tcp_user_timeout": 60_000}


@dataclass(frozen=True, slots=True)
class DeskFacts:
    """What reading LMS must know of the desk, so that no connection to the desk is open while LMS takes its time."""

    settings: Settings
    keys: Keys
    today: dt.date
    products: Products
    contracts: Seen
    """Whose each subscription is: their numbers, as they are compared."""

    @classmethod
    def read(cls, look: ReadContext, scratch: Scratch) -> DeskFacts:
        contracts, columns = Seen(scratch, "contract_here"), (_contract.c.id, _contract.c.number_key)
        query = sa.select(*columns, _subscriber.c.number_key.label("holder")).join_from(
            _contract, _subscriber, _subscriber.c.id == _contract.c.subscriber_id
        )
        for rows in parts_of(look, query, _contract.c.id):
            contracts.first([(row.number_key, row.id, row.holder.encode()) for row in rows])
        return cls(look.settings, look.keys, look.today, Products.read(look), contracts)


class Lms:
    """An open LMS database, read in one snapshot."""

    def __init__(self, connection: sa.Connection, zone: str) -> None:
        self._connection = connection
        self._zone = zoneinfo.ZoneInfo(zone)
        inspector = sa.inspect(connection)
        there = set(inspector.get_table_names())
        for name in NEEDED:
            if name not in there:
                raise DeskError(N_("This is no LMS database: the table {name} is missing."), name=name)
        self._tables = {
            name: sa.table(name, *(sa.column(column["name"], column["type"]) for column in inspector.get_columns(name)))
            for name in (*NEEDED, *MAYBE)
            if name in there
        }

    def has(self, *names: str) -> bool:
        """Whether this version has these tables."""
        return all(name in self._tables for name in names)

    def table(self, name: str) -> sa.TableClause:
        return self._tables[name]

    def column(self, table: str, name: str, default: Any = None) -> sa.ColumnElement[Any]:
        """A column under its own name, or the default where this version has none."""
        column = self._tables[table].c.get(name)
        return column if column is not None else sa.literal(default).label(name)

    def stream(self, statement: sa.Select[Any]) -> Iterator[Sequence[Any]]:
        """The rows part by part, kept by the server until they are wanted."""
        with reading():
            parts = self._connection.execute(statement, execution_options={"yield_per": AT_ONCE}).partitions()
        while True:
            with reading():
                part = next(parts, None)
            if part is None:
                return
            yield part

    def rows(self, statement: sa.Select[Any], column: Any, ids: Sequence[int]) -> list[Any]:
        """The rows whose ``column`` is among ``ids``."""
        with reading():
            return [row for part in chunks(ids) for row in self._connection.execute(statement.where(column.in_(part)))]

    def count(self, name: str) -> int:
        """How many rows a table has."""
        with reading():
            counted = self._connection.execute(sa.select(sa.func.count()).select_from(self._tables[name]))
            return int(counted.scalar_one())

    def day(self, seconds: int | None) -> dt.date | None:
        """The day of a time; None for 0, which is none."""
        return (_EPOCH + dt.timedelta(seconds=seconds)).astimezone(self._zone).date() if seconds else None

    def customers(self) -> sa.ColumnElement[bool]:
        """Who is a customer: neither deleted nor a contractor, and not only asking."""
        deleted, type_ = self.column("customers", "deleted", 0), self.column("customers", "type", 0)
        return sa.and_(_bare(deleted) == 0, _bare(type_) < 2, self.table("customers").c.status >= CONNECTED)

    def invoices(self) -> sa.ColumnElement[bool]:
        """Which documents come in as invoices: those with rates of today, in złotys, and what corrects one of them.
        Older ones are a charge each."""
        documents = self.table("documents")
        return sa.and_(
            self.of_type(INVOICE, CORRECTION),
            _bare(self.column("documents", "cancelled", 0)) == 0,
            *self._of_today(documents),
        )

    def of_type(self, *types: int) -> sa.ColumnElement[bool]:
        """Documents of these types; of corrections those that name what they correct, if that is of today too."""
        documents = self.table("documents")
        chosen = documents.c.type.in_([type_ for type_ in types if type_ != CORRECTION])
        if CORRECTION not in types or "reference" not in documents.c:
            return chosen
        other = documents.alias("corrected")
        there = other.c.id == documents.c.reference, other.c.type.in_((INVOICE, CORRECTION))
        known = sa.select(other.c.id).where(*there, *self._of_today(other)).correlate(documents)
        return sa.or_(chosen, sa.and_(documents.c.type == CORRECTION, known.exists()))

    def _of_today(self, documents: Any) -> list[sa.ColumnElement[bool]]:
        """It has lines, rates of today alone, and is in złotys."""
        contents, taxes = self.table("invoicecontents"), self.table("taxes")
        lines = sa.select(contents.c.docid).where(contents.c.docid == documents.c.id).correlate(documents)
        odd = lines.join(taxes, taxes.c.id == contents.c.taxid).where(taxes.c.taxed != 0, taxes.c.value.not_in(RATES))
        currency = documents.c.get("currency")
        of_money = [sa.func.coalesce(currency, "PLN") == "PLN"] if currency is not None else []
        return [lines.exists(), ~odd.exists(), *of_money]

    def address(self) -> list[sa.ColumnElement[Any]]:
        """What :func:`place` reads."""
        return [self.column("addresses", name, "") for name in ("street", "house", "flat", "zip", "city")]

    def number(self) -> list[sa.ColumnElement[Any]]:
        """What :meth:`numbered_as` reads of a document, once :meth:`numbered` has joined it."""
        documents = self.table("documents")
        template = (
            self.column("numberplans", "template", "") if self.has("numberplans") else sa.literal("").label("template")
        )
        more = [self.column("documents", "extnumber", ""), self.column("documents", "fullnumber", ""), template]
        return [documents.c.number, documents.c.cdate, *more]

    def numbered(self, chosen: sa.Select[Any]) -> sa.Select[Any]:
        """Documents with the plan of their number."""
        if not self.has("numberplans"):
            return chosen
        documents, plans = self.table("documents"), self.table("numberplans")
        return chosen.outerjoin_from(documents, plans, plans.c.id == documents.c.numberplanid)

    def numbered_as(self, row: Any) -> str:
        """A document's number as it is printed; older versions only know what it is made of."""
        return row.fullnumber or full_number(row.number, row.template, self.day(row.cdate), row.extnumber or "")


def place(row: Any) -> dict[str, str]:
    """An address as our files have it."""
    number = "/".join(part for part in (row.house, row.flat) if part)
    return {
        "street": " ".join(part for part in (row.street, number) if part),
        "postcode": row.zip or "",
        "town": row.city or "",
    }


def _bare(column: sa.ColumnElement[Any]) -> sa.ColumnElement[Any]:
    return column.element if isinstance(column, sa.Label) else column


@contextmanager
def opened(url: sa.URL, zone: str) -> Iterator[Lms]:
    """LMS as it is at this moment: one transaction that only reads, so that its tables agree, and that no hanging
    server keeps waiting. It never tells its password."""
    # A database without an encoding of its own (SQL_ASCII) would give bytes for text.
    wanted = {"connect_timeout": CONNECT_WITHIN, "client_encoding": "UTF8", **_LINE}
    asked = {name: value for name, value in wanted.items() if name not in url.query}
    engine = sa.create_engine(url, hide_parameters=True, poolclass=sa.NullPool, connect_args=asked)
    sa.event.listen(engine, "connect", prepare_session)
    try:
        with reading():
            connection = engine.connect().execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
        with connection:
            with reading():
                connection.exec_driver_sql(f"SET statement_timeout = {ANSWER_WITHIN * 1_000:.0f}")
                # All rows are wanted, not the first tenth, for which the server would choose nested loops.
                connection.exec_driver_sql("SET cursor_tuple_fraction = 1")
                lms = Lms(connection, zone)
            yield lms
    finally:
        engine.dispose()


def source_of(url: str) -> sa.URL:
    """The address of an LMS database; a :class:`DeskError` that doesn't repeat it when it can't be one."""
    wrong = DeskError(N_("An LMS database is named like postgresql://user@host/database."))
    try:
        read = sa.make_url(url)
    except (sa.exc.ArgumentError, ValueError):
        raise wrong from None
    if read.get_backend_name() != "postgresql":
        raise wrong
    return read.set(drivername="postgresql+psycopg")


@contextmanager
def reading() -> Iterator[None]:
    """What goes wrong at the LMS end is said as that, by the kind of error alone: the driver's words may hold names and
    addresses."""
    try:
        yield
    except UnicodeDecodeError:
        raise Unavailable(_ENCODING) from None
    except sa.exc.SQLAlchemyError as error:
        if getattr(getattr(error, "orig", None), "sqlstate", "") == _NOT_IN_REPERTOIRE:
            raise Unavailable(_ENCODING) from None
        kind = type(getattr(error, "orig", None) or error).__name__
        what = N_("The LMS database can't be read ({kind}). Nothing was brought in.")
        raise Unavailable(what, kind=kind) from None


_NOT_IN_REPERTOIRE: Final = "22021"
"""How PostgreSQL refuses bytes that are no text in the encoding that was asked for."""
_ENCODING = N_(
    "There is text in the LMS database that is not UTF-8, and the database doesn't say what it is (SQL_ASCII). If all "
    "of it is in one encoding, name that at the end of the address: ?client_encoding=LATIN2. Nothing was brought in."
)


def grosze(value: Any) -> int:
    """Whole grosze of złotys."""
    return rounded(Decimal(value) * 100)


def full_number(number: int, template: str, day: dt.date | None, more: str = "") -> str:
    """A document's number by its plan: ``%N`` or ``%6N`` is the number, ``%I`` what is added, the rest the date."""

    def part(match: re.Match[str]) -> str:
        width, sign = match[1], match[2]
        if sign == "N":
            return f"{number:0{int(width or 0)}}"
        if sign == "I":
            return more
        return day.strftime(f"%{sign}") if day is not None and sign in "YymdHMSj" else ""

    return re.sub(r"%([0-9]?)([A-Za-z])", part, template or "%N/LMS/%Y")
