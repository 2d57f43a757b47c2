"""Importing contracts from the operator's CSV: one row an asset, all or nothing, safe to run again.

A contract that is registered stays with the company that registered
it, whatever the file says: who held the code has proved more than a list.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa

from core.errors import say
from core.i18n.sanitize import fold, identity
from core.i18n.translation import N_
from core.imports.contract_rows import COLUMNS, ContractFileRow, ContractRowReader, ContractTerms, ProductNamed
from core.imports.csv import pipeline
from core.imports.csv.reader import Row
from core.imports.csv.report import Report
from core.models.companies import Company, CompanyKind
from core.models.contracts import Asset, Contract, Cover, Product
from core.products.catalogue import catalogue
from core.service.bulk import by_key, chunks
from core.service.unit_of_work import ReadContext, UnitOfWork, table

_asset, _contract, _cover = table(Asset), table(Contract), table(Cover)
_company, _product = table(Company), table(Product)


def read(look: ReadContext, rows: Iterator[Row], report: Report) -> Iterator[ContractFileRow]:
    """The rows that are right in themselves and fit the earlier ones."""
    reader = ContractRowReader(look.keys, catalogue(), report)
    for row in rows:
        made = reader.read(row)
        if made is not None:
            yield made


class ContractsPass(pipeline.Pass[ContractFileRow]):
    """Compares rows with the desk, and with a :class:`UnitOfWork` writes them: all at once, since what a contract
    takes along may be what another row names."""

    def take(self, rows: list[ContractFileRow]) -> list[ContractFileRow]:
        known = _Known.read(self.look, rows)
        fresh = [row for row in rows if _compare(row, known, self.report)]
        _name_others(rows, known, self.report)
        if self.work is not None and not self.report.errors:
            _Writer(self.work, known, self.tick).write(rows)
        return fresh


@dataclass(slots=True)
class _Known:
    """What the desk holds of what the file names, by the keys the file is compared by."""

    contracts: dict[str, Any]
    assets: dict[str, Any]
    products: dict[tuple[str, str, str], Any]
    companies: dict[str, int]
    covers: dict[int, set[int]] = field(default_factory=dict)
    """Contracts by asset."""
    names: dict[int, Any] = field(default_factory=dict)
    """Of the companies that hold any of it, or registered it."""

    @classmethod
    def read(cls, look: ReadContext, rows: list[ContractFileRow]) -> "_Known":
        terms = {row.terms.number_key: row.terms for row in rows}
        contracts = by_key(look, [_contract], _contract.c.number_key, terms, lambda row: row.number_key)
        assets = by_key(
            look,
            [_asset],
            _asset.c.identifier_key,
            (row.identifier_key for row in rows),
            lambda row: row.identifier_key,
        )
        names = {row.product.key[2] for row in rows}
        products = by_key(
            look, [_product], _product.c.name_key, names, lambda row: (row.category, row.vendor_key, row.name_key)
        )
        known = cls(
            contracts, assets, products, _clients(look, (row_terms.company_key for row_terms in terms.values()))
        )
        known._read_covers(look)
        return known

    def _read_covers(self, look: ReadContext) -> None:
        for part in chunks(asset.id for asset in self.assets.values()):
            for row in look.rows(sa.select(_cover).where(_cover.c.asset_id.in_(part))):
                self.covers.setdefault(row.asset_id, set()).add(row.contract_id)
        registered = {contract.company_id for contract in self.contracts.values() if contract.registered_at is not None}
        holders = ({asset.company_id for asset in self.assets.values()} | registered) - {None}
        self.names = by_key(look, [_company.c.id, _company.c.name], _company.c.id, holders, lambda row: row.id)

    def company_of(self, terms: ContractTerms) -> int | str | None:
        """Whose the contract will be: an id, the key of a company yet to be made, or nobody's."""
        contract = self.contracts.get(terms.number_key)
        if contract is not None and (contract.registered_at is not None or not terms.company_key):
            return contract.company_id  # type: ignore[no-any-return]
        return self.companies.get(terms.company_key, terms.company_key) or None

    def changes(self, terms: ContractTerms) -> dict[str, Any]:
        """What of a known contract is different now. A company that is not made yet is there by its key."""
        contract = self.contracts[terms.number_key]
        wanted = {
            "code_mac": terms.activation_code,
            "support_level": terms.support_level,
            "valid_from": terms.valid_from,
            "valid_until": terms.valid_until,
            "company_id": self.company_of(terms),
        }
        return {name: value for name, value in wanted.items() if getattr(contract, name) != value}


