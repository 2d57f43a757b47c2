"""My account: what needs the password again, who is told, and who wins when two want the same."""

from __future__ import annotations

import datetime as dt
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from core import forms
from core.accounts import login, own_password, profile, recovery
from core.errors import Invalid, NotFound, Throttled
from core.models.accounts import Account, Role, Standing
from core.service import throttle
from core.service.desk import Desk, SessionEnded
from core.service.unit_of_work import table
from tests.factories.desks import PASSWORD, contract, journal_of, logged_in, mail, mailed_code, moved_away, person, seat

NEW = "nowe dobre hasło"


def account(desk: Desk, login: str = "ola") -> Account:
    found = desk.as_system().see(lambda look: look.unscoped(Account, table(Account).c.login == login))
    assert found is not None
    return found


def new_password(now: str = PASSWORD, password: str = NEW) -> profile.NewPassword:
    return forms.fill(profile.NewPassword, {"now": now, "password": password, "again": password})


def new_address(email: str = "nowa@example.com", now: str = PASSWORD) -> profile.NewAddress:
    return forms.fill(profile.NewAddress, {"now": now, "email": email})


def details(**given: Any) -> profile.Details:
    values = {"first_name": "Ola", "last_name": "Nowak", "phone": "", "language": "pl", "zone": "Europe/Warsaw"}
    return forms.fill(profile.Details, {**values, **given})


def test_who_i_am(desk: Desk) -> None:
    contract(desk)
    ola = logged_in(desk, "ola", company="Tarnina sp. z o.o.", standing=Standing.OWNER)
    me = ola.see(profile.me)
    assert (me.login, me.company, me.standing) == ("ola", "Tarnina sp. z o.o.", "owner")
    assert (me.authenticator, me.authenticator_required) == (False, False)
    assert logged_in(desk, "adam", Role.AGENT).see(profile.me).authenticator_required
    with pytest.raises(NotFound):
        desk.see(profile.me)


def test_details_count_at_once_and_the_journal_names_fields_only(desk: Desk) -> None:
    ola = logged_in(desk, "ola")
    ola.do(profile.change_details, details(first_name="Aleksandra", zone="America/New_York", phone="601 234 567"))
    actor = ola.actor()
    assert (actor.name, actor.language, actor.zone) == ("Aleksandra Nowak", "pl", "America/New_York")
    assert account(desk).phone == "601 234 567"
    from core.service.audit_log import Entry

    entry = desk.as_system().see(lambda look: look.unscoped(Entry, table(Entry).c.action == "account.details"))
    assert entry.facts == {"changed": ["first_name", "last_name", "phone", "language", "zone"]}
    assert "Aleksandra" not in repr(entry)


@pytest.mark.parametrize("zone", ["Europe/Nowhere", "../etc/passwd", "Warsaw", "UTC+1"])
def test_a_zone_that_is_none(zone: str) -> None:
    with pytest.raises(Invalid) as refused:
        details(zone=zone)
    assert list(refused.value.fields) == ["zone"]


# The password


def test_a_new_password_ends_the_other_sessions_and_a_mail_says_so(desk: Desk) -> None:
    ola = person(desk, "ola")
    mine, elsewhere = seat(desk, ola), seat(desk, ola)
    mine.do(profile.change_password, new_password())
    assert mine.actor().login == "ola"
    with pytest.raises(SessionEnded):
        elsewhere.actor()
    assert [(row.letter, row.address) for row in mail(desk)] == [("password_changed", "ola@example.com")]
    assert desk.do(login.password, "ola", NEW) is not None


def test_a_wrong_password_changes_nothing_and_guessing_is_throttled(desk: Desk) -> None:
    ola = logged_in(desk, "ola")
    before = account(desk).password_hash
    for _try in range(throttle.FREE_FAILURES):
        with pytest.raises(Invalid) as refused:
            ola.do(profile.change_password, new_password(now="nie to hasło"))
        assert list(refused.value.fields) == ["now"]
    with pytest.raises(Throttled) as paused:
        ola.do(profile.change_password, new_password())
    assert list(paused.value.fields) == ["now"]
    assert account(desk).password_hash == before
    desk.clock.move(dt.timedelta(seconds=30))
    ola.do(profile.change_password, new_password())
    assert account(desk).password_hash != before


