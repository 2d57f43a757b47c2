"""Importing internet lines with their addresses: a row a line.

No two lines may share an address, in the file or with the desk, because whoever comes from it may sign up for the line.
So addresses are only freed while the rows pass, and given out when all of them are known: lines may swap theirs.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

import sqlalchemy as sa

from core.errors import say
from core.i18n.sanitize import fold, identity
from core.i18n.translation import N_
from core.imports.csv import pipeline
from core.imports.csv.reader import Row
from core.imports.csv.report import Report
from core.imports.csv.spool import Scratch, Seen
from core.imports.line_addresses import Addresses, Logins
from core.imports.line_rows import NEEDED, OPTIONAL, PLACE, LineRow, LineRowReader
from core.imports.pending_rows import Coming
from core.imports.products import Products
from core.models.contracts import Asset, Contract, Cover, Product
from core.models.subscribers import Line, LineAddress, Subscriber
from core.service.bulk import by_key, change_each, chunks, insert_each
from core.service.unit_of_work import ReadContext, UnitOfWork, table

_asset, _line, _address = table(Asset), table(Line), table(LineAddress)
_contract, _cover, _subscriber = table(Contract), table(Cover), table(Subscriber)
_product = table(Product)


def read(look: ReadContext, rows: Iterator[Row], report: Report) -> Iterator[LineRow]:
    """The rows that are right in themselves."""
    reader = LineRowReader(Products.read(look), report)
    for row in rows:
        made = reader.read(row)
        if made is not None:
            yield made


@dataclass(slots=True)
class _Here:
    """What the desk holds of some rows."""

    holders: dict[str, Any]
    contracts: dict[str, Any]
    assets: dict[str, Any]
    """With the columns of their line."""
    addresses: dict[int, dict[str, str]] = field(default_factory=dict)
    """By asset: text by its low end."""
    covers: set[tuple[int, int]] = field(default_factory=set)
    left: list[Any] = field(default_factory=list)
    """Assets that somebody else had under the identifier of a row, until their contract ended."""


class LinesPass(pipeline.Pass[LineRow]):
    """Compares rows with the desk, and with a :class:`UnitOfWork` writes them."""

    coming: Coming | None = None
    """Customers and contracts that this run brings as well."""
    whole = ""
    """Every line whose identifier begins with this is in the run, or is no line any more."""

    def __init__(self, look: ReadContext, report: Report, scratch: Scratch) -> None:
        super().__init__(look, report, scratch)
        self.identifiers = Seen(scratch, "line")
        self._addresses = Addresses(look, report, scratch, self.identifiers, self.whole)
        self._logins = Logins(look, report, scratch, self.identifiers, self.whole)
        self._products = Products.read(look)

    def take(self, rows: list[LineRow]) -> list[LineRow]:
        if self.work is None:
            self._once(rows)
        here = self._here(rows)
        fresh = [row for row in rows if self._compare(row, here)]
        if self.work is not None and not self.report.errors:
            self._write(self.work, fresh, here)
        ids = {key: asset.id for key, asset in here.assets.items()}
        for row in rows:
            known = here.addresses.get(ids.get(row.key, 0), {})
            self._addresses.add(row, ids.get(row.key), known)
            asset = here.assets.get(row.key)
            if row.login:
                self._logins.add(row, ids.get(row.key), fresh=asset is None or asset.pppoe_login != row.login)
        self._addresses.flush()
        self._logins.flush()
        return fresh

    def _once(self, rows: list[LineRow]) -> None:
        firsts = self.identifiers.first([(row.key, row.line, b"") for row in rows])
        for row in rows if firsts else ():
            first = firsts.get(row.key, (row.line, b""))[0]
            if first != row.line:
                what = say(N_("This internet line is on line {line} already."), line=first)
                self.report.wrong(row.line, "line", what)

    def _here(self, rows: list[LineRow]) -> _Here:
        look = self.look
        columns = [_subscriber.c[name] for name in ("id", "number", "number_key", "street", "postcode", "town")]
        keys = (row.customer.key for row in rows)
        holders = by_key(look, columns, _subscriber.c.number_key, keys)
        keys = (row.contract.key for row in rows if row.contract)
        contracts = by_key(look, [_contract], _contract.c.number_key, keys)
        if self.coming is not None:
            holders = self.coming.customers(holders, {row.customer.key for row in rows})
            contracts = self.coming.contracts(contracts, {row.contract.key for row in rows if row.contract}, holders)
        here = _Here(holders, contracts, self._assets(row.key for row in rows))
        self._leave(rows, here)
        for part in chunks(asset.id for asset in here.assets.values()):
            for row in look.rows(sa.select(_address).where(_address.c.asset_id.in_(part))):
                here.addresses.setdefault(row.asset_id, {})[row.low] = row.high
            for row in look.rows(sa.select(_cover).where(_cover.c.asset_id.in_(part))):
                here.covers.add((row.contract_id, row.asset_id))
        return here

    def _leave(self, rows: list[LineRow], here: _Here) -> None:
        """Lines of others whose contracts for them have all ended are nobody's: the row makes a new one."""
        others = []
        for row in rows:
            asset, holder = here.assets.get(row.key), here.holders.get(row.customer.key)
            if asset is not None and holder is not None and asset.subscriber_id not in (None, holder.id):
                others.append(asset)
        running: set[int] = set()
        for part in chunks(asset.id for asset in others):
            joined = sa.select(_cover.c.asset_id).join_from(_cover, _contract, _contract.c.id == _cover.c.contract_id)
            for row in self.look.rows(
                joined.where(_cover.c.asset_id.in_(part), _contract.c.valid_until >= self.look.today)
            ):
                running.add(row.asset_id)
        here.left = [here.assets.pop(asset.identifier_key) for asset in others if asset.id not in running]

    def _set_aside(self, work: UnitOfWork, assets: list[Any]) -> None:
        """What was said and measured stays with whom it was, under an identifier of its own."""
        for asset in assets:
            identifier = f"{asset.identifier[:44]} #{asset.id}"
            work.change(Asset, _asset.c.id == asset.id, identifier=identifier, identifier_key=identity(identifier)[:64])
            work.change(Line, _line.c.asset_id == asset.id, pppoe_login=None, pppoe_password=None)
            work.connection.execute(sa.delete(_address).where(_address.c.asset_id == asset.id))

    def _assets(self, keys: Iterator[str]) -> dict[str, Any]:
        columns = [
            _asset.c.id,
            _asset.c.identifier,
            _asset.c.identifier_key,
            _asset.c.product_id,
            _product.c.name_key.label("product_key"),
            _asset.c.subscriber_id,
            _subscriber.c.number.label("holder"),
            *(column for column in _line.c),
        ]
        joined = (
            _asset.join(_product, _product.c.id == _asset.c.product_id)
            .outerjoin(_line, _line.c.asset_id == _asset.c.id)
            .outerjoin(_subscriber, _subscriber.c.id == _asset.c.subscriber_id)
        )
        return by_key(self.look, columns, _asset.c.identifier_key, keys, joined=joined)

    def _compare(self, row: LineRow, here: _Here) -> bool:
        """Count the row as new, different or as it is, or say why it can't be; whether there is anything to write."""
        holder, asset = here.holders.get(row.customer.key), here.assets.get(row.key)
        if holder is None:
            what = say(N_("There is no customer {number} here."), number=row.customer.text)
            self.report.wrong(row.line, "customer_number", what)
            return False
        if asset is not None and asset.subscriber_id != holder.id:
            self.report.wrong(row.line, "line", _taken(asset))
            return False
        contract = here.contracts.get(row.contract.key) if row.contract else None
        if row.contract and (contract is None or contract.subscriber_id != holder.id):
            what = say(N_("Customer {number} has no contract with this number here."), number=holder.number)
            self.report.wrong(row.line, "contract_number", what)
            return False
        if asset is None and contract is not None and contract.valid_until < self.look.today:
            what = say(N_("This contract ended on {day}, so it can't have a new line."), day=contract.valid_until)
            self.report.wrong(row.line, "contract_number", what)
            return False
        if asset is None:
            self.report.created += 1
        elif self._changed(row, asset, contract, here):
            self.report.updated += 1
        else:
            self.report.unchanged += 1
            return False
        return True

    def _changed(self, row: LineRow, asset: Any, contract: Any, here: _Here) -> bool:
        holder = here.holders[row.customer.key]
        return bool(
            asset.asset_id is None
            or self._other_product(row, asset)
            or any(getattr(asset, name) != value for name, value in _facts(row, holder).items())
            or _other_login(row, asset)
            or self._new_password(row, asset)
            or (contract is not None and (contract.id, asset.id) not in here.covers)
            or {network.low: network.high for network in row.networks} != here.addresses.get(asset.id, {})
        )

    def _other_product(self, row: LineRow, asset: Any) -> bool:
        """Without a vendor the product's name says that it is the same."""
        if "vendor" not in row.columns and asset.product_key == row.product.key[1]:
            return False
        return bool(self._products.ids.get(row.product.key) != asset.product_id)

    def _new_password(self, row: LineRow, asset: Any) -> bool:
        """An empty one leaves what is there, and nothing replaces one that was made here since; one without a login
        is nobody's."""
        sealed = asset.pppoe_password if asset is not None else None
        if not (row.login and row.password) or (sealed is not None and asset.pppoe_changed_at is not None):
            return False
        return sealed is None or self.look.keys.unseal("pppoe", sealed, str(asset.id)) != row.password

    def _write(self, work: UnitOfWork, rows: list[LineRow], here: _Here) -> None:
        self._set_aside(work, here.left)
        new = [row for row in rows if row.key not in here.assets]
        old = [(row, here.assets[row.key]) for row in rows if row.key in here.assets]
        other = [(row, asset) for row, asset in old if self._other_product(row, asset)]
        self._products.make(work, [row.product for row in (*new, *(row for row, _asset in other))])
        insert_each(
            work,
            Asset,
            [
                {
                    "product_id": self._products.ids[row.product.key],
                    "identifier": row.identifier,
                    "identifier_key": row.key,
                    "subscriber_id": here.holders[row.customer.key].id,
                    "created_at": work.now,
                }
                for row in new
            ],
        )
        made = self._assets(row.key for row in new)
        ids = {key: asset.id for key, asset in (here.assets | made).items()}
        products = [{"id": asset.id, "product_id": self._products.ids[row.product.key]} for row, asset in other]
        change_each(work, Asset, products)
        with_line = [(row, asset) for row, asset in old if asset.asset_id is not None]
        bare = new + [row for row, asset in old if asset.asset_id is None]
        insert_each(work, Line, [self._line(work, row, ids[row.key], here) for row in bare])
        change_each(
            work, Line, [self._line(work, row, asset.id, here, asset) for row, asset in with_line], key="asset_id"
        )
        insert_each(work, Cover, self._covers(rows, ids, here))
        self._free(work, [(row, asset) for row, asset in old], here)
        here.assets |= made

    def _line(self, work: UnitOfWork, row: LineRow, asset_id: int, here: _Here, known: Any = None) -> dict[str, Any]:
        """The row of the table :class:`Line`. A login that isn't its own yet is given when all of them are free."""
        holder = here.holders[row.customer.key]
        values: dict[str, Any] = {"asset_id": asset_id, **_facts(row, holder, new=known is None)}
        if known is None or _other_login(row, known):
            values["pppoe_login"] = None
        if known is not None and not row.login and "pppoe_login" in row.columns:
            values["pppoe_password"] = None
        if self._new_password(row, known):
            values["pppoe_password"] = work.keys.seal("pppoe", row.password, str(asset_id))
            values["pppoe_changed_at"] = None
        return values if known is not None else {"pppoe_password": None, "pppoe_changed_at": None, **values}

    def _covers(self, rows: list[LineRow], ids: dict[str, int], here: _Here) -> list[dict[str, int]]:
        pairs = [(here.contracts[row.contract.key].id, ids[row.key]) for row in rows if row.contract]
        return [{"contract_id": pair[0], "asset_id": pair[1]} for pair in pairs if pair not in here.covers]

    def _free(self, work: UnitOfWork, rows: list[tuple[LineRow, Any]], here: _Here) -> None:
        """Addresses that left a line are anybody's again."""
        for row, asset in rows:
            keeps = {network.low: network.high for network in row.networks}
            gone = [low for low, high in here.addresses.get(asset.id, {}).items() if keeps.get(low) != high]
            if gone:
                work.connection.execute(sa.delete(_address).where(_address.c.low.in_(gone)))

    def finish(self) -> None:
        self._addresses.check()
        self._logins.check()
        if self.work is not None and not self.report.errors:
            self._addresses.give(self.work)
            self._logins.give(self.work)


