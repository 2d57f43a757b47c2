"""Logging in: every answer that must be alike, every limit that must be exact."""

from __future__ import annotations

import datetime as dt
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Any

import pytest

from core.accounts import login as account_login
from core.accounts import pending_login, recovery, second_factor, sessions
from core.errors import Throttled
from core.models.accounts import AccountState, Role
from core.people import staff
from core.service import throttle
from core.service.desk import Desk, SessionEnded
from tests.factories.desks import PASSWORD, journal_of, logged_in, mail, mailed_code, moved_away, person
from tests.factories.subscribers import coming_from


def code_of(desk: Desk) -> str:
    return mailed_code(desk, "login_code")


def enter(desk: Desk, login: str, **more: object) -> sessions.Entered:
    step = desk.do(account_login.password, login, PASSWORD)
    assert step is not None
    done = desk.do(account_login.code, step.attempt, code_of(desk), **more)
    assert done.entered is not None
    return done.entered


@pytest.mark.parametrize("name", ["ola", "OLA", "ola@example.com", "Ola@Example.COM", " ola "])
def test_login_or_address_in_any_case(desk: Desk, name: str) -> None:
    person(desk, "ola")
    step = desk.do(account_login.password, name, PASSWORD)
    assert step is not None
    assert (step.step, step.digits, step.address) == ("code", 6, "o…a@example.com")


def test_one_answer_for_all_that_can_not_log_in(desk: Desk) -> None:
    person(desk, "ola")
    person(desk, "moved", password=None)
    person(desk, "gone", state=AccountState.OFF)
    for name in ("ola", "nobody", "moved", "nobody@example.com"):
        assert desk.do(account_login.password, name, "not the password") is None
    assert desk.do(account_login.password, "gone", PASSWORD) is None
    assert mail(desk) == []


def test_the_mailed_code_lets_in_once(desk: Desk) -> None:
    person(desk, "ola")
    step = desk.do(account_login.password, "ola", PASSWORD)
    code = code_of(desk)
    assert len(code) == 6
    done = desk.do(account_login.code, step.attempt, f" {code[:3]} {code[3:]} ")
    assert desk.acting(done.entered.session_id).actor().login == "ola"
    with pytest.raises(account_login.AttemptOver):
        desk.do(account_login.code, step.attempt, code)
    assert "account.log_in" in journal_of(desk)


def test_a_code_is_bound_to_its_attempt(desk: Desk) -> None:
    person(desk, "ola")
    first = desk.do(account_login.password, "ola", PASSWORD)
    old = code_of(desk)
    second = desk.do(account_login.password, "ola", PASSWORD)
    new = code_of(desk)
    assert desk.do(account_login.code, second.attempt, old).step == "wrong"
    assert desk.do(account_login.code, first.attempt, new).step == "wrong"
    assert desk.do(account_login.code, second.attempt, new).step == "done"


def test_exactly_five_tries_whoever_tries_at_once(any_desk: Desk) -> None:
    desk = any_desk
    person(desk, "ola")
    step = desk.do(account_login.password, "ola", PASSWORD)

    def guess(number: int) -> str:
        try:
            return desk.do(account_login.code, step.attempt, f"{number:06d}").step
        except (account_login.AttemptOver, Throttled):
            return "over"

    wrong = [f"{number:06d}" for number in range(40) if f"{number:06d}" != code_of(desk)]
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(guess, map(int, wrong)))
    assert answers.count("wrong") == 5
    desk.clock.move(throttle.LONGEST_PAUSE)
    with pytest.raises(account_login.AttemptOver):
        desk.do(account_login.code, step.attempt, code_of(desk))
    with pytest.raises(account_login.AttemptOver):
        desk.do(account_login.again, step.attempt)


def test_a_new_code_brings_no_new_tries(desk: Desk) -> None:
    person(desk, "ola")
    step = desk.do(account_login.password, "ola", PASSWORD)
    for left in (4, 3):
        assert desk.do(account_login.code, step.attempt, wrong_code(desk)).left == left
    desk.do(account_login.again, step.attempt)
    assert desk.do(account_login.code, step.attempt, wrong_code(desk)).left == 2


def test_an_address_is_first_of_all_the_name_of_whoever_has_it(desk: Desk) -> None:
    """However two accounts have come to meet under it."""
    old = moved_away(desk, "ola@example.com")
    assert desk.as_system().see(account_login.by_name, "Ola@Example.com").id == old, "nobody has it now"
    new = person(desk, "ola")
    assert desk.as_system().see(account_login.by_name, "Ola@Example.com").id == new
    assert desk.as_system().see(account_login.by_name, "elsewhere@example.com").id == old


