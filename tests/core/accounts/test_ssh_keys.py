"""The own SSH keys: adding, removing, and what ends with them."""

from __future__ import annotations

import datetime as dt

import pytest
import sqlalchemy as sa

from core import forms
from core.accounts import key_login, profile, recovery, sessions, ssh_keys
from core.errors import Forbidden, Invalid, NotFound, Throttled
from core.models.accounts import Role
from core.people import staff
from core.service.desk import Desk, SessionEnded
from tests.factories.desks import PASSWORD, journal_of, logged_in, mail, mailed_code, seat
from tests.factories.keys import add, came, coming, confirmed, ed25519_key

LAPTOP, PHONE = ed25519_key("laptop", "ola@laptop"), ed25519_key("phone", "")
NEW = "cztery żółte kaczki"


@pytest.fixture
def ola(desk: Desk) -> Desk:
    return logged_in(desk, "ola")


def is_out(desk: Desk) -> bool:
    try:
        desk.actor()
    except SessionEnded:
        return True
    return False


def by_key(guest: Desk) -> Desk:
    """The session of whoever comes by a key that logs in at once."""
    step = guest.do(key_login.enter)
    assert step is not None and step.entered is not None
    return guest.acting(step.entered.session_id)


def names(mine: Desk) -> list[str]:
    return [key.name for key in mine.see(ssh_keys.own)]


def refused(mine: Desk, line: str) -> str:
    with pytest.raises(Invalid) as error:
        mine.do(ssh_keys.add, forms.fill(ssh_keys.NewKey, {"line": line, "name": "", "now": PASSWORD}))
    return error.value.fields["line"].text()


# Adding


def test_an_added_key_waits_and_its_owner_hears(any_desk: Desk) -> None:
    mine = logged_in(any_desk, "ola")
    mine.peer = came(address="198.51.100.4")
    assert add(mine, LAPTOP)
    assert add(mine, PHONE, "phone")
    assert names(mine) == ["phone", "ola@laptop"]
    assert all(key.waits and key.used_at is None and not key.here for key in mine.see(ssh_keys.own))
    letter = mail(any_desk, "key_added")[0]
    assert letter.address == "ola@example.com"
    assert letter.details["source"] == "198.51.100.4"
    assert (letter.details["key"], letter.details["waits"]) == ("ola@laptop", True)
    assert journal_of(any_desk).count("ssh_key.add") == 2


def test_the_own_password_is_asked_and_tries_are_paid_for(desk: Desk, ola: Desk) -> None:
    for _try in range(5):
        with pytest.raises(Invalid) as wrong:
            add(ola, LAPTOP, password="not this one")
        assert wrong.value.field == "now"
    with pytest.raises(Throttled):
        add(ola, LAPTOP)
    assert not mail(desk)


def test_what_cannot_be_added_says_so_and_costs_no_try(desk: Desk, ola: Desk) -> None:
    add(ola, LAPTOP)
    for _try in range(7):
        assert refused(ola, LAPTOP.line) == "This key is among yours already."
    with pytest.raises(Invalid) as garbage:
        add(ola, ed25519_key(comment="x" * 17_000))
    assert "line" in garbage.value.fields
    for number in range(ssh_keys.MOST - 1):
        add(ola, ed25519_key(f"{number}"))
    assert "there can't be more" in refused(ola, PHONE.line)


def test_what_this_connection_has_proven_need_not_wait(desk: Desk, ola: Desk) -> None:
    """Whoever sits here has shown the key to the door and the password to the desk."""
    ola.peer = came(proven=LAPTOP)
    assert not add(ola, LAPTOP)
    assert [(key.waits, key.here) for key in ola.see(ssh_keys.own)] == [(False, True)]
    assert mail(desk, "key_added")[-1].details["waits"] is False
    assert by_key(coming(desk, LAPTOP)).actor().login == "ola"


def test_a_proven_key_that_is_another_accounts_waits_all_the_same(desk: Desk, ola: Desk) -> None:
    confirmed(logged_in(desk, "ewa"), LAPTOP)
    ola.peer = came(proven=LAPTOP)
    assert add(ola, LAPTOP)
    assert by_key(coming(desk, LAPTOP)).actor().login == "ewa"


