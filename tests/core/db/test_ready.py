"""Statements that are made once: the same rows as SQLAlchemy's, and what may happen to a connection that was kept."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
import sqlalchemy as sa

from core.db.ready import ReadyStatement
from core.errors import Unavailable
from core.models.accounts import Account, Role
from core.models.tickets import Ticket
from core.service.audit_log import Entry
from core.service.desk import Desk
from core.service.unit_of_work import ReadContext, table
from core.tickets import create, listing
from core.tickets.listing import View
from tests.factories.desks import START, admin_values, logged_in, person, statements

_account, _ticket, _entry = table(Account), table(Ticket), table(Entry)
CUT = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid()"
"""Ends every other connection of this server."""


def test_rows_are_those_of_the_same_statement_made_anew(any_desk: Desk) -> None:
    ola = logged_in(any_desk, "ola")
    number = ola.do(create.create, admin_values("Drukarka"))
    for statement in (
        sa.select(_ticket).where(_ticket.c.id == sa.bindparam("number", type_=sa.BigInteger())),
        sa.select(_entry).where(_entry.c.thing_id == sa.bindparam("number", type_=sa.BigInteger())),
        sa.select(_account.c.login, _account.c.created_at, sa.func.count())
        .where(_account.c.role.in_(("customer", "agent")), _account.c.created_at <= sa.bindparam("now", START))
        .group_by(_account.c.id)
        .limit(sa.bindparam("number", type_=sa.Integer())),
    ):
        with any_desk.store.reading() as connection:
            anew = connection.execute(statement, {"number": number}).all()
            ready = ReadyStatement(statement).rows(connection, {"number": number})
        assert anew
        assert [tuple(row) for row in ready] == [tuple(row) for row in anew]
        assert [row._fields for row in ready] == [tuple(row._fields) for row in anew] or "count" in str(statement)


def test_moments_are_written_as_everywhere(any_desk: Desk) -> None:
    """Written another way, one that is the same would count as earlier or later."""
    person(any_desk, "ola")
    at = sa.bindparam("at", type_=_account.c.created_at.type)
    same = ReadyStatement(sa.select(_account.c.login).where(_account.c.created_at == at))
    with any_desk.store.reading() as connection:
        assert [row.login for row in same.rows(connection, {"at": START})] == ["ola"]
        elsewhere = START.astimezone(dt.timezone(dt.timedelta(hours=5)))
        assert [row.login for row in same.rows(connection, {"at": elsewhere})] == ["ola"]


def test_a_list_that_comes_later_is_refused() -> None:
    statement = sa.select(_ticket.c.id).where(_ticket.c.id.in_(sa.bindparam("numbers", expanding=True)))
    with pytest.raises(TypeError, match="numbers"):
        ReadyStatement(statement)._for(sa.create_engine("sqlite://").dialect)


def test_who_listens_hears_of_it_and_errors_are_sqlalchemys(any_desk: Desk) -> None:
    agent = logged_in(any_desk, "adam", Role.AGENT)
    with statements(any_desk) as sent:
        agent.see(listing.page, View("open"), listing.PageRequest())
    assert any("FROM session" in each for each in sent)
    assert any("FROM ticket" in each for each in sent)
    nowhere = ReadyStatement(sa.select(sa.column("x")).select_from(sa.table("nowhere")))
    with any_desk.store.reading() as connection, pytest.raises(sa.exc.DBAPIError, match="nowhere"):
        nowhere.rows(connection, {})


def test_a_value_that_was_forgotten_is_no_null(any_desk: Desk) -> None:
    asks = ReadyStatement(sa.select(_account.c.id).where(_account.c.login == sa.bindparam("login", type_=sa.String())))
    with any_desk.store.reading() as connection, pytest.raises(KeyError, match="login"):
        asks.rows(connection, {"name": "ola"})


def test_a_change_that_fails_in_the_middle_keeps_nothing(desk: Desk) -> None:
    """With a full disk SQLite rolls back by itself: what came after that would be kept alone."""
    note = ReadyStatement(sa.insert(_entry), columns=("at", "actor", "action", "thing", "facts", "mac"))

    def entry(length: int) -> dict[str, Any]:
        return {"at": START, "actor": "system", "action": "x", "thing": "", "facts": {"x": "x" * length}, "mac": ""}

    with desk.store.reading() as connection:
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar_one()
        connection.exec_driver_sql(f"PRAGMA max_page_count={pages + 20}")

    def write_three() -> None:
        with desk.store.writing() as connection:
            for length in (50_000, 200_000, 10):
                note.run(connection, entry(length))

    with pytest.raises(sa.exc.OperationalError, match="full"):
        write_three()
    with desk.store.reading() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM journal WHERE action = 'x'").scalar_one() == 0


def test_tables_that_were_changed_by_another_program_are_no_fault(any_desk: Desk) -> None:
    """A migration of another process while statements are prepared here."""
    person(any_desk, "ola")
    logins = ReadyStatement(sa.select(_account.c.login, _account.c.language).order_by(_account.c.id))

    def read(look: ReadContext) -> list[Any]:
        return [tuple(row) for row in look.rows(logins)]

    for _ in range(8):  # PostgreSQL prepares what comes a sixth time
        assert any_desk.see(read) == [("ola", "en")]
    changes = (
        ["ALTER TABLE account ADD COLUMN later TEXT", "CREATE INDEX ix_later ON account (later)"]
        if any_desk.store.is_sqlite
        else ["ALTER TABLE account ALTER COLUMN login TYPE TEXT", "ALTER TABLE account ADD COLUMN later TEXT"]
    )
    _elsewhere(any_desk, *changes)
    for _ in range(8):
        assert any_desk.see(read) == [("ola", "en")]


def test_whoever_reads_and_writes_goes_on_after_tables_were_changed(postgres_desk: Desk) -> None:
    person(postgres_desk, "ola")
    numbers = ReadyStatement(sa.select(_account.c.id, _account.c.login))

    def read(look: ReadContext) -> list[Any]:
        return [row.login for row in look.rows(numbers)]

    system = postgres_desk.as_system()
    for _ in range(8):
        assert system.see(read) == system.do(read) == ["ola"]
    _elsewhere(postgres_desk, "ALTER TABLE account ALTER COLUMN login TYPE TEXT")
    for _ in range(4):
        assert system.do(read) == system.see(read) == ["ola"]


def _elsewhere(desk: Desk, *changes: str) -> None:
    """By a connection that this program doesn't know of."""
    other = sa.create_engine(desk.store.engine.url, poolclass=sa.NullPool)
    with other.begin() as connection:
        for change in changes:
            connection.exec_driver_sql(change)


