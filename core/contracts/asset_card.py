"""One asset with what covers it: what its card shows."""

import datetime as dt
from dataclasses import dataclass

import sqlalchemy as sa

from core.contracts import coverage
from core.contracts.coverage import AssetRow, ContractRow
from core.models.contracts import Asset, Contract, Cover
from core.service.unit_of_work import ReadContext, table

_asset, _contract, _cover = table(Asset), table(Contract), table(Cover)

MOST = 20
"""Contracts that a card names."""


@dataclass(frozen=True, slots=True)
class AssetCard:
    """``contracts`` are those of its holder that cover it or did, the ones that end last first."""

    asset: AssetRow
    known_since: dt.datetime
    contracts: tuple[ContractRow, ...]


def card(look: ReadContext, asset_id: int) -> AssetCard:
    """Everything about one asset within sight; :class:`core.errors.NotFound` for a hidden one and a missing one."""
    asset = coverage.asset(look, asset_id)
    row = look.find(Asset, asset_id)
    of_asset = sa.select(_cover.c.contract_id).where(_cover.c.asset_id == asset_id)
    numbers = (
        look.scoped(Contract, _contract.c.id)
        .where(_contract.c.id.in_(of_asset))
        .order_by(_contract.c.valid_until.desc(), _contract.c.id.desc())
        .limit(MOST)
    )
    if not look.actor.staff:
        numbers = numbers.where(_contract.c.registered_at.is_not(None))
    contracts = tuple(coverage.contract(look, row.id) for row in look.rows(numbers))
    return AssetCard(asset, row.created_at, contracts)