def test_what_somebody_came_with_can_be_added_unless_it_is_there_or_proven_to_be_somebodys(
    desk: Desk, ola: Desk
) -> None:
    assert ola.see(ssh_keys.came_with) == []
    ola.peer = came(LAPTOP, PHONE, ed25519_key("third", "third"), LAPTOP)
    confirmed(logged_in(desk, "ewa"), ed25519_key("third"))
    add(ola, PHONE)
    assert [key.comment for key in ola.see(ssh_keys.came_with)] == ["ola@laptop", "third"], "nothing is told of offers"
    ola.peer = came(LAPTOP, proven=ed25519_key("third"))
    assert [key.comment for key in ola.see(ssh_keys.came_with)] == ["ola@laptop"]


def test_what_a_client_offers_is_not_believed_to_be_a_key(desk: Desk, ola: Desk) -> None:
    from dataclasses import replace

    ola.peer = replace(came(), offered=("ssh-ed25519 AAAA", "\x1b[2J", "ssh-dss AAAA x", ""))
    assert ola.see(ssh_keys.came_with) == []


def test_of_a_proven_key_the_line_is_known_from_whoever_added_it(desk: Desk, ola: Desk) -> None:
    add(logged_in(desk, "mallory"), LAPTOP)
    ola.peer = came(proven=LAPTOP)
    assert [key.fingerprint for key in ola.see(ssh_keys.came_with)] == [LAPTOP.fingerprint]


def test_a_door_is_told_whether_a_key_is_worth_proving_and_nobody_else(desk: Desk, ola: Desk) -> None:
    doors = desk.as_system()
    assert not doors.see(ssh_keys.known, LAPTOP.fingerprint)
    add(ola, LAPTOP)
    assert doors.see(ssh_keys.known, LAPTOP.fingerprint)
    for anybody in (desk, ola, logged_in(desk, "root", Role.ADMIN)):
        with pytest.raises(Forbidden):
            anybody.see(ssh_keys.known, LAPTOP.fingerprint)
    ola.do(ssh_keys.remove, ola.see(ssh_keys.own)[0].id)
    assert not doors.see(ssh_keys.known, LAPTOP.fingerprint)


# Removing


def test_a_removed_key_ends_the_sessions_that_came_by_it_and_no_other(any_desk: Desk) -> None:
    mine = logged_in(any_desk, "ola")
    guest = confirmed(mine, LAPTOP)
    confirmed(mine, PHONE)
    by_laptop, by_phone = by_key(guest), by_key(coming(any_desk, PHONE))
    laptop = next(key for key in mine.see(ssh_keys.own) if key.name == "ola@laptop")
    mine.do(ssh_keys.remove, laptop.id)
    assert is_out(by_laptop)
    assert not is_out(by_phone) and not is_out(mine)
    assert guest.see(key_login.who_comes) is None
    assert guest.do(key_login.enter) is None
    assert names(mine) == [""]
    letter = mail(any_desk, "key_removed")[-1].details
    assert letter["keys"] == f"ola@laptop {LAPTOP.fingerprint}" and letter["ended"] is False
    mine.do(ssh_keys.remove, laptop.id)
    assert len(mail(any_desk, "key_removed")) == 1, "there was nothing left to remove"


def test_who_removes_the_key_they_came_by_stays_until_logging_out(desk: Desk, ola: Desk) -> None:
    guest = confirmed(ola, LAPTOP)
    here = by_key(guest)
    assert here.see(ssh_keys.own)[0].here
    here.do(ssh_keys.remove, here.see(ssh_keys.own)[0].id)
    assert not is_out(here)
    here.do(sessions.log_out)
    assert guest.do(key_login.enter) is None


def test_nobody_removes_anothers_key(desk: Desk, ola: Desk) -> None:
    add(ola, LAPTOP)
    key = ola.see(ssh_keys.own)[0].id
    for other in (logged_in(desk, "ewa"), logged_in(desk, "root", Role.ADMIN)):
        with pytest.raises(NotFound):
            other.do(ssh_keys.remove, key)
    assert names(ola) == ["ola@laptop"]