# Who knows the password, but has neither mailbox nor authenticator


def wrong_code(desk: Desk) -> str:
    return f"{(int(code_of(desk)) + 1) % 1_000_000:06d}"


def guess_on(desk: Desk, use: Any, wrong: str) -> int:
    """Log in thirty times and guess five times at each; returns how many guesses were compared with anything."""
    compared = 0
    for _log_in in range(30):
        try:
            step = desk.do(account_login.password, "ola", PASSWORD)
            for _try in range(pending_login.TRIES):
                compared += desk.do(use, step.attempt, wrong).step == "wrong"
        except (Throttled, account_login.AttemptOver):
            pass
    return compared


def test_new_log_ins_buy_no_guesses_and_few_mails(any_desk: Desk) -> None:
    person(any_desk, "ola")
    any_desk.do(account_login.password, "ola", PASSWORD)
    assert guess_on(any_desk, account_login.code, wrong_code(any_desk)) == throttle.FREE_FAILURES
    assert len(mail(any_desk, "login_code")) <= pending_login.FIRST_CODES


def test_six_mails_an_hour_at_most(desk: Desk) -> None:
    person(desk, "ola")
    for _minute in range(60):
        with suppress(Throttled):
            desk.do(account_login.password, "ola", PASSWORD)
        desk.clock.move(dt.timedelta(minutes=1))
    assert len(mail(desk, "login_code")) in range(4, 7)


@pytest.mark.thorough
def test_the_guesses_of_a_whole_day_are_few(desk: Desk) -> None:
    """At a fixed code of six digits that is no chance at all; and each code lives ten minutes."""
    _totp, _codes = _with_authenticator(desk)
    compared, end = 0, desk.now + dt.timedelta(days=1)
    while desk.now < end:
        step = desk.do(account_login.password, "ola", PASSWORD)
        try:
            compared += desk.do(account_login.authenticator, step.attempt, "x").step == "wrong"
        except Throttled as told:
            desk.clock.move(told.until - desk.now)
    assert compared <= 5 + 6 + 24 * 4


def test_the_owner_gets_in_after_the_pause(desk: Desk) -> None:
    person(desk, "ola")
    step = desk.do(account_login.password, "ola", PASSWORD)
    for _try in range(throttle.FREE_FAILURES):
        desk.do(account_login.code, step.attempt, wrong_code(desk))
    mine = desk.do(account_login.password, "ola", PASSWORD)
    with pytest.raises(Throttled) as paused:
        desk.do(account_login.code, mine.attempt, code_of(desk))
    assert (paused.value.field, paused.value.until) == ("code", desk.now + dt.timedelta(seconds=30))
    assert journal_of(desk) == ["account.paused"]
    desk.clock.move(dt.timedelta(seconds=30))
    assert desk.do(account_login.code, mine.attempt, code_of(desk)).step == "done"
    again = desk.do(account_login.password, "ola", PASSWORD)
    for _try in range(throttle.FREE_FAILURES - 1):
        assert desk.do(account_login.code, again.attempt, wrong_code(desk)).step == "wrong", (
            "what failed before is forgotten"
        )
    assert desk.do(account_login.code, again.attempt, code_of(desk)).step == "done"


def test_a_pause_ends_no_try_and_does_not_grow_by_knocking(desk: Desk) -> None:
    person(desk, "ola")
    step = desk.do(account_login.password, "ola", PASSWORD)
    for _try in range(throttle.FREE_FAILURES):
        desk.do(account_login.code, step.attempt, wrong_code(desk))
    mine = desk.do(account_login.password, "ola", PASSWORD)
    for _knock in range(20):
        with pytest.raises(Throttled):
            desk.do(account_login.code, mine.attempt, code_of(desk))
    desk.clock.move(dt.timedelta(seconds=30))
    assert desk.do(account_login.code, mine.attempt, wrong_code(desk)).left == pending_login.TRIES - 1


