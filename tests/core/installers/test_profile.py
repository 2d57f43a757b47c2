"""The company's page: read by its people, edited behind the management password, its addresses proved first."""

from __future__ import annotations

import datetime as dt
from concurrent.futures import ThreadPoolExecutor

import pytest

from core import forms
from core.accounts import profile as own
from core.accounts import sessions
from core.accounts.registration import Proof
from core.errors import Conflict, Forbidden, Invalid, NotFound, Throttled
from core.installers import profile as installer_profile
from core.installers.profile import Locked, NewManagementPassword, ProfileForm
from core.models.accounts import Purpose, Role, Standing
from core.service import throttle
from core.service.desk import Desk
from core.sign_up import confirmation
from core.sign_up import installer as installer_sign_up
from tests.core.installers.firms import BOTH, code_to, letters, profile, profile_form, team, unlock
from tests.factories.cares import COMPANY, MANAGEMENT_PASSWORD, installer, service_company
from tests.factories.desks import PASSWORD, journal_of, logged_in, mail, person, seat

EMAIL, MANAGEMENT = "serwis@example.com", "zarzad-serwis@example.com"
NEW = "szybki czajnik wody"


def edit(as_: Desk, ticket: str, **given: str) -> list[str]:
    form, version = profile_form(as_, **given)
    return list(as_.do(installer_profile.edit, form, version, ticket))


def test_its_people_read_it_and_nobody_elses_do(desk: Desk) -> None:
    owner, member = team(desk)
    assert owner.see(installer_profile.read) == member.see(installer_profile.read)
    shown = member.see(installer_profile.read)
    assert (shown.company, shown.email, shown.management_email, shown.new_email) == (COMPANY, EMAIL, MANAGEMENT, "")
    for other in (logged_in(desk, "ola"), logged_in(desk, "adam", Role.AGENT), installer(desk, "stary", None)):
        with pytest.raises(NotFound):
            other.see(installer_profile.read)
    elsewhere = installer(desk, "obcy", service_company(desk, "Inna", "inna@example.com"), Standing.OWNER)
    assert elsewhere.see(installer_profile.read).company == "Inna"


def test_editing_needs_the_password_for_five_minutes_in_this_session(desk: Desk) -> None:
    owner, member = team(desk)
    for wrong in ("", "x", "9999999999.abc", "9999999999."):
        with pytest.raises(Locked):
            edit(member, wrong, phone="600700800")
    ticket = unlock(member)
    assert edit(member, ticket, phone="600700800", company="Ciepłownia Nowa", founded="1990") == []
    shown = owner.see(installer_profile.read)
    assert (shown.phone, shown.company, shown.founded) == ("600700800", "Ciepłownia Nowa", 1990)
    with pytest.raises(Locked):
        edit(owner, ticket, phone="1234567")
    again = seat(desk, member.actor().account_id or 0)
    with pytest.raises(Locked):
        edit(again, ticket, phone="1234567")
    until, _, mac = ticket.partition(".")
    with pytest.raises(Locked):
        edit(member, f"{int(until) + 60}.{mac}", phone="1234567")
    desk.clock.move(dt.timedelta(minutes=4, seconds=59))
    edit(member, ticket, phone="600700801")
    desk.clock.move(dt.timedelta(seconds=1))
    with pytest.raises(Locked):
        edit(member, ticket, phone="1234567")
    assert owner.see(installer_profile.read).phone == "600700801"
    assert {"company.unlock", "company.edit"} <= set(journal_of(desk))


def test_who_guesses_it_waits_and_keeps_nobody_else_waiting(desk: Desk) -> None:
    owner, member = team(desk)
    for _try in range(throttle.FREE_FAILURES):
        with pytest.raises(Invalid) as error:
            unlock(member, "not this one")
        assert list(error.value.fields) == ["password"]
    with pytest.raises(Throttled):
        unlock(member)
    assert unlock(owner)
    with pytest.raises(Throttled):
        unlock(member)
    desk.clock.move(throttle.LONGEST_PAUSE)
    assert unlock(member)


def test_who_has_no_company_unlocks_nothing(desk: Desk) -> None:
    team(desk)
    for other in (logged_in(desk, "ola"), installer(desk, "stary", None), logged_in(desk, "adam", Role.AGENT)):
        with pytest.raises((NotFound, Forbidden)):
            unlock(other)


def test_two_who_edit_at_once_get_one_change(any_desk: Desk) -> None:
    owner, member = team(any_desk)
    pairs = [
        (one, unlock(one), *profile_form(one, phone=f"60000000{place}")) for place, one in enumerate((owner, member))
    ]

    def save(pair: tuple[Desk, str, ProfileForm, int]) -> str:
        one, ticket, form, version = pair
        try:
            one.do(installer_profile.edit, form, version, ticket)
        except Conflict:
            return "late"
        return form.phone

    with ThreadPoolExecutor(2) as pool:
        said = list(pool.map(save, pairs))
    assert said.count("late") == 1
    assert owner.see(installer_profile.read).phone in said


# Addresses


