"""Nobody guesses, and nobody is kept out: whole days of wrong tries, and what they cost whom."""

from __future__ import annotations

import contextlib
import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest

from core import forms
from core.accounts import login, login_attempts, login_unlock, own_password, profile, recovery, sessions
from core.errors import DeskError, Invalid, Throttled
from core.jobs import jobs
from core.models.accounts import Account, Role
from core.people import staff
from core.security import passwords
from core.service import throttle
from core.service.desk import Desk
from core.service.unit_of_work import table
from tests.factories.desks import PASSWORD, journal_of, logged_in, mail, mailed_code, person, seat, statements
from tests.factories.subscribers import coming_from

HOME = "198.51.100.9"
NAMES = ("ola", "ola@example.com")


@pytest.fixture
def compared(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Every password that is held against the hash of an account."""
    seen: list[str] = []
    verify = passwords.verify

    def watched(password: str, hashed: str | None) -> passwords.PasswordVerdict:
        if hashed is not None:
            seen.append(password)
        return verify(password, hashed)

    monkeypatch.setattr(passwords, "verify", watched)
    return seen


def strangers(count: int) -> list[str]:
    return [f"203.0.113.{number + 1}" for number in range(count)]


def attack(desk: Desk, sources: list[str], until: dt.datetime, *, every: int = 5, ask: bool = False) -> None:
    """From every source, wrong passwords for both names until they are refused, again and again (ten sources a turn);
    with ``ask``, codes as well."""
    turn = 0
    while desk.now < until:
        turn += 1
        for source in sorted(sources, key=lambda one: (sources.index(one) - 10 * turn) % len(sources))[:10]:
            coming_from(desk, source, "sshd" if source else "local")
            for name in NAMES:
                try:
                    while desk.do(login.password, name, "wrong") is None:
                        pass
                except Throttled:
                    pass
                if ask:
                    desk.do(login_unlock.ask, name)
        desk.clock.move(dt.timedelta(minutes=every))


def by_code(desk: Desk, login: str = "ola") -> sessions.Entered | None:
    """The owner has a code mailed, and takes the newest one that lies in the mailbox."""
    desk.do(login_unlock.ask, login)
    step = desk.do(login_unlock.enter, mailed_code(desk, "way_in"), PASSWORD)
    return step.entered if step is not None else None


@pytest.mark.thorough
@pytest.mark.parametrize("sources", [1, 50], ids=lambda count: f"{count} sources")
def test_a_day_of_wrong_tries_keeps_nobody_out_and_guesses_little(
    desk: Desk, compared: list[str], sources: int
) -> None:
    person(desk, "ola")
    everybody = strangers(sources)
    for hour in range(24):
        attack(desk, everybody, desk.now + dt.timedelta(hours=1), every=30, ask=hour % 6 == 0)
        coming_from(desk, f"192.0.2.{hour + 1}")
        assert by_code(desk) is not None, f"at hour {hour + 1} the owner, from anywhere, is in at once"
    assert compared.count("wrong") < 200
    if sources == 1:
        assert desk.do(login.password, "ola", PASSWORD) is not None, "one stranger holds nobody up elsewhere"


@pytest.mark.thorough
def test_where_sources_can_not_be_told_apart_the_code_lets_in(desk: Desk, compared: list[str]) -> None:
    person(desk, "ola")
    attack(desk, [""], desk.now + dt.timedelta(hours=24), every=30, ask=True)
    attack(desk, [""], desk.now + dt.timedelta(minutes=1), every=1)
    coming_from(desk, "", "local")
    with pytest.raises(Throttled):
        desk.do(login.password, "ola", PASSWORD)
    assert by_code(desk) is not None
    assert compared.count("wrong") < 200


def test_the_letters_of_a_day_are_few_and_the_last_code_is_good(desk: Desk) -> None:
    person(desk, "ola")
    end = desk.now + dt.timedelta(hours=24)
    while desk.now < end:
        for name in NAMES:
            desk.do(login_unlock.ask, name)
        desk.clock.move(dt.timedelta(minutes=7))
    assert len(mail(desk, "way_in")) <= 9
    assert desk.do(login_unlock.enter, mailed_code(desk, "way_in"), PASSWORD).step == "done"


def test_a_familiar_source_is_let_in_while_the_name_is_held(desk: Desk, compared: list[str]) -> None:
    ola = person(desk, "ola")
    coming_from(desk, HOME)
    desk.as_system().do(login_attempts.remember_source, ola)
    attack(desk, strangers(30), desk.now + dt.timedelta(minutes=5))
    coming_from(desk, "192.0.2.77")
    with pytest.raises(Throttled):
        desk.do(login.password, "ola", PASSWORD)
    compared.clear()
    coming_from(desk, HOME)
    with pytest.raises(Throttled):
        desk.do(login.password, "ola", "mistyped")
    assert compared == ["mistyped"]
    assert desk.do(login.password, "ola", PASSWORD) is not None


def test_a_log_in_makes_its_source_familiar_for_half_a_year(desk: Desk) -> None:
    ola = person(desk, "ola")
    coming_from(desk, "2001:db8:1:2::5")
    step = desk.do(login.password, "ola", PASSWORD)
    desk.do(login.code, step.attempt, mailed_code(desk, "login_code"))
    coming_from(desk, "2001:db8:1:2:ffff::1")
    assert desk.see(login_attempts.is_familiar, ola), "one household"
    coming_from(desk, "2001:db8:1:3::5")
    assert not desk.see(login_attempts.is_familiar, ola)
    coming_from(desk, "", "unknown")
    assert not desk.see(login_attempts.is_familiar, ola)
    desk.clock.move(login_attempts.FAMILIAR_FOR)
    coming_from(desk, "2001:db8:1:2::5")
    assert not desk.see(login_attempts.is_familiar, ola)
    assert desk.as_system().do(login_attempts.forget_sources) == 1


def test_pauses_of_one_source_are_not_anothers(desk: Desk) -> None:
    person(desk, "ola")
    coming_from(desk, "203.0.113.1")
    for _try in range(throttle.FREE_FAILURES):
        assert desk.do(login.password, "ola", "wrong") is None
    with pytest.raises(Throttled):
        desk.do(login.password, "ola", PASSWORD)
    coming_from(desk, HOME)
    assert desk.do(login.password, "ola", PASSWORD) is not None
    coming_from(desk, "203.0.113.1")
    with pytest.raises(Throttled):
        desk.do(login.password, "ola", PASSWORD)


def test_own_log_ins_give_back_what_they_cost(desk: Desk) -> None:
    person(desk, "ola")
    for number in range(40):
        coming_from(desk, f"198.51.100.{number + 1}")
        step = desk.do(login.password, "ola", PASSWORD)
        assert desk.do(login.code, step.attempt, mailed_code(desk, "login_code")).step == "done"


# Many names from one source


def fail_for(desk: Desk, source: str, names: int, *, first: int = 0, tries_each: int = 1) -> int:
    """Names that don't exist, so many tries each; returns how many were answered and not held up."""
    coming_from(desk, source)
    answered = 0
    for number in range(first, first + names):
        for _try in range(tries_each):
            with contextlib.suppress(Throttled):
                answered += desk.do(login.password, f"nobody-{number}", "wrong") is None
    return answered


@pytest.mark.parametrize("tries_each", [1, 2, 4])
def test_a_source_that_tries_many_names_is_slowed_and_told_of(
    any_desk: Desk, compared: list[str], tries_each: int
) -> None:
    desk = any_desk
    ola, ela = person(desk, "ola"), person(desk, "ela")
    coming_from(desk, HOME)
    desk.as_system().do(login_attempts.remember_source, ola)
    full = login_attempts.OF_SOURCE.burst - 1  # the last name fills it: of that one only the first try is answered
    assert fail_for(desk, HOME, 60, tries_each=tries_each) == full * tries_each + 1
    assert journal_of(desk).count("source.slowed") == 1
    for _try in range(3):
        with pytest.raises(Throttled):
            desk.do(login.password, "ela", PASSWORD)
    assert compared == []
    for _log_in in range(3):
        assert desk.do(login.password, "ola", PASSWORD) is not None, "she has logged in from here before"
    coming_from(desk, "192.0.2.1")
    assert desk.do(login.password, "ela", PASSWORD) is not None
    assert ela


def test_names_that_were_tried_while_the_source_was_slowed_are_new_to_it_afterwards(desk: Desk) -> None:
    fail_for(desk, HOME, 60)
    desk.clock.move(login_attempts.OF_SOURCE.every)
    assert fail_for(desk, HOME, 30, first=30) == 1


def test_sources_that_are_not_known_are_never_slowed_as_one(desk: Desk) -> None:
    for source in ("local", "unknown", "relay"):
        coming_from(desk, "", source)
        for number in range(60):
            assert desk.do(login.password, f"{source}-{number}", "wrong") is None
    assert "source.slowed" not in journal_of(desk)


def test_an_office_that_logs_in_is_not_slowed(desk: Desk) -> None:
    coming_from(desk, HOME)
    for number in range(40):
        person(desk, f"office{number}")
        assert desk.do(login.password, f"office{number}", "mistyped") is None
        assert desk.do(login.password, f"office{number}", PASSWORD) is not None
    assert "source.slowed" not in journal_of(desk)


# One answer for all


@pytest.mark.parametrize("known", ["ola", "ola@example.com"])
@pytest.mark.parametrize("stage", ["fresh", "paused", "held", "familiar"])
def test_known_and_unknown_names_cost_the_same(desk: Desk, known: str, stage: str, compared: list[str]) -> None:
    ola = person(desk, "ola")
    nobody = known.replace("ola", "nix")
    hashes: list[str | None] = []
    verify = passwords.verify

    def counted(password: str, hashed: str | None) -> passwords.PasswordVerdict:
        hashes.append(hashed)
        return verify(password, hashed)

    passwords.verify, kept = counted, passwords.verify
    try:
        if stage in ("held", "familiar"):
            for source in strangers(20):
                coming_from(desk, source)
                for name in (known, nobody):
                    swallow(lambda name=name: desk.do(login.password, name, "wrong"))
        coming_from(desk, HOME)
        if stage == "familiar":
            desk.as_system().do(login_attempts.remember_source, ola)
        told = []
        for name in (known, nobody):
            hashes.clear()
            made = []
            for _try in range(7 if stage == "paused" else 2):
                with statements(desk) as sent:
                    answer = tried(desk, name)
                made.append((sent, answer))
            told.append((made, len(hashes)))
    finally:
        passwords.verify = kept
    assert told[0] == told[1]


def tried(desk: Desk, name: str) -> Any:
    try:
        return desk.do(login.password, name, "wrong")
    except Throttled as told:
        return told.until


def swallow(act: Callable[[], Any]) -> None:
    with contextlib.suppress(DeskError):
        act()


@pytest.mark.parametrize("known", ["ola", "ola@example.com"])
@pytest.mark.parametrize("ask", [recovery.ask, login_unlock.ask], ids=["reset", "way in"])
def test_asking_for_a_code_costs_the_same_for_everybody(any_desk: Desk, known: str, ask: Any) -> None:
    person(any_desk, "ola")
    nobody = known.replace("ola", "nix")
    for _round in range(6):
        with statements(any_desk) as for_known:
            any_desk.do(ask, known)
        with statements(any_desk) as for_nobody:
            any_desk.do(ask, nobody)
        assert for_known == for_nobody
        assert any_desk.mail_waits.is_set()
        any_desk.clock.move(dt.timedelta(minutes=13))
    letters = mail(any_desk)
    assert letters
    assert {row.address for row in letters} == {"ola@example.com"}, "nothing stays of a letter to nobody"
    assert all(row.account_id for row in letters)


def test_who_stands_in_is_touched_in_nothing(desk: Desk) -> None:
    first = person(desk, "adam")
    desk.do(recovery.ask, "adam")
    code = mailed_code(desk, "reset")
    desk.clock.move(dt.timedelta(minutes=2))
    desk.do(recovery.ask, "nobody")
    desk.do(login_unlock.ask, "nobody@example.com")
    assert len(mail(desk)) == 1
    assert desk.do(recovery.set_password, code, "nowe dobre hasło", "nowe dobre hasło") == "adam"
    assert first


def test_an_account_that_is_off_is_told_nothing_and_asks_for_nothing(desk: Desk) -> None:
    ola = person(desk, "ola")
    desk.as_system().do(lambda work: work.change(Account, table(Account).c.id == ola, state="off"))
    desk.do(login_unlock.ask, "ola")
    desk.do(recovery.ask, "ola")
    assert mail(desk) == []


# The mailed code


def test_a_log_in_uses_up_one_code_and_makes_room_for_one_letter(desk: Desk) -> None:
    person(desk, "ola")
    for _ask in range(9):
        desk.do(login_unlock.ask, "ola")
    assert len(mail(desk, "way_in")) == login_unlock.LETTERS.burst
    for log_ins in range(1, 8):
        assert desk.do(login_unlock.enter, mailed_code(desk, "way_in"), PASSWORD).step == "done"
        for _ask in range(3):
            desk.do(login_unlock.ask, "ola")
        assert len(mail(desk, "way_in")) == login_unlock.LETTERS.burst + log_ins


def test_the_code_is_worth_nothing_without_the_password_and_is_kept_by_a_wrong_one(desk: Desk) -> None:
    person(desk, "ola")
    desk.do(login_unlock.ask, "ola")
    code = mailed_code(desk, "way_in")
    assert desk.do(login_unlock.enter, code, "wrong") is None
    assert desk.do(login_unlock.enter, code.lower().replace("-", " "), PASSWORD).step == "done"
    with pytest.raises(Invalid) as used:
        desk.do(login_unlock.enter, code, PASSWORD)
    assert list(used.value.fields) == ["code"]
    assert "account.way_in" in journal_of(desk)


def test_a_wrong_code_compares_nothing(desk: Desk, compared: list[str]) -> None:
    person(desk, "ola")
    desk.do(login_unlock.ask, "ola")
    for wrong in ("K7QF-M2XD-9PLT-3HWC", "", "ola"):
        with pytest.raises(Invalid):
            desk.do(login_unlock.enter, wrong, PASSWORD)
    assert compared == []


def test_who_has_the_code_guesses_no_oftener(desk: Desk, compared: list[str]) -> None:
    person(desk, "ola")
    desk.do(login_unlock.ask, "ola")
    code = mailed_code(desk, "way_in")
    for _try in range(20):
        swallow(lambda: desk.do(login_unlock.enter, code, "wrong"))
    assert len(compared) == throttle.FREE_FAILURES
    with pytest.raises(Throttled) as told:
        desk.do(login_unlock.enter, code, PASSWORD)
    assert told.value.field == "password"


def test_staff_still_add_or_show_their_authenticator(desk: Desk) -> None:
    person(desk, "adam", Role.AGENT)
    desk.do(login_unlock.ask, "adam")
    assert desk.do(login_unlock.enter, mailed_code(desk, "way_in"), PASSWORD).step == "enrol"


def test_a_new_password_or_address_ends_the_codes(desk: Desk) -> None:
    person(desk, "ola")
    desk.do(login_unlock.ask, "ola")
    code = mailed_code(desk, "way_in")
    desk.do(recovery.ask, "ola")
    desk.do(recovery.set_password, mailed_code(desk, "reset"), "nowe dobre hasło", "nowe dobre hasło")
    with pytest.raises(Invalid):
        desk.do(login_unlock.enter, code, "nowe dobre hasło")


def test_the_owner_hears_once_a_day(desk: Desk) -> None:
    person(desk, "ola")
    attack(desk, strangers(20), desk.now + dt.timedelta(hours=23), every=120)
    assert len(mail(desk, "account_locked")) == 1
    assert journal_of(desk).count("account.paused") == 1


# The second step, and logged-in sessions


def with_authenticator(desk: Desk) -> Any:
    from tests.core.accounts.test_login import _with_authenticator

    return _with_authenticator(desk)[0]


def test_who_knows_the_password_keeps_no_owner_out_of_the_second_step(desk: Desk) -> None:
    totp = with_authenticator(desk)
    for source in strangers(3):
        coming_from(desk, source)
        for _try in range(throttle.FREE_FAILURES):
            step = desk.do(login.password, "ola", PASSWORD)
            swallow(lambda step=step: desk.do(login.authenticator, step.attempt, "x"))
    coming_from(desk, HOME)
    step = desk.do(login.password, "ola", PASSWORD)
    with pytest.raises(Throttled):
        desk.do(login.authenticator, step.attempt, totp.at(for_time=int(desk.now.timestamp())))
    desk.do(login_unlock.ask, "ola")
    step = desk.do(login_unlock.enter, mailed_code(desk, "way_in"), PASSWORD)
    assert step.step == "authenticator"
    assert desk.do(login.authenticator, step.attempt, totp.at(for_time=int(desk.now.timestamp()))).step == "done"


def test_who_has_the_mailbox_guesses_no_oftener_at_the_second_step(desk: Desk) -> None:
    with_authenticator(desk)
    answered = 0
    for _log_in in range(4):
        desk.do(login_unlock.ask, "ola")
        step = desk.do(login_unlock.enter, mailed_code(desk, "way_in"), PASSWORD)
        for _try in range(5):
            with contextlib.suppress(DeskError):
                answered += desk.do(login.authenticator, step.attempt, "x").step == "wrong"
    assert answered == throttle.FREE_FAILURES


def test_used_up_log_in_codes_keep_no_owner_out(desk: Desk) -> None:
    person(desk, "ola")
    for _log_in in range(4):
        step = desk.do(login.password, "ola", PASSWORD)
    desk.clock.move(dt.timedelta(minutes=11))
    with pytest.raises(Throttled):
        desk.do(login.password, "ola", PASSWORD)
    assert by_code(desk) is not None
    assert step


def test_one_session_that_guesses_keeps_no_other_waiting(desk: Desk) -> None:

    ola = person(desk, "ola")
    thief, owner = seat(desk, ola), seat(desk, ola)

    def prove(who: Desk, password: str) -> Any:
        return who.do(profile.begin_authenticator, forms.fill(own_password.OwnPassword, {"now": password}))

    for _try in range(throttle.FREE_FAILURES):
        with pytest.raises(Invalid):
            prove(thief, "wrong")
    with pytest.raises(Throttled):
        prove(thief, PASSWORD)
    assert prove(owner, PASSWORD)


def test_unlocking_frees_both_names_for_everybody(desk: Desk) -> None:
    ola = person(desk, "ola")
    agent = logged_in(desk, "adam", Role.AGENT)
    attack(desk, strangers(30), desk.now + dt.timedelta(hours=1))
    agent.do(staff.unlock, ola)
    for source in (strangers(1)[0], "192.0.2.8"):
        coming_from(desk, source)
        assert desk.do(login.password, "ola@example.com", PASSWORD) is not None


def test_old_tries_are_taken_away_by_a_job(desk: Desk) -> None:
    attack(desk, strangers(3), desk.now + dt.timedelta(minutes=5))
    desk.clock.move(throttle.KEPT_FOR + dt.timedelta(hours=1))
    job = next(job for job in jobs() if job.id == "tries-forgotten")
    assert desk.as_system().do(job.step) > 0
    assert desk.as_system().do(job.step) == 0
