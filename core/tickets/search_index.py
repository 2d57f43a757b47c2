"""Keeping what a ticket is found by in step with what is said in it.

A row of ``ticket_words`` holds folded and stemmed words (:mod:`core.db.text_search`), internal notes apart from the
rest, and scope tokens: whose the ticket is, who handles it, and whether it is open. With those in the index a
customer's search costs what it finds, not what everybody else's tickets hold (0.4 ms against 546).
"""

import sqlalchemy as sa

from core.db import text_search
from core.db.ready import ReadyStatement
from core.models.tickets import OPEN_BELOW, MessageKind, TicketWords
from core.service.unit_of_work import UnitOfWork, table

_words = table(TicketWords)


def scope_tokens(status: int, company_id: int | None, requester_id: int, team_id: int | None) -> str:
    """``c12 open``: the company or else the requester, and the state; ``c12 t5 care open`` where the service company 5
    handles it. The operator's own tickets are those without ``care``."""
    holder = f"c{company_id}" if company_id is not None else f"a{requester_id}"
    team = f" t{team_id} care" if team_id is not None else ""
    return f"{holder}{team} {'open' if status < OPEN_BELOW else 'done'}"


_this = _words.c.ticket_id == sa.bindparam("ticket", type_=_words.c.ticket_id.type)
_held = ReadyStatement(sa.select(_words.c.public, _words.c.staff).where(_this))
_added = sa.bindparam("added", type_=sa.Text())
_add_public = ReadyStatement(sa.update(_words).where(_this).values(public=_words.c.public + _added))
_add_staff = ReadyStatement(sa.update(_words).where(_this).values(staff=_words.c.staff + _added))
_rescope = ReadyStatement(
    sa.update(_words).where(_this, _words.c.scope != sa.bindparam("wanted", type_=_words.c.scope.type)),
    columns=("scope",),
)


def first(work: UnitOfWork, ticket_id: int, found_by: str, scope: str) -> None:
    """The words of a new ticket as :func:`words_of` gives them, and its number."""
    public = f"{ticket_id} {found_by}"
    work.add_all(TicketWords, [{"ticket_id": ticket_id, "public": public, "staff": "", "scope": scope}])


def words_of(text: str) -> str:
    """What a text is found by, each word once: how often and in which order they stand is never asked."""
    return " ".join(dict.fromkeys(text_search.words(text)))


def more(work: UnitOfWork, ticket_id: int, kind: MessageKind, found_by: str) -> None:
    """The words of a further message (:func:`words_of`), to those who may read it.

    Only those that the ticket isn't found by yet are added, and nothing is written when there are none: the index reads
    again all that stands in a row that changes, so a row must not grow with every message.
    """
    words = work.row(_held, ticket=ticket_id)
    if words is None:
        return
    note = kind is MessageKind.NOTE
    # Whoever reads notes searches both, so a note adds nothing that is public already.
    known = {*words.public.split(), *(words.staff.split() if note else ())}
    added = [word for word in found_by.split() if word not in known]
    if added:
        statement = _add_staff if note else _add_public
        statement.run(work.connection, {"ticket": ticket_id, "added": " " + " ".join(added)})


def rescope(work: UnitOfWork, ticket_id: int, scope: str) -> None:
    """The ticket was opened, closed or given to somebody else."""
    _rescope.run(work.connection, {"ticket": ticket_id, "wanted": scope, "scope": scope})
