"""Coming with a key: who is asked what, and what each role still has to show."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pyotp
import pytest

from core import forms
from core.accounts import key_login, login, own_password, profile, second_factor, sessions, ssh_keys
from core.accounts.key_login import Comer
from core.accounts.login import Next, Wrong
from core.clock import MovableClock
from core.errors import Conflict, DeskError, Forbidden, Invalid, Throttled
from core.models.accounts import Account, AccountState, LoginAttempt, Role, Standing, Throttle
from core.models.ssh_keys import SshKey
from core.service.desk import Desk, SessionEnded
from core.service.settings import SecondStep, SecuritySection, ServeSection
from core.service.unit_of_work import table
from tests.factories.cares import join, service_company
from tests.factories.desks import PASSWORD, journal_of, logged_in, mail, mailed_code, make_desk, person, seat
from tests.factories.keys import HOME, Pair, add, came, coming, confirmed, ed25519_key, hardware_key

LAPTOP = ed25519_key("laptop")
TOKEN = hardware_key("token")


def comer(guest: Desk) -> Comer:
    somebody = guest.see(key_login.who_comes)
    assert somebody is not None
    return somebody


def enter(guest: Desk) -> Next:
    step = guest.do(key_login.enter)
    assert step is not None
    return step


def login_of(guest: Desk, step: Next) -> str:
    assert step.entered is not None
    return guest.acting(step.entered.session_id).actor().login


def change(desk: Desk, login_: str, **values: Any) -> None:
    desk.as_system().do(lambda work: work.change(Account, table(Account).c.login == login_, **values))


class Phone:
    """Somebody's authenticator app; each code it shows is a new one."""

    def __init__(self, desk: Desk, mine: Desk) -> None:
        self._clock = desk.clock
        draft = mine.do(profile.begin_authenticator, forms.fill(own_password.OwnPassword, {"now": PASSWORD}))
        self._totp = pyotp.TOTP(draft.secret.replace(" ", ""))
        mine.do(second_factor.finish_own, self.shows())

    def shows(self) -> str:
        assert isinstance(self._clock, MovableClock)
        self._clock.move(dt.timedelta(minutes=2))
        return self._totp.at(for_time=int(self._clock.now().timestamp()))


# Who comes


def test_a_connection_without_a_key_or_with_an_unknown_one_is_told_nothing_and_costs_nothing(desk: Desk) -> None:
    add(logged_in(desk, "ola"), LAPTOP)
    for guest in (desk, coming(desk), coming(desk, ed25519_key("unknown"))):
        assert guest.see(key_login.who_comes) is None
        assert guest.do(key_login.enter) is None
    counted = [table(LoginAttempt), table(Throttle)]
    rows = [desk.as_system().see(lambda look, of=of: look.rows(of.select())) for of in counted]
    assert not rows[0]
    assert [row.bucket.partition(":")[0] for row in rows[1] if row.failures] == []


def test_a_key_that_is_only_offered_is_no_key(desk: Desk) -> None:
    confirmed(logged_in(desk, "ola"), LAPTOP)
    guest = desk.acting(None)
    guest.peer = came(LAPTOP)
    assert guest.see(key_login.who_comes) is None
    assert guest.do(key_login.enter) is None


def test_of_a_waiting_key_its_holder_is_asked_whose_account_it_is(desk: Desk) -> None:
    mine = logged_in(desk, "ola")
    mine.peer = came(address="198.51.100.4")
    add(mine, LAPTOP, "work")
    desk.clock.move(dt.timedelta(days=2))  # type: ignore[attr-defined]
    asked = comer(coming(desk, LAPTOP))
    assert (asked.step, asked.login, asked.name, asked.key) == ("ask", "ola", "Ola Testowa", "work")
    assert (asked.added_at, asked.added_from) == (desk.now - dt.timedelta(days=2), "198.51.100.4")
    assert coming(desk, LAPTOP).do(key_login.enter) is None, "nobody is logged in unasked"