@pytest.mark.parametrize("password", ["krótkie", "password1", "ola@example.com"])
def test_a_weak_one_is_no_wrong_try(desk: Desk, password: str) -> None:
    ola = logged_in(desk, "ola")
    for _try in range(throttle.FREE_FAILURES + 2):
        with pytest.raises(Invalid) as refused:
            ola.do(profile.change_password, new_password(password=password))
        assert list(refused.value.fields) == ["password"]
    ola.do(profile.change_password, new_password())


def test_a_password_changed_meanwhile_is_asked_for_again(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """Between the check, outside the transaction, and the change."""
    ola = logged_in(desk, "ola")
    check = profile.change_password.prepare

    def meanwhile(look: object, form: object) -> dict[str, Any]:
        given = check(look, form)
        desk.do(recovery.ask, "ola")
        desk.do(recovery.set_password, mailed_code(desk, "reset"), "zmienione gdzie indziej", "zmienione gdzie indziej")
        return given

    monkeypatch.setattr(profile.change_password, "prepare", meanwhile)
    with pytest.raises((Invalid, SessionEnded)):
        ola.do(profile.change_password, new_password())
    assert desk.do(login.password, "ola", "zmienione gdzie indziej") is not None


# The address


def test_a_new_address_counts_when_its_code_comes_back_and_the_old_one_is_told(any_desk: Desk) -> None:
    ola = logged_in(any_desk, "ola")
    assert ola.do(profile.ask_new_address, new_address()) == "nowa@example.com"
    assert account(any_desk).email == "ola@example.com"
    any_desk.do(recovery.ask, "ola")
    on_its_way_to_the_old = mailed_code(any_desk, "reset")
    assert ola.do(profile.confirm_new_address, mailed_code(any_desk, "confirm_new_address")) == "nowa@example.com"
    assert (account(any_desk).email, account(any_desk).email_key) == ("nowa@example.com", "nowa@example.com")
    assert [(row.letter, row.address) for row in mail(any_desk)] == [
        ("confirm_new_address", "nowa@example.com"),
        ("reset", "ola@example.com"),
        ("address_changed", "ola@example.com"),
    ]
    with pytest.raises(Invalid):
        any_desk.do(recovery.set_password, on_its_way_to_the_old, NEW, NEW)
    assert any_desk.do(login.password, "nowa@example.com", PASSWORD) is not None
    assert any_desk.do(login.password, "ola@example.com", PASSWORD) is None


def test_an_address_that_is_taken_is_answered_alike_and_its_owner_hears(desk: Desk) -> None:
    person(desk, "ewa")
    ola = logged_in(desk, "ola")
    assert ola.do(profile.ask_new_address, new_address("EWA@example.com")) == "EWA@example.com"
    assert [(row.letter, row.address) for row in mail(desk)] == [("sign_up_known", "ewa@example.com")]
    with pytest.raises(Throttled):
        ola.do(profile.ask_new_address, new_address("inna@example.com"))


def test_an_address_that_is_anothers_login_is_answered_alike_and_changes_nothing(desk: Desk) -> None:
    moved_away(desk, "dawny@example.com")
    ola = logged_in(desk, "ola")
    assert ola.do(profile.ask_new_address, new_address("Dawny@example.com")) == "Dawny@example.com"
    (told,) = mail(desk)
    assert (told.letter, told.address) == ("login_taken", "Dawny@example.com")


def test_nor_does_one_that_became_so_meanwhile(desk: Desk) -> None:
    ola = logged_in(desk, "ola")
    ola.do(profile.ask_new_address, new_address("dawny@example.com"))
    moved_away(desk, "dawny@example.com")
    with pytest.raises(Invalid):
        ola.do(profile.confirm_new_address, mailed_code(desk, "confirm_new_address"))
    assert account(desk).email == "ola@example.com"


def test_back_to_the_address_that_is_ones_own_login(desk: Desk) -> None:
    mine = seat(desk, moved_away(desk, "ola@example.com"))
    mine.do(profile.ask_new_address, new_address("ola@example.com"))
    assert mine.do(profile.confirm_new_address, mailed_code(desk, "confirm_new_address")) == "ola@example.com"


def test_ones_own_address_is_no_new_one_and_no_wrong_try(desk: Desk) -> None:
    ola = logged_in(desk, "ola")
    for _try in range(throttle.FREE_FAILURES + 2):
        with pytest.raises(Invalid) as refused:
            ola.do(profile.ask_new_address, new_address("OLA@example.com"))
        assert list(refused.value.fields) == ["email"]


def test_two_who_want_one_address(any_desk: Desk) -> None:
    """Both got a code; the first to bring it back has it, the other hears that the code is no good."""
    seats = [logged_in(any_desk, name) for name in ("ola", "ewa")]
    codes = []
    for mine in seats:
        mine.do(profile.ask_new_address, new_address("wspolna@example.com"))
        codes.append(mailed_code(any_desk, "confirm_new_address"))

    def confirm(pair: tuple[Desk, str]) -> bool:
        try:
            pair[0].do(profile.confirm_new_address, pair[1])
        except Invalid:
            return False
        return True

    with ThreadPoolExecutor(2) as pool:
        won = list(pool.map(confirm, zip(seats, codes, strict=True)))
    assert sorted(won) == [False, True]
    assert [account(any_desk, name).email == "wspolna@example.com" for name in ("ola", "ewa")] == won


def test_a_code_is_its_own_accounts(desk: Desk) -> None:
    ola, ewa = logged_in(desk, "ola"), logged_in(desk, "ewa")
    ola.do(profile.ask_new_address, new_address())
    code = mailed_code(desk, "confirm_new_address")
    with pytest.raises(Invalid):
        ewa.do(profile.confirm_new_address, code)
    assert ola.do(profile.confirm_new_address, code), "somebody else's try used nothing up"


def test_a_wrong_password_sends_no_code(desk: Desk) -> None:
    ola = logged_in(desk, "ola")
    with pytest.raises(Invalid):
        ola.do(profile.ask_new_address, new_address(now="nie to"))
    assert mail(desk) == []
    assert "account.address" not in journal_of(desk)


# Choices


def test_choices_are_kept_by_screen_and_person(desk: Desk) -> None:
    ola, ewa = logged_in(desk, "ola"), logged_in(desk, "ewa")
    assert ola.see(profile.kept_choice, "tickets") == {}
    ola.do(profile.keep_choice, "tickets", {"closed": True})
    ola.do(profile.keep_choice, "assets", {"x": [1, "ż"]})
    ola.do(profile.keep_choice, "tickets", {"closed": False})
    assert ola.see(profile.kept_choice, "tickets") == {"closed": False}
    assert ola.see(profile.kept_choice, "assets") == {"x": [1, "ż"]}
    assert ewa.see(profile.kept_choice, "tickets") == {}


# A session that was left alone


def session_password(text: str = PASSWORD) -> own_password.SessionPassword:
    return forms.fill(own_password.SessionPassword, {"now": text})


def test_the_password_opens_a_session_again_and_wrong_ones_end_it(desk: Desk) -> None:
    account_id = person(desk, "ola")
    left_alone, elsewhere = seat(desk, account_id), seat(desk, account_id)
    tries = range(throttle.FREE_FAILURES - 1, 0, -1)
    assert [left_alone.do(own_password.open_again, session_password("wrong")) for _try in tries] == list(tries)
    assert left_alone.do(own_password.open_again, session_password()) is None
    assert left_alone.do(own_password.open_again, session_password("wrong")) == throttle.FREE_FAILURES - 1, (
        "it began anew"
    )
    for left in tries:
        assert left_alone.do(own_password.open_again, session_password("wrong")) == left - 1
    with pytest.raises(SessionEnded):
        left_alone.do(own_password.open_again, session_password())
    assert elsewhere.do(own_password.open_again, session_password()) is None, "another session has tries of its own"
    assert journal_of(desk).count("session.closed") == 1


def test_a_password_that_was_changed_meanwhile_opens_no_session(desk: Desk) -> None:
    ola = logged_in(desk, "ola")
    hashed = account(desk).password_hash
    ola.do(profile.change_password, new_password())
    assert ola.do(own_password.open_again.run, account(desk), session_password(), checked=hashed) is not None
    assert ola.do(own_password.open_again, session_password()) is not None
    assert ola.do(own_password.open_again, session_password(NEW)) is None


def test_all_the_sessions_of_an_account_have_so_many_tries_together(desk: Desk) -> None:
    account_id = person(desk, "ola")
    for _session in range(2):
        guessed = seat(desk, account_id)
        while guessed.do(own_password.open_again, session_password("wrong")):
            pass
    with pytest.raises(Throttled):
        seat(desk, account_id).do(own_password.open_again, session_password())