def _clients(look: ReadContext, keys: Iterable[str]) -> dict[str, int]:
    """Client companies by their keys; a service company may bear the name of one."""
    columns = [_company.c.id, _company.c.name_key, _company.c.kind]
    rows = by_key(look, columns, _company.c.name_key, keys, lambda row: (row.kind, row.name_key))
    return {key: row.id for (kind, key), row in rows.items() if kind == CompanyKind.CLIENT}


def _compare(row: ContractFileRow, known: _Known, report: Report) -> bool:
    """Count the row as new, different or as it is, or say why it can't be; whether it has something to write."""
    contract, asset = known.contracts.get(row.terms.number_key), known.assets.get(row.identifier_key)
    if asset is not None and not _may_cover(row, known):
        name = known.names[asset.company_id].name
        report.wrong(row.line, "identifier", say(N_("This device belongs to another company here: {name}."), name=name))
    elif contract is None or asset is None or contract.id not in known.covers.get(asset.id, ()):
        report.created += 1
    elif known.changes(row.terms) or _asset_changes(row, known):
        report.updated += 1
    else:
        report.unchanged += 1
        return False
    return True


def _name_others(rows: list[ContractFileRow], known: _Known, report: Report) -> None:
    """Say which contracts stay with a company whose name differs from the file's by accents alone. It may be the same
    company written otherwise, or another one that got the contract while names were compared without accents."""
    for row in {row.terms.number_key: row for row in reversed(rows)}.values():
        contract = known.contracts.get(row.terms.number_key)
        holder = known.names.get(contract.company_id) if contract is not None and contract.registered_at else None
        if holder is None or row.terms.company_key in ("", identity(holder.name)[:120]):
            continue
        if fold(holder.name) == fold(row.terms.company):
            report.warn(row.line, "company", say(_STAYS, number=row.terms.contract_number, name=holder.name))


_STAYS = N_(
    "Contract {number} stays with {name}, which registered it. That name differs from this one by accents alone: "
    "please see whether it is the same company."
)


def _may_cover(row: ContractFileRow, known: _Known) -> bool:
    """An asset may be covered for the company that has it. An import may correct whose it is only while this contract,
    not yet registered, is all that covers it."""
    asset, contract = known.assets[row.identifier_key], known.contracts.get(row.terms.number_key)
    if asset.company_id is None or asset.company_id == known.company_of(row.terms):
        return True
    own = {contract.id} if contract is not None and contract.registered_at is None else set()
    return bool(own) and known.covers.get(asset.id) == own


def _asset_changes(row: ContractFileRow, known: _Known) -> bool:
    asset, product = known.assets[row.identifier_key], known.products.get(row.product.key)
    owner = known.company_of(row.terms)
    return product is None or asset.product_id != product.id or (owner is not None and asset.company_id != owner)