def test_whoever_is_logged_in_is_not_asked(desk: Desk) -> None:
    mine = logged_in(desk, "ola")
    add(mine, LAPTOP)
    mine.peer = came(proven=LAPTOP)
    with pytest.raises(Forbidden):
        mine.see(key_login.who_comes)
    with pytest.raises(Forbidden):
        mine.do(key_login.enter)


def test_yes_logs_in_now_and_from_now_on(any_desk: Desk) -> None:
    add(logged_in(any_desk, "ola"), LAPTOP)
    guest = coming(any_desk, LAPTOP)
    assert login_of(guest, guest.do(key_login.confirm, comer(guest).key_id)) == "ola"
    assert comer(guest).step == "done"
    again = coming(any_desk, LAPTOP, "203.0.113.9")
    assert login_of(again, enter(again)) == "ola"
    assert [row.letter for row in mail(any_desk)] == ["key_added", "key_confirmed"]
    assert {"ssh_key.confirm", "account.log_in"} <= set(journal_of(any_desk))


def test_no_takes_the_key_off_and_tells_its_owner_but_not_where_from(any_desk: Desk) -> None:
    mine = logged_in(any_desk, "mallory")
    add(mine, LAPTOP)
    guest = coming(any_desk, LAPTOP)
    guest.do(key_login.refuse, comer(guest).key_id)
    assert guest.see(key_login.who_comes) is None
    assert mine.see(ssh_keys.own) == []
    letter = mail(any_desk, "key_refused")[0]
    assert letter.address == "mallory@example.com"
    assert HOME not in str(letter.details)


def test_whose_key_was_refused_cannot_ask_again_for_a_day(desk: Desk) -> None:
    mine = logged_in(desk, "mallory")
    add(mine, LAPTOP)
    guest = coming(desk, LAPTOP)
    guest.do(key_login.refuse, comer(guest).key_id)
    with pytest.raises(Invalid) as refused:
        add(mine, LAPTOP)
    assert "not theirs" in refused.value.fields["line"].text()
    add(logged_in(desk, "ola"), LAPTOP)  # nobody else is kept from it
    desk.clock.move(ssh_keys.REFUSED_FOR)  # type: ignore[attr-defined]
    assert add(seat(desk, mine_id(desk, "mallory")), LAPTOP)


def mine_id(desk: Desk, login_: str) -> int:
    account = desk.as_system().see(lambda look: look.unscoped(Account, table(Account).c.login == login_))
    assert account is not None
    return account.id


def test_whoever_proves_the_key_on_this_connection_may_add_what_they_refused(desk: Desk) -> None:
    """No was a slip: they log in with their password and add it."""
    mine = logged_in(desk, "ola")
    add(mine, LAPTOP)
    guest = coming(desk, LAPTOP)
    guest.do(key_login.refuse, comer(guest).key_id)
    mine.peer = guest.peer
    assert not add(mine, LAPTOP)


# Two accounts, one key


def test_the_accounts_that_added_a_key_are_asked_about_one_after_another(desk: Desk) -> None:
    add(logged_in(desk, "mallory"), LAPTOP)
    add(logged_in(desk, "ola"), LAPTOP)
    guest = coming(desk, LAPTOP)
    assert comer(guest).login == "mallory"
    guest.do(key_login.refuse, comer(guest).key_id)
    assert comer(guest).login == "ola"
    guest.do(key_login.confirm, comer(guest).key_id)
    assert login_of(guest, enter(guest)) == "ola"


def test_nothing_is_asked_of_a_key_that_is_somebodys(desk: Desk) -> None:
    confirmed(logged_in(desk, "ola"), LAPTOP)
    add(logged_in(desk, "mallory"), LAPTOP)
    guest = coming(desk, LAPTOP)
    assert (comer(guest).step, comer(guest).login) == ("done", "ola")
    waiting = key_id(desk, "mallory")
    for answer in (key_login.confirm, key_login.refuse):
        with pytest.raises(Conflict):
            guest.do(answer, waiting)
    ola = seat(desk, mine_id(desk, "ola"))
    ola.do(ssh_keys.remove, ola.see(ssh_keys.own)[0].id)
    assert (comer(guest).step, comer(guest).login) == ("ask", "mallory"), "it is nobody's again"


