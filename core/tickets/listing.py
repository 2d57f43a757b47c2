"""Lists of tickets: the views of a team, a customer's own, filters, search, and how many there are.

The team of the operator's staff is the desk's own; ``all`` shows them the service companies' tickets too. An
installer's team is the service company, and there is nothing beside it.

A page is one narrow query over an index made for its view; it costs the same at ten tickets and at five million
(docs/facts.md, *SQLite*). Counts without a filter are kept by triggers, never counted.
"""

import datetime as dt
import zoneinfo
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy.ext.compiler import compiles

from core.db import pagination, text_search
from core.db.columns import moment
from core.db.list_search import each_word, key_begins
from core.db.pagination import Page, PageRequest
from core.db.ready import ReadyStatement
from core.errors import Say
from core.models.accounts import Account, Role
from core.models.companies import Company
from core.models.contracts import Asset
from core.models.names import full_name_column
from core.models.tickets import Ticket, TicketAsset, TicketWords
from core.service import policy
from core.service.actor import Actor
from core.service.unit_of_work import ReadContext, table
from core.tickets import counters, workflow

_ticket, _company, _account = table(Ticket), table(Company), table(Account)
_words = table(TicketWords)
_fts = sa.table("ticket_fts", sa.column("rowid", sa.Integer), sa.column("ticket_fts"))

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
    terms = _terms(look, view)
    if not terms:
        query = _unsearched(look.scoped(Ticket, *_columns), terms)
        return pagination.read(look, _filtered(look, query, view), _BY_CHANGE, ask, _row)
    number = _number_of(look.connection.dialect.name == "sqlite")
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
    stands (:func:`_terms`); only after a short one are they counted."""
    way = pagination.way_of(ask)
    sqlite = look.connection.dialect.name == "sqlite"
    statement = _by_words(look.actor, view.name, way, sqlite)

    def read(terms: list[text_search.Term]) -> Page[TicketRow]:
        parameters = {**_match_parameters(look, view, terms), **policy.parameters(look.actor)}
        return pagination.fetch(look, statement, (_number_of(sqlite),), ask, None, **parameters)

    whole = _as_it_stands(typed)
    if whole is None:
        return read(typed)
    if way == "top":
        page = read(whole)
        return page if len(page.rows) >= ENOUGH or _many(look, view, whole) else read(typed)
    return read(whole if _many(look, view, whole) else typed)


@policy.made_once
def _by_words(somebody: Actor, name: str, way: str, sqlite: bool) -> ReadyStatement:
    """The statement of a search without filters."""
    query = sa.select(*_columns).where(policy.scope(somebody, Ticket))
    query = _joined(_in_view(query, name, somebody), somebody, sqlite)
    return ReadyStatement(pagination.ordered(query, (_number_of(sqlite),), way), TicketRow._make)


@policy.made_once
def _counted_by_words(somebody: Actor, name: str, sqlite: bool) -> ReadyStatement:
    """How many a search finds, at most :data:`ENOUGH`. SQLite's index is asked alone."""
    if sqlite:
        query = sa.select(_fts.c.rowid).where(sa.text("ticket_fts MATCH :words").bindparams(_word_parameter("words")))
    else:
        query = _joined(sa.select(_ticket.c.id).where(policy.scope(somebody, Ticket)), somebody, sqlite)
    return ReadyStatement(sa.select(sa.func.count()).select_from(query.limit(ENOUGH).subquery()))


def _unsearched(query: sa.Select[Any], terms: list[text_search.Term] | None) -> sa.Select[Any]:
    """Without words to look for: everything when none were typed, nothing when what was typed holds none."""
    return query.select_from(_source) if terms is None else query.select_from(_source).where(sa.false())


def _number_of(sqlite: bool) -> sa.ColumnElement[int]:
    """A found ticket's number. SQLite is asked for it by the index's own name for it: sorted by any other one, it
    would read all that was found before it shows the first page."""
    return (_fts.c.rowid if sqlite else _ticket.c.id).label("id")


def _desks_alone(actor: Actor, name: str) -> bool:
    """Whether a view shows the operator's own tickets only. Everybody else's scope has narrowed the query already."""
    return actor.staff and name in ("new", "open", "closed")


def _in_view(query: sa.Select[Any], name: str, actor: Actor) -> sa.Select[Any]:
    if _desks_alone(actor, name):
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


class _Leading(sa.Join):
    """A join whose left side leads: CROSS JOIN, which SQLite never reorders. Left to itself it starts from the tickets
    of the customer's company and asks the full-text index about each."""

    inherit_cache = True


@compiles(_Leading, "sqlite")
def _cross_join(join: _Leading, compiler: Any, **options: Any) -> str:
    return str(compiler.visit_join(join, **options)).replace(" JOIN ", " CROSS JOIN ", 1)


def _searched(look: ReadContext, query: sa.Select[Any], terms: Any, view: View) -> sa.Select[Any]:
    """``query`` narrowed to what is found by the words."""
    joined = _joined(query, look.actor, look.connection.dialect.name == "sqlite")
    return joined.params(**_match_parameters(look, view, terms))


