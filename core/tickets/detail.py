"""One ticket with everything beside it, for whoever may see it."""

import datetime as dt
import zoneinfo
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, NamedTuple

import sqlalchemy as sa

from core.contracts import coverage
from core.contracts.coverage import ContractRow
from core.db.ready import ReadyStatement
from core.i18n.collation import sort_key
from core.models.accounts import Account
from core.models.care import Grant
from core.models.companies import Company
from core.models.contracts import Asset, Contract, Product
from core.models.names import display_name, full_name_column
from core.models.subscribers import Subscriber
from core.models.tickets import Answer, Event, Message, MessageKind, Ticket, TicketAsset, TicketKind
from core.products import catalogue
from core.products.definitions import show as show_answers
from core.service import policy
from core.service.actions import Available, available
from core.service.actor import Actor
from core.service.unit_of_work import ReadContext, entity, not_found, table
from core.tickets import order, team
from core.tickets.actions import ON_TICKET
from core.tickets.order import Order

_account, _message, _event, _asset = table(Account), table(Message), table(Event), table(Asset)
_product, _answer, _link = table(Product), table(Answer), table(TicketAsset)
_ticket, _company, _subscriber, _grant = table(Ticket), table(Company), table(Subscriber), table(Grant)
_contract_of = table(Contract)
_assignee, _requester = _account.alias("assignee"), _account.alias("requester")
_team, _holder = _company.alias("team"), _company.alias("holder")
_this = sa.bindparam("this", type_=sa.BigInteger())
_after = sa.bindparam("after", type_=sa.BigInteger())


@dataclass(frozen=True, slots=True)
class Said:
    """One message. ``staff`` tells the two sides apart; ``note`` is never there for customers."""

    id: int
    author: str
    staff: bool
    note: bool
    body: str
    at: dt.datetime


@dataclass(frozen=True, slots=True)
class TicketHistoryLine:
    """One line of history: ``what`` as in :class:`core.models.tickets.Event`; assignees by name."""

    id: int
    actor: str
    what: str
    before: str
    after: str
    at: dt.datetime


@dataclass(frozen=True, slots=True)
class CustomerCard:
    """The card of whoever asked. Phone and address are for those who answer."""

    name: str
    login: str
    email: str
    phone: str
    language: str
    zone: str
    company: str


@dataclass(frozen=True, slots=True)
class About:
    """An asset of the ticket."""

    id: int
    category: str
    vendor: str
    name: str
    identifier: str


@dataclass(frozen=True, slots=True)
class TicketGrant:
    """The grant behind a ticket. ``ended_at`` is set once the service is over; ``asset_id`` is the device whose screen
    the reader may open, or None; ``address`` is where it stands, for the service company while it looks after it."""

    level: int
    since: dt.datetime
    ended_at: dt.datetime | None
    asset_id: int | None
    address: str


@dataclass(frozen=True, slots=True)
class TicketDetail:
    """A ticket as a screen needs it; ``version`` goes back with every change. ``team`` names the service company that
    handles it, empty for the operator; ``available`` says what the reader can do to it now, or why not."""

    id: int
    version: int
    subject: str
    kind: str
    relation: str
    status: int
    priority: int
    created_at: dt.datetime
    changed_at: dt.datetime
    assignee_id: int | None
    assignee: str
    customer: CustomerCard
    team: str
    contract: ContractRow | None
    care: TicketGrant | None
    order: Order | None
    """The service that was ordered, of a ticket that is an order."""
    available: Available
    assets: tuple[About, ...]
    answers: tuple[tuple[str, str], ...]
    conversation: tuple[Said, ...]
    history: tuple[TicketHistoryLine, ...]


def ticket(look: ReadContext, ticket_id: int, known: TicketDetail | None = None) -> TicketDetail:
    """Read one ticket; :class:`core.errors.NotFound` for a missing one and for somebody else's alike.

    Args:
        known: What the same reader has of it: only what may have changed since is read, and of the conversation and the
            history what came after it.
    """
    row = look.row(_whole(look.actor), this=ticket_id, **policy.parameters(look.actor))
    if row is None:
        raise not_found()
    ticket = entity(Ticket, dict(zip(_OWN, row, strict=False)))
    # A server gives out ids before others' changes are there, so the newest may not be the last that comes.
    before = known if look.connection.dialect.name == "sqlite" else None
    assets, answers = (known.assets, known.answers) if known is not None else _asked(look, ticket)
    return TicketDetail(
        id=ticket.id,
        version=ticket.version,
        subject=ticket.subject,
        kind=ticket.kind,
        relation=ticket.relation,
        status=ticket.status,
        priority=ticket.priority,
        created_at=ticket.created_at,
        changed_at=ticket.changed_at,
        assignee_id=ticket.assignee_id,
        assignee=(row.assignee_name or row.assignee_login) if ticket.assignee_id is not None else "",
        customer=_customer(look, row),
        team=row.team_name or "",
        contract=_contract(look, row),
        care=_care(look, row),
        order=order.read(look, ticket.id) if ticket.kind == TicketKind.ORDER else None,
        available=available(look, ticket, ON_TICKET),
        assets=assets,
        answers=answers,
        conversation=_conversation(look, ticket.id, before.conversation if before is not None else ()),
        history=_history(look, ticket.id, before.history if before is not None else ()),
    )