def key_id(desk: Desk, login_: str) -> int:
    account_id = mine_id(desk, login_)
    row = desk.as_system().see(lambda look: look.unscoped(SshKey, table(SshKey).c.account_id == account_id))
    assert row is not None
    return row.id


def test_only_the_connection_that_has_proven_the_key_may_answer(desk: Desk) -> None:
    add(logged_in(desk, "ola"), LAPTOP)
    waiting = key_id(desk, "ola")
    offering = desk.acting(None)
    offering.peer = came(LAPTOP)
    for guest in (desk, offering, coming(desk, ed25519_key("another"))):
        for answer in (key_login.confirm, key_login.refuse):
            with pytest.raises(Conflict):
                guest.do(answer, waiting)
    assert comer(coming(desk, LAPTOP)).step == "ask"


def test_of_two_answers_at_the_same_moment_one_has_the_key(any_desk: Desk) -> None:
    accounts = ("ola", "mallory", "ewa")
    for each in accounts:
        add(logged_in(any_desk, each), LAPTOP)
    waiting = [key_id(any_desk, each) for each in accounts]

    def answer(key: int) -> str:
        guest = coming(any_desk, LAPTOP)
        try:
            return login_of(guest, guest.do(key_login.confirm, key))
        except Conflict:
            return ""

    with ThreadPoolExecutor(len(waiting)) as pool:
        logged = list(pool.map(answer, waiting))
    assert len([each for each in logged if each]) == 1
    assert comer(coming(any_desk, LAPTOP)).login == "".join(logged)
    assert len(mail(any_desk, "key_confirmed")) == 1


def test_a_key_that_is_removed_while_its_holder_is_asked_logs_nobody_in(desk: Desk) -> None:
    mine = logged_in(desk, "ola")
    add(mine, LAPTOP)
    guest = coming(desk, LAPTOP)
    asked = comer(guest)
    mine.do(ssh_keys.remove, asked.key_id)
    with pytest.raises(Conflict):
        guest.do(key_login.confirm, asked.key_id)
    with pytest.raises(Conflict):
        guest.do(key_login.refuse, asked.key_id)
    assert not mail(desk, "key_refused")


def test_an_account_that_is_switched_off_is_neither_asked_about_nor_entered(desk: Desk) -> None:
    guest = confirmed(logged_in(desk, "ola"), LAPTOP)
    add(logged_in(desk, "ewa"), TOKEN)
    change(desk, "ola", state=AccountState.OFF.value)
    change(desk, "ewa", state=AccountState.OFF.value)
    assert guest.see(key_login.who_comes) is None
    assert guest.do(key_login.enter) is None
    assert coming(desk, TOKEN).see(key_login.who_comes) is None
    with pytest.raises(Conflict):
        coming(desk, TOKEN).do(key_login.confirm, key_id(desk, "ewa"))


# What each role has to show


def installer(desk: Desk, login_: str, standing: Standing) -> Desk:
    account_id = person(desk, login_, Role.INSTALLER)
    join(desk, account_id, service_company(desk), standing)
    return seat(desk, account_id)


def installer_member(desk: Desk) -> Desk:
    return installer(desk, "igor", Standing.MEMBER)


def customer(desk: Desk) -> Desk:
    return logged_in(desk, "ola", company="Tarnina", standing=Standing.OWNER)


def agent(desk: Desk) -> Desk:
    return logged_in(desk, "adam", Role.AGENT)


def admin(desk: Desk) -> Desk:
    return logged_in(desk, "root", Role.ADMIN)


def owner(desk: Desk) -> Desk:
    return installer(desk, "irena", Standing.OWNER)


