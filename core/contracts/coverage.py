"""What one has and what is covered: contracts, their assets, my assets.

A device that a service company looks after is covered by that grant, whatever contract there is beside it
(a ticket about a heat pump goes to the company that holds its grant).
"""

import datetime as dt
from dataclasses import dataclass, replace
from typing import Any

import sqlalchemy as sa

from core.db import pagination
from core.db.list_search import each_word
from core.db.pagination import Page, PageRequest
from core.db.ready import ReadyStatement
from core.models.accounts import Account
from core.models.care import Grant
from core.models.companies import Company
from core.models.contracts import END_ORDER, NO_END, Asset, Contract, Cover, Product
from core.models.names import full_name_column
from core.models.subscribers import Subscriber
from core.service import policy
from core.service.actor import Actor
from core.service.unit_of_work import ReadContext, not_found, table

_contract, _asset, _product = table(Contract), table(Asset), table(Product)
_cover, _company, _grant = table(Cover), table(Company), table(Grant)
_subscriber, _account = table(Subscriber), table(Account)
_service = _company.alias("service")
_in_care = sa.and_(_grant.c.asset_id == _asset.c.id, _grant.c.ended_at.is_(None))
"""A device has at most one running grant; a partial index finds it."""

SOON = dt.timedelta(days=30)
"""A contract that ends within this is marked."""


@dataclass(frozen=True, slots=True)
class ContractRow:
    """One line of the list of contracts. ``state`` is ``waiting`` (not registered), ``early``, ``active``, ``soon`` or
    ``expired``; ``days_left`` counts today, and is 0 for what is over or has no end (:data:`NO_END`)."""

    id: int
    number: str
    company: str
    level: str
    valid_from: dt.date
    valid_until: dt.date
    days_left: int
    state: str
    assets: int


@dataclass(frozen=True, slots=True)
class AssetRow:
    """One line of *my assets*. ``company`` names whose it is; ``cover_until`` is the last day of the longest active
    registered contract, or None; ``care`` names the service company that looks after it (``team`` is its id), or is
    empty."""

    id: int
    category: str
    vendor: str
    name: str
    identifier: str
    company: str
    contract: str
    cover_until: dt.date | None
    care: str = ""
    team: int | None = None

    @property
    def covered(self) -> bool:
        """Whether a technical ticket can be about it today."""
        return self.cover_until is not None or self.team is not None


_END_ORDER = sa.literal_column(END_ORDER.replace("valid_until", "contract.valid_until"), sa.Date()).label("end_order")


def contracts(look: ReadContext, ask: PageRequest, search: str = "") -> Page[ContractRow]:
    """Contracts within sight, the ones that end last first and those without an end behind them. Customers see those
    registered for their company."""
    columns = (
        _contract.c.id,
        _END_ORDER,
        _contract.c.number,
        sa.func.coalesce(_company.c.name, _subscriber.c.name, "").label("name"),
        _contract.c.support_level,
        _contract.c.valid_from,
        _contract.c.valid_until,
        _contract.c.registered_at,
        assets_of(_contract.c.id).label("assets"),
    )
    query = look.scoped(Contract, *columns).select_from(
        _contract.outerjoin(_company, _contract.c.company_id == _company.c.id).outerjoin(
            _subscriber, _contract.c.subscriber_id == _subscriber.c.id
        )
    )
    if not look.actor.staff:
        query = query.where(_contract.c.registered_at.is_not(None))
    if search:
        query = query.where(each_word(search, _contract.c.number_key, _company.c.words, _subscriber.c.name_key))
    today = look.today
    return pagination.read(look, query, (_END_ORDER, _contract.c.id), ask, lambda row: _contract_row(row, today))


def assets_of(contract_id: Any) -> Any:
    """How many assets a contract covers, as a column."""
    return sa.select(sa.func.count()).where(_cover.c.contract_id == contract_id).scalar_subquery()


def _contract_row(row: Any, today: dt.date) -> ContractRow:
    return contract_line(row, row.name, row.assets, today)


def contract_line(contract: Any, holder: str, assets: int, today: dt.date) -> ContractRow:
    """A contract's line. ``contract`` has its columns, ``holder`` is whose it is, ``assets`` how many it covers."""
    return ContractRow(
        contract.id,
        contract.number,
        holder,
        contract.support_level,
        contract.valid_from,
        contract.valid_until,
        _days_left(contract.valid_until, today),
        state(contract.valid_from, contract.valid_until, contract.registered_at is not None, today),
        assets,
    )


