"""The authenticator: each step once, however many try; and nothing that goes round it."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pyotp
import pytest

from core import forms
from core.accounts import login as account_login
from core.accounts import own_password, profile, second_factor, sessions
from core.errors import Forbidden, Invalid, Throttled
from core.models.accounts import Account, Role
from core.service import one_time_codes, throttle
from core.service.desk import Desk
from core.service.unit_of_work import UnitOfWork, table
from tests.factories.desks import PASSWORD, journal_of, mail, mailed_code, person, seat


class Phone:
    """Somebody's authenticator app."""

    def __init__(self, desk: Desk, draft: second_factor.Draft) -> None:
        self._clock, self._totp = desk.clock, pyotp.TOTP(draft.secret.replace(" ", ""))

    def shows(self, drift: int = 0) -> str:
        return self._totp.at(for_time=int(self._clock.now().timestamp()) + drift)


def account(desk: Desk, id_: int) -> Account:
    return desk.as_system().see(lambda look: look.unscoped(Account, table(Account).c.id == id_))


def enrolled(desk: Desk, login: str = "ola", role: Role = Role.CUSTOMER) -> tuple[Desk, Phone, list[str]]:
    mine = seat(desk, person(desk, login, role))
    phone = Phone(desk, mine.do(profile.begin_authenticator, forms.fill(own_password.OwnPassword, {"now": PASSWORD})))
    recovery = mine.do(second_factor.finish_own, phone.shows())
    desk.clock.move(_minutes(2))
    return mine, phone, recovery


def _minutes(count: int) -> object:
    import datetime as dt

    return dt.timedelta(minutes=count)


def attempt(desk: Desk, login: str = "ola") -> str:
    return desk.do(account_login.password, login, PASSWORD).attempt


def test_it_counts_once_its_first_code_was_typed(any_desk: Desk) -> None:
    ola = person(any_desk, "ola")
    mine = seat(any_desk, ola)
    phone = Phone(
        any_desk, mine.do(profile.begin_authenticator, forms.fill(own_password.OwnPassword, {"now": PASSWORD}))
    )
    assert any_desk.do(account_login.password, "ola", PASSWORD).step == "code"
    with pytest.raises(Invalid):
        mine.do(second_factor.finish_own, "000000" if phone.shows() != "000000" else "111111")
    assert account(any_desk, ola).totp_secret is None
    assert len(set(mine.do(second_factor.finish_own, phone.shows()))) == second_factor.RECOVERY_CODES
    assert account(any_desk, ola).totp_draft is None
    assert any_desk.do(account_login.password, "ola", PASSWORD).step == "authenticator"
    assert [(row.letter, row.details["on"]) for row in mail(any_desk, "second_step_changed")] == [
        ("second_step_changed", True)
    ]


def test_the_secret_is_sealed_to_its_account(desk: Desk) -> None:
    _mine, phone, _ = enrolled(desk)
    stolen = account(desk, 1).totp_secret
    ewa = person(desk, "ewa")
    assert phone._totp.secret not in stolen
    desk.as_system().do(lambda work: work.change(Account, table(Account).c.id == ewa, totp_secret=stolen))
    step = attempt(desk, "ewa")
    with pytest.raises(Exception) as failed:  # noqa: PT011 - whatever it is, it lets nobody in
        desk.do(account_login.authenticator, step, phone.shows())
    assert type(failed.value).__name__ == "InvalidTag"


def test_each_step_once_whoever_tries_at_once(any_desk: Desk) -> None:
    _mine, phone, _ = enrolled(any_desk)
    attempts = [attempt(any_desk) for _ in range(throttle.FREE_FAILURES)]
    code = phone.shows()
    with ThreadPoolExecutor(8) as pool:
        steps = list(pool.map(lambda one: any_desk.do(account_login.authenticator, one, code).step, attempts))
    assert sorted(steps) == ["done"] + ["wrong"] * (throttle.FREE_FAILURES - 1)


def test_an_older_step_is_over_once_a_newer_one_was_used(desk: Desk) -> None:
    _mine, phone, _ = enrolled(desk)
    assert desk.do(account_login.authenticator, attempt(desk), phone.shows(30)).step == "done"
    for drift in (0, -30):
        assert desk.do(account_login.authenticator, attempt(desk), phone.shows(drift)).step == "wrong"


def test_each_recovery_code_once_whoever_tries_at_once(desk: Desk) -> None:
    _mine, _phone, recovery = enrolled(desk)
    attempts = [attempt(desk) for _ in range(throttle.FREE_FAILURES)]
    with ThreadPoolExecutor(8) as pool:
        steps = list(pool.map(lambda one: desk.do(account_login.authenticator, one, recovery[0]).step, attempts))
    assert sorted(steps) == ["done"] + ["wrong"] * (throttle.FREE_FAILURES - 1)
    assert len(mail(desk, "recovery_code_used")) == 1


def test_recovery_codes_are_one_accounts_and_only_for_that(desk: Desk) -> None:
    _mine, _phone, recovery = enrolled(desk)
    enrolled(desk, "ewa")
    assert desk.do(account_login.authenticator, attempt(desk, "ewa"), recovery[1]).step == "wrong"
    for purpose in one_time_codes.LIFETIME:
        assert desk.as_system().do(one_time_codes.take, purpose, recovery[1]) is None
    assert desk.do(account_login.authenticator, attempt(desk), recovery[1]).step == "done"


