"""A subscriber as they see themselves, and as an agent sees them: data, contracts, lines, and
whether this session comes from one of those lines."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from core.contracts import coverage
from core.db import pagination
from core.db.pagination import Page
from core.db.ready import ReadyStatement
from core.models.accounts import Account
from core.models.billing import Invoice, Payment
from core.models.contracts import NO_END, Asset, Contract, Cover, Product
from core.models.subscribers import Line, LineAddress, Subscriber
from core.service import policy
from core.service.actor import Actor
from core.service.unit_of_work import ReadContext, not_found, table
from core.subscribers import pesel, sign_up_rule
from core.subscribers.search import found_by

_subscriber, _account, _contract = table(Subscriber), table(Account), table(Contract)
_asset, _line, _address = table(Asset), table(Line), table(LineAddress)
_cover, _product, _invoice, _payment = table(Cover), table(Product), table(Invoice), table(Payment)


@dataclass(frozen=True, slots=True)
class ContractFacts:
    """A subscription. ``valid_until`` is None for one without an end; ``monthly_fee`` is gross, in grosze; ``state`` is
    that of :func:`core.contracts.coverage.state`."""

    id: int
    number: str
    valid_from: dt.date
    valid_until: dt.date | None
    monthly_fee: int
    state: str


@dataclass(frozen=True, slots=True)
class LineFacts:
    """A line with what is to be known of it. ``addresses`` are networks as text; speeds in Mbit/s, 0 when not known;
    ``here`` when this session comes from it."""

    asset_id: int
    identifier: str
    product: str
    contract: str
    addresses: tuple[str, ...]
    pppoe_login: str
    activated_on: dt.date
    address: str
    down_mbit: int
    up_mbit: int
    here: bool


@dataclass(frozen=True, slots=True)
class SubscriberCard:
    """Everything of one subscriber but money. ``pesel`` is masked down to its last two digits, or empty; ``login`` and
    ``account_email`` are empty while nobody has signed up."""

    id: int
    number: str
    name: str
    kind: str
    street: str
    postcode: str
    town: str
    email: str
    phone: str
    tax_id: str
    pesel: str
    language: str
    bank_account: str
    e_invoices: bool
    account_id: int | None
    login: str
    account_email: str
    version: int
    contracts: tuple[ContractFacts, ...]
    lines: tuple[LineFacts, ...]


@dataclass(frozen=True, slots=True)
class Here:
    """*My address now*: ``address`` as text, empty where none can be seen (``source`` says why:
    :class:`core.service.client_address.Peer`); ``line`` is the own line it belongs to, or empty."""

    address: str
    source: str
    line: str


@dataclass(frozen=True, slots=True)
class SubscriberRow:
    """One line of the staff's list; money in grosze, ``balance`` below zero is owed."""

    id: int
    number: str
    name: str
    town: str
    login: str
    balance: int
    overdue: int


def mine(look: ReadContext) -> SubscriberCard:
    """The actor's own."""
    if look.actor.subscriber_id is None:
        raise not_found()
    return card(look, look.actor.subscriber_id)


def card(look: ReadContext, subscriber_id: int) -> SubscriberCard:
    """One subscriber within sight."""
    subscriber = look.row(_subscriber_of(look.actor), of=subscriber_id, **policy.parameters(look.actor))
    if subscriber is None:
        raise not_found()
    return SubscriberCard(
        subscriber.id,
        subscriber.number,
        subscriber.name,
        subscriber.kind,
        subscriber.street,
        subscriber.postcode,
        subscriber.town,
        subscriber.email,
        subscriber.phone,
        subscriber.tax_id,
        pesel.masked(subscriber.pesel_end),
        subscriber.language,
        subscriber.bank_account,
        subscriber.e_invoices,
        subscriber.account_id,
        subscriber.account_login or "",
        subscriber.account_email or "",
        subscriber.version,
        contracts(look, subscriber.id),
        lines(look, subscriber.id),
    )


def contracts(look: ReadContext, subscriber_id: int) -> tuple[ContractFacts, ...]:
    """A subscriber's contracts within sight, the one that ends last first."""
    today = look.today
    rows = look.rows(_contracts_of(look.actor), of=subscriber_id, **policy.parameters(look.actor))
    return tuple(_contract_facts(row, today) for row in rows)


_of = sa.bindparam("of", type_=sa.BigInteger())


@policy.made_once
def _subscriber_of(somebody: Actor) -> ReadyStatement:
    """One subscriber, with the account it is used by."""
    used_by = _account.c.login.label("account_login"), _account.c.email.label("account_email")
    source = _subscriber.outerjoin(_account, _subscriber.c.account_id == _account.c.id)
    query = sa.select(_subscriber, *used_by).select_from(source)
    return ReadyStatement(query.where(_subscriber.c.id == _of, policy.scope(somebody, Subscriber)))


@policy.made_once
def _contracts_of(somebody: Actor) -> ReadyStatement:
    query = sa.select(_contract).where(policy.scope(somebody, Contract), _contract.c.subscriber_id == _of)
    return ReadyStatement(query.order_by(_contract.c.valid_until.desc(), _contract.c.id.desc()))


