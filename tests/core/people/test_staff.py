"""The operator's own people: who is first, who makes whom, and what ends at once."""

from __future__ import annotations

import datetime as dt
import json
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import sqlalchemy as sa

from core import forms
from core.accounts import login, recovery
from core.db.pagination import PageRequest
from core.errors import Conflict, Forbidden, Invalid, NotFound
from core.models.accounts import Account, AccountState, Role, Standing
from core.people import staff
from core.service import throttle
from core.service.client_address import Peer
from core.service.desk import Desk, SessionEnded
from core.service.unit_of_work import table
from tests.factories.desks import PASSWORD, journal_of, logged_in, mail, mailed_code, moved_away, person, seat

_account = table(Account)


def first_admin(**given: Any) -> staff.FirstAdmin:
    values = {"login": "root", "email": "root@example.com", "first_name": "R", "last_name": "O", "language": "pl"}
    return forms.fill(staff.FirstAdmin, {**values, "password": PASSWORD, "again": PASSWORD, **given})


def agent(login: str = "adam", **given: Any) -> staff.NewAgent:
    values = {"login": login, "email": f"{login}@example.com", "first_name": "A", "last_name": "B", "language": "pl"}
    return forms.fill(staff.NewAgent, {**values, "role": "agent", **given})


def accounts(desk: Desk) -> int:
    count = sa.select(sa.func.count()).select_from(_account)
    return int(desk.as_system().see(lambda look: look.value(count)))


def test_a_new_desk_has_nobody(any_desk: Desk) -> None:
    assert accounts(any_desk) == 0
    assert any_desk.see(staff.is_new)


def test_whoever_opens_it_first_makes_the_administrator(any_desk: Desk) -> None:
    any_desk.do(staff.set_up, first_admin())
    assert not any_desk.see(staff.is_new)
    assert any_desk.do(login.password, "root", PASSWORD).digits == 8
    with pytest.raises(Conflict):
        any_desk.do(staff.set_up, first_admin(login="root2", email="root2@example.com"))
    assert accounts(any_desk) == 1


@pytest.mark.parametrize("peer", [Peer(None, "local", afar=True), Peer(None, "unknown"), Peer(None, "relay")])
def test_whoever_comes_from_elsewhere_makes_nobody(desk: Desk, peer: Peer) -> None:
    """A stranger who is first at a new desk must not own it."""
    desk.peer = peer
    with pytest.raises(Forbidden) as refused:
        desk.do(staff.set_up, first_admin())
    assert refused.value.text() == "This desk is not set up yet."
    assert accounts(desk) == 0


def appointed(**given: Any) -> staff.Appointed:
    return forms.fill(staff.Appointed, {"login": "szef", "email": "szef@example.com", "language": "pl", **given})


def test_an_administrator_is_appointed_and_chooses_a_password_by_the_code(any_desk: Desk) -> None:
    any_desk.peer = Peer(None, "local", afar=True)
    code = any_desk.as_system().do(staff.appoint, appointed(first_name="Ola"))
    assert mail(any_desk) == []
    assert journal_of(any_desk) == ["desk.appoint"]
    any_desk.do(recovery.set_password, code, PASSWORD, PASSWORD)
    assert any_desk.do(login.password, "szef", PASSWORD) is not None


def test_the_code_may_be_given(desk: Desk) -> None:
    given = "K7QF-M2XD-9PT3-HWC0"
    assert desk.as_system().do(staff.appoint, appointed(), given) == given
    desk.do(recovery.set_password, given.lower(), PASSWORD, PASSWORD)


def test_only_the_machine_appoints_and_only_once(desk: Desk) -> None:
    with pytest.raises(Forbidden):
        desk.do(staff.appoint, appointed())
    desk.as_system().do(staff.appoint, appointed())
    with pytest.raises(Conflict):
        desk.as_system().do(staff.appoint, appointed(login="other", email="other@example.com"))
    assert accounts(desk) == 1


@pytest.mark.parametrize("way", ["set_up", "appoint"])
def test_of_many_who_open_it_at_once_one_is_first(any_desk: Desk, way: str) -> None:
    def try_it(number: int) -> bool:
        who = {"login": f"root{number}", "email": f"root{number}@example.com"}
        try:
            if way == "set_up":
                any_desk.do(staff.set_up, first_admin(**who))
            else:
                any_desk.as_system().do(staff.appoint, staff.Appointed(**who, language="en"))
        except Conflict:
            return False
        return True

    with ThreadPoolExecutor(4) as pool:
        assert sorted(pool.map(try_it, range(4))) == [False, False, False, True]


