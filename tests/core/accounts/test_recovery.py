"""Getting back in: one answer for everybody, and an end to all that the old password had opened."""

from __future__ import annotations

import datetime as dt
from concurrent.futures import ThreadPoolExecutor

import pytest

from core.accounts import login, profile, recovery, second_factor, sessions
from core.errors import Forbidden, Invalid, Throttled
from core.models.accounts import Account, AccountState, Role
from core.security import passwords
from core.service.desk import Desk, SessionEnded
from core.service.unit_of_work import table
from tests.factories.desks import PASSWORD, journal_of, logged_in, mail, mailed_code, person, seat, statements

NEW = "nowe dobre hasło"


def ask(desk: Desk, name: str) -> None:
    assert desk.do(recovery.ask, name) is None


def change(desk: Desk, code: str, password: str = NEW) -> str:
    return desk.do(recovery.set_password, code, password, password)


def test_the_whole_way_back(any_desk: Desk) -> None:
    person(any_desk, "ola")
    ask(any_desk, "Ola@Example.com")
    letter = mail(any_desk, "reset")[-1]
    assert (letter.address, letter.details["login"]) == ("ola@example.com", "ola"), "it names a forgotten login"
    assert any_desk.do(login.password, "ola", PASSWORD) is not None, "until then the old password works"
    assert change(any_desk, mailed_code(any_desk, "reset")) == "ola"
    assert any_desk.do(login.password, "ola", PASSWORD) is None
    step = any_desk.do(login.password, "ola", NEW)
    assert step.step == "code", "it neither logs in nor skips the second step"
    assert mail(any_desk, "password_changed")[-1].address == "ola@example.com"
    assert "account.password" in journal_of(any_desk)


def test_an_account_that_was_moved_here_gets_its_first_password(desk: Desk) -> None:
    person(desk, "moved", password=None)
    assert desk.do(login.password, "moved", "stare hasło") is None
    ask(desk, "moved@example.com")
    change(desk, mailed_code(desk, "reset"))
    assert desk.do(login.password, "moved", NEW) is not None