def _days_left(until: dt.date, today: dt.date) -> int:
    return 0 if until == NO_END else max((until - today).days + 1, 0)


def state(valid_from: dt.date, valid_until: dt.date, registered: bool, today: dt.date) -> str:
    """How a contract stands on ``today``; both ends of its period are inside it."""
    if today > valid_until:
        return "expired"
    if not registered:
        return "waiting"
    if today < valid_from:
        return "early"
    return "soon" if valid_until - today < SOON else "active"


def contract(look: ReadContext, contract_id: int) -> ContractRow:
    """One contract's line, for its own screen and for the card beside a ticket."""
    contract = look.find(Contract, contract_id)
    if contract.registered_at is None and not look.actor.staff:
        raise not_found()
    holder: Company | Subscriber | None = None
    if contract.company_id is not None:
        holder = look.unscoped(Company, _company.c.id == contract.company_id)
    elif contract.subscriber_id is not None:
        holder = look.unscoped(Subscriber, _subscriber.c.id == contract.subscriber_id)
    covered = int(look.value(sa.select(sa.func.count()).where(_cover.c.contract_id == contract_id)))
    return contract_line(contract, holder.name if holder else "", covered, look.today)


def _active(today: dt.date | sa.BindParameter[dt.date]) -> sa.ColumnElement[bool]:
    """A contract that covers today: registered, begun, not ended."""
    return sa.and_(
        _contract.c.registered_at.is_not(None), _contract.c.valid_from <= today, _contract.c.valid_until >= today
    )


_HOLDER = sa.func.coalesce(_company.c.name, _subscriber.c.name, full_name_column(_account))
"""Whose an asset is: a company's, a subscriber's or a person's."""

_of_its_holder = sa.or_(
    _contract.c.company_id == _asset.c.company_id, _contract.c.subscriber_id == _asset.c.subscriber_id
)
"""An asset is covered by its own holder's contracts: another one's number is nobody else's to read."""


def assets(
    look: ReadContext,
    ask: PageRequest,
    search: str = "",
    *,
    contract_id: int | None = None,
    only: int | None = None,
    covered_only: bool = False,
    beside: AssetRow | None = None,
    without: frozenset[int] = frozenset(),
) -> Page[AssetRow]:
    """Assets within sight by category, vendor and name; of one contract, or only those covered today, or those that
    one ticket can be about ``beside`` another: of its kind and in the same hands."""
    today = look.today
    until = (
        sa.select(sa.func.max(_contract.c.valid_until))
        .join_from(_cover, _contract, _cover.c.contract_id == _contract.c.id)
        .where(_cover.c.asset_id == _asset.c.id, _of_its_holder, _active(today))
        .correlate(_asset)
        .scalar_subquery()
    )
    number = (
        sa.select(_contract.c.number)
        .join_from(_cover, _contract, _cover.c.contract_id == _contract.c.id)
        .where(_cover.c.asset_id == _asset.c.id, _of_its_holder, _active(today))
        .order_by(_contract.c.valid_until.desc(), _contract.c.id.desc())
        .limit(1)
        .correlate(_asset)
        .scalar_subquery()
    )
    columns = (
        _asset.c.id,
        _product.c.category,
        _product.c.vendor,
        _product.c.name,
        _asset.c.identifier,
        _HOLDER.label("company"),
        number.label("number"),
        until.label("until"),
        _service.c.name.label("care"),
        _grant.c.company_id.label("team"),
        _product.c.name_order,
    )
    query = look.scoped(Asset, *columns).select_from(
        _asset.join(_product, _asset.c.product_id == _product.c.id)
        .outerjoin(_company, _asset.c.company_id == _company.c.id)
        .outerjoin(_subscriber, _asset.c.subscriber_id == _subscriber.c.id)
        .outerjoin(_account, _asset.c.account_id == _account.c.id)
        .outerjoin(_grant, _in_care)
        .outerjoin(_service, _grant.c.company_id == _service.c.id)
    )
    if not look.actor.staff or covered_only:
        query = query.where(_known(look, today, covered_only))
    if only is not None:
        query = query.where(_asset.c.id == only)
    if contract_id is not None:
        of_contract = sa.select(_cover.c.asset_id).where(_cover.c.contract_id == contract_id)
        query = query.where(_asset.c.id.in_(of_contract))
    if beside is not None:
        hands = _grant.c.company_id.is_not_distinct_from(beside.team)
        query = query.where(_product.c.category == beside.category, hands)
    if without:
        query = query.where(_asset.c.id.not_in(without))
    if search:
        query = query.where(each_word(search, _product.c.words, keys=(_asset.c.identifier_key,)))
    order = (_product.c.category, _product.c.name_order, _asset.c.id)
    return pagination.read(look, query, order, ask, _asset_row, descending=False)


