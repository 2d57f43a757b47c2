"""One ticket with everything beside it, for whoever may see it."""

import datetime as dt
import zoneinfo
from dataclasses import dataclass

import sqlalchemy as sa

from core.contracts import coverage
from core.contracts.coverage import ContractRow
from core.i18n.collation import sort_key
from core.models.accounts import Account
from core.models.care import Grant
from core.models.companies import Company
from core.models.contracts import Asset, Contract, Product
from core.models.names import display_name
from core.models.tickets import Answer, Event, Message, MessageKind, Ticket, TicketAsset, TicketKind
from core.products import catalogue
from core.products.definitions import show as show_answers
from core.service.actions import Available, available
from core.service.unit_of_work import ReadContext, table
from core.tickets import order, team
from core.tickets.actions import ON_TICKET
from core.tickets.order import Order

_account, _message, _event, _asset = table(Account), table(Message), table(Event), table(Asset)
_product, _answer = table(Product), table(Answer)


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


def ticket(look: ReadContext, ticket_id: int) -> TicketDetail:
    """Read one ticket; :class:`core.errors.NotFound` for a missing one and for somebody else's alike."""
    ticket = look.find(Ticket, ticket_id)
    assignee = look.unscoped(Account, _account.c.id == ticket.assignee_id) if ticket.assignee_id else None
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
        assignee=display_name(assignee) if assignee else "",
        customer=_customer(look, ticket),
        team=team.name(look, ticket.team_id),
        contract=_contract(look, ticket.contract_id),
        care=_care(look, ticket.grant_id),
        order=_order(look, ticket),
        available=available(look, ticket, ON_TICKET),
        assets=_assets(look, ticket.id),
        answers=_answers(look, ticket),
        conversation=_conversation(look, ticket.id),
        history=_history(look, ticket.id),
    )


def _customer(look: ReadContext, ticket: Ticket) -> CustomerCard:
    account = look.unscoped(Account, _account.c.id == ticket.requester_id)
    company = look.unscoped(Company, table(Company).c.id == ticket.company_id) if ticket.company_id else None
    if account is None:
        raise LookupError("a ticket without its requester")
    staff = look.actor.answers
    return CustomerCard(
        display_name(account),
        account.login,
        account.email if staff else "",
        account.phone if staff else "",
        account.language,
        account.zone,
        company.name if company else "",
    )


def _contract(look: ReadContext, contract_id: int | None) -> ContractRow | None:
    """The contract's card; None without one, and when the contract has gone to another company since."""
    if contract_id is None:
        return None
    contract = table(Contract)
    seen = look.row(look.scoped(Contract, contract.c.id).where(contract.c.id == contract_id)) is not None
    return coverage.contract(look, contract_id) if seen else None


def _care(look: ReadContext, grant_id: int | None) -> TicketGrant | None:
    """The grant's card. Staff of the desk may read of a grant, and open no device."""
    grant = look.unscoped(Grant, table(Grant).c.id == grant_id) if grant_id is not None else None
    if grant is None:
        return None
    service = look.actor.answers and not look.actor.staff and grant.ended_at is None
    opens = service or not look.actor.answers
    return TicketGrant(
        grant.level,
        grant.since,
        grant.ended_at,
        grant.asset_id if opens else None,
        grant.address if service else "",
    )


def _order(look: ReadContext, ticket: Ticket) -> Order | None:
    if ticket.kind != TicketKind.ORDER:
        return None
    return order.read(look, ticket.id)


def _assets(look: ReadContext, ticket_id: int) -> tuple[About, ...]:
    link = table(TicketAsset)
    rows = look.rows(
        sa.select(_asset.c.id, _product.c.category, _product.c.vendor, _product.c.name, _asset.c.identifier)
        .join_from(link, _asset, link.c.asset_id == _asset.c.id)
        .join(_product, _asset.c.product_id == _product.c.id)
        .where(link.c.ticket_id == ticket_id)
        .order_by(_asset.c.id)
    )
    return tuple(About(*row) for row in rows)


def _answers(look: ReadContext, ticket: Ticket) -> tuple[tuple[str, str], ...]:
    asked = catalogue.as_asked(look, ticket.definition) if ticket.definition else None
    if asked is None:
        return ()
    rows = look.rows(sa.select(_answer.c.question, _answer.c.value).where(_answer.c.ticket_id == ticket.id))
    by_question = {row.question: row.value for row in rows}
    return tuple(show_answers(asked, by_question, look.actor.language, zoneinfo.ZoneInfo(look.actor.zone)))


def _conversation(look: ReadContext, ticket_id: int) -> tuple[Said, ...]:
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
        .where(_message.c.ticket_id == ticket_id)
        .order_by(_message.c.id)
    )
    if not look.actor.answers:
        chosen = chosen.where(_message.c.kind == MessageKind.REPLY.value)
    return tuple(
        Said(row[0], display_name(row), row[4], row[5] == MessageKind.NOTE, row[6], row[7]) for row in look.rows(chosen)
    )


def _history(look: ReadContext, ticket_id: int) -> tuple[TicketHistoryLine, ...]:
    chosen = (
        sa.select(
            _account.c.first_name,
            _account.c.last_name,
            _account.c.login,
            _event.c.what,
            _event.c.before,
            _event.c.after,
            _event.c.at,
        )
        .outerjoin_from(_event, _account, _event.c.actor_id == _account.c.id)
        .where(_event.c.ticket_id == ticket_id)
        .order_by(_event.c.id)
    )
    if not look.actor.answers:
        chosen = chosen.where(_event.c.what != "noted")
    rows = look.rows(chosen)
    assignments = [row for row in rows if row.what == "assignee"]
    names = _names(look, {each for row in assignments for each in (row.before, row.after)} - {""})
    return tuple(
        TicketHistoryLine(
            display_name(row),
            row.what,
            names.get(row.before, row.before) if row.what == "assignee" else row.before,
            names.get(row.after, row.after) if row.what == "assignee" else row.after,
            row.at,
        )
        for row in rows
    )


def _names(look: ReadContext, ids: set[str]) -> dict[str, str]:
    if not ids:
        return {}
    rows = look.rows(
        sa.select(_account.c.id, _account.c.first_name, _account.c.last_name, _account.c.login).where(
            _account.c.id.in_(map(int, ids))
        )
    )
    return {str(row.id): display_name(row) for row in rows}


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
