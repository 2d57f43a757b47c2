"""The door: one transaction a change, everything or nothing, run as somebody, again when another one was met."""

from __future__ import annotations

import sqlite3
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from core.accounts import login, login_unlock, recovery
from core.db import engine
from core.errors import Forbidden, Invalid, NotFound, Unavailable, say
from core.models.accounts import Account, AccountState, Role, Standing
from core.models.companies import Company
from core.people import staff
from core.service.actor import GUEST, SYSTEM
from core.service.desk import TRIES, Desk, SessionEnded, nothing, paced, prepared
from core.service.settings import Settings
from core.service.unit_of_work import ReadContext, UnitOfWork, table
from tests.factories.desks import journal_of, logged_in, mail, person, seat

_company = table(Company)


def companies(desk: Desk) -> list[str]:
    rows = desk.as_system().see(lambda look: look.rows(sa.select(_company.c.name).order_by(_company.c.id)))
    return [row.name for row in rows]


def found(work: UnitOfWork, name: str) -> int:
    return work.add(Company, name=name, name_key=name.casefold(), created_at=work.now)


def test_kept_if_it_returns_dropped_if_it_raises(any_desk: Desk) -> None:
    any_desk.do(found, "Kept")

    def fail(work: UnitOfWork) -> None:
        found(work, "Dropped")
        work.mail("welcome_alone", work.unscoped(Account, table(Account).c.login == "ola"), name="x", login="ola")
        work.record("x")
        raise Invalid({"x": say("no")})

    person(any_desk, "ola")
    any_desk.mail_waits.clear()
    with pytest.raises(Invalid):
        any_desk.do(fail)
    assert companies(any_desk) == ["Kept"]
    assert mail(any_desk) == []
    assert journal_of(any_desk) == []
    assert not any_desk.mail_waits.is_set()


def test_the_mails_flag_goes_up_with_the_commit(desk: Desk) -> None:
    person(desk, "ola")
    desk.mail_waits.clear()

    def promise(work: UnitOfWork) -> None:
        work.mail("welcome_alone", work.unscoped(Account, table(Account).c.login == "ola"), name="x", login="ola")
        assert not desk.mail_waits.is_set()

    desk.acting(None).do(promise)
    assert desk.mail_waits.is_set()


def test_reading_can_not_write(desk: Desk) -> None:
    """A query gets no way to write; only what it would have to reach around for, the connection, is there."""
    given = desk.see(lambda look: look)
    assert type(given) is ReadContext
    assert [name for name in dir(ReadContext) if name in ("add", "add_all", "change", "mail", "record")] == []


def test_a_guest_the_system_and_somebody(desk: Desk) -> None:
    assert desk.actor() == desk.acting(None).actor() == GUEST
    assert desk.as_system().actor() == SYSTEM
    ola = logged_in(desk, "ola", company="Ours", standing=Standing.OWNER)
    actor = ola.actor()
    assert (actor.login, actor.name, actor.owner, actor.staff) == ("ola", "Ola Testowa", True, False)
    assert actor.company_id is not None
    assert desk.actor() == GUEST


def test_somebody_who_waits_has_no_company(desk: Desk) -> None:
    waits = logged_in(desk, "ola", company="Ours", standing=Standing.PENDING)
    assert waits.actor().company_id is None


@pytest.mark.parametrize("session", [0, 999, -1])
def test_no_session_is_nobody(desk: Desk, session: int) -> None:
    for use in (lambda desk: desk.actor(), lambda desk: desk.do(found, "x"), lambda desk: desk.see(lambda look: 1)):
        with pytest.raises(SessionEnded):
            use(desk.acting(session))
    assert companies(desk) == []


def test_what_changes_about_somebody_counts_at_the_next_call(desk: Desk) -> None:
    ola_id = person(desk, "ola", Role.AGENT)
    ola = seat(desk, ola_id)
    row = table(Account).c.id == ola_id

    def now(**values: str) -> None:
        desk.as_system().do(lambda work: work.change(Account, row, **values))

    assert ola.see(lambda look: look.may("ticket.read", None)) is True
    now(role=Role.CUSTOMER.value)
    assert ola.see(lambda look: look.may("ticket.read", None)) is False
    now(state=AccountState.OFF.value)
    with pytest.raises(SessionEnded):
        ola.actor()


def test_missing_and_hidden_are_one(any_desk: Desk) -> None:
    ola = logged_in(any_desk, "ola")
    ewa = person(any_desk, "ewa")
    told = []
    for id_ in (ewa, 10_000):
        with pytest.raises(NotFound) as missing:
            ola.see(lambda look, id_=id_: look.find(Account, id_))
        told.append(missing.value.text())
    assert told[0] == told[1]
    with pytest.raises(Forbidden):
        ola.do(lambda work: work.require("account.employ"))


# Again


class Locked(Exception):
    """As a driver says that another one was met."""

    sqlstate = "40001"


def meets(times: int, error: Exception) -> Any:
    runs = []

    def use_case(work: UnitOfWork) -> int:
        found(work, f"run {len(runs)}")
        runs.append(1)
        if len(runs) <= times:
            raise sa.exc.OperationalError("x", None, error)
        return len(runs)

    return use_case