def test_nobody_can_tell_who_is_known(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    person(desk, "ola")
    person(desk, "gone", state=AccountState.OFF)
    hashed = []
    monkeypatch.setattr(passwords, "hash", hashed.append)
    costs = {}
    for name in ("ola", "nobody", "ewa@example.com", "gone", "new@example.com", "'; drop table account; --"):
        with statements(desk) as sent:
            ask(desk, name)
        costs[name] = len(sent)
    assert max(costs.values()) - min(costs.values()) <= 2, costs
    assert [(row.letter, row.address) for row in mail(desk)] == [("reset", "ola@example.com")]
    assert hashed == []


def test_a_known_and_an_unknown_name_wait_alike(desk: Desk) -> None:
    person(desk, "ola")
    for name in ("ola", "nobody"):
        ask(desk, name)
        with pytest.raises(Throttled) as again:
            ask(desk, name.upper())
        assert again.value.until == desk.now + dt.timedelta(minutes=1)


def test_login_and_address_of_one_account_share_its_rate_unseen(desk: Desk) -> None:
    person(desk, "ola")
    ask(desk, "ola")
    ask(desk, "ola@example.com")
    assert len(mail(desk, "reset")) == 1


@pytest.mark.parametrize(
    "typed", ["mıke@example.com", "mike@exampIe.com", "MİKE@example.com", "mike@example.com\u200b"]
)
def test_mail_goes_to_the_stored_address_or_to_none(desk: Desk, typed: str) -> None:
    """The trap of CVE-2019-19844: an address that only looks the same."""
    person(desk, "mike")
    ask(desk, typed)
    assert {row.address for row in mail(desk)} <= {"mike@example.com"}


def test_everything_the_old_password_opened_ends(any_desk: Desk) -> None:
    ola = person(any_desk, "ola")
    session = seat(any_desk, ola)
    remembered = any_desk.as_system().do(
        lambda work: sessions.begin(work, work.unscoped(Account, table(Account).c.id == ola), remember=True).token
    )
    half_way = any_desk.do(login.password, "ola", PASSWORD).attempt
    half_way_code = mailed_code(any_desk, "login_code")
    ask(any_desk, "ola")
    change(any_desk, mailed_code(any_desk, "reset"))
    with pytest.raises(SessionEnded):
        session.actor()
    assert any_desk.do(sessions.resume, remembered) is None
    with pytest.raises(login.AttemptOver):
        any_desk.do(login.code, half_way, half_way_code)


def test_a_change_at_the_desk_voids_a_reset_that_is_on_its_way(desk: Desk) -> None:
    from core import forms

    ola = logged_in(desk, "ola")
    ask(desk, "ola")
    code = mailed_code(desk, "reset")
    ola.do(profile.change_password, forms.fill(profile.NewPassword, {"now": PASSWORD, "password": NEW, "again": NEW}))
    with pytest.raises(Invalid):
        change(desk, code, "jeszcze inne hasło")
    assert desk.do(login.password, "ola", NEW) is not None


@pytest.mark.parametrize(
    ("password", "again", "field"),
    [
        (NEW, "inne dobre hasło", "again"),
        ("krótkie", "krótkie", "password"),
        ("password1", "password1", "password"),
        ("ola@example.com", "ola@example.com", "password"),
        ("Ola Testowa 1", "Ola Testowa 1", ""),
        ("x" * 129, "x" * 129, "password"),
    ],
)
def test_a_refused_password_leaves_the_code_good(desk: Desk, password: str, again: str, field: str) -> None:
    person(desk, "ola")
    ask(desk, "ola")
    code = mailed_code(desk, "reset")
    if field:
        with pytest.raises(Invalid) as refused:
            desk.do(recovery.set_password, code, password, again)
        assert list(refused.value.fields) == [field]
    assert change(desk, code) == "ola"


def test_a_password_that_stands_alone_is_longer(tmp_path: object) -> None:
    from tests.factories.desks import make_desk

    desk = make_desk(tmp_path / "d", security={"second_step": {"customer": "off"}})
    person(desk, "ola")
    ask(desk, "ola")
    code = mailed_code(desk, "reset")
    with pytest.raises(Invalid):
        change(desk, code, "czternaście 14")
    assert change(desk, code, "piętnaście zna.") == "ola"
    assert desk.do(login.password, "ola", "piętnaście zna.").step == "done"
    desk.close()


def test_one_winner(any_desk: Desk) -> None:
    person(any_desk, "ola")
    ask(any_desk, "ola")
    code = mailed_code(any_desk, "reset")

    def try_it(number: int) -> str | None:
        try:
            change(any_desk, code, f"hasło numer {number}")
        except Invalid:
            return None
        return f"hasło numer {number}"

    with ThreadPoolExecutor(4) as pool:
        won = [password for password in pool.map(try_it, range(4)) if password]
    assert len(won) == 1
    assert any_desk.do(login.password, "ola", won[0]) is not None


def test_an_authenticator_is_still_asked_for(desk: Desk) -> None:
    ola = person(desk, "ola", Role.AGENT)

    def enrol(work: object) -> None:
        mine = table(Account).c.id == ola
        second_factor.begin(work, work.unscoped(Account, mine))
        work.change(Account, mine, totp_secret=work.unscoped(Account, mine).totp_draft, totp_draft=None)

    desk.as_system().do(enrol)
    ask(desk, "ola")
    change(desk, mailed_code(desk, "reset"))
    assert desk.do(login.password, "ola", NEW).step == "authenticator"


def test_only_a_guest_recovers(desk: Desk) -> None:
    with pytest.raises(Forbidden):
        logged_in(desk, "ola").do(recovery.ask, "ola")
