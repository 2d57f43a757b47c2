"""Lists of tickets: the views of a team, a customer's own, filters, search, and how many there are.

The team of the operator's staff is the desk's own; ``all`` shows them the service companies' tickets too. An
installer's team is the service company, and there is nothing beside it.

A page is one narrow query over an index made for its view; it costs the same at ten tickets and at five million
(docs/facts.md, *SQLite*). Counts without a filter are kept by triggers, never counted.
"""

import datetime as dt
import zoneinfo
from dataclasses import dataclass
from typing import Any, NamedTuple

import sqlalchemy as sa

from core.db import pagination, text_search
from core.db.columns import moment
from core.db.list_search import each_word, key_begins
from core.db.pagination import Page, PageRequest
from core.db.ready import ReadyStatement
from core.errors import Say
from core.models.accounts import Account
from core.models.companies import Company
from core.models.contracts import Asset
from core.models.names import full_name_column
from core.models.tickets import Ticket, TicketAsset
from core.service import policy
from core.service.actor import Actor
from core.service.unit_of_work import ReadContext, table
from core.tickets import counters, word_search, workflow

_ticket, _company, _account = table(Ticket), table(Company), table(Account)

OPEN = sa.text("ticket.status < 5")
DONE = sa.text("ticket.status >= 5")
NEW = sa.text("ticket.status = 1")
DESKS = sa.text("ticket.team_id IS NULL")
"""Written out, not bound: only then does SQLite's planner know that a partial index will do."""

COUNTED_UP_TO = 1000
"""With filters set, counting stops here and the screen says *1000+*."""


@dataclass(frozen=True, slots=True)
class View:
    """What a list shows. ``name``: ``open``, ``all``, ``closed``, and for those who answer ``new`` and ``mine``."""

    name: str = "open"
    search: str = ""
    status: int | None = None
    priority: int | None = None
    kind: str | None = None
    company: str = ""
    asset: str = ""
    since: dt.date | None = None
    until: dt.date | None = None
    requester: int | None = None
    """The account that asked."""

    @property
    def filtered(self) -> bool:
        return self != View(self.name)


class TicketRow(NamedTuple):
    """One line of a list. Times are aware UTC; ``company`` and ``assignee`` (a login) may be empty, and ``team`` is
    where the operator handles it. ``customer`` is the requester's name.

    A tuple, because fifty of them are made for every page: a frozen dataclass takes four times as long.
    """

    id: int
    subject: str
    status: int
    priority: int
    kind: str
    company: str
    requester: str
    assignee: str
    created_at: dt.datetime
    changed_at: dt.datetime
    customer: str = ""
    team: str = ""
    version: int = 0
    assignee_id: int | None = None
    team_id: int | None = None


def reason_against_taking(actor: Actor, row: TicketRow) -> Say | None:
    """Why the actor can't take the ticket of a row; the rule of :func:`core.tickets.workflow.take`, from what the row
    carries, so that the key needs no reading."""
    if not policy.handles(actor, row.team_id):
        return workflow.handled_by(row.team)
    return workflow.reason_against_taking(actor, row.assignee_id)


_assignee = _account.alias("assignee")
_requester = _account.alias("requester")
_team = _company.alias("team")
_columns = (
    _ticket.c.id,
    _ticket.c.subject,
    _ticket.c.status,
    _ticket.c.priority,
    _ticket.c.kind,
    sa.func.coalesce(_company.c.name, "").label("company"),
    _requester.c.login.label("requester"),
    sa.func.coalesce(_assignee.c.login, "").label("assignee"),
    moment(_ticket.c.created_at),
    moment(_ticket.c.changed_at),
    full_name_column(_requester).label("customer"),
    sa.func.coalesce(_team.c.name, "").label("team"),
    _ticket.c.version,
    _ticket.c.assignee_id,
    _ticket.c.team_id,
)


def _named(tickets: Any) -> sa.Join:
    """``tickets`` with the names that a line shows beside them."""
    return (  # type: ignore[no-any-return]
        tickets.outerjoin(_company, _ticket.c.company_id == _company.c.id)
        .outerjoin(_assignee, _ticket.c.assignee_id == _assignee.c.id)
        .outerjoin(_requester, _ticket.c.requester_id == _requester.c.id)
        .outerjoin(_team, _ticket.c.team_id == _team.c.id)
    )


_source = _named(_ticket)


def _row(row: Any) -> TicketRow:
    return TicketRow._make(row[:_WIDTH])


_WIDTH = len(_columns)
_BY_CHANGE = (_ticket.c.changed_at, _ticket.c.id)


def page(look: ReadContext, view: View, ask: PageRequest) -> Page[TicketRow]:
    """One page: by change, latest first; a search by number, newest first."""
    if not view.filtered:
        statement = _plain(look.actor, view.name, pagination.way_of(ask))
        return pagination.fetch(look, statement, _BY_CHANGE, ask, None, **policy.parameters(look.actor))
    if view == View(view.name, search=view.search):
        typed = text_search.query_terms(view.search)
        if typed:
            return _found_page(look, view, ask, typed)
    terms = word_search.terms_of(look, view.name, view.search)
    if not terms:
        query = _unsearched(look.scoped(Ticket, *_columns), terms)
        return pagination.read(look, _filtered(look, query, view), _BY_CHANGE, ask, _row)
    number = word_search.number_of(word_search.is_sqlite(look))
    query = _filtered(look, look.scoped(Ticket, *_columns), view)
    return pagination.read(look, _searched(look, query, terms, view), (number,), ask, _row)


def page_of(look: ReadContext, ask: PageRequest, view: View) -> Page[TicketRow]:
    """:func:`page`, for a list that says the page first."""
    return page(look, view, ask)


