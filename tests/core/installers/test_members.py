"""The people of an installer company: invited, made owners, let go, made to choose a new password."""

from __future__ import annotations

import datetime as dt
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import sqlalchemy as sa

from core import forms
from core.accounts import login as account_login
from core.accounts import profile, recovery, sessions
from core.db.pagination import PageRequest
from core.errors import Conflict, DeskError, Forbidden, Invalid, NotFound, Throttled
from core.installers import invitations, members
from core.installers import profile as installer_profile
from core.installers.invitations import INVITE_AT_ONCE, Colleague, CompanyInvitation
from core.installers.profile import Locked
from core.models.accounts import AccountState, Role, Standing
from core.service.desk import Desk, SessionEnded
from core.service.unit_of_work import UnitOfWork
from tests.core.installers.firms import account, code_to, joining, letters, team, unlock
from tests.factories.cares import COMPANY, installer, service_company
from tests.factories.cares import join as put_into
from tests.factories.desks import PASSWORD, journal_of, logged_in, mail, make_desk, person, seat

NEW = "szybki czajnik wody"


def invite(as_: Desk, email: str = "nowy@x.example") -> None:
    as_.do(invitations.invite, forms.fill(Colleague, {"email": email, "language": "en"}))


def join(desk: Desk, code: str, **given: Any) -> invitations.Joined:
    return desk.do(invitations.join, code, joining(**given))


def listed(as_: Desk) -> list[tuple[str, str]]:
    return [(one.login or one.email, one.standing) for one in as_.see(members.members, PageRequest()).rows]


def id_of(desk: Desk, login: str) -> int:
    found = account(desk, login)
    assert found is not None
    return int(found.id)


def test_a_colleague_comes_in_by_invitation(any_desk: Desk) -> None:
    desk, (owner, member) = any_desk, team(any_desk)
    invite(owner, "Nowy@X.example")
    code = code_to(desk, "Nowy@X.example", "member_invited")
    assert listed(owner) == [("nowy@x.example", "invited"), ("iga", "owner"), ("wit", "member")]
    assert listed(member) == [("iga", "owner"), ("wit", "member")], "who is invited is for owners"
    assert desk.see(invitations.asked, code) == CompanyInvitation(COMPANY, "nowy@x.example")
    done = join(desk, code)
    assert (done.login, done.company) == ("nowy", COMPANY)
    found = account(desk, "nowy")
    assert found is not None
    assert (found.role, found.standing, found.state, found.email) == (
        Role.INSTALLER,
        Standing.MEMBER,
        AccountState.ACTIVE,
        "nowy@x.example",
    )
    assert desk.do(account_login.password, "nowy", PASSWORD).step == "code"
    assert listed(owner) == [("nowy", "member"), ("iga", "owner"), ("wit", "member")], "Nowa stands before Testowa"
    assert letters(desk)[:3] == [
        ("member_invited", "Nowy@X.example"),
        ("member_welcome", "nowy@x.example"),
        ("member_joined", "serwis@example.com"),
    ]
    with pytest.raises(Invalid):
        join(desk, code, login="znowu")
    with pytest.raises(Invalid):
        desk.see(invitations.asked, code)


def test_an_invitation_is_withdrawn_sent_again_and_runs_out(desk: Desk) -> None:
    owner, _member = team(desk)
    invite(owner)
    first = code_to(desk, "nowy@x.example", "member_invited")
    with pytest.raises(Throttled):
        invite(owner)
    desk.clock.move(dt.timedelta(minutes=1))
    invite(owner)
    second = code_to(desk, "nowy@x.example", "member_invited")
    with pytest.raises(Invalid):
        join(desk, first)
    (waiting,) = [one for one in owner.see(members.members, PageRequest()).rows if one.standing == "invited"]
    assert waiting.until == desk.now + dt.timedelta(days=28)
    other = installer(desk, "obcy", service_company(desk, "Inna", "inna@example.com"), Standing.OWNER)
    with pytest.raises(Conflict):
        other.do(invitations.withdraw, waiting.id)
    owner.do(invitations.withdraw, waiting.id)
    with pytest.raises(Conflict):
        owner.do(invitations.withdraw, waiting.id)
    with pytest.raises(Invalid):
        join(desk, second)
    desk.clock.move(dt.timedelta(minutes=1))
    invite(owner)
    third = code_to(desk, "nowy@x.example", "member_invited")
    desk.clock.move(dt.timedelta(days=28))
    with pytest.raises(Invalid):
        join(desk, third)


