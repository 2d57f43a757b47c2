"""Nodes of an LMS database as rows of a lines file: each of a customer's is a line."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from ipaddress import IPv4Address, IPv4Network
from typing import Any

import sqlalchemy as sa

from core.imports.csv.reader import Row
from core.imports.csv.report import Report
from core.imports.csv.spool import Scratch
from core.imports.line_rows import LineRow, LineRowReader
from core.imports.lms.contracts import Contracts, Subscription
from core.imports.lms.source import PREFIX, DeskFacts, Lms, place

_PPPOE = 1
"""The bit of ``nodes.authtype``."""
_PRIVATE = tuple(map(IPv4Network, ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10")))
"""Addresses that more than one network may use (RFC 1918, RFC 6598)."""
_COLUMNS = {
    **dict.fromkeys(("id", "ownerid", "ipaddr", "ipaddr_pub", "creationdate"), 0),
    **dict.fromkeys(("name", "login", "passwd"), ""),
    "authtype": _PPPOE,
}


class Nodes:
    """Reads them."""

    def __init__(self, lms: Lms, facts: DeskFacts, scratch: Scratch) -> None:
        self._lms = lms
        self._facts = facts
        self._contracts = Contracts(lms, facts, scratch)

    def rows(self, report: Report) -> Iterator[LineRow]:
        """Each node of a customer as a line under the contract that pays for it, if one runs."""
        lms, nodes, customers = self._lms, self._lms.table("nodes"), self._lms.table("customers")
        columns = [lms.column("nodes", name, default) for name, default in _COLUMNS.items()]
        chosen = sa.select(*columns).join_from(nodes, customers, customers.c.id == nodes.c.ownerid)
        if lms.has("addresses") and "address_id" in nodes.c:
            addresses = lms.table("addresses")
            chosen = chosen.add_columns(*lms.address()).outerjoin(addresses, addresses.c.id == nodes.c.address_id)
        shared = self._shared_addresses()
        reader = LineRowReader(self._facts.products, report, lms=True)
        for part in lms.stream(chosen.where(lms.customers()).order_by(nodes.c.id)):
            contracts = self._contracts.of(sorted({row.ownerid for row in part}))
            paid = self._assignments([row.id for row in part])
            for row in part:
                report.rows += 1
                contract, tariff = self._contract_of(contracts.get(row.ownerid, []), paid[row.id])
                made = reader.read(Row(row.id, self._line(row, contract, tariff, shared)))
                if made is not None:
                    yield made

    def _shared_addresses(self) -> set[int]:
        """Private addresses of more than one node: of two networks that never meet. They tell nobody from anybody."""
        address = _address_of(self._lms.table("nodes"))
        wanted = sa.select(address.label("address")).group_by(address).having(sa.func.count() > 1)
        addresses = {row.address for part in self._lms.stream(wanted) for row in part}
        return {
            address
            for address in addresses
            if address and any(IPv4Address(address % 2**32) in network for network in _PRIVATE)
        }

    def _assignments(self, ids: Sequence[int]) -> dict[int, list[int]]:
        assignments: dict[int, list[int]] = defaultdict(list)
        if self._lms.has("nodeassignments"):
            links = self._lms.table("nodeassignments")
            for row in self._lms.rows(sa.select(links.c.nodeid, links.c.assignmentid), links.c.nodeid, ids):
                assignments[row.nodeid].append(row.assignmentid)
        return assignments

    def _contract_of(self, contracts: list[Subscription], paid: list[int]) -> tuple[Subscription | None, Any]:
        """The contract that pays for a node, by its own assignment or else by the customer's, and the tariff."""
        today = self._facts.today
        running = [contract for contract in contracts if contract.runs(today)]
        its = [(contract, contract.of_day(today, paid)) for contract in running]
        theirs = [(contract, contract.internet(today)) for contract in running]
        # What runs today comes first; a node may still hang on an assignment that another one has followed.
        ranked = [(contract, assignment) for contract, assignment in (*its, *theirs) if assignment is not None]
        for contract, assignment in sorted(ranked, key=lambda pair: not pair[1].runs(today)):
            return contract, assignment.tariff
        return (running[0] if running else None), None

    def _line(self, row: Any, contract: Subscription | None, tariff: Any, shared: set[int]) -> dict[str, str]:
        address = row.ipaddr_pub or row.ipaddr
        with_login = bool(row.passwd) and (not row.authtype or bool(row.authtype & _PPPOE))
        day = self._lms.day(row.creationdate) or (contract.since if contract else None) or self._facts.today
        return {
            "customer_number": str(row.ownerid),
            "contract_number": contract.number if contract else "",
            "line": f"{PREFIX}{row.ownerid}-{row.id}",
            "vendor": self._facts.settings.desk.name,
            "product": (tariff.name if tariff is not None else "")[:80] or "Internet",
            "down_mbit": str(round((tariff.downceil or 0) / 1000)) if tariff is not None else "",
            "up_mbit": str(round((tariff.upceil or 0) / 1000)) if tariff is not None else "",
            "addresses": str(IPv4Address(address % 2**32)) if address and address not in shared else "",
            "pppoe_login": (row.login or row.name) if with_login else "",
            "pppoe_password": row.passwd if with_login else "",
            "activated_on": day.isoformat(),
            **(place(row) if hasattr(row, "city") else {}),
        }


def _address_of(nodes: sa.TableClause) -> sa.ColumnElement[int]:
    return sa.case((nodes.c.ipaddr_pub != 0, nodes.c.ipaddr_pub), else_=nodes.c.ipaddr)