@pytest.mark.parametrize("way", ["app", "recovery code"])
def test_the_authenticator_is_guessed_at_no_oftener(desk: Desk, way: str) -> None:
    totp, recovery_codes = _with_authenticator(desk)
    wrong = "K7QF-M2XD-9PLT-3HWC" if way == "recovery code" else totp.at(for_time=0)
    assert guess_on(desk, account_login.authenticator, wrong) == throttle.FREE_FAILURES
    right = recovery_codes[0] if way == "recovery code" else totp.at(for_time=int(desk.now.timestamp()))
    mine = desk.do(account_login.password, "ola", PASSWORD)
    with pytest.raises(Throttled):
        desk.do(account_login.authenticator, mine.attempt, right)
    desk.clock.move(dt.timedelta(seconds=30))
    right = recovery_codes[0] if way == "recovery code" else totp.at(for_time=int(desk.now.timestamp()))
    assert desk.do(account_login.authenticator, mine.attempt, right).step == "done"


def test_a_new_password_does_not_buy_guesses(desk: Desk) -> None:
    """Whoever has the mailbox could ask for one reset after another."""
    totp, _codes = _with_authenticator(desk)
    step = desk.do(account_login.password, "ola", PASSWORD)
    for _try in range(throttle.FREE_FAILURES):
        desk.do(account_login.authenticator, step.attempt, totp.at(for_time=0))
    desk.do(recovery.ask, "ola")
    desk.do(recovery.set_password, mailed_code(desk, "reset"), "nowe dobre hasło", "nowe dobre hasło")
    step = desk.do(account_login.password, "ola", "nowe dobre hasło")
    with pytest.raises(Throttled):
        desk.do(account_login.authenticator, step.attempt, totp.at(for_time=0))


def test_too_many_log_ins_share_the_code_that_was_mailed_last(desk: Desk) -> None:
    person(desk, "ola")
    steps = [desk.do(account_login.password, "ola", PASSWORD) for _ in range(pending_login.FIRST_CODES + 1)]
    assert len(mail(desk, "login_code")) == pending_login.FIRST_CODES
    assert steps[-1] == steps[-2]
    assert desk.do(account_login.code, steps[-1].attempt, code_of(desk)).step == "done"
    desk.do(account_login.password, "ola", PASSWORD)
    assert len(mail(desk, "login_code")) == pending_login.FIRST_CODES + 1, "the owner was here: it begins anew"


def test_without_a_living_code_it_is_said_when_the_next_one_can_be_sent(desk: Desk) -> None:
    person(desk, "ola")
    for _log_in in range(pending_login.FIRST_CODES):
        desk.do(account_login.password, "ola", PASSWORD)
    desk.clock.move(dt.timedelta(minutes=10))
    with pytest.raises(Throttled) as told:
        desk.do(account_login.password, "ola", PASSWORD)
    assert told.value.until == desk.now + dt.timedelta(minutes=10)
    desk.do(recovery.ask, "ola")
    desk.do(recovery.set_password, mailed_code(desk, "reset"), "nowe dobre hasło", "nowe dobre hasło")
    step = desk.do(account_login.password, "ola", "nowe dobre hasło")
    assert desk.do(account_login.code, step.attempt, code_of(desk)).step == "done", (
        "a new password lets the owner in at once"
    )


def test_who_shares_an_attempt_does_not_enrol_in_the_others_place(desk: Desk) -> None:
    """Staff: the code was typed by one of the two, and only that one goes on."""
    person(desk, "adam", Role.AGENT)
    steps = [desk.do(account_login.password, "adam", PASSWORD) for _ in range(pending_login.FIRST_CODES + 1)]
    passed = desk.do(account_login.code, steps[-1].attempt, code_of(desk))
    assert passed.step == "enrol"
    with pytest.raises(account_login.AttemptOver):
        desk.do(lambda work: second_factor.begin(work, account_login.enrolling(work, steps[-2].attempt)))
    assert desk.do(lambda work: second_factor.begin(work, account_login.enrolling(work, passed.attempt))).secret


def test_the_code_dies_after_ten_minutes_and_another_can_be_asked_for(desk: Desk) -> None:
    person(desk, "ola")
    step = desk.do(account_login.password, "ola", PASSWORD)
    old = code_of(desk)
    desk.clock.move(dt.timedelta(minutes=10))
    assert desk.do(account_login.code, step.attempt, old).step == "wrong"
    desk.do(account_login.again, step.attempt)
    assert len(mail(desk, "login_code")) == 2
    with pytest.raises(Throttled):
        desk.do(account_login.again, step.attempt)
    assert desk.do(account_login.code, step.attempt, code_of(desk)).step == "done"