def test_a_connection_that_died_while_it_was_kept_is_replaced(postgres_desk: Desk) -> None:
    ola = logged_in(postgres_desk, "ola")
    assert ola.see(listing.counts)["open"] == 0
    _elsewhere(postgres_desk, CUT)
    assert ola.see(listing.counts)["open"] == 0
    _elsewhere(postgres_desk, CUT)
    assert ola.do(create.create, admin_values("Drukarka")) == 1


def test_a_connection_that_dies_in_the_middle_of_a_query_is_tried_once_more(postgres_desk: Desk) -> None:
    tries: list[int] = []

    def read(look: ReadContext) -> int:
        tries.append(1)
        if len(tries) == 1:
            _elsewhere(postgres_desk, CUT)
        return int(look.value(sa.select(sa.func.count()).select_from(_account)))

    assert postgres_desk.see(read) == 0
    assert len(tries) == 2

    def never(look: ReadContext) -> None:
        tries.append(1)
        _elsewhere(postgres_desk, CUT)
        look.value(sa.select(sa.func.count()).select_from(_account))

    with pytest.raises(Unavailable, match="does not answer"):
        postgres_desk.see(never)
    assert len(tries) == 4, "twice, and not for ever"


def test_a_server_plans_for_what_is_asked_however_often_it_was(postgres_desk: Desk) -> None:
    """A plan for any words reads every ticket."""
    agent = logged_in(postgres_desk, "adam", Role.AGENT)
    for _ in range(14):  # prepared after the fifth; the eleventh would have the plan for any words
        agent.see(listing.page, View("all", search="drukarka "), listing.PageRequest())
    with postgres_desk.store.reading() as connection:
        plans = "SELECT sum(generic_plans), sum(custom_plans) FROM pg_prepared_statements"
        generic, own = connection.exec_driver_sql(plans).one()
    assert generic == 0
    assert own > 0


def test_reading_leaves_no_transaction_on_a_server(postgres_desk: Desk) -> None:
    ola = logged_in(postgres_desk, "ola")
    for _ in range(3):
        ola.see(listing.counts)
    other = sa.create_engine(postgres_desk.store.engine.url, poolclass=sa.NullPool)
    with other.connect() as connection:
        states = connection.exec_driver_sql(
            "SELECT state FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
        ).scalars()
        assert set(states) == {"idle"}
