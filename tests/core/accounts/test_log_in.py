"""Logging in: every answer that must be alike, every limit that must be exact."""

from __future__ import annotations

import datetime as dt
from concurrent.futures import ThreadPoolExecutor

import pytest

from core import throttle
from core.accounts import log_in, recovery, second_step, sessions, staff
from core.accounts.models import AccountState, Role
from core.desk import Desk, SessionEnded
from core.errors import Throttled
from tests.desks import PASSWORD, journal_of, logged_in, mail, mailed_code, person


def code_of(desk: Desk) -> str:
    return mailed_code(desk, "login_code")


def enter(desk: Desk, login: str, **more: object) -> sessions.Entered:
    step = desk.do(log_in.password, login, PASSWORD)
    assert step is not None
    done = desk.do(log_in.code, step.attempt, code_of(desk), **more)
    assert done.entered is not None
    return done.entered


@pytest.mark.parametrize("name", ["ola", "OLA", "ola@example.com", "Ola@Example.COM", " ola "])
def test_login_or_address_in_any_case(desk: Desk, name: str) -> None:
    person(desk, "ola")
    step = desk.do(log_in.password, name, PASSWORD)
    assert step is not None
    assert (step.step, step.digits, step.address) == ("code", 6, "o…a@example.com")


def test_one_answer_for_all_that_can_not_log_in(desk: Desk) -> None:
    person(desk, "ola")
    person(desk, "moved", password=None)
    person(desk, "new", state=AccountState.UNCONFIRMED)
    person(desk, "gone", state=AccountState.OFF)
    for name in ("ola", "nobody", "moved", "nobody@example.com"):
        assert desk.do(log_in.password, name, "not the password") is None
    for name in ("new", "gone"):
        assert desk.do(log_in.password, name, PASSWORD) is None
    assert mail(desk) == []


def test_the_mailed_code_lets_in_once(desk: Desk) -> None:
    person(desk, "ola")
    step = desk.do(log_in.password, "ola", PASSWORD)
    code = code_of(desk)
    assert len(code) == 6
    done = desk.do(log_in.code, step.attempt, f" {code[:3]} {code[3:]} ")
    assert desk.acting(done.entered.session_id).actor().login == "ola"
    with pytest.raises(log_in.AttemptOver):
        desk.do(log_in.code, step.attempt, code)
    assert "account.log_in" in journal_of(desk)


def test_a_code_is_bound_to_its_attempt(desk: Desk) -> None:
    person(desk, "ola")
    first = desk.do(log_in.password, "ola", PASSWORD)
    old = code_of(desk)
    second = desk.do(log_in.password, "ola", PASSWORD)
    new = code_of(desk)
    assert desk.do(log_in.code, second.attempt, old).step == "wrong"
    assert desk.do(log_in.code, first.attempt, new).step == "wrong"
    assert desk.do(log_in.code, second.attempt, new).step == "done"


def test_exactly_five_tries_whoever_tries_at_once(desk: Desk) -> None:
    person(desk, "ola")
    step = desk.do(log_in.password, "ola", PASSWORD)

    def guess(number: int) -> str:
        try:
            return desk.do(log_in.code, step.attempt, f"{number:06d}").step
        except log_in.AttemptOver:
            return "over"

    wrong = [f"{number:06d}" for number in range(40) if f"{number:06d}" != code_of(desk)]
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(guess, map(int, wrong)))
    assert answers.count("wrong") == 5
    with pytest.raises(log_in.AttemptOver):
        desk.do(log_in.code, step.attempt, code_of(desk))


def test_the_code_dies_after_ten_minutes_and_another_can_be_asked_for(desk: Desk) -> None:
    person(desk, "ola")
    step = desk.do(log_in.password, "ola", PASSWORD)
    old = code_of(desk)
    desk.clock.move(dt.timedelta(minutes=10))
    assert desk.do(log_in.code, step.attempt, old).step == "wrong"
    desk.do(log_in.again, step.attempt)
    assert len(mail(desk, "login_code")) == 2
    with pytest.raises(Throttled):
        desk.do(log_in.again, step.attempt)
    assert desk.do(log_in.code, step.attempt, code_of(desk)).step == "done"


def test_five_codes_an_hour(desk: Desk) -> None:
    person(desk, "ola")
    sent = 0
    for _minute in range(12):
        step = desk.do(log_in.password, "ola", PASSWORD)
        desk.clock.move(dt.timedelta(minutes=1))
        try:
            desk.do(log_in.again, step.attempt)
            sent += 1
        except Throttled:
            pass
    assert sent == 5


def test_wrong_passwords_pause_the_name_and_its_owner_hears(desk: Desk) -> None:
    person(desk, "ola")
    for _try in range(throttle.FREE_FAILURES):
        assert desk.do(log_in.password, "ola", "wrong") is None
    with pytest.raises(Throttled) as paused:
        desk.do(log_in.password, "ola", PASSWORD)
    assert paused.value.until == desk.now + dt.timedelta(seconds=30)
    assert [row.letter for row in mail(desk)] == ["account_locked"]
    desk.clock.move(dt.timedelta(seconds=30))
    assert desk.do(log_in.password, "ola", "wrong") is None
    with pytest.raises(Throttled) as longer:
        desk.do(log_in.password, "ola", PASSWORD)
    assert longer.value.until == desk.now + dt.timedelta(seconds=60)
    desk.clock.move(dt.timedelta(seconds=60))
    assert desk.do(log_in.password, "ola", PASSWORD) is not None