_OWN = tuple(column.key for column in _ticket.c)


@policy.made_once
def _whole(somebody: Actor) -> ReadyStatement:
    """The ticket with everything of which it has one: names, the contract within sight, the grant."""
    seen = sa.and_(_contract_of.c.id == _ticket.c.contract_id, _seen_contract(somebody))
    source = (
        _ticket.outerjoin(_assignee, _ticket.c.assignee_id == _assignee.c.id)
        .join(_requester, _ticket.c.requester_id == _requester.c.id)
        .outerjoin(_company, _ticket.c.company_id == _company.c.id)
        .outerjoin(_team, _ticket.c.team_id == _team.c.id)
        .outerjoin(_contract_of, seen)
        .outerjoin(_holder, _contract_of.c.company_id == _holder.c.id)
        .outerjoin(_subscriber, _contract_of.c.subscriber_id == _subscriber.c.id)
        .outerjoin(_grant, _ticket.c.grant_id == _grant.c.id)
    )
    beside = (
        full_name_column(_assignee).label("assignee_name"),
        _assignee.c.login.label("assignee_login"),
        full_name_column(_requester).label("customer_name"),
        _requester.c.login,
        _requester.c.email,
        _requester.c.phone,
        _requester.c.language,
        _requester.c.zone,
        _company.c.name.label("company_name"),
        _team.c.name.label("team_name"),
        _contract_of.c.number.label("contract_number"),
        _contract_of.c.support_level,
        _contract_of.c.valid_from,
        _contract_of.c.valid_until,
        _contract_of.c.registered_at,
        coverage.assets_of(_contract_of.c.id).label("contract_assets"),
        sa.func.coalesce(_holder.c.name, _subscriber.c.name, "").label("holder_name"),
        _grant.c.level,
        _grant.c.since,
        _grant.c.ended_at,
        _grant.c.asset_id,
        _grant.c.address,
    )
    query = sa.select(*_ticket.c, *beside).select_from(source)
    return ReadyStatement(query.where(_ticket.c.id == _this, policy.scope(somebody, Ticket)))


def _seen_contract(somebody: Actor) -> sa.ColumnElement[bool]:
    """The contract's card is not for whom it is none of, also when it has gone to another company since."""
    scope = policy.scope(somebody, Contract)
    return scope if somebody.staff else sa.and_(scope, _contract_of.c.registered_at.is_not(None))


def _customer(look: ReadContext, row: Any) -> CustomerCard:
    staff = look.actor.answers
    return CustomerCard(
        row.customer_name or row.login,
        row.login,
        row.email if staff else "",
        row.phone if staff else "",
        row.language,
        row.zone,
        row.company_name or "",
    )


def _contract(look: ReadContext, row: Any) -> ContractRow | None:
    if row.contract_number is None:
        return None
    contract = _SeenContract(
        row.contract_id, row.contract_number, row.support_level, row.valid_from, row.valid_until, row.registered_at
    )
    return coverage.contract_line(contract, row.holder_name, row.contract_assets, look.today)


class _SeenContract(NamedTuple):
    """What the card is made of."""

    id: int
    number: str
    support_level: str
    valid_from: dt.date
    valid_until: dt.date
    registered_at: dt.datetime | None


def _care(look: ReadContext, row: Any) -> TicketGrant | None:
    """The grant's card. Staff of the desk may read of a grant, and open no device."""
    if row.grant_id is None:
        return None
    service = look.actor.answers and not look.actor.staff and row.ended_at is None
    opens = service or not look.actor.answers
    return TicketGrant(
        row.level,
        row.since,
        row.ended_at,
        row.asset_id if opens else None,
        row.address if service else "",
    )


def _asked(look: ReadContext, ticket: Ticket) -> tuple[tuple[About, ...], tuple[tuple[str, str], ...]]:
    """The assets, and what was answered to the questions about them. Neither changes once a ticket is open."""
    rows = look.rows(_assets_and_answers, this=ticket.id)
    assets = tuple(sorted((About(*row[1:6]) for row in rows if row.part == 0), key=lambda asset: asset.id))
    asked = catalogue.as_asked(look, ticket.definition) if ticket.definition else None
    if asked is None:
        return assets, ()
    by_question = {row.category: row.value for row in rows if row.part == 1}
    return assets, tuple(show_answers(asked, by_question, look.actor.language, zoneinfo.ZoneInfo(look.actor.zone)))