def test_a_removed_key_can_be_added_again_and_waits_again(desk: Desk, ola: Desk) -> None:
    confirmed(ola, LAPTOP)
    ola.do(ssh_keys.remove, ola.see(ssh_keys.own)[0].id)
    assert add(ola, LAPTOP)
    comer = coming(desk, LAPTOP).see(key_login.who_comes)
    assert comer is not None and comer.step == "ask"


# What ends log-ins removes the keys


def reset(desk: Desk, ola: Desk) -> None:
    desk.do(recovery.ask, "ola")
    desk.do(recovery.set_password, mailed_code(desk, "reset"), NEW, NEW)


def unlock(desk: Desk, ola: Desk) -> None:
    logged_in(desk, "adam", Role.AGENT).do(staff.unlock, ola.actor().account_id or 0)


def off_and_on(desk: Desk, ola: Desk) -> None:
    account_id, root = ola.actor().account_id or 0, logged_in(desk, "root", Role.ADMIN)
    root.do(staff.switch, account_id, on=False)
    root.do(staff.switch, account_id, on=True)


@pytest.mark.parametrize("end", [reset, unlock, off_and_on])
def test_no_key_logs_in_silently_after_the_log_ins_were_ended(desk: Desk, ola: Desk, end: object) -> None:
    """Not even a question is asked: whoever put a key of theirs there would be the one to answer it."""
    guest = confirmed(ola, LAPTOP)
    add(ola, PHONE)
    here = by_key(guest)
    assert callable(end)
    end(desk, ola)
    assert is_out(here)
    for key in (LAPTOP, PHONE):
        assert coming(desk, key).see(key_login.who_comes) is None
        assert coming(desk, key).do(key_login.enter) is None
    letters = mail(desk, "key_removed")
    if end is off_and_on:
        assert letters == [], "whoever is switched off gets no mail about it"
    else:
        assert [letter.details["ended"] for letter in letters] == [True]
        assert LAPTOP.fingerprint in letters[0].details["keys"] and PHONE.fingerprint in letters[0].details["keys"]


def test_a_new_password_leaves_the_key_of_the_session_it_was_chosen_in(desk: Desk, ola: Desk) -> None:
    guest = confirmed(ola, LAPTOP)
    confirmed(ola, PHONE)
    here, elsewhere = by_key(guest), by_key(coming(desk, PHONE))
    form = forms.fill(profile.NewPassword, {"now": PASSWORD, "password": NEW, "again": NEW})
    here.do(profile.change_password, form)
    assert names(here) == ["ola@laptop"]
    assert not is_out(here)
    assert is_out(elsewhere) and is_out(ola)
    assert guest.see(key_login.who_comes) is not None
    assert PHONE.fingerprint in mail(desk, "key_removed")[-1].details["keys"]


def test_a_new_password_chosen_elsewhere_removes_every_key(desk: Desk, ola: Desk) -> None:
    confirmed(ola, LAPTOP)
    form = forms.fill(profile.NewPassword, {"now": PASSWORD, "password": NEW, "again": NEW})
    seat(desk, ola.actor().account_id or 0).do(profile.change_password, form)
    assert coming(desk, LAPTOP).see(key_login.who_comes) is None


def test_who_has_no_key_gets_no_letter_about_keys(desk: Desk, ola: Desk) -> None:
    reset(desk, ola)
    assert mail(desk, "password_changed") and not mail(desk, "key_removed")


def test_a_session_knows_the_key_it_came_by(desk: Desk, ola: Desk) -> None:
    from core.models.accounts import Session
    from core.service.unit_of_work import table

    guest = confirmed(ola, LAPTOP)
    here = by_key(guest)
    key = ola.see(ssh_keys.own)[0]
    rows = desk.as_system().see(lambda look: look.rows(sa.select(table(Session)).order_by(table(Session).c.id)))
    assert {row.id: row.ssh_key_id for row in rows}[here._seat] == key.id
    assert {row.id: row.ssh_key_id for row in rows}[ola._seat] is None
    desk.clock.move(dt.timedelta(hours=1))  # type: ignore[attr-defined]
    by_key(guest)
    assert ola.see(ssh_keys.own)[0].used_at == desk.now