def _known(look: ReadContext, today: dt.date, covered_only: bool) -> sa.ColumnElement[bool]:
    """An asset shows itself once a contract that covers it was registered, and a person's own always; covered, while
    one of its contracts is active or a service company looks after it."""
    when = _active(today) if covered_only else _contract.c.registered_at.is_not(None)
    by_contract = sa.exists().where(
        _cover.c.asset_id == _asset.c.id, _cover.c.contract_id == _contract.c.id, _of_its_holder, when
    )
    in_care = _grant.c.id.is_not(None)
    return (
        sa.or_(by_contract, in_care) if covered_only else sa.or_(by_contract, in_care, _asset.c.account_id.is_not(None))
    )


def _asset_row(row: Any) -> AssetRow:
    until = dt.date.fromisoformat(row.until) if isinstance(row.until, str) else row.until
    return AssetRow(
        row.id,
        row.category,
        row.vendor,
        row.name,
        row.identifier,
        row.company or "",
        row.number or "",
        until,
        row.care or "",
        row.team,
    )


def asset(look: ReadContext, asset_id: int) -> AssetRow:
    """One asset's line, covered or not; the same :class:`core.errors.NotFound` for missing and hidden."""
    seen = look.find(Asset, asset_id)
    rows = assets(look, PageRequest(limit=1), only=seen.id).rows
    if not rows:
        raise not_found()
    return rows[0]


@dataclass(frozen=True, slots=True)
class Covering:
    """An asset that a ticket may be about, and what entitles: a contract, or else the grant of the service company
    ``team_id``, which then handles the ticket."""

    asset_id: int
    category: str
    contract_id: int | None
    identifier: str
    vendor: str
    name: str
    grant_id: int | None = None
    team_id: int | None = None


def covering(look: ReadContext, asset_ids: tuple[int, ...]) -> dict[int, Covering]:
    """For each asset within sight that is covered today: its running grant, or else the contract that ends last.
    Others are missing."""
    asked = {f"asset_{place}": asset_id for place, asset_id in enumerate(asset_ids)}
    statement = _covering(look.actor, len(asset_ids))
    rows = look.rows(statement, **asked, today=look.today, **policy.parameters(look.actor))
    return {row.id: _entitled(Covering(*row)) for row in rows}


def _entitled(covering: Covering) -> Covering:
    return covering if covering.grant_id is None else replace(covering, contract_id=None)


@policy.made_once
def _covering(somebody: Actor, how_many: int) -> ReadyStatement:
    """What :func:`covering` asks; every new ticket asks it twice."""
    today = sa.bindparam("today", type_=sa.Date())
    asked = [sa.bindparam(f"asset_{place}", type_=_asset.c.id.type) for place in range(how_many)]
    return ReadyStatement(
        sa.select(
            _asset.c.id,
            _product.c.category,
            _contract.c.id.label("contract_id"),
            _asset.c.identifier,
            _product.c.vendor,
            _product.c.name,
            _grant.c.id.label("grant_id"),
            _grant.c.company_id.label("team_id"),
        )
        .select_from(
            _asset.join(_product, _asset.c.product_id == _product.c.id)
            .outerjoin(_grant, _in_care)
            .outerjoin(_cover, _cover.c.asset_id == _asset.c.id)
            .outerjoin(_contract, sa.and_(_cover.c.contract_id == _contract.c.id, _of_its_holder, _active(today)))
        )
        .where(
            policy.scope(somebody, Asset),
            _asset.c.id.in_(asked),
            sa.or_(_contract.c.id.is_not(None), _grant.c.id.is_not(None)),
        )
        .order_by(_contract.c.valid_until, _contract.c.id)
    )
