"""The journal: no act without an entry, no entry without an act, and nothing in it can be changed unseen."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
import sqlalchemy as sa

from core.errors import DeskError
from core.security.crypto import Keys
from core.service import audit_log
from core.service.audit_log import Anchor, End, Entry, JournalVerdict
from core.service.desk import Desk
from core.service.unit_of_work import UnitOfWork, table
from tests.factories.desks import journal_of, logged_in

_entries = table(Entry)


def write(desk: Desk, *actions: str) -> None:
    for number, action in enumerate(actions):
        desk.as_system().do(
            lambda work, a=action, n=number: work.record(a, "ticket", n, before=None, after=n, word="ż")
        )


def broken_at(desk: Desk) -> int | None:
    return verdict(desk).broken_at


def verdict(desk: Desk, since: Anchor | None = None) -> JournalVerdict:
    return desk.as_system().see(lambda look: audit_log.verify(look.connection, look.keys, since))


def tamper(desk: Desk, statement: str) -> None:
    """As somebody with the database's own tools would."""
    with desk.store.engine.connect() as connection:
        if desk.store.is_sqlite:
            connection.exec_driver_sql("DROP TRIGGER IF EXISTS journal_update")
            connection.exec_driver_sql("DROP TRIGGER IF EXISTS journal_delete")
        else:
            connection.exec_driver_sql("ALTER TABLE journal DISABLE TRIGGER journal_append_only")
        connection.exec_driver_sql(statement)
        connection.commit()


def test_a_chain_is_whole(any_desk: Desk) -> None:
    assert broken_at(any_desk) is None
    write(any_desk, "a", "b", "c")
    assert broken_at(any_desk) is None
    assert journal_of(any_desk) == ["a", "b", "c"]


@pytest.mark.parametrize(
    ("statement", "found"),
    [
        ("UPDATE journal SET action = 'x' WHERE id = 2", 2),
        ("UPDATE journal SET actor = 'account:9' WHERE id = 3", 3),
        ("UPDATE journal SET facts = '{}' WHERE id = 1", 1),
        ("UPDATE journal SET thing_id = NULL WHERE id = 4", 4),
        ("DELETE FROM journal WHERE id = 2", 3),
        ("DELETE FROM journal WHERE id = 1", 2),
        ("UPDATE journal SET id = 9 WHERE id = 2", 3),
    ],
)
def test_what_was_changed_or_taken_out_shows(any_desk: Desk, statement: str, found: int) -> None:
    write(any_desk, "a", "b", "c", "d")
    tamper(any_desk, statement)
    assert broken_at(any_desk) == found


# The end


@pytest.mark.parametrize(("statement", "cut_off"), [("WHERE id = 4", 1), ("WHERE id > 1", 3), ("", 4)])
def test_entries_cut_off_at_the_end_are_counted(any_desk: Desk, statement: str, cut_off: int) -> None:
    write(any_desk, "a", "b", "c", "d")
    assert verdict(any_desk).whole
    tamper(any_desk, f"DELETE FROM journal {statement}")
    assert verdict(any_desk) == JournalVerdict(entries=4 - cut_off, cut_off=cut_off)


def test_what_is_written_after_a_cut_does_not_hide_it(any_desk: Desk) -> None:
    write(any_desk, "a", "b", "c", "d")
    tamper(any_desk, "DELETE FROM journal WHERE id > 2")
    write(any_desk, "e", "f")
    assert verdict(any_desk).broken_at == (3 if any_desk.store.is_sqlite else 5), "the first one that is new"


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM journal_end",
        "UPDATE journal_end SET entries = 2, mac = (SELECT mac FROM journal WHERE id = 2)",
        "UPDATE journal_end SET seal = ''",
    ],
)
def test_an_end_that_the_desk_did_not_write_is_found(any_desk: Desk, statement: str) -> None:
    write(any_desk, "a", "b", "c", "d")
    tamper(any_desk, "DELETE FROM journal WHERE id > 2")
    tamper(any_desk, statement)
    assert verdict(any_desk).end_wrong
    write(any_desk, "e")
    assert not verdict(any_desk).whole, "writing on makes nothing right"


def test_journal_and_end_taken_away_together_are_found(any_desk: Desk) -> None:
    write(any_desk, "a", "b")
    tamper(any_desk, "DELETE FROM journal")
    tamper(any_desk, "DELETE FROM journal_end")
    assert verdict(any_desk).end_wrong


def test_an_older_state_of_both_is_found_by_a_line_kept_elsewhere(any_desk: Desk) -> None:
    write(any_desk, "a", "b")
    ends = table(End)
    older = any_desk.as_system().see(lambda look: look.row(sa.select(ends)))
    write(any_desk, "c", "d")
    line = any_desk.as_system().see(lambda look: audit_log.anchor(look.connection)).line()
    assert verdict(any_desk, audit_log.read_anchor(line)).whole
    write(any_desk, "e")
    assert verdict(any_desk, audit_log.read_anchor(f"  {line}\n")).whole, "the journal went on from there"
    tamper(any_desk, "DELETE FROM journal WHERE id > 2")
    tamper(any_desk, f"UPDATE journal_end SET entries = 2, mac = '{older.mac}', seal = '{older.seal}'")
    assert verdict(any_desk).whole, "from inside it can't be told"
    assert verdict(any_desk, audit_log.read_anchor(line)) == JournalVerdict(entries=2, unlike_anchor=True)