def _joined(query: sa.Select[Any], somebody: Actor, sqlite: bool) -> sa.Select[Any]:
    """Join the full-text index. Scope tokens narrow it inside; the policy's WHERE stands beside it all the same."""
    words = _word_parameter("words")
    if sqlite:
        source = _Leading(_fts, _ticket, sa.text("ticket.id = ticket_fts.rowid"))
        return query.select_from(_named(source)).where(sa.text("ticket_fts MATCH :words").bindparams(words))
    texts = "public || ' ' || staff" if somebody.answers else "public"
    # The index holds words and scope together; asked for alone, a word such as "open" must not be a scope.
    scoped = sa.text(f"to_tsvector('simple', {texts} || ' ' || scope) @@ to_tsquery('simple', :scoped)")
    alone = sa.text(f"to_tsvector('simple', {texts}) @@ to_tsquery('simple', :words)")
    return (
        query.select_from(_source.join(_words, _words.c.ticket_id == _ticket.c.id))
        .where(scoped.bindparams(_word_parameter("scoped")))
        .where(alone.bindparams(words))
    )


def _word_parameter(name: str) -> sa.BindParameter[str]:
    return sa.bindparam(name, type_=sa.String())


def _match_parameters(look: ReadContext, view: View, terms: list[text_search.Term]) -> dict[str, str]:
    """What :func:`_joined` asks for by name."""
    if look.connection.dialect.name == "sqlite":
        return {"words": _match(look, view, terms)}
    words = text_search.to_tsquery(terms)
    return {"words": words, "scoped": " & ".join([words, *_scope_tokens(look, view)])}


ENOUGH = 50
"""Tickets that hold a word as it was typed; with so many, longer words that begin with it are not looked for."""


def _terms(look: ReadContext, view: View) -> list[text_search.Term] | None:
    """The words to look for; None when nothing was typed.

    The last one counts as unfinished only while few tickets hold it as it stands: an index gives the newest of a word
    at once, but those of every word that begins alike only after it has read them all (6 ms against 0.6 at 100,000
    tickets, and growing)."""
    if not view.search.strip():
        return None
    terms = text_search.query_terms(view.search)
    whole = _as_it_stands(terms)
    return whole if whole is not None and _many(look, view, whole) else terms


def _as_it_stands(terms: list[text_search.Term]) -> list[text_search.Term] | None:
    """The words with the last one as if it were finished; None where it is, or is no word yet."""
    if not terms or not terms[-1].prefix or not terms[-1].alternatives:
        return None
    return [*terms[:-1], replace(terms[-1], prefix="")]


def _many(look: ReadContext, view: View, terms: list[text_search.Term]) -> bool:
    statement = _counted_by_words(look.actor, view.name, look.connection.dialect.name == "sqlite")
    parameters = {**_match_parameters(look, view, terms), **policy.parameters(look.actor)}
    return int(look.value(statement, **parameters)) == ENOUGH


def _match(look: ReadContext, view: View, terms: list[text_search.Term]) -> str:
    """The FTS5 query: the words in the columns the actor may search, and the scope tokens."""
    match = text_search.to_fts5(terms, "public staff" if look.actor.answers else "public")
    tokens = _scope_tokens(look, view)
    scoped = f"({match}) AND {{scope}} : ({' AND '.join(tokens)})" if tokens else match
    return f"({scoped}) NOT {{scope}} : care" if _desks_alone(look.actor, view.name) else scoped


def _scope_tokens(look: ReadContext, view: View) -> list[str]:
    """What narrows a search inside the index. (That a ticket is the operator's own is no token: it is the lack of
    one.)"""
    tokens = []
    actor = look.actor
    if actor.role == Role.INSTALLER:
        tokens.append(f"t{actor.company_id or 0}")
    elif not actor.staff:
        tokens.append(f"c{actor.company_id}" if actor.company_id is not None else f"a{actor.account_id}")
    if view.name in ("open", "new", "mine"):
        tokens.append("open")
    elif view.name == "closed":
        tokens.append("done")
    return tokens


def count(look: ReadContext, view: View) -> int:
    """How many there are; with filters at most ``COUNTED_UP_TO + 1``, which means *more than that*."""
    if not view.filtered:
        return counters.count_in_view(look, view.name)
    terms = _terms(look, view)
    query = _filtered(look, look.scoped(Ticket, _ticket.c.id), view)
    query = _searched(look, query, terms, view) if terms else _unsearched(query, terms)
    return int(look.value(sa.select(sa.func.count()).select_from(query.limit(COUNTED_UP_TO + 1).subquery())))


def counts(look: ReadContext) -> dict[str, int]:
    """The sidebar's figures: ``new``, ``mine``, ``open``, ``all``, ``closed`` for those who answer; ``open`` and
    ``waiting`` for customers."""
    if look.actor.answers:
        return counters.count_in_views(look, ("new", "mine", "open", "all", "closed"))
    return counters.count_in_views(look, ("open", "waiting"))