@pytest.mark.parametrize("who", [customer, installer_member])
def test_for_customers_and_installers_the_key_is_the_remembered_computer(
    desk: Desk, who: Callable[[Desk], Desk]
) -> None:
    mine = who(desk)
    guest = confirmed(mine, LAPTOP)
    Phone(desk, mine)  # who has an authenticator need not show it at a remembered computer either
    assert comer(guest).step == "done"
    assert login_of(guest, enter(guest)) == mine.actor().login


@pytest.mark.parametrize("who", [agent, admin])
@pytest.mark.parametrize("pair", [LAPTOP, TOKEN], ids=["file", "hardware"])
def test_staff_show_key_and_authenticator_at_each_connection(
    desk: Desk, who: Callable[[Desk], Desk], pair: Pair
) -> None:
    mine = who(desk)
    phone = Phone(desk, mine)
    guest = confirmed(mine, pair)
    for _connection in range(2):
        guest = coming(desk, pair)
        assert comer(guest).step == "authenticator"
        step = enter(guest)
        assert (step.step, step.entered) == ("authenticator", None)
        assert login_of(guest, guest.do(login.authenticator, step.attempt, phone.shows())) == mine.actor().login


def test_the_owner_of_an_installer_company_shows_the_authenticator_once_in_thirty_days(desk: Desk) -> None:
    mine = owner(desk)
    phone = Phone(desk, mine)
    guest = confirmed(mine, LAPTOP)
    assert comer(guest).step == "authenticator", "never shown on this key"
    guest.do(login.authenticator, enter(guest).attempt, phone.shows())
    shown = desk.now
    assert comer(coming(desk, LAPTOP)).step == "done"
    assert login_of(guest, enter(coming(desk, LAPTOP))) == "irena"
    assert isinstance(desk.clock, MovableClock)
    desk.clock.move(shown + dt.timedelta(days=30) - dt.timedelta(seconds=1) - desk.now)
    assert enter(coming(desk, LAPTOP)).step == "done"
    desk.clock.move(dt.timedelta(seconds=1))
    assert enter(coming(desk, LAPTOP)).step == "authenticator"
    confirmed(seat(desk, mine_id(desk, "irena")), TOKEN)
    assert comer(coming(desk, TOKEN)).step == "authenticator", "another key of theirs knows nothing of it"


def test_what_was_shown_on_a_key_while_the_clock_was_ahead_counts_for_nothing(desk: Desk) -> None:
    mine = owner(desk)
    Phone(desk, mine)
    guest = confirmed(mine, LAPTOP)
    ahead = {"authenticator_at": desk.now + dt.timedelta(days=90)}
    desk.as_system().do(lambda work: work.change(SshKey, **ahead))
    assert comer(guest).step == "authenticator"


def test_the_authenticator_counts_on_the_key_of_the_connection_also_after_a_password(desk: Desk) -> None:
    mine = owner(desk)
    phone = Phone(desk, mine)
    guest = confirmed(mine, LAPTOP)
    step = guest.do(login.password, "irena", PASSWORD)
    assert step is not None
    guest.do(login.authenticator, step.attempt, phone.shows())
    assert comer(guest).step == "done"


def test_who_lacks_the_authenticator_their_role_needs_adds_it_as_after_a_password(desk: Desk) -> None:
    guest = confirmed(owner(desk), LAPTOP)
    assert comer(guest).step == "code"
    step = enter(guest)
    assert step.step == "code"
    step = guest.do(login.code, step.attempt, mailed_code(desk, "login_code"))
    assert (step.step, step.entered) == ("enrol", None)
    draft = guest.do(login.begin_enrolling, step.attempt)
    totp = pyotp.TOTP(draft.secret.replace(" ", ""))
    _codes, entered = guest.do(login.enrol, step.attempt, totp.at(for_time=int(desk.now.timestamp())))
    assert guest.acting(entered.session_id).actor().login == "irena"
    assert comer(coming(desk, LAPTOP)).step == "done", "it was shown on this key now"