def test_a_name_nobody_has_is_paused_just_the_same(desk: Desk) -> None:
    for _try in range(throttle.FREE_FAILURES):
        assert desk.do(log_in.password, "nobody", "wrong") is None
    with pytest.raises(Throttled):
        desk.do(log_in.password, "nobody", "wrong")
    assert mail(desk) == []


def test_a_pause_of_one_name_says_nothing_about_the_other(desk: Desk) -> None:
    person(desk, "ola")
    for _try in range(throttle.FREE_FAILURES):
        desk.do(log_in.password, "ola", "wrong")
    assert desk.do(log_in.password, "ola@example.com", "wrong") is None


def test_an_agent_unlocks(desk: Desk) -> None:
    ola = person(desk, "ola")
    agent = logged_in(desk, "adam", Role.AGENT)
    for _try in range(throttle.FREE_FAILURES):
        desk.do(log_in.password, "ola", "wrong")
    agent.do(staff.unlock, ola)
    assert desk.do(log_in.password, "ola", PASSWORD) is not None


def test_an_outdated_hash_is_renewed_at_log_in(desk: Desk) -> None:
    from passlib.hash import pbkdf2_sha256

    from core.accounts.models import Account
    from core.work import table

    ola = person(desk, "ola")
    old = pbkdf2_sha256.using(rounds=1000).hash(PASSWORD)
    desk.as_system().do(lambda work: work.change(Account, table(Account).c.id == ola, password_hash=old))
    assert desk.do(log_in.password, "ola", PASSWORD) is not None
    stored = desk.as_system().see(lambda look: look.entity(Account, table(Account).c.id == ola).password_hash)
    assert stored.startswith("$argon2id$")


def test_a_remembered_login_is_rotated_at_each_use(desk: Desk) -> None:
    person(desk, "ola")
    entered = enter(desk, "ola", remember=True, label="laptop")
    again = desk.do(sessions.resume, entered.token)
    assert again is not None
    assert again.token != entered.token
    assert desk.acting(again.session_id).actor().login == "ola"
    assert desk.do(sessions.resume, again.token) is not None


def test_a_copied_token_ends_the_remembered_login(desk: Desk) -> None:
    person(desk, "ola")
    stolen = enter(desk, "ola", remember=True).token
    owner = desk.do(sessions.resume, stolen)
    assert desk.do(sessions.resume, stolen) is None
    assert desk.do(sessions.resume, owner.token) is None
    assert "device.copied" in journal_of(desk)


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


def test_staff_are_not_remembered(desk: Desk) -> None:
    agent = person(desk, "adam", Role.AGENT)
    step = desk.do(log_in.password, "adam", PASSWORD)
    assert step.digits == 8
    assert desk.do(log_in.code, step.attempt, code_of(desk), remember=True).step == "enrol"
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
    step = desk.do(log_in.password, "adam", PASSWORD)
    desk.do(log_in.code, step.attempt, code_of(desk))
    draft = desk.do(lambda work: second_step.begin(work, log_in.enrolling(work, step.attempt)))
    totp = pyotp.TOTP(draft.secret.replace(" ", ""))
    now = totp.at(for_time=int(desk.now.timestamp()))
    recovery_codes = desk.do(lambda work: second_step.finish(work, log_in.enrolling(work, step.attempt), now))
    assert len(set(recovery_codes)) == 10
    entered = desk.do(log_in.finish_enrolling, step.attempt)
    assert desk.acting(entered.session_id).actor().role == "agent"


@pytest.mark.parametrize(("drift", "accepted"), [(-60, False), (-30, True), (0, True), (30, True), (60, False)])
def test_one_step_to_either_side(desk: Desk, drift: int, accepted: bool) -> None:
    totp, _codes = _with_authenticator(desk)
    step = desk.do(log_in.password, "ola", PASSWORD)
    assert step.step == "authenticator"
    code = totp.at(for_time=int(desk.now.timestamp()) + drift)
    assert (desk.do(log_in.authenticator, step.attempt, code).step == "done") is accepted


def test_each_step_once(desk: Desk) -> None:
    totp, _codes = _with_authenticator(desk)
    code = totp.at(for_time=int(desk.now.timestamp()))
    for expected in ("done", "wrong"):
        step = desk.do(log_in.password, "ola", PASSWORD)
        assert desk.do(log_in.authenticator, step.attempt, code).step == expected


def test_a_recovery_code_works_once_and_its_owner_hears(desk: Desk) -> None:
    _totp, codes = _with_authenticator(desk)
    for expected in ("done", "wrong"):
        step = desk.do(log_in.password, "ola", PASSWORD)
        assert desk.do(log_in.authenticator, step.attempt, codes[3].lower().replace("-", " ")).step == expected
    used = mail(desk, "recovery_code_used")
    assert [row.details["left"] for row in used] == [9]


def _with_authenticator(desk: Desk) -> tuple[object, list[str]]:
    import pyotp

    from core.accounts.models import Account
    from core.work import table

    ola = person(desk, "ola")

    def mine(work: object) -> Account:
        return work.entity(Account, table(Account).c.id == ola)

    draft = desk.as_system().do(lambda work: second_step.begin(work, mine(work)))
    totp = pyotp.TOTP(draft.secret.replace(" ", ""))
    code = totp.at(for_time=int(desk.now.timestamp()))
    codes = desk.as_system().do(lambda work: second_step.finish(work, mine(work), code))
    desk.clock.move(dt.timedelta(minutes=2))
    return totp, codes