def _contract_facts(row: Any, today: dt.date) -> ContractFacts:
    until = None if row.valid_until == NO_END else row.valid_until
    state = coverage.state(row.valid_from, row.valid_until, True, today)
    return ContractFacts(row.id, row.number, row.valid_from, until, row.monthly_fee, state)


def lines(look: ReadContext, subscriber_id: int) -> tuple[LineFacts, ...]:
    """A subscriber's lines within sight, by their number."""
    parameters = {"of": subscriber_id, **policy.parameters(look.actor)}
    rows = look.rows(_lines_of(look.actor), **parameters)
    networks: dict[int, tuple[str, ...]] = {}
    for row in look.rows(_networks_of(look.actor), **parameters):
        networks[row.asset_id] = (*networks.get(row.asset_id, ()), row.network)
    now = sign_up_rule.line_at(look, look.peer)
    return tuple(_line_facts(row, networks.get(row.id, ()), row.id == now) for row in rows)


@policy.made_once
def _lines_of(somebody: Actor) -> ReadyStatement:
    number = (
        sa.select(_contract.c.number)
        .join_from(_cover, _contract, _cover.c.contract_id == _contract.c.id)
        .where(_cover.c.asset_id == _asset.c.id)
        .order_by(_contract.c.valid_until.desc(), _contract.c.id.desc())
        .limit(1)
        .correlate(_asset)
        .scalar_subquery()
    )
    columns = (_asset.c.id, _asset.c.identifier, _product.c.vendor, _product.c.name, number.label("contract"), _line)
    source = _asset.join(_line, _line.c.asset_id == _asset.c.id).join(_product, _asset.c.product_id == _product.c.id)
    query = sa.select(*columns).select_from(source)
    query = query.where(policy.scope(somebody, Asset), _asset.c.subscriber_id == _of)
    return ReadyStatement(query.order_by(_asset.c.identifier_key))


@policy.made_once
def _networks_of(somebody: Actor) -> ReadyStatement:
    """The addresses of all those lines."""
    query = sa.select(_address.c.asset_id, _address.c.network).join_from(
        _asset, _address, _address.c.asset_id == _asset.c.id
    )
    query = query.where(policy.scope(somebody, Asset), _asset.c.subscriber_id == _of)
    return ReadyStatement(query.order_by(_address.c.low))


def _line_facts(row: Any, addresses: tuple[str, ...], here_: bool) -> LineFacts:
    return LineFacts(
        row.id,
        row.identifier,
        f"{row.vendor} {row.name}",
        row.contract or "",
        addresses,
        row.pppoe_login or "",
        row.activated_on,
        address(row.street, row.postcode, row.town),
        row.down_mbit,
        row.up_mbit,
        here_,
    )


def address(street: str, postcode: str, town: str) -> str:
    """``ul. Krzywa 3, 34-442 Łapsze``, without what is empty."""
    return ", ".join(part for part in (street, f"{postcode} {town}".strip()) if part)


def here(look: ReadContext) -> Here:
    """Where this session comes from, and whether that is a line of the actor's own."""
    at = sign_up_rule.line_at(look, look.peer)
    own = look.scoped(Asset, _asset.c.identifier).where(_asset.c.id == at)
    line = "" if at is None or look.actor.subscriber_id is None else str(look.value(own) or "")
    return Here(look.peer.address_text, look.peer.source, line)


def subscribers(look: ReadContext, ask: pagination.PageRequest, search: str = "") -> Page[SubscriberRow]:
    """Subscribers by name, for staff; ``search`` as :func:`core.subscribers.search.found_by` takes it."""
    billed = sa.select(sa.func.coalesce(sa.func.sum(_invoice.c.gross), 0))
    paid = sa.select(sa.func.coalesce(sa.func.sum(_payment.c.amount), 0))
    late = sa.select(sa.func.coalesce(sa.func.sum(_invoice.c.unpaid), 0)).where(_invoice.c.due_on < look.today)
    mine_ = _invoice.c.subscriber_id == _subscriber.c.id
    columns = (
        _subscriber.c.id,
        _subscriber.c.number,
        _subscriber.c.name,
        _subscriber.c.town,
        _account.c.login,
        (
            paid.where(_payment.c.subscriber_id == _subscriber.c.id).correlate(_subscriber).scalar_subquery()
            - billed.where(mine_).correlate(_subscriber).scalar_subquery()
        ).label("balance"),
        late.where(mine_).correlate(_subscriber).scalar_subquery().label("overdue"),
        _subscriber.c.name_order,
    )
    query = look.scoped(Subscriber, *columns).select_from(
        _subscriber.outerjoin(_account, _subscriber.c.account_id == _account.c.id)
    )
    if search:
        query = query.where(found_by(look, search))
    return pagination.read(look, query, (_subscriber.c.name_order, _subscriber.c.id), ask, _row, descending=False)


def _row(row: Any) -> SubscriberRow:
    return SubscriberRow(row.id, row.number, row.name, row.town, row.login or "", int(row.balance), int(row.overdue))
