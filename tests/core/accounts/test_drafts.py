"""Drafts on the desk: whose they are, what nobody else can read, which of two sessions wins, and what is forgotten."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

import pytest
import sqlalchemy as sa

from core import jobs
from core.accounts import drafts
from core.errors import DeskError
from core.models.drafts import UnsentForm
from core.service.desk import Desk
from core.service.unit_of_work import table
from tests.factories.desks import logged_in, person, seat

REPLY = "ticket.reply:1042"


def kept(desk: Desk) -> Mapping[str, Mapping[str, Any]]:
    return {draft.form: draft.values for draft in desk.see(drafts.own)}


def test_a_draft_is_its_owners_and_comes_back_as_it_was(any_desk: Desk) -> None:
    ola, ewa = logged_in(any_desk, "ola"), logged_in(any_desk, "ewa")
    values = {"body": "Zażółć\n[/] „gęślą”", "several": ("a", "b"), "tick": "yes"}
    at = ola.do(drafts.keep, REPLY, values, {"assets": [3, 4]})
    (draft,) = ola.see(drafts.own)
    assert draft == drafts.KeptDraft(REPLY, values, {"assets": [3, 4]}, any_desk.now)
    assert at == any_desk.now
    assert kept(ewa) == {}
    ewa.do(drafts.forget, REPLY, any_desk.now)
    assert kept(ola) == {REPLY: values}


def test_guests_keep_none(desk: Desk) -> None:
    with pytest.raises(DeskError):
        desk.do(drafts.keep, "sign_up", {"email": "ola@example.com"}, {})
    assert desk.see(drafts.own) == []


def test_the_store_tells_nothing_of_it_and_takes_it_from_nobody(desk: Desk) -> None:
    ola, ewa = logged_in(desk, "ola"), logged_in(desk, "ewa")
    ola.do(drafts.keep, REPLY, {"body": "the secret sentence"}, {})
    sealed = desk.as_system().see(lambda look: look.value(sa.select(table(UnsentForm).c.content)))
    assert "secret" not in sealed
    mine = ewa.actor().account_id

    def give(work: Any) -> None:
        work.change(UnsentForm, table(UnsentForm).c.form == REPLY, account_id=mine)

    desk.as_system().do(give)
    assert kept(ewa) == {}, "sealed for another account, it opens for nobody"


def test_the_last_writer_wins(any_desk: Desk) -> None:
    account = person(any_desk, "ola")
    here, there = seat(any_desk, account), seat(any_desk, account)
    here.do(drafts.keep, REPLY, {"body": "written here"}, {})
    any_desk.clock.move(dt.timedelta(seconds=1))
    there.do(drafts.keep, REPLY, {"body": "written there"}, {})
    assert kept(here) == {REPLY: {"body": "written there"}}


def test_no_session_forgets_what_another_has_written_since(desk: Desk) -> None:
    account = person(desk, "ola")
    here, there = seat(desk, account), seat(desk, account)
    known = here.do(drafts.keep, REPLY, {"body": "written here"}, {})
    desk.clock.move(dt.timedelta(seconds=1))
    there.do(drafts.keep, REPLY, {"body": "written there"}, {})
    here.do(drafts.forget, REPLY, known)
    assert kept(here) == {REPLY: {"body": "written there"}}
    there.do(drafts.forget, REPLY, desk.now)
    assert kept(here) == {}


@pytest.mark.parametrize("gone", [False, True])
def test_a_session_that_ends_late_leaves_alone_what_came_after_it(desk: Desk, gone: bool) -> None:
    """A cut line is noticed after minutes; meanwhile its owner has gone on elsewhere, or sent it there."""
    account = person(desk, "ola")
    here, there = seat(desk, account), seat(desk, account)
    known = here.do(drafts.keep, REPLY, {"body": "half"}, {})
    desk.clock.move(dt.timedelta(seconds=1))
    if gone:
        there.do(drafts.forget, REPLY, desk.now)
    else:
        there.do(drafts.keep, REPLY, {"body": "half and the rest"}, {}, known=known)
    late = here.do(drafts.keep, REPLY, {"body": "half a"}, {}, known=known, unless_newer=True)
    assert late is None
    assert kept(here) == ({} if gone else {REPLY: {"body": "half and the rest"}})


def test_what_only_this_session_knows_is_written_at_its_end(desk: Desk) -> None:
    ola = logged_in(desk, "ola")
    known = ola.do(drafts.keep, REPLY, {"body": "first"}, {}, unless_newer=True)
    assert known == desk.now
    assert ola.do(drafts.keep, REPLY, {"body": "second"}, {}, known=known, unless_newer=True) == desk.now
    assert kept(ola) == {REPLY: {"body": "second"}}


def test_nobody_fills_the_desk(desk: Desk) -> None:
    ola, ewa = logged_in(desk, "ola"), logged_in(desk, "ewa")
    ewa.do(drafts.keep, REPLY, {"body": "of somebody else"}, {})
    with pytest.raises(drafts.TooLong):
        ola.do(drafts.keep, REPLY, {"body": "x" * drafts.LONGEST}, {})
    for number in range(drafts.MOST + 2):
        desk.clock.move(dt.timedelta(seconds=1))
        ola.do(drafts.keep, f"ticket.reply:{number}", {"body": "one of many"}, {})
    forms = kept(ola)
    assert len(forms) == drafts.MOST
    assert "ticket.reply:1" not in forms and "ticket.reply:2" in forms, "the oldest went"
    assert len(kept(ewa)) == 1


@pytest.mark.parametrize("name", ["", "x" * 121, "a b", "ticket.reply:1;", "ticket.reply:" + "1" * 120])
def test_a_name_that_is_none(desk: Desk, name: str) -> None:
    with pytest.raises(ValueError, match="name of a form"):
        logged_in(desk, "ola").do(drafts.keep, name, {"body": "something"}, {})


def test_what_nobody_comes_back_to_is_forgotten(any_desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(drafts, "FORGOTTEN_AT_ONCE", 2)
    ola = logged_in(any_desk, "ola")
    for number in range(5):
        ola.do(drafts.keep, f"ticket.reply:{number}", {"body": "left alone"}, {})
    any_desk.clock.move(dt.timedelta(days=29))
    assert jobs.run(any_desk)["drafts-forgotten"] == 0
    any_desk.clock.move(dt.timedelta(days=1))
    assert jobs.run(any_desk)["drafts-forgotten"] == 5