def test_what_is_wrong_is_said_to_whoever_holds_the_code_which_stays_good(desk: Desk) -> None:
    owner, _member = team(desk)
    invite(owner)
    code = code_to(desk, "nowy@x.example", "member_invited")
    for given, field in (
        ({"login": "IGA"}, "login"),
        ({"login": "obcy@x.example"}, "login"),
        ({"password": "krótkie", "again": "krótkie"}, "password"),
    ):
        with pytest.raises(Invalid) as error:
            join(desk, code, **given)
        assert list(error.value.fields) == [field]
    assert join(desk, code, login="nowy@x.example").login == "nowy@x.example"


def test_an_address_that_is_somebodys_is_told_to_them_and_the_page_says_the_same(desk: Desk) -> None:
    """It looks like one that is nobody's, for as long, and is withdrawn like one; only that nobody has a code."""
    owner, _member = team(desk)
    person(desk, "ola")
    addresses = ("ola@example.com", "zarzad-serwis@example.com", "wolny@x.example")
    for address in addresses:
        invite(owner, address)
    letter_of = {row.address: row.letter for row in mail(desk)}
    assert letter_of == dict(zip(addresses, ("member_known", "member_known", "member_invited"), strict=True))
    assert all(row.secrets is None for row in mail(desk, "member_known"))
    waiting = [one for one in owner.see(members.members, PageRequest()).rows if one.standing == "invited"]
    assert [one.email for one in waiting] == list(addresses)
    assert {(one.standing, one.until, one.login, one.name) for one in waiting} == {
        ("invited", desk.now + dt.timedelta(days=28), "", "")
    }
    for one in waiting:
        owner.do(invitations.withdraw, one.id)
    assert listed(owner) == [("iga", "owner"), ("wit", "member")]


def test_a_colleague_is_not_invited_again(desk: Desk) -> None:
    owner, _member = team(desk)
    with pytest.raises(Invalid) as error:
        invite(owner, "WIT@example.com")
    assert list(error.value.fields) == ["email"]
    assert mail(desk) == []


def test_invitations_are_found_whatever_order_of_signs_the_database_has(postgres_desk: Desk) -> None:
    """In the order of a language, signs that are no letters may count last: no range of texts can be relied on."""
    desk = postgres_desk

    def language(work: UnitOfWork) -> bool:
        known = sa.text("SELECT count(*) FROM pg_collation WHERE collname = 'en-x-icu'")
        if not work.connection.execute(known).scalar():
            return False
        change = 'ALTER TABLE code ALTER COLUMN binding TYPE varchar(254) COLLATE "en-x-icu"'
        work.connection.execute(sa.text(change))
        return True

    if not desk.as_system().do(language):
        pytest.skip("this server knows no ICU collations")
    owner, _member = team(desk)
    invite(owner)
    other = installer(desk, "obcy", service_company(desk, "Inna", "inna@example.com"), Standing.OWNER)
    invite(other, "obca@x.example")
    (waiting,) = [one for one in owner.see(members.members, PageRequest()).rows if one.standing == "invited"]
    assert waiting.email == "nowy@x.example"
    with pytest.raises(Conflict):
        other.do(invitations.withdraw, waiting.id)
    owner.do(invitations.withdraw, waiting.id)


def test_the_invitations_of_company_1_are_not_those_of_company_10(any_desk: Desk) -> None:
    desk = any_desk
    for number in range(1, 11):
        company = service_company(desk, f"Firma {number}", f"f{number}@example.com")
        owner = installer(desk, f"o{number}", company, Standing.OWNER)
        invite(owner, f"n{number}@x.example")
        assert owner.see(members.members, PageRequest()).rows[0].email == f"n{number}@x.example"
        assert len(owner.see(members.members, PageRequest()).rows) == 2


# Coming back


def removed(desk: Desk) -> tuple[Desk, int]:
    """The owner, and the id of somebody who was a member once."""
    owner, _member = team(desk)
    wit = id_of(desk, "wit")
    owner.do(members.remove, wit)
    return owner, wit


def test_somebody_who_was_removed_comes_back_with_the_account_they_have(any_desk: Desk) -> None:
    desk = any_desk
    owner, wit = removed(desk)
    invite(owner, "wit@example.com")
    assert mail(desk, "member_invited")[-1].details["back"] is True
    code = code_to(desk, "wit@example.com", "member_invited")
    assert desk.see(invitations.asked, code) == CompanyInvitation(COMPANY, "wit@example.com", "wit")
    with pytest.raises(Invalid):
        join(desk, code, login="drugie")
    done = desk.do(invitations.come_back, code)
    assert (done.login, done.company) == ("wit", COMPANY)
    found = account(desk, "wit")
    assert found is not None
    assert (found.id, found.standing, found.role) == (wit, Standing.MEMBER, Role.INSTALLER)
    assert listed(owner) == [("iga", "owner"), ("wit", "member")]
    step = desk.do(account_login.password, "wit", PASSWORD)
    assert step.step == "code", "the code let nobody in: they log in as ever"
    assert letters(desk)[-3:-1] == [("member_welcome", "wit@example.com"), ("member_joined", "serwis@example.com")]
    with pytest.raises(Invalid):
        desk.do(invitations.come_back, code)


