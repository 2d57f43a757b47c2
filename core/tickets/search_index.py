"""Keeping what a ticket is found by in step with what is said in it.

A row of ``ticket_words`` holds folded and stemmed words (:mod:`core.db.text_search`), internal notes apart from the
rest, and scope tokens: whose the ticket is, who handles it, and whether it is open. With those in the index a
customer's search costs what it finds, not what everybody else's tickets hold (0.4 ms against 546).
"""

import sqlalchemy as sa

from core.db import text_search
from core.models.tickets import OPEN_BELOW, MessageKind, TicketWords
from core.service.unit_of_work import UnitOfWork, table

_words = table(TicketWords)


def scope_tokens(status: int, company_id: int | None, requester_id: int, team_id: int | None) -> str:
    """``c12 open``: the company or else the requester, and the state; ``c12 t5 care open`` where the service company 5
    handles it. The operator's own tickets are those without ``care``."""
    holder = f"c{company_id}" if company_id is not None else f"a{requester_id}"
    team = f" t{team_id} care" if team_id is not None else ""
    return f"{holder}{team} {'open' if status < OPEN_BELOW else 'done'}"


def first(work: UnitOfWork, ticket_id: int, found_by: str, scope: str) -> None:
    """The words of a new ticket as :func:`core.db.text_search.index_text` gives them, and its number."""
    public = f"{ticket_id} {found_by}"
    work.add_all(TicketWords, [{"ticket_id": ticket_id, "public": public, "staff": "", "scope": scope}])


def more(work: UnitOfWork, ticket_id: int, kind: MessageKind, text: str) -> None:
    """Words of a further message, to those who may read it."""
    column = _words.c.staff if kind is MessageKind.NOTE else _words.c.public
    added = {column.name: column + (" " + text_search.index_text(text))}
    work.connection.execute(sa.update(_words).where(_words.c.ticket_id == ticket_id).values(**added))


def rescope(work: UnitOfWork, ticket_id: int, scope: str) -> None:
    """The ticket was opened, closed or given to somebody else."""
    work.change(TicketWords, _words.c.ticket_id == ticket_id, _words.c.scope != scope, scope=scope)