@policy.made_once
def _plain(somebody: Actor, name: str, way: str) -> ReadyStatement:
    """The statement of a view without filters."""
    theirs = policy.scope(somebody, Ticket)
    if name == "mine" and not somebody.staff:
        # Said so that no index of teams will do: a person's own are few, whatever the size of the team.
        theirs = sa.func.coalesce(theirs, sa.false())
    query = sa.select(*_columns).select_from(_source).where(theirs)
    return ReadyStatement(pagination.ordered(_in_view(query, name, somebody), _BY_CHANGE, way), TicketRow._make)


def _found_page(look: ReadContext, view: View, ask: PageRequest, typed: list[text_search.Term]) -> Page[TicketRow]:
    """One page of a search without filters. The page itself says whether enough tickets hold the last word as it
    stands (:func:`word_search.terms_of`); only after a short one are they counted."""
    way, sqlite = pagination.way_of(ask), word_search.is_sqlite(look)
    statement = _by_words(look.actor, view.name, way, sqlite)

    def read(terms: list[text_search.Term]) -> Page[TicketRow]:
        parameters = {**word_search.parameters(look, view.name, terms), **policy.parameters(look.actor)}
        return pagination.fetch(look, statement, (word_search.number_of(sqlite),), ask, None, **parameters)

    whole = word_search.as_it_stands(typed)
    if whole is None:
        return read(typed)
    if way == "top":
        page = read(whole)
        enough = len(page.rows) >= word_search.ENOUGH
        return page if enough or word_search.are_many(look, view.name, whole) else read(typed)
    return read(whole if word_search.are_many(look, view.name, whole) else typed)


@policy.made_once
def _by_words(somebody: Actor, name: str, way: str, sqlite: bool) -> ReadyStatement:
    """The statement of a search without filters."""
    query = sa.select(*_columns).where(policy.scope(somebody, Ticket))
    query = word_search.joined(_in_view(query, name, somebody), _named, somebody, sqlite)
    return ReadyStatement(pagination.ordered(query, (word_search.number_of(sqlite),), way), TicketRow._make)


def _unsearched(query: sa.Select[Any], terms: list[text_search.Term] | None) -> sa.Select[Any]:
    """Without words to look for: everything when none were typed, nothing when what was typed holds none."""
    return query.select_from(_source) if terms is None else query.select_from(_source).where(sa.false())


def _in_view(query: sa.Select[Any], name: str, actor: Actor) -> sa.Select[Any]:
    if word_search.desks_alone(actor, name):
        query = query.where(DESKS)
    match name:
        case "new":
            return query.where(NEW)
        case "mine":
            me = sa.bindparam("actor_account", actor.account_id, type_=sa.BigInteger())
            return query.where(OPEN, _ticket.c.assignee_id == me)
        case "open":
            return query.where(OPEN)
        case "closed":
            return query.where(DONE)
    return query


def _filtered(look: ReadContext, query: sa.Select[Any], view: View) -> sa.Select[Any]:
    query = _in_view(query, view.name, look.actor)
    for column, wanted in (
        (_ticket.c.status, view.status),
        (_ticket.c.priority, view.priority),
        (_ticket.c.kind, view.kind),
        (_ticket.c.requester_id, view.requester),
    ):
        if wanted:
            query = query.where(column == wanted)
    if view.company:
        query = query.where(each_word(view.company, _company.c.words))
    if view.asset:
        query = query.where(_ticket.c.id.in_(_about(view.asset)))
    if view.since:
        query = query.where(_ticket.c.changed_at >= _midnight(look, view.since))
    if view.until:
        query = query.where(_ticket.c.changed_at < _midnight(look, view.until + dt.timedelta(days=1)))
    return query


def _about(identifier: str) -> sa.Select[Any]:
    asset, link = table(Asset), table(TicketAsset)
    return (
        sa.select(link.c.ticket_id)
        .join_from(link, asset, link.c.asset_id == asset.c.id)
        .where(key_begins(identifier, asset.c.identifier_key))
    )


def _midnight(look: ReadContext, day: dt.date) -> dt.datetime:
    """When ``day`` begins for the reader, who sees times by the clocks of their own zone."""
    return dt.datetime.combine(day, dt.time(), zoneinfo.ZoneInfo(look.actor.zone)).astimezone(dt.UTC)


def _searched(look: ReadContext, query: sa.Select[Any], terms: list[text_search.Term], view: View) -> sa.Select[Any]:
    """``query`` narrowed to what is found by the words."""
    narrowed = word_search.joined(query, _named, look.actor, word_search.is_sqlite(look))
    return narrowed.params(**word_search.parameters(look, view.name, terms))


def count(look: ReadContext, view: View) -> int:
    """How many there are; with filters at most ``COUNTED_UP_TO + 1``, which means *more than that*."""
    if not view.filtered:
        return counters.count_in_view(look, view.name)
    terms = word_search.terms_of(look, view.name, view.search)
    query = _filtered(look, look.scoped(Ticket, _ticket.c.id), view)
    query = _searched(look, query, terms, view) if terms else _unsearched(query, terms)
    return int(look.value(sa.select(sa.func.count()).select_from(query.limit(COUNTED_UP_TO + 1).subquery())))


def counts(look: ReadContext) -> dict[str, int]:
    """The sidebar's figures: ``new``, ``mine``, ``open``, ``all``, ``closed`` for those who answer; ``open`` and
    ``waiting`` for customers."""
    if look.actor.answers:
        return counters.count_in_views(look, ("new", "mine", "open", "all", "closed"))
    return counters.count_in_views(look, ("open", "waiting"))
