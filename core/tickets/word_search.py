"""Tickets by the words that are said in them: the full-text index of either database, narrowed to whose they are.

What is typed becomes terms (:mod:`core.db.text_search`), the view and the actor become scope tokens, and both are asked
of the index together, so that a customer's search costs what it finds and not what everybody else's tickets hold.
"""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.compiler import compiles

from core.db import text_search
from core.db.ready import ReadyStatement
from core.models.accounts import Role
from core.models.tickets import Ticket, TicketWords
from core.service import policy
from core.service.actor import Actor
from core.service.unit_of_work import ReadContext, table

_ticket, _words = table(Ticket), table(TicketWords)
_fts = sa.table("ticket_fts", sa.column("rowid", sa.Integer), sa.column("ticket_fts"))

Named = Callable[[Any], Any]


def is_sqlite(look: ReadContext) -> bool:
    """Which index is asked."""
    return look.connection.dialect.name == "sqlite"


def number_of(sqlite: bool) -> sa.ColumnElement[int]:
    """A found ticket's number. SQLite is asked for it by the index's own name for it: sorted by any other one, it
    would read all that was found before it shows the first page."""
    return (_fts.c.rowid if sqlite else _ticket.c.id).label("id")


def desks_alone(actor: Actor, name: str) -> bool:
    """Whether a view shows the operator's own tickets only. Everybody else's scope has narrowed the query already."""
    return actor.staff and name in ("new", "open", "closed")


@policy.made_once
def _counted(somebody: Actor, sqlite: bool) -> ReadyStatement:
    """How many a search finds, at most :data:`ENOUGH`. SQLite's index is asked alone."""
    if sqlite:
        query = sa.select(_fts.c.rowid).where(sa.text("ticket_fts MATCH :words").bindparams(_word_parameter("words")))
    else:
        query = joined(
            sa.select(_ticket.c.id).where(policy.scope(somebody, Ticket)), lambda tickets: tickets, somebody, sqlite
        )
    return ReadyStatement(sa.select(sa.func.count()).select_from(query.limit(ENOUGH).subquery()))


class _Leading(sa.Join):
    """A join whose left side leads: CROSS JOIN, which SQLite never reorders. Left to itself it starts from the tickets
    of the customer's company and asks the full-text index about each."""

    inherit_cache = True


@compiles(_Leading, "sqlite")
def _cross_join(join: _Leading, compiler: Any, **options: Any) -> str:
    return str(compiler.visit_join(join, **options)).replace(" JOIN ", " CROSS JOIN ", 1)


def joined(query: sa.Select[Any], named: Named, somebody: Actor, sqlite: bool) -> sa.Select[Any]:
    """Join the full-text index. Scope tokens narrow it inside; the policy's WHERE stands beside it all the same.

    Args:
        named: Joins to the tickets what a line shows beside them.
    """
    words = _word_parameter("words")
    if sqlite:
        source = _Leading(_fts, _ticket, sa.text("ticket.id = ticket_fts.rowid"))
        return query.select_from(named(source)).where(sa.text("ticket_fts MATCH :words").bindparams(words))
    texts = "public || ' ' || staff" if somebody.answers else "public"
    # The index holds words and scope together; asked for alone, a word such as "open" must not be a scope.
    scoped = sa.text(f"to_tsvector('simple', {texts} || ' ' || scope) @@ to_tsquery('simple', :scoped)")
    alone = sa.text(f"to_tsvector('simple', {texts}) @@ to_tsquery('simple', :words)")
    return (
        query.select_from(named(_ticket).join(_words, _words.c.ticket_id == _ticket.c.id))
        .where(scoped.bindparams(_word_parameter("scoped")))
        .where(alone.bindparams(words))
    )


def _word_parameter(name: str) -> sa.BindParameter[str]:
    return sa.bindparam(name, type_=sa.String())


def parameters(look: ReadContext, view: str, terms: list[text_search.Term]) -> dict[str, str]:
    """What :func:`joined` asks for by name."""
    if is_sqlite(look):
        return {"words": _match(look, view, terms)}
    words = text_search.to_tsquery(terms)
    return {"words": words, "scoped": " & ".join([words, *_scope_tokens(look.actor, view)])}


ENOUGH = 50
"""Tickets that hold a word as it was typed; with so many, longer words that begin with it are not looked for."""


def terms_of(look: ReadContext, view: str, typed: str) -> list[text_search.Term] | None:
    """The words to look for; None when nothing was typed.

    The last one counts as unfinished only while few tickets hold it as it stands: an index gives the newest of a word
    at once, but those of every word that begins alike only after it has read them all (6 ms against 0.6 at 100,000
    tickets, and growing)."""
    if not typed.strip():
        return None
    terms = text_search.query_terms(typed)
    whole = as_it_stands(terms)
    return whole if whole is not None and are_many(look, view, whole) else terms


def as_it_stands(terms: list[text_search.Term]) -> list[text_search.Term] | None:
    """The words with the last one as if it were finished; None where it is, or is no word yet."""
    if not terms or not terms[-1].prefix or not terms[-1].alternatives:
        return None
    return [*terms[:-1], replace(terms[-1], prefix="")]


def are_many(look: ReadContext, view: str, terms: list[text_search.Term]) -> bool:
    """Whether at least :data:`ENOUGH` tickets hold these words."""
    statement = _counted(look.actor, is_sqlite(look))
    return int(look.value(statement, **parameters(look, view, terms), **policy.parameters(look.actor))) == ENOUGH


def _match(look: ReadContext, view: str, terms: list[text_search.Term]) -> str:
    """The FTS5 query: the words in the columns the actor may search, and the scope tokens."""
    match = text_search.to_fts5(terms, "public staff" if look.actor.answers else "public")
    tokens = _scope_tokens(look.actor, view)
    scoped = f"({match}) AND {{scope}} : ({' AND '.join(tokens)})" if tokens else match
    return f"({scoped}) NOT {{scope}} : care" if desks_alone(look.actor, view) else scoped


def _scope_tokens(actor: Actor, view: str) -> list[str]:
    """What narrows a search inside the index. (That a ticket is the operator's own is no token: it is the lack of
    one.)"""
    tokens = []
    if actor.role == Role.INSTALLER:
        tokens.append(f"t{actor.company_id or 0}")
    elif not actor.staff:
        tokens.append(f"c{actor.company_id}" if actor.company_id is not None else f"a{actor.account_id}")
    if view in ("open", "new", "mine"):
        tokens.append("open")
    elif view == "closed":
        tokens.append("done")
    return tokens
