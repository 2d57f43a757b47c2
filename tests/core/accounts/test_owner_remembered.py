"""The owner of an installer company is remembered on their own computer, where their authenticator was shown."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pyotp
import pytest

from core.accounts import login as account_login
from core.accounts import second_factor, sessions
from core.models.accounts import Account, Device, Role, Standing
from core.service.client_address import Peer
from core.service.desk import Desk
from core.service.unit_of_work import UnitOfWork, table
from tests.factories.cares import installer, service_company
from tests.factories.desks import PASSWORD, journal_of, mail, mailed_code, make_desk, person

SECONDS = dt.timedelta(seconds=30)
"""The life of one code: each counts once."""
SECRETS: dict[int, str] = {}
"""By account: the phones of these people."""


@pytest.fixture
def owner(any_desk: Desk) -> int:
    """An owner whose phone is in :data:`SECRETS`."""
    account_id = made(any_desk, Standing.OWNER)
    with_authenticator(any_desk, account_id)
    return account_id


def made(desk: Desk, standing: Standing) -> int:
    account_id = installer(desk, "iga", service_company(desk), standing).actor().account_id
    assert account_id is not None
    return account_id


def with_authenticator(desk: Desk, account_id: int) -> str:
    def add(work: UnitOfWork) -> str:
        account = work.unscoped(Account, table(Account).c.id == account_id)
        assert account is not None
        draft = second_factor.begin(work, account)
        account = work.unscoped(Account, table(Account).c.id == account_id)
        assert account is not None
        second_factor.finish(work, account, shown_by(draft.secret, desk))
        return draft.secret

    secret = desk.as_system().do(add)
    desk.clock.move(SECONDS)
    SECRETS[account_id] = secret
    return secret


def shown_by(secret: str, desk: Desk) -> str:
    return pyotp.TOTP(secret.replace(" ", "")).at(int(desk.now.timestamp()))


def enter(desk: Desk, login: str, account_id: int, *, remember: bool = True) -> sessions.Entered:
    step = desk.do(account_login.password, login, PASSWORD, remember=remember)
    assert step.step == "authenticator"
    desk.clock.move(SECONDS)
    code = shown_by(SECRETS[account_id], desk)
    done = desk.do(account_login.authenticator, step.attempt, code, remember=remember, label="laptop")
    assert done.entered is not None
    return done.entered


def test_an_owner_is_remembered_where_the_authenticator_was_shown(any_desk: Desk, owner: int) -> None:
    entered = enter(any_desk, "iga", owner)
    assert entered.token is not None
    assert not entered.remembering_refused
    again = any_desk.do(sessions.resume, entered.token)
    assert again is not None
    assert any_desk.acting(again.session_id).actor().login == "iga"


def test_the_first_log_in_shows_it_too(desk: Desk) -> None:
    iga = made(desk, Standing.OWNER)
    step = desk.do(account_login.password, "iga", PASSWORD)
    step = desk.do(account_login.code, step.attempt, mailed_code(desk, "login_code"), remember=True)
    assert step.step == "enrol"

    def add(work: UnitOfWork) -> sessions.Entered:
        draft = second_factor.begin(work, account_login.enrolling(work, step.attempt))
        second_factor.finish(work, account_login.enrolling(work, step.attempt), shown_by(draft.secret, desk))
        return account_login.finish_enrolling(work, step.attempt, remember=True, label="laptop")

    token = desk.do(add).token
    assert token is not None
    assert desk.do(sessions.resume, token) is not None
    assert iga


def test_a_computer_remembered_before_they_owned_the_company_is_not_enough(any_desk: Desk) -> None:
    """Only a mailed code was typed there."""
    iga = made(any_desk, Standing.MEMBER)
    step = any_desk.do(account_login.password, "iga", PASSWORD)
    entered = any_desk.do(account_login.code, step.attempt, mailed_code(any_desk, "login_code"), remember=True).entered
    assert any_desk.do(sessions.resume, entered.token) is not None
    own(any_desk, iga)
    with_authenticator(any_desk, iga)
    device = any_desk.as_system().see(lambda look: look.unscoped(Device, table(Device).c.account_id == iga))
    assert not device.authenticator
    token = entered.token
    assert any_desk.do(sessions.resume, token) is None


def own(desk: Desk, account_id: int) -> None:
    owner = Standing.OWNER.value
    desk.as_system().do(lambda work: work.change(Account, table(Account).c.id == account_id, standing=owner))


def test_without_an_authenticator_nobody_who_needs_one_is_remembered(any_desk: Desk, owner: int) -> None:
    entered = enter(any_desk, "iga", owner)
    any_desk.as_system().do(lambda work: work.change(Account, table(Account).c.id == owner, totp_secret=None))
    assert any_desk.do(sessions.resume, entered.token) is None


def test_a_copied_token_of_an_owner_is_noticed(any_desk: Desk, owner: int) -> None:
    first = enter(any_desk, "iga", owner)
    second = any_desk.do(sessions.resume, first.token)
    third = any_desk.do(sessions.resume, second.token)
    assert any_desk.do(sessions.resume, first.token) is None
    assert any_desk.do(sessions.resume, third.token) is None
    assert "device.copied" in journal_of(any_desk)
    assert [row.letter for row in mail(any_desk, "device_copied")] == ["device_copied"]


def test_an_owner_forgets_a_computer(desk: Desk) -> None:
    iga = made(desk, Standing.OWNER)
    with_authenticator(desk, iga)
    entered = enter(desk, "iga", iga)
    mine = desk.acting(enter(desk, "iga", iga, remember=False).session_id)
    mine.do(sessions.forget, mine.see(sessions.remembered)[0].id)
    assert desk.do(sessions.resume, entered.token) is None


def test_over_ssh_no_owner_is_remembered(desk: Desk) -> None:
    iga = made(desk, Standing.OWNER)
    with_authenticator(desk, iga)
    token = enter(desk, "iga", iga).token
    desk.peer = Peer(None, "local", afar=True, shared=True)
    entered = enter(desk, "iga", iga)
    assert entered.token is None
    assert entered.remembering_refused
    assert desk.do(sessions.resume, token) is None, "a file found in the folder of all"


@pytest.mark.parametrize("role", [Role.AGENT, Role.ADMIN])
def test_staff_are_never_remembered_even_with_the_authenticator(desk: Desk, role: Role) -> None:
    account_id = person(desk, "adam", role)
    with_authenticator(desk, account_id)
    entered = enter(desk, "adam", account_id)
    assert entered.token is None
    assert entered.remembering_refused


def test_installers_without_a_say_are_not_where_settings_want_an_authenticator(tmp_path: Path) -> None:
    desk = make_desk(tmp_path / "desk", security={"second_step": {"installer": "strong"}})
    iga = made(desk, Standing.MEMBER)
    with_authenticator(desk, iga)
    assert enter(desk, "iga", iga).token is None
    desk.close()
