"""A PostgreSQL database with the table and column names of LMS's own schema (``doc/lms.pgsql``), and people in it.

Only what is read is here, and a few columns that are not. Everybody is invented.
"""

from __future__ import annotations

import datetime as dt
import ipaddress
import zoneinfo
from typing import Any

import sqlalchemy as sa

from tests.core.billing.invoices import ACCOUNT

metadata = sa.MetaData()
_I, _T, _N = sa.Integer, sa.Text, sa.Numeric


def _table(called: str, /, **columns: Any) -> sa.Table:
    keyed = called != "invoicecontents"
    return sa.Table(
        called, metadata, *(sa.Column(name, kind, primary_key=keyed and name == "id") for name, kind in columns.items())
    )


def _whole(table: sa.Table, row: dict[str, Any]) -> dict[str, Any]:
    """The row with what LMS puts where nothing is said: "", 0, and NULL for what refers or has no value."""
    bare = ("period", "currency", "id", "reference")
    return {
        column.name: row.get(
            column.name,
            None if column.name.endswith(bare) else "" if isinstance(column.type, sa.Text) else 0,
        )
        for column in table.c
    }


customers = _table(
    "customers",
    id=_I,
    extid=_T,
    lastname=_T,
    name=_T,
    status=_I,
    type=_I,
    ten=_T,
    ssn=_T,
    regon=_T,
    creationdate=_I,
    moddate=_I,
    deleted=_I,
    pin=_T,
    divisionid=_I,
)
addresses = _table("addresses", id=_I, name=_T, city=_T, city_id=_I, street=_T, street_id=_I, zip=_T, house=_T, flat=_T)
customer_addresses = _table("customer_addresses", id=_I, customer_id=_I, address_id=_I, type=_I)
customercontacts = _table("customercontacts", id=_I, customerid=_I, name=_T, contact=_T, type=_I)
taxes = _table("taxes", id=_I, value=_N, taxed=_I, label=_T)
tariffs = _table("tariffs", id=_I, name=_T, type=_I, value=_N, period=_I, taxid=_I, downceil=_I, upceil=_I, flags=_I)
assignments = _table(
    "assignments",
    id=_I,
    tariffid=_I,
    liabilityid=_I,
    customerid=_I,
    period=_I,
    datefrom=_I,
    dateto=_I,
    suspended=_I,
    pdiscount=_N,
    vdiscount=_N,
    count=_N,
    docid=_I,
    commited=_I,
)
nodes = _table(
    "nodes",
    id=_I,
    name=_T,
    login=_T,
    ipaddr=sa.BigInteger,
    ipaddr_pub=sa.BigInteger,
    passwd=_T,
    ownerid=_I,
    creationdate=_I,
    authtype=_I,
    netid=_I,
    address_id=_I,
)
nodeassignments = _table("nodeassignments", id=_I, nodeid=_I, assignmentid=_I)
numberplans = _table("numberplans", id=_I, template=_T, doctype=_I)
documents = _table(
    "documents",
    id=_I,
    type=_I,
    number=_I,
    numberplanid=_I,
    extnumber=_T,
    fullnumber=_T,
    cdate=_I,
    sdate=_I,
    paytime=_I,
    customerid=_I,
    name=_T,
    address=_T,
    zip=_T,
    city=_T,
    ten=_T,
    ssn=_T,
    div_name=_T,
    div_address=_T,
    div_zip=_T,
    div_city=_T,
    div_ten=_T,
    div_account=_T,
    div_bank=_T,
    cancelled=_I,
    closed=_I,
    flags=_I,
    currency=_T,
    reference=_I,
    reason=_T,
)
invoicecontents = _table(
    "invoicecontents", docid=_I, itemid=_I, value=_N, taxid=_I, content=_T, count=_N, description=_T, pdiscount=_N
)
cash = _table(
    "cash",
    id=_I,
    time=_I,
    type=_I,
    value=_N,
    currencyvalue=_N,
    customerid=_I,
    comment=_T,
    docid=_I,
    itemid=_I,
)

PESELS = ("44051401458", "02070803628")
PASSWORD = "hasło-z-lms-9"


def at(day: str) -> int:
    """Midnight of a day in Poland, as LMS keeps it."""
    zone = zoneinfo.ZoneInfo("Europe/Warsaw")
    return int(dt.datetime.fromisoformat(day).replace(tzinfo=zone).timestamp())


