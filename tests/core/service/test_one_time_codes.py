"""Codes: forgiving when typed, good for one thing once, and kept nowhere as they are."""

from __future__ import annotations

import datetime as dt
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.accounts import login, profile, recovery, second_factor
from core.accounts.registration import Proof
from core.contracts.number import code_mac
from core.errors import DeskError, Invalid, Throttled
from core.models.accounts import Account, AccountState, Code, Purpose, Role
from core.service import one_time_codes
from core.service.desk import Desk
from core.service.unit_of_work import UnitOfWork, table
from core.sign_up import confirmation, customer
from tests.factories.desks import PASSWORD, contract, logged_in, mailed_code, person, seat, sign_up_form

ALONE = (Purpose.CONFIRM, Purpose.RESET, Purpose.EMAIL)


@given(st.text(max_size=60))
def test_anything_may_be_typed(typed: str) -> None:
    tidied = one_time_codes.tidy(typed)
    assert tidied is None or (len(tidied) == one_time_codes.LENGTH and set(tidied) <= set(one_time_codes.ALPHABET))
    assert one_time_codes.tidy_digits(typed).isascii()
    assert len(one_time_codes.tidy_digits(typed)) <= 12


_mistaken = {"0": "0Oo", "1": "1IiLl"}


@given(st.data())
def test_people_type_codes_their_own_way(data: st.DataObject) -> None:
    signs = data.draw(st.text(one_time_codes.ALPHABET, min_size=one_time_codes.LENGTH, max_size=one_time_codes.LENGTH))
    typed = ""
    for sign in signs:
        typed += data.draw(st.sampled_from(["", " ", "-", "–", ".", "_", "\u00a0", "\t"]))
        typed += data.draw(st.sampled_from(_mistaken.get(sign, sign + sign.lower())))
    assert one_time_codes.tidy(typed) == signs


@pytest.mark.parametrize("dash", ["\u2212", "\u2011", "\ufe63", "\uff0d", "\u2043"])
def test_a_code_may_be_pasted_with_any_dash(dash: str) -> None:
    assert one_time_codes.tidy("K7QF-M2XD-9PT3-HWC0".replace("-", dash)) == "K7QFM2XD9PT3HWC0"


@pytest.mark.parametrize("typed", ["", "K7QF", "K7QF-M2XD-9PLT-3HWU", "K7QF-M2XD-9PIT-3HWC-0", "٣" * 16])
def test_what_can_not_be_a_code(typed: str) -> None:
    assert one_time_codes.tidy(typed) is None


def test_a_code_is_80_bits_in_four_groups() -> None:
    made = {one_time_codes.make() for _ in range(50)}
    assert len(made) == 50
    assert all(one_time_codes.tidy(code) == code.replace("-", "") and len(code) == 19 for code in made)
    assert len(one_time_codes.ALPHABET) ** one_time_codes.LENGTH == 2**80


def issue(desk: Desk, account: int, purpose: Purpose) -> str:
    return desk.as_system().do(lambda work: one_time_codes.issue(work, account, purpose, binding="x"))


def take(desk: Desk, purpose: Purpose, code: str) -> tuple[int, str] | None:
    return desk.as_system().do(one_time_codes.take, purpose, code)


@pytest.mark.parametrize("issued", ALONE)
@pytest.mark.parametrize("used", ALONE)
def test_a_code_of_one_purpose_is_nothing_to_another(desk: Desk, issued: Purpose, used: Purpose) -> None:
    ola = person(desk, "ola")
    code = issue(desk, ola, issued)
    assert take(desk, used, code) == ((ola, "x") if issued is used else None)
    assert take(desk, issued, code) == (None if issued is used else (ola, "x"))