def test_another_company_may_invite_them_too(desk: Desk) -> None:
    _owner, _wit = removed(desk)
    other = installer(desk, "obcy", service_company(desk, "Inna", "inna@example.com"), Standing.OWNER)
    invite(other, "wit@example.com")
    desk.do(invitations.come_back, code_to(desk, "wit@example.com", "member_invited"))
    assert listed(other) == [("obcy", "owner"), ("wit", "member")]


def test_only_an_installer_of_no_company_comes_back(desk: Desk) -> None:
    """Whoever else has an account: it stays what it is, and no letter has a code."""
    owner, wit = removed(desk)
    elsewhere = service_company(desk, "Inna", "inna@example.com")
    installer(desk, "zajeta", elsewhere)
    person(desk, "ola")
    person(desk, "adam", Role.AGENT)
    person(desk, "gone", Role.INSTALLER, state=AccountState.OFF)
    for login in ("zajeta", "ola", "adam", "gone"):
        invite(owner, f"{login}@example.com")
    assert [row.letter for row in mail(desk)[1:]] == ["member_known"] * 4
    invite(owner, "nikt@x.example")
    invite(owner, "wit@example.com")
    with pytest.raises(Invalid):
        desk.do(invitations.come_back, code_to(desk, "nikt@x.example", "member_invited"))
    put_into(desk, wit, elsewhere)
    with pytest.raises(Invalid):
        desk.do(invitations.come_back, code_to(desk, "wit@example.com", "member_invited"))
    found = account(desk, "wit")
    assert found is not None
    assert found.company_id == elsewhere


def test_two_companies_at_once_get_one_of_them(any_desk: Desk) -> None:
    desk = any_desk
    owner, _wit = removed(desk)
    other = installer(desk, "obcy", service_company(desk, "Inna", "inna@example.com"), Standing.OWNER)
    brought = []
    for one in (owner, other):
        invite(one, "wit@example.com")
        brought.append(code_to(desk, "wit@example.com", "member_invited"))
        desk.clock.move(dt.timedelta(minutes=1))

    def come(code: str) -> bool:
        try:
            desk.do(invitations.come_back, code)
        except Invalid:
            return False
        return True

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(come, brought)) == [False, True]


def test_somebody_who_got_an_account_meanwhile_is_told_so(desk: Desk) -> None:
    owner, _member = team(desk)
    invite(owner, "ola@example.com")
    code = code_to(desk, "ola@example.com", "member_invited")
    person(desk, "ola")
    with pytest.raises(Invalid) as error:
        join(desk, code)
    assert list(error.value.fields) == ["code"]


def test_two_who_use_one_code_at_once_make_one_account(any_desk: Desk) -> None:
    owner, _member = team(any_desk)
    invite(owner)
    code = code_to(any_desk, "nowy@x.example", "member_invited")

    def try_it(login: str) -> bool:
        try:
            join(any_desk, code, login=login)
        except Invalid:
            return False
        return True

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(try_it, ["jeden", "drugi"])) == [False, True]


def test_invitations_are_limited(desk: Desk) -> None:
    owner, _member = team(desk)
    for number in range(INVITE_AT_ONCE):
        invite(owner, f"n{number}@x.example")
    with pytest.raises(Throttled):
        invite(owner, "jeszcze@x.example")


def everything(as_: Desk, other: int) -> list[Any]:
    return [
        lambda: invite(as_),
        lambda: as_.do(invitations.withdraw, 1),
        lambda: as_.do(members.remove, other),
        lambda: as_.do(members.make_owner, other),
    ]


def test_only_owners_decide_and_only_about_their_own(desk: Desk) -> None:
    owner, member = team(desk)
    wit, iga = id_of(desk, "wit"), id_of(desk, "iga")
    for call in everything(member, iga):
        with pytest.raises(Forbidden):
            call()
    other = installer(desk, "obcy", service_company(desk, "Inna", "inna@example.com"), Standing.OWNER)
    for call in everything(other, wit)[2:]:
        with pytest.raises(NotFound):
            call()
    for stranger in (logged_in(desk, "adam", Role.AGENT), logged_in(desk, "ola"), installer(desk, "stary", None)):
        for call in everything(stranger, wit):
            with pytest.raises((NotFound, Forbidden)):
                call()
    for call in everything(owner, iga)[2:]:
        with pytest.raises(Conflict):
            call()
    assert listed(owner) == [("iga", "owner"), ("wit", "member")]