def number(address: str) -> int:
    return int(ipaddress.IPv4Address(address))


def build(url: str, *, without: tuple[sa.Table, ...] = ()) -> sa.Engine:
    """The tables, with twenty customers who have a line and three invoices each, two of them paid."""
    engine = connect(url)
    with engine.begin() as connection:
        metadata.create_all(connection, tables=[one for one in metadata.sorted_tables if one not in without])
        for table, rows in _rows().items():
            if table not in without:
                connection.execute(table.insert(), [_whole(table, row) for row in rows])
    return engine


def connect(url: str) -> sa.Engine:
    return sa.create_engine(url, poolclass=sa.NullPool)


SELLER = {
    "div_name": "Wiatrołap Internet Sp. z o.o.",
    "div_address": "ul. Żabia 7/3",
    "div_zip": "05-120",
    "div_city": "Nowe Łęgi",
    "div_ten": "123-456-32-18",
    "div_account": ACCOUNT,
    "div_bank": "Bank Próbny S.A.",
}


def _rows() -> dict[sa.Table, list[dict[str, Any]]]:
    made: dict[sa.Table, list[dict[str, Any]]] = {one: [] for one in metadata.sorted_tables}
    made[taxes] = [
        {"id": 1, "value": 23, "taxed": 1, "label": "23%"},
        {"id": 2, "value": 0, "taxed": 0, "label": "zw."},
        {"id": 3, "value": 22, "taxed": 1, "label": "22%"},
    ]
    made[tariffs] = [
        {"id": 1, "name": "Światło 300", "type": 1, "value": "69.00", "taxid": 1, "downceil": 307200, "upceil": 51200},
        {"id": 2, "name": "Telefon", "type": 4, "value": "120.00", "period": 5, "taxid": 1, "downceil": 0, "upceil": 0},
    ]
    made[numberplans] = [
        {"id": 1, "template": "FV/%4N/%m/%Y", "doctype": 1},
        {"id": 2, "template": "UA/%N/%Y", "doctype": -1},
    ]
    for id_ in range(1, 21):
        _customer(made, id_)
    # Who isn't a customer: deleted, only asking, a contractor.
    made[customers] += [
        {"id": 91, "lastname": "Skreślona", "status": 3, "deleted": 1},
        {"id": 92, "lastname": "Pytająca", "status": 1, "deleted": 0},
        {"id": 93, "lastname": "Dostawca", "status": 3, "type": 2, "deleted": 0},
    ]
    made[cash].append({"id": 9001, "time": at("2026-11-01"), "value": "5.00", "customerid": 91, "currencyvalue": 1})
    # A switch has an address but no owner; a charge of nobody's is the firm's own.
    made[nodes].append({"id": 900, "name": "switch", "ipaddr": number("10.255.0.1"), "ipaddr_pub": 0})
    made[cash].append({"id": 9002, "time": at("2026-11-01"), "value": "-7.00", "currencyvalue": 1})
    return made