def test_each_use_refuses_the_codes_of_the_others(any_desk: Desk) -> None:
    """The same through the real doors: confirm, reset, change the address, log in, recover."""
    desk = any_desk
    ola = person(desk, "ola")
    mine = seat(desk, ola)
    doors = {
        Purpose.CONFIRM: lambda code: desk.do(confirmation.confirm, code, Proof()),
        Purpose.RESET: lambda code: desk.do(recovery.set_password, code, "nowe dobre hasło", "nowe dobre hasło"),
        Purpose.EMAIL: lambda code: mine.do(profile.confirm_new_address, code),
    }
    issued = {purpose: issue(desk, ola, purpose) for purpose in ALONE}
    issued[Purpose.RECOVERY] = desk.as_system().do(second_factor.new_recovery_codes, ola)[0]
    for purpose, door in doors.items():
        for other, code in issued.items():
            if other is not purpose:
                with pytest.raises(Invalid):
                    door(code)
    attempt = desk.do(login.password, "ola", PASSWORD).attempt
    for code in issued.values():
        assert desk.do(login.code, attempt, code).step == "wrong"


@pytest.mark.parametrize("purpose", ALONE)
def test_when_a_code_is_over(desk: Desk, purpose: Purpose) -> None:
    ola = person(desk, "ola")
    old = issue(desk, ola, purpose)
    code = issue(desk, ola, purpose)
    assert take(desk, purpose, old) is None
    desk.clock.move(one_time_codes.LIFETIME[purpose])
    assert take(desk, purpose, code) is None
    young = issue(desk, ola, purpose)
    desk.clock.move(one_time_codes.LIFETIME[purpose] - dt.timedelta(seconds=1))
    assert take(desk, purpose, young) == (ola, "x")


def test_a_newer_code_voids_nobody_elses_and_nothing_of_another_purpose(desk: Desk) -> None:
    ola, ewa = person(desk, "ola"), person(desk, "ewa")
    hers, other = issue(desk, ewa, Purpose.RESET), issue(desk, ola, Purpose.EMAIL)
    issue(desk, ola, Purpose.RESET)
    assert take(desk, Purpose.RESET, hers) == (ewa, "x")
    assert take(desk, Purpose.EMAIL, other) == (ola, "x")


def test_one_winner_whoever_tries_at_once(any_desk: Desk) -> None:
    ola = person(any_desk, "ola")
    code = issue(any_desk, ola, Purpose.RESET)
    with ThreadPoolExecutor(8) as pool:
        taken = list(pool.map(lambda _: take(any_desk, Purpose.RESET, code), range(8)))
    assert sorted(taken, key=str) == [(ola, "x"), *[None] * 7]


def test_a_use_that_fails_leaves_the_code_good(desk: Desk) -> None:
    ola = person(desk, "ola")
    code = issue(desk, ola, Purpose.RESET)

    def fail(work: UnitOfWork) -> None:
        assert one_time_codes.take(work, Purpose.RESET, code)
        raise Invalid({"x": recovery.not_a_code()})

    with pytest.raises(Invalid):
        desk.as_system().do(fail)
    assert take(desk, Purpose.RESET, code) == (ola, "x")


def test_one_a_minute_and_five_an_hour(any_desk: Desk) -> None:
    sent, waits = 0, []
    for _minute in range(60):
        try:
            any_desk.as_system().do(one_time_codes.allow, Purpose.RESET, "ola")
            sent += 1
        except Throttled as error:
            waits.append(error.until - any_desk.now)
        any_desk.clock.move(dt.timedelta(minutes=1))
    assert all(dt.timedelta() < wait <= dt.timedelta(minutes=12) for wait in waits)
    assert 5 <= sent <= 5 + 4  # five at once, then one each twelve minutes


def test_a_name_that_looks_like_a_number_uses_up_nobodys_rate(desk: Desk) -> None:
    """Asking for 101 must not silence account 101."""
    for number in range(100):
        person(desk, f"someone-{number}", password=None)
    victim = person(desk, "ola", password=None)
    desk.do(recovery.ask, str(victim))
    desk.do(recovery.ask, "ola")
    assert mailed_code(desk, "reset")


# Kept nowhere