@pytest.mark.parametrize(("field", "old"), [("email", EMAIL), ("management_email", MANAGEMENT)])
def test_a_new_address_counts_once_its_code_has_come_back(any_desk: Desk, field: str, old: str) -> None:
    desk, (owner, member) = any_desk, team(any_desk)
    assert edit(member, unlock(member), **{field: "Nowy@x.example"}) == ["Nowy@x.example"]
    shown = owner.see(installer_profile.read)
    assert getattr(shown, field) == old
    assert getattr(shown, f"new_{field}") == "Nowy@x.example"
    assert letters(desk) == [("confirm_company", "Nowy@x.example")]
    owner.do(installer_profile.confirm, code_to(desk, "Nowy@x.example"))
    shown = owner.see(installer_profile.read)
    assert (getattr(shown, field), getattr(shown, f"new_{field}")) == ("Nowy@x.example", "")
    assert letters(desk)[1:] == [("company_address_changed", old)]
    with pytest.raises(Invalid):
        owner.do(installer_profile.confirm, code_to(desk, "Nowy@x.example"))


def test_whoever_reads_the_mail_may_confirm_it_without_logging_in(desk: Desk) -> None:
    owner, _member = team(desk)
    edit(owner, unlock(owner), email="nowy@x.example")
    done = desk.do(installer_sign_up.confirm_change, code_to(desk, "nowy@x.example"))
    assert (done.address, done.waits_for, done.login) == ("nowy@x.example", "", "")
    assert profile(desk).email_key == "nowy@x.example"


def test_another_companys_code_is_none_of_ours(desk: Desk) -> None:
    owner, _member = team(desk)
    edit(owner, unlock(owner), email="nowy@x.example")
    other = installer(desk, "obcy", service_company(desk, "Inna", "inna@example.com"), Standing.OWNER)
    code = code_to(desk, "nowy@x.example")
    with pytest.raises(Invalid):
        other.do(installer_profile.confirm, code)
    with pytest.raises(Invalid):
        desk.do(confirmation.confirm, code, Proof())
    owner.do(installer_profile.confirm, code)


def test_editing_again_asks_for_no_second_code_and_going_back_asks_for_none(desk: Desk) -> None:
    owner, member = team(desk)
    ticket = unlock(owner)
    edit(owner, ticket, email="nowy@x.example")
    assert edit(owner, ticket, phone="600700800") == [], "the new address stands in the form"
    code = code_to(desk, "nowy@x.example")
    assert edit(member, unlock(member), email=EMAIL) == []
    assert owner.see(installer_profile.read).new_email == ""
    with pytest.raises(Invalid):
        owner.do(installer_profile.confirm, code)
    with pytest.raises(Conflict):
        owner.do(installer_profile.send_again, Purpose.COMPANY, ticket)


def test_a_colleagues_new_address_takes_the_place_of_mine(desk: Desk) -> None:
    owner, member = team(desk)
    edit(owner, unlock(owner), email="pierwszy@x.example")
    old = code_to(desk, "pierwszy@x.example")
    edit(member, unlock(member), email="drugi@x.example")
    assert owner.see(installer_profile.read).new_email == "drugi@x.example"
    with pytest.raises(Invalid):
        owner.do(installer_profile.confirm, old)


def test_sending_again(desk: Desk) -> None:
    owner, _member = team(desk)
    ticket = unlock(owner)
    edit(owner, ticket, management_email="nowy@x.example")
    with pytest.raises(Throttled):
        owner.do(installer_profile.send_again, Purpose.MANAGEMENT, ticket)
    desk.clock.move(dt.timedelta(minutes=1))
    old = code_to(desk, "nowy@x.example")
    assert owner.do(installer_profile.send_again, Purpose.MANAGEMENT, ticket) == "nowy@x.example"
    with pytest.raises(Invalid):
        owner.do(installer_profile.confirm, old)
    owner.do(installer_profile.confirm, code_to(desk, "nowy@x.example"))
    with pytest.raises(Locked):
        owner.do(installer_profile.send_again, Purpose.MANAGEMENT, "")


def test_the_two_addresses_stay_two(desk: Desk) -> None:
    owner, _member = team(desk)
    ticket = unlock(owner)
    with pytest.raises(Invalid):
        profile_form(owner, email="x@x.example", management_email="X@x.example")
    with pytest.raises(Invalid) as error:
        edit(owner, ticket, email=MANAGEMENT, management_email=EMAIL)
    assert list(error.value.fields) == ["email"]
    edit(owner, ticket, email="x@x.example")
    desk.clock.move(dt.timedelta(minutes=1))
    form, version = profile_form(owner, email="y@x.example", management_email="x@x.example")
    owner.do(installer_profile.edit, form, version, ticket)
    owner.do(installer_profile.confirm, code_to(desk, "x@x.example"))
    assert profile(desk).management_key == "x@x.example"