def test_somebody_who_is_logged_in_sets_nothing_up(desk: Desk) -> None:
    with pytest.raises(Forbidden):
        logged_in(desk, "ola").do(staff.set_up, first_admin())


def test_an_administrator_makes_an_agent_who_chooses_the_password(any_desk: Desk) -> None:
    root = logged_in(any_desk, "root", Role.ADMIN)
    root.do(staff.employ, agent())
    assert any_desk.do(login.password, "adam", "anything") is None
    any_desk.do(recovery.set_password, mailed_code(any_desk, "staff_welcome"), "hasło adama tu", "hasło adama tu")
    step = any_desk.do(login.password, "adam", "hasło adama tu")
    assert any_desk.do(login.code, step.attempt, mailed_code(any_desk, "login_code")).step == "enrol"
    assert "account.employ" in journal_of(any_desk)


@pytest.mark.parametrize("role", [Role.CUSTOMER, Role.AGENT, Role.INSTALLER])
def test_nobody_else_does(desk: Desk, role: Role) -> None:
    mine = logged_in(desk, "ola", role)
    with pytest.raises(Forbidden):
        mine.do(staff.employ, agent())
    assert accounts(desk) == 1


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"login": "OLA", "email": "x@example.com"}, "login"),
        ({"login": "gone", "email": "x@example.com"}, "login"),
        ({"login": "xyz", "email": "OLA@example.com"}, "email"),
    ],
)
def test_what_is_taken(desk: Desk, given: dict[str, str], field: str) -> None:
    person(desk, "ola")
    person(desk, "gone", state=AccountState.OFF)
    root = logged_in(desk, "root", Role.ADMIN)
    with pytest.raises(Invalid) as refused:
        root.do(staff.employ, agent(**given))
    assert list(refused.value.fields) == [field]
    assert mail(desk) == []


@pytest.mark.parametrize("role", ["customer", "installer", "king", ""])
def test_only_staff_are_made_here(role: str) -> None:
    with pytest.raises(Invalid) as refused:
        agent(role=role)
    assert list(refused.value.fields) == ["role"]


def test_off_and_on_again(desk: Desk) -> None:
    ola = person(desk, "ola")
    mine = seat(desk, ola)
    root = logged_in(desk, "root", Role.ADMIN)
    root.do(staff.switch, ola, on=False)
    with pytest.raises(SessionEnded):
        mine.actor()
    assert desk.do(login.password, "ola", PASSWORD) is None
    with pytest.raises(Conflict):
        root.do(staff.switch, ola, on=False)
    root.do(staff.switch, ola, on=True)
    assert desk.do(login.password, "ola", PASSWORD) is not None
    with pytest.raises(SessionEnded):
        mine.actor()


def test_there_is_always_an_administrator(desk: Desk) -> None:
    """Nobody switches themselves off, and of two who switch off each other at once one is too late."""
    ids = [person(desk, name, Role.ADMIN) for name in ("root", "boss")]
    seats = [seat(desk, id_) for id_ in ids]
    with pytest.raises(Conflict):
        seats[0].do(staff.switch, ids[0], on=False)

    def off(pair: tuple[Desk, int]) -> bool:
        try:
            pair[0].do(staff.switch, pair[1], on=False)
        except SessionEnded:
            return False
        return True

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(off, zip(seats, reversed(ids), strict=True))) == [False, True]


@pytest.mark.parametrize(("role", "allowed"), [(Role.CUSTOMER, False), (Role.AGENT, True), (Role.ADMIN, True)])
def test_who_unlocks(desk: Desk, role: Role, allowed: bool) -> None:
    ola = person(desk, "ola", company="Ours")
    mine = logged_in(desk, "ewa", role, company="Ours", standing=Standing.OWNER)
    if allowed:
        mine.do(staff.unlock, ola)
    else:
        with pytest.raises(Forbidden):
            mine.do(staff.unlock, ola)
    assert ("account.unlock" in journal_of(desk)) is allowed