def test_five_codes_an_hour(desk: Desk) -> None:
    person(desk, "ola")
    sent = 0
    step = desk.do(account_login.password, "ola", PASSWORD)
    for _minute in range(12):
        desk.clock.move(dt.timedelta(minutes=1))
        try:
            desk.do(account_login.again, step.attempt)
            sent += 1
        except Throttled:
            pass
    assert sent == 5


def test_wrong_passwords_pause_the_name_and_its_owner_hears(desk: Desk) -> None:
    person(desk, "ola")
    for _try in range(throttle.FREE_FAILURES):
        assert desk.do(account_login.password, "ola", "wrong") is None
    with pytest.raises(Throttled) as paused:
        desk.do(account_login.password, "ola", PASSWORD)
    assert paused.value.until == desk.now + dt.timedelta(seconds=30)
    assert [row.letter for row in mail(desk)] == ["account_locked"]
    desk.clock.move(dt.timedelta(seconds=30))
    assert desk.do(account_login.password, "ola", "wrong") is None
    with pytest.raises(Throttled) as longer:
        desk.do(account_login.password, "ola", PASSWORD)
    assert longer.value.until == desk.now + dt.timedelta(seconds=60)
    desk.clock.move(dt.timedelta(seconds=60))
    assert desk.do(account_login.password, "ola", PASSWORD) is not None


def test_a_name_nobody_has_is_paused_just_the_same(desk: Desk) -> None:
    for _try in range(throttle.FREE_FAILURES):
        assert desk.do(account_login.password, "nobody", "wrong") is None
    with pytest.raises(Throttled):
        desk.do(account_login.password, "nobody", "wrong")
    assert mail(desk) == []


def test_a_pause_of_one_name_says_nothing_about_the_other(desk: Desk) -> None:
    person(desk, "ola")
    for _try in range(throttle.FREE_FAILURES):
        desk.do(account_login.password, "ola", "wrong")
    assert desk.do(account_login.password, "ola@example.com", "wrong") is None


def test_an_agent_unlocks(desk: Desk) -> None:
    ola = person(desk, "ola")
    agent = logged_in(desk, "adam", Role.AGENT)
    for _try in range(throttle.FREE_FAILURES):
        desk.do(account_login.password, "ola", "wrong")
    agent.do(staff.unlock, ola)
    assert desk.do(account_login.password, "ola", PASSWORD) is not None


def test_an_outdated_hash_is_renewed_at_log_in(desk: Desk) -> None:
    from passlib.hash import pbkdf2_sha256

    from core.models.accounts import Account
    from core.service.unit_of_work import table

    ola = person(desk, "ola")
    old = pbkdf2_sha256.using(rounds=1000).hash(PASSWORD)
    desk.as_system().do(lambda work: work.change(Account, table(Account).c.id == ola, password_hash=old))
    assert desk.do(account_login.password, "ola", PASSWORD) is not None
    stored = desk.as_system().see(lambda look: look.unscoped(Account, table(Account).c.id == ola).password_hash)
    assert stored.startswith("$argon2id$")


def test_a_remembered_login_is_rotated_at_each_use(desk: Desk) -> None:
    person(desk, "ola")
    entered = enter(desk, "ola", remember=True, label="laptop")
    again = desk.do(sessions.resume, entered.token)
    assert again is not None
    assert again.token != entered.token
    assert desk.acting(again.session_id).actor().login == "ola"
    assert desk.do(sessions.resume, again.token) is not None


@pytest.mark.parametrize("ending", ["log out", "new password", "unlock", "forget", "thirty days"])
def test_what_ends_a_remembered_login(desk: Desk, ending: str) -> None:
    ola = person(desk, "ola")
    entered = enter(desk, "ola", remember=True)
    mine = desk.acting(entered.session_id)
    match ending:
        case "log out":
            mine.do(sessions.log_out)
        case "new password":
            desk.do(recovery.ask, "ola")
            desk.do(recovery.set_password, mailed_code(desk, "reset"), "nowe dobre hasło", "nowe dobre hasło")
        case "unlock":
            logged_in(desk, "adam", Role.AGENT).do(staff.unlock, ola)
        case "forget":
            mine.do(sessions.forget, mine.see(sessions.remembered)[0].id)
        case "thirty days":
            desk.clock.move(dt.timedelta(days=30))
    assert desk.do(sessions.resume, entered.token) is None