def test_no_code_and_no_password_stays_anywhere(desk: Desk, caplog: pytest.LogCaptureFixture) -> None:
    """All flows that make a secret, then the very bytes of the store, and everything that could be printed."""
    contract(desk, "OK-7", "WXYZ-2345", registered=False, company="Tarnina")
    secrets: list[str] = ["WXYZ-2345", "bardzo tajne hasło", "inne tajne hasło"]
    password = "bardzo tajne hasło"
    form = sign_up_form(contract="OK-7", code="WXYZ-2345", login="ola", password=password, again=password)
    desk.do(customer.start, form)
    secrets.append(mailed_code(desk, "confirm_address"))
    desk.do(confirmation.confirm, secrets[-1], Proof(login="ola", password=password))
    desk.do(recovery.ask, "ola")
    secrets.append(mailed_code(desk, "reset"))
    desk.do(recovery.set_password, secrets[-1], "inne tajne hasło", "inne tajne hasło")
    person(desk, "adam", Role.AGENT)
    attempt = desk.do(login.password, "adam", PASSWORD).attempt
    secrets.append(mailed_code(desk, "login_code"))
    assert len(secrets[-1]) == 8
    enrol = desk.do(login.code, attempt, secrets[-1])
    assert enrol.step == "enrol"
    draft = desk.do(lambda work: second_factor.begin(work, login.enrolling(work, enrol.attempt)))
    secrets.append(draft.secret)
    mine = logged_in(desk, "ewa", password="inne tajne hasło")
    now = {"now": "inne tajne hasło", "email": "nowa@example.com"}
    from core import forms

    mine.do(profile.ask_new_address, forms.fill(profile.NewAddress, now))
    secrets.append(mailed_code(desk, "confirm_new_address"))
    secrets += desk.as_system().do(second_factor.new_recovery_codes, person(desk, "iza"))
    entered = desk.as_system().do(_remembered, person(desk, "jan"))
    secrets.append(entered)

    stored = b"".join(path.read_bytes() for path in sorted(desk.store.file.parent.glob("desk.db*")))
    assert b"ola@example.com" in stored  # the search below would find what is there
    shown = caplog.text + repr(form) + str(form) + repr(draft) + "".join(map(repr, _rows(desk)))
    for secret in secrets:
        for spelled in {secret, secret.replace("-", ""), secret.replace(" ", "")}:
            for written in (spelled, spelled.lower()):
                assert written.encode() not in stored
                assert written not in shown


def _remembered(work: UnitOfWork, account: int) -> str:
    from core.accounts import sessions

    entered = sessions.begin(work, work.unscoped(Account, table(Account).c.id == account), remember=True)
    assert entered.token
    return entered.token


def _rows(desk: Desk) -> list[object]:
    """Every account and code as a debugger or a log would show it."""
    import sqlalchemy as sa

    ids = {
        model: [row.id for row in desk.see(lambda look, m=model: look.rows(sa.select(table(m).c.id)))]
        for model in (Account, Code)
    }
    return [
        desk.see(lambda look, m=model, one=one: look.unscoped(m, table(m).c.id == one))
        for model in ids
        for one in ids[model]
    ]


def test_objects_hide_what_they_hold(desk: Desk) -> None:
    ola = person(desk, "ola")
    issue(desk, ola, Purpose.RESET)
    shown = repr(_rows(desk))
    assert "argon2" not in shown
    assert "mac=" not in shown.replace("previous_mac", "")
    assert "Keys(…)" in repr(desk.keys)


def test_errors_hide_what_was_bound(desk: Desk) -> None:
    """A statement that fails is logged with its text, never with its values."""
    import sqlalchemy as sa

    ola = person(desk, "ola")
    with pytest.raises(sa.exc.IntegrityError) as failed:
        desk.as_system().do(lambda work: work.change(Account, table(Account).c.id == ola, state="TAJNE"))
    assert "TAJNE" not in str(failed.value)
    with pytest.raises(DeskError) as refused:
        desk.do(customer.start, sign_up_form(contract="X-1", code="TAJNE-KOD"))
    assert "TAJNE" not in str(refused.value) + repr(refused.value) + refused.value.text()


def test_an_activation_code_is_bound_to_its_number(desk: Desk) -> None:
    one, other = code_mac(desk.keys, "OK-1", "ABCD"), code_mac(desk.keys, "OK-2", "ABCD")
    assert one != other
    assert one == code_mac(desk.keys, " ok-1", "a b-c.d")


def test_a_code_for_somebody_switched_off_is_worth_nothing(desk: Desk) -> None:
    gone = person(desk, "gone", state=AccountState.OFF)
    code = issue(desk, gone, Purpose.RESET)
    with pytest.raises(Invalid):
        desk.do(recovery.set_password, code, "nowe dobre hasło", "nowe dobre hasło")