def test_unlocking_clears_whatever_was_counted_against_the_account(desk: Desk) -> None:
    """Also what was tried in an open session, at the second step, and at contracts."""
    ola = person(desk, "ola")
    kinds = {"own-password", "own-code", "second-step", "activate-by"}

    def paused(look: Any) -> set[str]:
        return {kind for kind in kinds if throttle.opens_at(look, throttle.bucket(look, kind, ola))}

    def fail(work: Any) -> None:
        for kind in kinds:
            for _try in range(throttle.FREE_FAILURES):
                throttle.attempt(work, throttle.bucket(work, kind, ola))

    desk.as_system().do(fail)
    assert desk.as_system().see(paused) == kinds
    logged_in(desk, "adam", Role.AGENT).do(staff.unlock, ola)
    assert desk.as_system().see(paused) == set()


def test_the_kinds_that_unlocking_clears_are_all_there_are() -> None:
    """Every bucket that core names after an account's id, read off the calls."""
    import re
    from pathlib import Path

    import core

    folder = Path(core.__file__).parent
    source = "".join(file.read_text(encoding="utf-8") for file in folder.rglob("*.py"))
    named = set(re.findall(r'throttle\.bucket\(work, "([a-z-]+)", (?:[a-z.]*account_id|account\.id|who)\)', source))
    assert named == set(throttle.OF_ACCOUNT)


def test_an_invitation_is_good_for_four_weeks(any_desk: Desk) -> None:
    root = logged_in(any_desk, "root", Role.ADMIN)
    root.do(staff.employ, agent())
    code = mailed_code(any_desk, "staff_welcome")
    any_desk.clock.move(dt.timedelta(days=28, seconds=-1))
    assert any_desk.do(recovery.set_password, code, "hasło adama tu", "hasło adama tu") == "adam"


def test_an_invitation_is_over_after_that_and_once_a_password_was_set_otherwise(desk: Desk) -> None:
    root = logged_in(desk, "root", Role.ADMIN)
    root.do(staff.employ, agent())
    root.do(staff.employ, agent("ewa"))
    first, second = (mailed_code_of(desk, login) for login in ("adam", "ewa"))
    desk.do(recovery.ask, "ewa")
    desk.do(recovery.set_password, mailed_code(desk, "reset"), "hasło ewy tutaj", "hasło ewy tutaj")
    desk.clock.move(dt.timedelta(days=28))
    for code in (first, second):
        with pytest.raises(Invalid):
            desk.do(recovery.set_password, code, "inne hasło tu", "inne hasło tu")


def mailed_code_of(desk: Desk, login: str) -> str:
    (row,) = (one for one in mail(desk, "staff_welcome") if one.details["login"] == login)
    return str(json.loads(desk.keys.unseal("outbox", row.secrets, row.message_id))["code"])


def test_an_address_that_is_somebodys_login_is_taken(desk: Desk) -> None:
    moved_away(desk, "old@example.com")
    root = logged_in(desk, "root", Role.ADMIN)
    with pytest.raises(Invalid) as refused:
        root.do(staff.employ, agent(email="OLD@example.com"))
    assert list(refused.value.fields) == ["email"]


def test_a_customer_does_not_learn_who_there_is(desk: Desk) -> None:
    ola = logged_in(desk, "ola")
    root = person(desk, "root", Role.ADMIN)
    for use in (staff.unlock, lambda work, id_: staff.switch(work, id_, on=False)):
        with pytest.raises(NotFound):
            ola.do(use, root)


def test_people_by_login_and_search(desk: Desk) -> None:
    for name in ("ola", "ewa", "o_a"):
        person(desk, name, company="Żółw & Syn" if name == "ola" else "")
    root = logged_in(desk, "root", Role.ADMIN)

    def logins(mine: Desk, search: str = "") -> list[str]:
        return [one.login for one in mine.see(staff.people, PageRequest(), search).rows]

    assert logins(root) == ["ewa", "o_a", "ola", "root"]
    assert logins(root, "ZOLW") == ["ola"]
    assert logins(root, "o_a") == ["o_a"], "signs that mean something to LIKE are only signs"
    assert logins(root, "%") == []
    assert logins(logged_in(desk, "iza")) == ["iza"]
    first = root.see(staff.people, PageRequest(limit=2))
    assert [one.login for one in root.see(staff.people, PageRequest(after=first.end, limit=9)).rows] == [
        "o_a",
        "ola",
        "root",
    ]