_none = sa.literal("", sa.String())
_assets_and_answers = ReadyStatement(
    sa.select(
        sa.literal(0, sa.Integer()).label("part"),
        _asset.c.id,
        _product.c.category,
        _product.c.vendor,
        _product.c.name,
        _asset.c.identifier,
        sa.type_coerce(sa.null(), _answer.c.value.type).label("value"),
    )
    .join_from(_link, _asset, _link.c.asset_id == _asset.c.id)
    .join(_product, _asset.c.product_id == _product.c.id)
    .where(_link.c.ticket_id == _this)
    .union_all(
        sa.select(
            sa.literal(1, sa.Integer()),
            sa.literal(0, sa.BigInteger()),
            _answer.c.question,
            _none,
            _none,
            _none,
            _answer.c.value,
        ).where(_answer.c.ticket_id == _this)
    )
)
"""Both at once: an answer has its question in place of a category, and its value at the end."""


def _conversation(look: ReadContext, ticket_id: int, known: tuple[Said, ...]) -> tuple[Said, ...]:
    rows = look.rows(_messages(look.actor.answers), this=ticket_id, after=known[-1].id if known else 0)
    return known + tuple(
        Said(row[0], display_name(row), row[4], row[5] == MessageKind.NOTE, row[6], row[7]) for row in rows
    )


@lru_cache
def _messages(notes: bool) -> ReadyStatement:
    chosen = (
        sa.select(
            _message.c.id,
            _account.c.first_name,
            _account.c.last_name,
            _account.c.login,
            _message.c.staff,
            _message.c.kind,
            _message.c.body,
            _message.c.created_at,
        )
        .join_from(_message, _account, _message.c.author_id == _account.c.id)
        .where(_message.c.ticket_id == _this, _message.c.id > _after)
        .order_by(_message.c.id)
    )
    return ReadyStatement(chosen if notes else chosen.where(_message.c.kind == MessageKind.REPLY.value))


def _history(look: ReadContext, ticket_id: int, known: tuple[TicketHistoryLine, ...]) -> tuple[TicketHistoryLine, ...]:
    rows = look.rows(_events(look.actor.answers), this=ticket_id, after=known[-1].id if known else 0)
    return known + tuple(
        TicketHistoryLine(
            row.id,
            display_name(row),
            row.what,
            row.name_before or row.login_before or row.before,
            row.name_after or row.login_after or row.after,
            row.at,
        )
        for row in rows
    )


@lru_cache
def _events(notes: bool) -> ReadyStatement:
    """What has happened. Of a ticket that was given to somebody else both sides are read by name."""
    before, after = _account.alias("holder_before"), _account.alias("holder_after")
    chosen = (
        sa.select(
            _event.c.id,
            _account.c.first_name,
            _account.c.last_name,
            _account.c.login,
            _event.c.what,
            _event.c.before,
            _event.c.after,
            _event.c.at,
            full_name_column(before).label("name_before"),
            before.c.login.label("login_before"),
            full_name_column(after).label("name_after"),
            after.c.login.label("login_after"),
        )
        .select_from(
            _event.outerjoin(_account, _event.c.actor_id == _account.c.id)
            .outerjoin(before, before.c.id == _holder_in(_event.c.before))
            .outerjoin(after, after.c.id == _holder_in(_event.c.after))
        )
        .where(_event.c.ticket_id == _this, _event.c.id > _after)
        .order_by(_event.c.id)
    )
    return ReadyStatement(chosen if notes else chosen.where(_event.c.what != "noted"))


def _holder_in(value: sa.Column[str]) -> sa.ColumnElement[int | None]:
    """The account that an event tells of, which keeps all its values as text."""
    names_somebody = sa.and_(_event.c.what == "assignee", value != "")
    return sa.case((names_somebody, sa.cast(value, sa.BigInteger())), else_=None)


def agents(look: ReadContext, ticket_id: int) -> list[tuple[int, str]]:
    """Those this ticket can be given to, by name: (id, name). Its own team, and for that team alone to see."""
    ticket = look.find(Ticket, ticket_id)
    look.require("ticket.assign", ticket)
    rows = look.rows(
        sa.select(_account.c.id, _account.c.first_name, _account.c.last_name, _account.c.login)
        .where(*team.members(ticket.team_id))
        .order_by(_account.c.id)
    )
    by_name = sorted(rows, key=lambda row: sort_key(row.last_name or row.first_name or row.login, row.first_name))
    return [(row.id, display_name(row)) for row in by_name]