def test_a_member_who_becomes_owner_shows_more_from_then_on(desk: Desk) -> None:
    guest = confirmed(installer_member(desk), LAPTOP)
    assert comer(guest).step == "done"
    change(desk, "igor", standing=Standing.OWNER.value)
    assert comer(guest).step == "code"


@pytest.mark.parametrize("who", [customer, installer_member, agent, owner])
@pytest.mark.parametrize("policy", ["off", "mail", "strong"])
def test_the_policy_of_the_desk_decides_for_each_role(tmp_path: Path, who: Callable[[Desk], Desk], policy: Any) -> None:
    step = SecondStep(customer=policy, installer=policy, installer_owner=policy, agent=policy, admin=policy)
    desk = make_desk(tmp_path, security=SecuritySection(second_step=step))
    mine = who(desk)
    Phone(desk, mine)
    assert comer(confirmed(mine, LAPTOP)).step == ("authenticator" if policy == "strong" else "done")
    desk.close()


@pytest.mark.parametrize("who", [agent, owner])
def test_where_the_desk_says_so_a_hardware_key_is_both_steps(tmp_path: Path, who: Callable[[Desk], Desk]) -> None:
    desk = make_desk(tmp_path, serve=ServeSection(hardware_keys="both"))
    mine = who(desk)
    assert login_of(mine, enter(confirmed(mine, TOKEN))) == mine.actor().login
    assert comer(confirmed(mine, LAPTOP)).step == "code", "a file is one step there, too"
    desk.close()


# Without a screen


def test_a_command_is_run_by_the_key_alone_or_not_at_all(desk: Desk) -> None:
    entered = confirmed(customer(desk), LAPTOP).do(key_login.enter_for_command)
    assert desk.acting(entered.session_id).actor().login == "ola"
    add(logged_in(desk, "ewa"), TOKEN)
    confirmed(agent(desk), ed25519_key("adam"))
    for pair, said in (
        (None, "needs an SSH key"),
        (ed25519_key("unknown"), "needs an SSH key"),
        (TOKEN, "come once"),
        (ed25519_key("adam"), "authenticator"),
    ):
        with pytest.raises(Forbidden) as refused:
            coming(desk, pair).do(key_login.enter_for_command)
        assert said in refused.value.text()
    assert len(mail(desk, "login_code")) == 1, "of Adam's first connection: none is mailed that nobody can type"


# Tries are paid for as everywhere


def test_who_stole_a_key_guesses_no_authenticator(desk: Desk) -> None:
    mine = agent(desk)
    phone = Phone(desk, mine)
    confirmed(mine, LAPTOP)
    thief = coming(desk, LAPTOP, "203.0.113.66")
    step = enter(thief)
    lefts = [thief.do(login.authenticator, step.attempt, "000000") for _try in range(5)]
    assert all(isinstance(each, Wrong) for each in lefts)
    with pytest.raises(DeskError):
        thief.do(login.authenticator, step.attempt, "000000")
    step = enter(thief)
    with pytest.raises(Throttled):
        thief.do(login.authenticator, step.attempt, "000000")
    at_home = coming(desk, LAPTOP)
    assert login_of(at_home, at_home.do(login.authenticator, enter(at_home).attempt, phone.shows())) == "adam"


def test_half_a_log_in_by_a_key_ends_with_the_key(desk: Desk) -> None:
    mine = agent(desk)
    phone = Phone(desk, mine)
    thief = confirmed(mine, LAPTOP)
    step = enter(thief)
    mine.do(ssh_keys.remove, mine.see(ssh_keys.own)[0].id)
    with pytest.raises(DeskError):
        thief.do(login.authenticator, step.attempt, phone.shows())


def test_logging_out_leaves_the_key_as_it_is(desk: Desk) -> None:
    guest = confirmed(customer(desk), LAPTOP)
    step = enter(guest)
    assert step.entered is not None
    here = guest.acting(step.entered.session_id)
    here.do(sessions.log_out)
    with pytest.raises(SessionEnded):
        here.actor()
    assert comer(coming(desk, LAPTOP)).step == "done"