def test_a_line_taken_of_an_empty_journal_is_one(desk: Desk) -> None:
    line = desk.as_system().see(lambda look: audit_log.anchor(look.connection)).line()
    write(desk, "a")
    assert verdict(desk, audit_log.read_anchor(line.strip())).whole


@pytest.mark.parametrize("line", ["", "okienko-journal", "okienko-journal x", "okienko-journal 3 abc", "3 " + "a" * 64])
def test_any_other_line_is_refused(line: str) -> None:
    with pytest.raises(DeskError):
        audit_log.read_anchor(line)


def test_a_change_that_is_taken_back_moves_no_end(any_desk: Desk) -> None:
    write(any_desk, "a")

    def fail(work: UnitOfWork) -> None:
        work.record("b")
        raise RuntimeError

    with pytest.raises(RuntimeError):
        any_desk.as_system().do(fail)
    assert verdict(any_desk) == JournalVerdict(entries=1)


def test_a_desk_with_another_key_checks_what_came_since(any_desk: Desk) -> None:
    write(any_desk, "a", "b")
    taken = Keys(b"another" * 5)
    any_desk.as_system().do(lambda work: audit_log.close(work.connection, taken))
    any_desk.keys = taken
    write(any_desk, "c", "d")
    found = verdict(any_desk)
    assert (found.whole, found.entries, found.unchecked) == (True, 4, 2)
    tamper(any_desk, "UPDATE journal SET action = 'x' WHERE id = 3")
    assert broken_at(any_desk) == 3
    tamper(any_desk, "UPDATE journal_end SET since = 3")
    assert verdict(any_desk).end_wrong, "how many go unchecked is sealed"


def test_another_key_fits_no_entry(desk: Desk) -> None:
    write(desk, "a")
    found = desk.as_system().see(lambda look: audit_log.verify(look.connection, Keys(b"another" * 5)))
    assert (found.broken_at, found.end_wrong) == (1, True)


@pytest.mark.parametrize("statement", ["UPDATE journal SET action = 'x'", "DELETE FROM journal", "replace", "truncate"])
def test_the_database_itself_only_adds(any_desk: Desk, statement: str) -> None:
    write(any_desk, "a", "b")
    if statement == "truncate":
        if any_desk.store.is_sqlite:
            pytest.skip("SQLite has no TRUNCATE")
        statement = "TRUNCATE journal"
    if statement == "replace":
        if not any_desk.store.is_sqlite:
            pytest.skip("PostgreSQL has no REPLACE")
        columns = "id, at, actor, action, thing, facts, mac"
        statement = f"INSERT OR REPLACE INTO journal ({columns}) VALUES (1, '', '', '', '', '', '')"

    def act(work: UnitOfWork) -> None:
        work.connection.exec_driver_sql(statement)

    with pytest.raises(sa.exc.DBAPIError, match="only added to"):
        any_desk.as_system().do(act)
    assert broken_at(any_desk) is None
    assert journal_of(any_desk) == ["a", "b"]


def test_act_and_entry_stand_and_fall_together(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    from core.accounts import profile
    from core.models.accounts import Account

    ola = logged_in(desk, "ola")
    form = profile.Details(first_name="Aleksandra", last_name="Nowa", language="pl", zone="Europe/Warsaw")
    before = journal_of(desk)

    def fail(*_args: object, **_kwargs: object) -> None:
        raise RuntimeError("no room in the journal")

    with monkeypatch.context() as patch:
        patch.setattr(audit_log, "write", fail)
        with pytest.raises(RuntimeError):
            ola.do(profile.change_details, form)
    names = sa.select(table(Account).c.first_name)
    assert [row[0] for row in desk.as_system().see(lambda look: look.rows(names))] == ["Ola"]
    assert journal_of(desk) == before
    ola.do(profile.change_details, form)
    assert [row[0] for row in desk.as_system().see(lambda look: look.rows(names))] == ["Aleksandra"]


def test_one_chain_however_many_write(any_desk: Desk) -> None:
    with ThreadPoolExecutor(6) as pool:
        list(pool.map(lambda number: write(any_desk, f"a{number}"), range(24)))
    assert len(journal_of(any_desk)) == 24
    assert verdict(any_desk) == JournalVerdict(entries=24)


def test_it_names_actors_by_number(desk: Desk) -> None:
    ola = logged_in(desk, "ola")
    ola.do(lambda work: work.record("x"))
    write(desk, "y")
    desk.do(lambda work: work.record("z"))
    told = desk.as_system().see(lambda look: look.rows(sa.select(_entries.c.actor).order_by(_entries.c.id)))
    assert [row[0] for row in told[-3:]] == [f"account:{ola.actor().account_id}", "system", "guest"]