def test_nobody_is_remembered_where_the_computer_is_everybodys(desk: Desk) -> None:
    person(desk, "ola")
    mine = enter(desk, "ola", remember=True).token
    for source, address in (("sshd", "203.0.113.7"), ("relay", ""), ("unknown", "")):
        coming_from(desk, address, source)
        assert enter(desk, "ola", remember=True).token is None
        assert desk.do(sessions.resume, mine) is None, "a file found in the folder of all"
        desk.clock.move(dt.timedelta(hours=1))
    assert desk.do(sessions.resume, mine) is None
    coming_from(desk, "", "local")
    assert desk.do(sessions.resume, mine) is not None, "at the own computer it is as good as it was"


def test_staff_are_not_remembered(desk: Desk) -> None:
    agent = person(desk, "adam", Role.AGENT)
    step = desk.do(account_login.password, "adam", PASSWORD)
    assert step.digits == 8
    assert desk.do(account_login.code, step.attempt, code_of(desk), remember=True).step == "enrol"
    assert agent


def test_a_session_ends_when_its_account_is_switched_off(desk: Desk) -> None:
    ola = person(desk, "ola")
    mine = desk.acting(enter(desk, "ola").session_id)
    logged_in(desk, "root", Role.ADMIN).do(staff.switch, ola, on=False)
    with pytest.raises(SessionEnded):
        mine.see(sessions.remembered)


def test_a_session_ends_after_twelve_hours(desk: Desk) -> None:
    person(desk, "ola")
    mine = desk.acting(enter(desk, "ola").session_id)
    desk.clock.move(dt.timedelta(hours=12))
    with pytest.raises(SessionEnded):
        mine.actor()


def test_enrolling_staff_end_to_end(desk: Desk) -> None:
    import pyotp

    person(desk, "adam", Role.AGENT)
    step = desk.do(account_login.password, "adam", PASSWORD)
    step = desk.do(account_login.code, step.attempt, code_of(desk))
    draft = desk.do(lambda work: second_factor.begin(work, account_login.enrolling(work, step.attempt)))
    totp = pyotp.TOTP(draft.secret.replace(" ", ""))
    now = totp.at(for_time=int(desk.now.timestamp()))
    recovery_codes = desk.do(lambda work: second_factor.finish(work, account_login.enrolling(work, step.attempt), now))
    assert len(set(recovery_codes)) == 10
    entered = desk.do(account_login.finish_enrolling, step.attempt)
    assert desk.acting(entered.session_id).actor().role == "agent"


@pytest.mark.parametrize(("drift", "accepted"), [(-60, False), (-30, True), (0, True), (30, True), (60, False)])
def test_one_step_to_either_side(desk: Desk, drift: int, accepted: bool) -> None:
    totp, _codes = _with_authenticator(desk)
    step = desk.do(account_login.password, "ola", PASSWORD)
    assert step.step == "authenticator"
    code = totp.at(for_time=int(desk.now.timestamp()) + drift)
    assert (desk.do(account_login.authenticator, step.attempt, code).step == "done") is accepted


def test_each_step_once(desk: Desk) -> None:
    totp, _codes = _with_authenticator(desk)
    code = totp.at(for_time=int(desk.now.timestamp()))
    for expected in ("done", "wrong"):
        step = desk.do(account_login.password, "ola", PASSWORD)
        assert desk.do(account_login.authenticator, step.attempt, code).step == expected


def test_a_recovery_code_works_once_and_its_owner_hears(desk: Desk) -> None:
    _totp, codes = _with_authenticator(desk)
    for expected in ("done", "wrong"):
        step = desk.do(account_login.password, "ola", PASSWORD)
        assert desk.do(account_login.authenticator, step.attempt, codes[3].lower().replace("-", " ")).step == expected
    used = mail(desk, "recovery_code_used")
    assert [row.details["left"] for row in used] == [9]


def _with_authenticator(desk: Desk) -> tuple[Any, list[str]]:
    import pyotp

    from core.models.accounts import Account
    from core.service.unit_of_work import table

    ola = person(desk, "ola")

    def mine(work: object) -> Account:
        return work.unscoped(Account, table(Account).c.id == ola)

    draft = desk.as_system().do(lambda work: second_factor.begin(work, mine(work)))
    totp = pyotp.TOTP(draft.secret.replace(" ", ""))
    code = totp.at(for_time=int(desk.now.timestamp()))
    codes = desk.as_system().do(lambda work: second_factor.finish(work, mine(work), code))
    desk.clock.move(dt.timedelta(minutes=2))
    return totp, codes