def test_a_new_address_that_is_somebodys_is_told_to_them_alone(desk: Desk) -> None:
    """And looks to the company like one that is nobody's: it waits, and may be sent to again."""
    owner, _member = team(desk)
    person(desk, "ola")
    ticket, owner_id = unlock(owner), owner.actor().account_id or 0
    assert edit(owner, ticket, email="ola@example.com", management_email="wolny@x.example") == [
        "ola@example.com",
        "wolny@x.example",
    ]
    shown = owner.see(installer_profile.read)
    assert (shown.new_email, shown.new_management_email) == ("ola@example.com", "wolny@x.example")
    for purpose in BOTH:
        with pytest.raises(Throttled):
            owner.do(installer_profile.send_again, purpose, ticket)
    desk.clock.move(dt.timedelta(minutes=1))
    owner.do(installer_profile.send_again, Purpose.COMPANY, ticket)
    assert edit(owner, ticket, phone="600700800") == [], "it stands in the form and is not asked for twice"
    told = [("sign_up_known", "ola@example.com"), ("confirm_company", "wolny@x.example")]
    assert letters(desk) == [*told, told[0]]
    assert profile(desk).email == EMAIL
    desk.clock.move(dt.timedelta(hours=25))
    shown = seat(desk, owner_id).see(installer_profile.read)
    assert (shown.new_email, shown.new_management_email) == ("", "")


def test_a_code_that_can_not_be_sent_yet_keeps_everything_back_and_says_so(desk: Desk) -> None:
    owner, _member = team(desk)
    ticket = unlock(owner)
    edit(owner, ticket, email="nowy@x.example")
    edit(owner, ticket, email=EMAIL)
    with pytest.raises(Throttled) as error:
        edit(owner, ticket, email="nowy@x.example", phone="600700800")
    assert list(error.value.fields) == ["email"]
    assert "Nothing has been saved" in error.value.fields["email"].text()
    assert owner.see(installer_profile.read).phone != "600700800"
    desk.clock.move(dt.timedelta(minutes=1))
    assert edit(owner, ticket, email="nowy@x.example", phone="600700800") == ["nowy@x.example"]
    assert owner.see(installer_profile.read).phone == "600700800"


def test_one_of_its_owners_may_manage_it_nobodys_own_address_gets_its_notifications(desk: Desk) -> None:
    owner, _member = team(desk)
    edit(owner, unlock(owner), email="iga@example.com", management_email="wit@example.com")
    assert letters(desk) == [("sign_up_known", "iga@example.com"), ("sign_up_known", "wit@example.com")]
    desk.clock.move(dt.timedelta(minutes=1))
    edit(owner, unlock(owner), email=EMAIL, management_email="iga@example.com")
    assert letters(desk)[2:] == [("confirm_company", "iga@example.com")]
    owner.do(installer_profile.confirm, code_to(desk, "iga@example.com"))
    assert profile(desk).management_email == "iga@example.com"


@pytest.mark.parametrize(("login", "letter"), [("iga", "confirm_new_address"), ("wit", "address_of_company")])
def test_an_owner_may_move_to_the_address_it_is_managed_at_a_member_may_not(
    desk: Desk, login: str, letter: str
) -> None:
    as_ = dict(zip(("iga", "wit"), team(desk), strict=True))[login]
    as_.do(own.ask_new_address, forms.fill(own.NewAddress, {"now": PASSWORD, "email": MANAGEMENT}))
    desk.clock.move(dt.timedelta(minutes=1))
    as_.do(own.ask_new_address, forms.fill(own.NewAddress, {"now": PASSWORD, "email": EMAIL}))
    assert letters(desk) == [(letter, MANAGEMENT), ("address_of_company", EMAIL)]


# Another management password


def change(as_: Desk, now: str = MANAGEMENT_PASSWORD, password: str = NEW) -> None:
    values = {"now": now, "password": password, "again": password}
    as_.do(installer_profile.change_password, forms.fill(NewManagementPassword, values))


def test_another_management_password(any_desk: Desk) -> None:
    desk, (owner, member) = any_desk, team(any_desk)
    ticket = unlock(owner)
    with pytest.raises(Invalid) as wrong:
        change(member, now="nie to")
    assert list(wrong.value.fields) == ["now"]
    with pytest.raises(Invalid) as own:
        change(member, password=PASSWORD)
    assert list(own.value.fields) == ["password"]
    with pytest.raises(Invalid):
        change(member, password="krótkie")
    change(member)
    assert letters(desk) == [("management_changed", EMAIL), ("management_changed", MANAGEMENT)]
    with pytest.raises(Locked):
        edit(owner, ticket, phone="1234567")
    with pytest.raises(Invalid):
        unlock(owner)
    assert unlock(owner, NEW)


def test_guessing_it_there_is_throttled_too(desk: Desk) -> None:
    _owner, member = team(desk)
    for _try in range(throttle.FREE_FAILURES):
        with pytest.raises(Invalid):
            change(member, now="nie to")
    with pytest.raises(Throttled):
        unlock(member)


def test_a_ticket_is_worth_nothing_once_its_session_has_ended(desk: Desk) -> None:
    owner, _member = team(desk)
    ticket = unlock(owner)
    account_id = owner.actor().account_id or 0
    desk.as_system().do(sessions.end_all, account_id)
    with pytest.raises(Locked):
        edit(seat(desk, account_id), ticket, phone="1234567")
    assert mail(desk) == []