class _Writer:
    """Writes what is new or different, each kind of thing in one go."""

    def __init__(self, work: UnitOfWork, known: _Known, tick: Callable[[int], None] | None) -> None:
        self._work = work
        self._known = known
        self._tick = tick

    def write(self, rows: list[ContractFileRow]) -> None:
        terms = {row.terms.number_key: row.terms for row in rows}
        self._companies(terms)
        self._products({row.product.key: row.product for row in rows})
        self._contracts(terms)
        for at, part in enumerate(chunks(rows, 2_000)):
            if self._tick is not None:
                self._tick(at * 2_000)
            self._assets(part)
            self._covers(part)

    def _companies(self, terms: dict[str, ContractTerms]) -> None:
        known, work = self._known, self._work
        wanted = {known.company_of(each): each for each in terms.values()}
        new = {key: each.company for key, each in wanted.items() if isinstance(key, str)}
        work.add_all(Company, [{"name": name, "name_key": key, "created_at": work.now} for key, name in new.items()])
        known.companies.update(_clients(work, new))

    def _products(self, named: dict[tuple[str, str, str], ProductNamed]) -> None:
        known, work = self._known, self._work
        new = [product for key, product in named.items() if key not in known.products]
        columns = ("category", "vendor_key", "name_key")
        work.add_all(
            Product,
            [
                {**dict(zip(columns, product.key, strict=True)), "vendor": product.vendor, "name": product.name}
                for product in new
            ],
        )
        names = {product.key[2] for product in new}
        known.products |= by_key(
            work, [_product], _product.c.name_key, names, lambda row: (row.category, row.vendor_key, row.name_key)
        )

    def _contracts(self, terms: dict[str, ContractTerms]) -> None:
        known, work = self._known, self._work
        for key in terms.keys() & known.contracts.keys():
            changes = known.changes(terms[key])
            if changes:
                work.change(Contract, _contract.c.id == known.contracts[key].id, **changes)
            if "company_id" in changes:
                self._hand_over(known.contracts[key], changes["company_id"])
        new = [each for key, each in terms.items() if key not in known.contracts]
        work.add_all(Contract, [self._contract(each) for each in new])
        keys = [each.number_key for each in new]
        known.contracts |= by_key(work, [_contract], _contract.c.number_key, keys, lambda row: row.number_key)

    def _hand_over(self, contract: Any, company_id: int) -> None:
        """A contract whose company was corrected takes along what it alone covers, also what the file doesn't name."""
        alone = sa.select(_cover.c.asset_id).group_by(_cover.c.asset_id).having(sa.func.count() == 1)
        mine = sa.select(_cover.c.asset_id).where(_cover.c.contract_id == contract.id, _cover.c.asset_id.in_(alone))
        self._work.change(
            Asset, _asset.c.id.in_(mine), _asset.c.company_id == contract.company_id, company_id=company_id
        )

    def _contract(self, terms: ContractTerms) -> dict[str, Any]:
        return {
            "number": terms.contract_number,
            "number_key": terms.number_key,
            "code_mac": terms.activation_code,
            "company_id": self._known.company_of(terms),
            "support_level": terms.support_level,
            "valid_from": terms.valid_from,
            "valid_until": terms.valid_until,
            "created_at": self._work.now,
        }

    def _assets(self, rows: list[ContractFileRow]) -> None:
        known, work = self._known, self._work
        for row in rows:
            if row.identifier_key in known.assets and _asset_changes(row, known):
                asset, owner = known.assets[row.identifier_key], known.company_of(row.terms)
                values = {"product_id": known.products[row.product.key].id, "company_id": owner or asset.company_id}
                work.change(Asset, _asset.c.id == asset.id, **values)
        new = [row for row in rows if row.identifier_key not in known.assets]
        work.add_all(Asset, [self._asset(row) for row in new])
        keys = [row.identifier_key for row in new]
        known.assets |= by_key(work, [_asset], _asset.c.identifier_key, keys, lambda row: row.identifier_key)

    def _asset(self, row: ContractFileRow) -> dict[str, Any]:
        return {
            "product_id": self._known.products[row.product.key].id,
            "identifier": row.identifier,
            "identifier_key": row.identifier_key,
            "company_id": self._known.company_of(row.terms),
            "created_at": self._work.now,
        }

    def _covers(self, rows: list[ContractFileRow]) -> None:
        known = self._known
        pairs = [(known.contracts[row.terms.number_key].id, known.assets[row.identifier_key].id) for row in rows]
        self._work.add_all(
            Cover,
            [
                {"contract_id": contract_id, "asset_id": asset_id}
                for contract_id, asset_id in pairs
                if contract_id not in known.covers.get(asset_id, ())
            ],
        )


KIND = pipeline.FileKind(
    "contract.import", "", COLUMNS, (), read, ContractsPass, pace=20_000, part=pipeline.WHOLE, most=pipeline.WHOLE
)

import_contracts = pipeline.importing(KIND)
"""Contracts from a file; how it is called says :class:`core.imports.csv.pipeline.Import`."""