def test_whoever_is_removed_sees_nothing_from_the_next_call_on(desk: Desk) -> None:
    owner, member = team(desk)
    wit = id_of(desk, "wit")
    again = seat(desk, wit)
    owner.do(members.remove, wit)
    for one in (member, again):
        with pytest.raises(SessionEnded):
            one.see(installer_profile.read)
    found = account(desk, "wit")
    assert found is not None
    assert (found.standing, found.company_id, found.state) == (Standing.NONE, None, AccountState.ACTIVE)
    with pytest.raises(NotFound):
        seat(desk, wit).see(installer_profile.read)
    assert letters(desk) == [("member_removed", "wit@example.com")]
    with pytest.raises((Conflict, NotFound)):
        owner.do(members.remove, wit)
    assert "company.member_removed" in journal_of(desk)


def test_an_owner_is_made_and_needs_an_authenticator(desk: Desk) -> None:
    owner, member = team(desk)
    wit = id_of(desk, "wit")

    def remembered(work: Any) -> str:
        return sessions.begin(work, account(desk, "wit"), remember=True).token or ""

    token = desk.as_system().do(remembered)
    assert token
    owner.do(members.make_owner, wit)
    assert member.actor().owner
    assert member.see(profile.me).authenticator_required
    assert letters(desk) == [("member_owner", "wit@example.com")]
    with pytest.raises(Conflict):
        owner.do(members.make_owner, wit)
    assert desk.do(sessions.resume, token) is None
    step = desk.do(account_login.password, "wit", PASSWORD)
    assert desk.do(account_login.code, step.attempt, code_to(desk, "wit@example.com", "login_code")).step == "enrol"
    member.do(members.remove, id_of(desk, "iga"))


def test_owners_who_remove_each_other_leave_one(any_desk: Desk) -> None:
    owner, member = team(any_desk)
    iga, wit = id_of(any_desk, "iga"), id_of(any_desk, "wit")
    owner.do(members.make_owner, wit)

    def remove(pair: tuple[Desk, int]) -> bool:
        try:
            pair[0].do(members.remove, pair[1])
        except DeskError:
            return False
        return True

    with ThreadPoolExecutor(2) as pool:
        done = sorted(pool.map(remove, [(owner, wit), (member, iga)]))
    assert done == [False, True]
    standings = [getattr(account(any_desk, login), "standing", "") for login in ("iga", "wit")]
    assert sorted(standings) == [Standing.NONE, Standing.OWNER]


def test_the_management_password_resets_a_colleagues_own(desk: Desk) -> None:
    owner, member = team(desk)
    iga = id_of(desk, "iga")
    with pytest.raises(Locked):
        member.do(members.reset_password, iga, "")
    ticket = unlock(member)
    with pytest.raises(Conflict):
        member.do(members.reset_password, id_of(desk, "wit"), ticket)
    member.do(members.reset_password, iga, ticket)
    with pytest.raises(SessionEnded):
        owner.see(installer_profile.read)
    assert desk.do(account_login.password, "iga", PASSWORD) is None
    assert letters(desk) == [("member_reset", "iga@example.com")]
    desk.do(recovery.set_password, code_to(desk, "iga@example.com", "member_reset"), NEW, NEW)
    assert desk.do(account_login.password, "iga", NEW) is not None
    with pytest.raises(Throttled):
        member.do(members.reset_password, iga, ticket)
    stranger = person(desk, "ola")
    with pytest.raises(NotFound):
        member.do(members.reset_password, stranger, ticket)


@pytest.mark.parametrize(
    ("policy", "steps"), [("strong", ("enrol", "done")), ("mail", ("done", "done")), ("off", ("off", "done"))]
)
def test_the_owners_second_step_is_a_setting_of_its_own(tmp_path: Any, policy: str, steps: tuple[str, str]) -> None:
    desk = make_desk(tmp_path / "d", security={"second_step": {"installer_owner": policy}})
    team(desk)
    for login, expected in zip(("iga", "wit"), steps, strict=True):
        step = desk.do(account_login.password, login, PASSWORD)
        if expected == "off":
            assert step.step == "done"
            continue
        assert step.digits == 6
        code = code_to(desk, f"{login}@example.com", "login_code")
        assert desk.do(account_login.code, step.attempt, code).step == expected
    desk.close()


def test_nobody_is_told_more_than_they_should(desk: Desk) -> None:
    team(desk)
    with pytest.raises(Forbidden):
        logged_in(desk, "ola").see(invitations.asked, "AAAA-AAAA-AAAA-AAAA")
    with pytest.raises(Invalid):
        desk.see(invitations.asked, "AAAA-AAAA-AAAA-AAAA")
    assert mail(desk) == []
