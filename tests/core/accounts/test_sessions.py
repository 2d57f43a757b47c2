"""Remembered log-ins that were copied or are forgotten, and what a clock that was wrong leaves behind."""

from __future__ import annotations

import datetime as dt

import pytest

from core.accounts import login, pending_login, recovery, sessions
from core.clock import MovableClock
from core.errors import Invalid
from core.models.accounts import Account, Purpose
from core.service import one_time_codes
from core.service.desk import Desk, SessionEnded
from core.service.unit_of_work import UnitOfWork, table
from tests.factories.desks import PASSWORD, journal_of, mail, mailed_code, person, seat


def remembered(desk: Desk, account_id: int) -> sessions.Entered:
    """A log-in with *remember me*."""

    def begin(work: UnitOfWork) -> sessions.Entered:
        account = work.unscoped(Account, table(Account).c.id == account_id)
        assert account is not None
        return sessions.begin(work, account, remember=True, label="laptop")

    return desk.as_system().do(begin)


def resume(desk: Desk, token: str | None) -> sessions.Entered:
    assert token is not None
    entered = desk.do(sessions.resume, token)
    assert entered is not None
    return entered


def out(desk: Desk, entered: sessions.Entered) -> bool:
    try:
        desk.acting(entered.session_id).actor()
    except SessionEnded:
        return True
    return False


def test_a_stop_between_getting_a_token_and_writing_it_down_makes_nobody_a_thief(any_desk: Desk) -> None:
    first = remembered(any_desk, person(any_desk, "ola"))
    lost = resume(any_desk, first.token)
    again = resume(any_desk, first.token)
    resume(any_desk, again.token)
    assert not out(any_desk, lost)
    assert "device.copied" not in journal_of(any_desk)


def test_a_copy_that_is_noticed_ends_the_thiefs_session_and_its_owner_hears(any_desk: Desk) -> None:
    ola = person(any_desk, "ola")
    elsewhere = seat(any_desk, ola)
    first = remembered(any_desk, ola)
    thief = resume(any_desk, resume(any_desk, first.token).token)
    assert any_desk.do(sessions.resume, first.token) is None
    assert out(any_desk, thief)
    assert any_desk.do(sessions.resume, thief.token) is None
    assert elsewhere.actor().login == "ola", "what did not come from that computer goes on"
    assert [(row.letter, row.details["device"]) for row in mail(any_desk)] == [("device_copied", "laptop")]
    assert "device.copied" in journal_of(any_desk)


def test_the_thiefs_token_tells_too_once_the_owner_has_got_another(any_desk: Desk) -> None:
    first = remembered(any_desk, person(any_desk, "ola"))
    thief = resume(any_desk, first.token)
    owner = resume(any_desk, first.token)
    assert any_desk.do(sessions.resume, thief.token) is None
    assert out(any_desk, thief)
    assert out(any_desk, owner)
    assert len(mail(any_desk, "device_copied")) == 1


def test_a_copy_is_noticed_however_old_it_is(desk: Desk) -> None:
    entered = first = remembered(desk, person(desk, "ola"))
    for _day in range(20):
        desk.clock.move(dt.timedelta(days=1))
        entered = resume(desk, entered.token)
    assert desk.do(sessions.resume, first.token) is None
    assert out(desk, entered)


def test_forgetting_a_computer_ends_the_sessions_that_came_from_it_and_no_other(desk: Desk) -> None:
    ola = person(desk, "ola")
    mine = seat(desk, ola)
    laptop = remembered(desk, ola)
    later = resume(desk, laptop.token)
    mine.do(sessions.forget, mine.see(sessions.remembered)[0].id)
    assert out(desk, laptop)
    assert out(desk, later)
    assert mine.actor().login == "ola"


def test_who_forgets_the_computer_they_sit_at_stays_logged_in_until_logging_out(desk: Desk) -> None:
    laptop = remembered(desk, person(desk, "ola"))
    here = desk.acting(laptop.session_id)
    here.do(sessions.forget, here.see(sessions.remembered)[0].id)
    assert not out(desk, laptop)
    assert desk.do(sessions.resume, laptop.token) is None


def test_spent_tokens_are_forgotten_with_their_computer(desk: Desk) -> None:
    entered = remembered(desk, person(desk, "ola"))
    for _time in range(3):
        entered = resume(desk, entered.token)
    assert desk.as_system().do(sessions.forget_spent) == 0
    desk.clock.move(dt.timedelta(days=31))
    assert desk.as_system().do(sessions.forget_spent) == 2


# A clock that was ahead for a moment


@pytest.fixture
def ahead(desk: Desk) -> Desk:
    """The same desk while its clock is thirty days ahead."""
    other = desk.acting(None)
    other.clock = MovableClock(desk.now + dt.timedelta(days=30))
    return other


def test_what_was_given_out_then_is_worth_nothing_now(desk: Desk, ahead: Desk) -> None:
    ola = person(desk, "ola")
    remembered_then = remembered(ahead, ola)
    step = ahead.do(login.password, "ola", PASSWORD)
    ahead.do(recovery.ask, "ola")
    assert out(desk, remembered_then)
    assert desk.do(sessions.resume, remembered_then.token) is None
    with pytest.raises(pending_login.AttemptOver):
        desk.do(login.code, step.attempt, "000000")
    code = mailed_code(desk, "reset")
    assert desk.see(one_time_codes.owner, Purpose.RESET, code) is None
    with pytest.raises(Invalid):
        desk.do(recovery.set_password, code, "nowe dobre hasło", "nowe dobre hasło")


def test_a_clock_that_is_set_back_a_little_ends_nothing(desk: Desk) -> None:
    other = desk.acting(None)
    other.clock = MovableClock(desk.now + dt.timedelta(minutes=4))
    ola = person(desk, "ola")
    assert not out(desk, remembered(other, ola))