def _customer(made: dict[sa.Table, list[dict[str, Any]]], id_: int) -> None:
    company = id_ == 20
    made[customers].append(
        {
            "id": id_,
            "lastname": "Wspólnota Pod Dębami" if company else f"Łącka-{'ABCDEFGHIJKLMNOPQRST'[id_ - 1]}",
            "name": "" if company else "Bronisława",
            "status": 3 if id_ != 19 else 4,
            "type": int(company),
            "ten": "999-999-99-99" if company else "",
            "ssn": PESELS[id_ % 2] if id_ < 3 else "",
            "creationdate": at("2023-01-10"),
            "deleted": 0,
            "pin": "1234",
        }
    )
    made[addresses] += [
        {"id": id_, "street": "ul. Łączna", "house": str(id_), "flat": "4", "zip": "05-121", "city": "Święta Góra"},
        {"id": 100 + id_, "street": None, "house": str(id_), "flat": None, "zip": "05-122", "city": "Gęsiniec"},
    ]
    made[customer_addresses] += [
        {"id": 2 * id_, "customer_id": id_, "address_id": 100 + id_, "type": 3},
        {"id": 2 * id_ + 1, "customer_id": id_, "address_id": id_, "type": 1},
    ]
    made[customercontacts] += [
        {"id": 4 * id_, "customerid": id_, "contact": "stary@poczta.example", "type": 8 | 16384},
        {"id": 4 * id_ + 1, "customerid": id_, "contact": f"klient{id_}@poczta.example", "type": 8 | 16},
        {"id": 4 * id_ + 2, "customerid": id_, "contact": "600 100 200", "type": 1},
        {"id": 4 * id_ + 3, "customerid": id_, "contact": ACCOUNT, "type": 64 | 16},
    ]
    contract = 1000 + id_
    made[documents].append(
        {
            "id": contract,
            "type": -1,
            "number": id_,
            "numberplanid": 2,
            "cdate": at("2024-03-01"),
            "customerid": id_,
            "fullnumber": None,
        }
    )
    # The internet and the telephone stand in one contract; who has left has no end in the future.
    end = at("2026-06-30") if id_ == 19 else 0
    both = {"customerid": id_, "datefrom": at("2024-03-01"), "dateto": end, "period": 3, "count": 1, "commited": 1}
    made[assignments] += [
        {"id": 10 * id_, "tariffid": 1, "docid": contract, "vdiscount": 4 if id_ == 2 else 0, **both},
        {"id": 10 * id_ + 1, "tariffid": 2, "docid": contract, **both},
        {"id": 10 * id_ + 2, "liabilityid": 1, **both},
    ]
    made[nodes].append(
        {
            "id": 100 + id_,
            "name": f"wezel{id_}",
            "passwd": PASSWORD,
            "ownerid": id_,
            "ipaddr": number(f"10.1.0.{id_}"),
            "ipaddr_pub": number(f"203.0.113.{id_}") if id_ < 10 else 0,
            "creationdate": at("2024-03-05"),
            "authtype": 1,
            "address_id": 100 + id_,
        }
    )
    made[nodeassignments].append({"id": id_, "nodeid": 100 + id_, "assignmentid": 10 * id_})
    for at_, month in enumerate((9, 10, 11)):
        _invoice(made, 2000 + 10 * id_ + at_, id_, month)
    for at_, month in enumerate((9, 10)):
        paid = {"customerid": id_, "value": "79.00", "currencyvalue": 1, "comment": "wpłata"}
        made[cash].append({"id": 500 + 10 * id_ + at_, "time": at(f"2026-{month:02}-12"), "type": 1, **paid})


def _invoice(made: dict[sa.Table, list[dict[str, Any]]], id_: int, customer: int, month: int) -> None:
    day = at(f"2026-{month:02}-02")
    made[documents].append(
        {
            "id": id_,
            "type": 1,
            "number": customer,
            "numberplanid": 1,
            "fullnumber": None if month == 9 else f"FV/{customer:04}/{month:02}/2026",
            "cdate": day,
            "sdate": day,
            "paytime": 14,
            "customerid": customer,
            "name": "Łącka Bronisława",
            "address": f"ul. Łączna {customer}/4",
            "zip": "05-121",
            "city": "Święta Góra",
            "ten": "DE123456" if customer == 20 else "",
            **SELLER,
        }
    )
    for item, (name, value) in enumerate((("Dostęp do internetu", "69.00000"), ("Telefon", "10.00000")), start=1):
        line = {"docid": id_, "itemid": item, "taxid": 1, "content": "szt.", "count": 1, "description": name}
        made[invoicecontents].append({**line, "value": value})
        charge = {"customerid": customer, "docid": id_, "itemid": item, "currencyvalue": 1, "comment": name}
        made[cash].append({"id": 3 * id_ + item, "time": day, "type": 0, "value": f"-{value}", **charge})


def balances(engine: sa.Engine) -> dict[str, int]:
    """What LMS says each customer has, in grosze."""
    total = sa.func.sum(cash.c.value * cash.c.currencyvalue * 100)
    wanted = (
        sa.select(cash.c.customerid, total.label("total")).where(cash.c.customerid < 90).group_by(cash.c.customerid)
    )
    with engine.connect() as connection:
        return {str(row.customerid): int(row.total) for row in connection.execute(wanted)}


def more(table: sa.Table, **row: Any) -> Any:
    """The INSERT of one more row."""
    return table.insert().values(_whole(table, row))


def run(engine: sa.Engine, *statements: Any) -> None:
    """Change something in LMS."""
    with engine.begin() as connection:
        for statement in statements:
            connection.execute(statement)