def test_new_recovery_codes_end_the_old_ones(desk: Desk) -> None:
    _mine, _phone, old = enrolled(desk)
    fresh = desk.as_system().do(second_factor.new_recovery_codes, 1)
    assert desk.do(account_login.authenticator, attempt(desk), old[0]).step == "wrong"
    assert desk.do(account_login.authenticator, attempt(desk), fresh[0]).step == "done"


def test_turning_it_off_takes_a_code_and_guessing_is_throttled(desk: Desk) -> None:
    mine, phone, _ = enrolled(desk)
    wrong = f"{(int(phone.shows()) + 7) % 1_000_000:06d}"
    for _try in range(throttle.FREE_FAILURES):
        with pytest.raises(Invalid):
            mine.do(second_factor.turn_off_own, wrong)
    with pytest.raises(Throttled):
        mine.do(second_factor.turn_off_own, phone.shows())
    desk.clock.move(_minutes(1))
    mine.do(second_factor.turn_off_own, phone.shows())
    assert desk.do(account_login.password, "ola", PASSWORD).step == "code"
    assert mail(desk, "second_step_changed")[-1].details["on"] is False


def test_staff_change_theirs_but_never_lose_it(desk: Desk) -> None:
    mine, phone, _ = enrolled(desk, "adam", Role.AGENT)
    with pytest.raises(Forbidden):
        mine.do(second_factor.turn_off_own, phone.shows())
    other = Phone(desk, mine.do(profile.begin_authenticator, forms.fill(own_password.OwnPassword, {"now": PASSWORD})))
    mine.do(second_factor.finish_own, other.shows())
    desk.clock.move(_minutes(2))
    assert desk.do(account_login.authenticator, attempt(desk, "adam"), phone.shows()).step == "wrong"
    assert desk.do(account_login.authenticator, attempt(desk, "adam"), other.shows()).step == "done"


# Enrolling at the first login


def half_way(desk: Desk, login: str = "adam") -> str:
    """Password and mailed code are through; an authenticator must follow."""
    step = desk.do(account_login.code, attempt(desk, login), mailed_code(desk, "login_code"))
    assert step.step == "enrol"
    return step.attempt


def test_nobody_gets_in_without_enrolling(desk: Desk) -> None:
    person(desk, "adam", Role.AGENT)
    made = half_way(desk)
    with pytest.raises(account_login.AttemptOver):
        desk.do(account_login.finish_enrolling, made)

    def begin(work: UnitOfWork) -> second_factor.Draft:
        return second_factor.begin(work, account_login.enrolling(work, made))

    desk.do(begin)
    with pytest.raises(account_login.AttemptOver):
        desk.do(account_login.finish_enrolling, made)
    assert "account.log_in" not in journal_of(desk)


def test_an_attempt_left_open_does_not_replace_an_authenticator(desk: Desk) -> None:
    """Password and mailbox alone must not be worth an authenticator that was added meanwhile."""
    person(desk, "adam", Role.AGENT)
    open_ = half_way(desk)
    mine = half_way(desk)
    phone = Phone(desk, desk.do(lambda work: second_factor.begin(work, account_login.enrolling(work, mine))))
    desk.do(lambda work: second_factor.finish(work, account_login.enrolling(work, mine), phone.shows()))
    assert desk.do(account_login.finish_enrolling, mine).role == "agent"
    with pytest.raises(account_login.AttemptOver):
        desk.do(lambda work: second_factor.begin(work, account_login.enrolling(work, open_)))


def test_no_step_is_skipped_or_walked_twice(desk: Desk) -> None:
    enrolled(desk)
    person(desk, "ewa")
    ola, ewa = attempt(desk), attempt(desk, "ewa")
    for use, made in ((account_login.code, ola), (account_login.authenticator, ewa)):
        with pytest.raises(account_login.AttemptOver):
            desk.do(use, made, "000000")
    for made in (ola, ewa, "", "0" * 32):
        with pytest.raises(account_login.AttemptOver):
            desk.do(account_login.finish_enrolling, made)
        with pytest.raises(account_login.AttemptOver):
            desk.do(lambda work, made=made: account_login.enrolling(work, made))


def test_staff_are_not_resumed_by_a_token(desk: Desk) -> None:
    adam = person(desk, "adam", Role.AGENT)

    def remember(work: UnitOfWork) -> sessions.Entered:
        return sessions.begin(work, work.unscoped(Account, table(Account).c.id == adam), remember=True)

    entered = desk.as_system().do(remember)
    assert (entered.token, entered.remembering_refused) == (None, True)


@pytest.mark.parametrize("name", ["Okienko", "Biuro Obsługi Klienta Bardzo Długa Nazwa", "", "żółć"])
@pytest.mark.parametrize("login", ["ola", "o" * 64, "ola.nowak@bardzo.dluga.domena.example.com"])
def test_the_picture_fits_the_terminal_and_an_app_reads_it(name: str, login: str) -> None:
    secret = pyotp.random_base32(length=32)
    uri = second_factor._uri(secret, login, name)
    assert len(uri) <= second_factor.QR_ROOM
    assert pyotp.parse_uri(uri).secret == secret