@pytest.mark.parametrize("error", [Locked(), sqlite3.OperationalError("database is locked")])
def test_run_again_from_the_start(desk: Desk, error: Exception) -> None:
    assert desk.do(meets(TRIES - 1, error)) == TRIES
    assert companies(desk) == [f"run {TRIES - 1}"]


def test_not_for_ever(desk: Desk) -> None:
    with pytest.raises(Unavailable):
        desk.do(meets(TRIES, Locked()))
    assert companies(desk) == []


def test_what_will_not_pass_is_not_tried_again(desk: Desk) -> None:
    with pytest.raises(Unavailable) as full:
        desk.do(meets(1, sqlite3.OperationalError("database or disk is full")))
    assert "disk is full" in full.value.text()
    with pytest.raises(Unavailable):
        desk.do(meets(1, sqlite3.OperationalError("disk I/O error")))
    assert companies(desk) == []


def test_two_of_what_there_can_be_one_of_say_so_in_words(any_desk: Desk) -> None:
    """Two administrators make the same colleague at once: one succeeds, the other hears that the login is taken."""
    root = logged_in(any_desk, "root", Role.ADMIN)
    names = {"first_name": "A", "last_name": "B", "language": "en", "role": "agent"}

    def employ(number: int) -> str:
        try:
            root.do(staff.employ, staff.NewAgent(login="adam", email=f"adam{number}@example.com", **names))
        except Invalid as refused:
            return next(iter(refused.fields))
        return "made"

    with ThreadPoolExecutor(4) as pool:
        answers = sorted(pool.map(employ, range(4)))
    assert answers == ["login"] * 3 + ["made"]


def test_prepared_work_runs_outside_and_its_first_part_stays(desk: Desk) -> None:
    order: list[str] = []

    def first(work: UnitOfWork, name: str) -> None:
        order.append("first")
        found(work, f"first {name}")

    def prepare(look: ReadContext, name: str) -> dict[str, Any]:
        assert not isinstance(look, UnitOfWork)
        with desk.store.gate.held(deadline=0.01):
            pass  # nobody waits for slow work
        order.append("prepare")
        return {"extra": name.upper()}

    @prepared(prepare, first=first)
    def use_case(work: UnitOfWork, name: str, *, extra: str = "") -> None:
        order.append(extra)
        raise Invalid({"x": say("no")})

    with pytest.raises(Invalid):
        desk.do(use_case, "a")
    assert order == ["first", "prepare", "A"]
    assert companies(desk) == ["first a"]
    assert nothing(None) == {}


def test_many_threads_share_a_desk(any_desk: Desk) -> None:
    def work(number: int) -> int:
        any_desk.do(found, f"c{number}")
        return len(companies(any_desk))

    with ThreadPoolExecutor(8) as pool:
        assert max(pool.map(work, range(32))) == 32
    assert len(companies(any_desk)) == 32


def test_a_read_then_write_loses_nothing(desk: Desk) -> None:
    """A counter read and written back by many at once (docs/facts.md, *SQLite*)."""
    made = desk.do(found, "0")

    def grow(_: int) -> None:
        def use_case(work: UnitOfWork) -> None:
            at = int(work.value(sa.select(_company.c.name).where(_company.c.id == made)))
            work.change(Company, _company.c.id == made, name=str(at + 1))

        desk.do(use_case)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(grow, range(80)))
    assert companies(desk) == ["80"]


def test_a_store_that_can_not_be_opened_is_told_of(tmp_path: Path) -> None:
    away = Settings(data_dir=tmp_path, database_url=f"postgresql+psycopg://desk@/x?host={tmp_path}/nowhere")
    with pytest.raises(Unavailable):
        Desk.open(away)


def test_left_out_columns_get_the_models_defaults(desk: Desk) -> None:
    made = desk.do(found, "A")
    assert desk.see(lambda look: look.unscoped(Company, _company.c.id == made)).kind == "client"
    desk.do(lambda work: work.add_all(Company, []))
    assert engine.sqlite_module().sqlite_version_info >= (3, 40)


def test_what_must_not_tell_whom_the_desk_knows_answers_on_a_beat(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """Known or not, kept or refused; and after the transaction, so that nobody else waits."""
    person(desk, "ola")
    now, pauses = [100.0], list[float]()
    monkeypatch.setattr("core.service.desk.PACE", 0.05)
    monkeypatch.setattr("core.service.desk.time.monotonic", lambda: now[0])
    monkeypatch.setattr("core.service.desk.time.sleep", pauses.append)

    @paced
    def refuse(work: UnitOfWork) -> None:
        assert pauses == []
        now[0] += 0.012
        raise Invalid({"x": say("no")})

    with pytest.raises(Invalid):
        desk.do(refuse)
    assert pauses == [pytest.approx(0.038)]

    @paced
    def takes_long(work: UnitOfWork) -> None:
        now[0] += 0.070

    desk.do(takes_long)
    assert pauses[1:] == [pytest.approx(0.030)], "the next beat, not the one that is over"
    for ask in (recovery.ask, login_unlock.ask):
        for name in ("ola", "nobody"):
            desk.do(ask, name)
    for name in ("ola", "nobody"):
        desk.do(login.password, name, "wrong")
    assert len(pauses) == 8
    desk.do(found, "Another")
    assert len(pauses) == 8, "nothing else waits"