def _taken(asset: Any) -> Any:
    if asset.subscriber_id is None:
        return say(N_("This is the identifier of a device here that is no subscriber's line."))
    what = N_(
        "This line belongs to customer {number} here. End their contract for it first (with a day before today in "
        "valid_until of the subscribers file), then bring this in again."
    )
    return say(what, number=asset.holder)


_folded = lru_cache(maxsize=4_096)(fold)


def _facts(row: LineRow, holder: Any, *, new: bool = False) -> dict[str, Any]:
    """Columns of the line that the row decides: of one that is here already those that the file has. A line without an
    address of its own is where the customer lives."""
    facts: dict[str, Any] = {"activated_on": row.activated_on}
    facts |= {name: getattr(row, name) for name in _SPEEDS if new or name in row.columns}
    if new or row.columns.issuperset(PLACE):
        home = row if row.street or row.postcode or row.town else holder
        facts |= {name: getattr(home, name) for name in PLACE}
        facts["town_key"] = _folded(home.town)[:80]
    return facts


def _other_login(row: LineRow, asset: Any) -> bool:
    return "pppoe_login" in row.columns and bool(asset.pppoe_login != (row.login or None))


_SPEEDS = ("down_mbit", "up_mbit")


KIND = pipeline.FileKind("subscriber.import", "line", NEEDED, OPTIONAL, read, LinesPass, pace=8_000)

import_lines = pipeline.importing(KIND)
"""Lines from a file; how it is called says :class:`core.imports.csv.pipeline.Import`."""
