"""The conversation: who is told, how the ticket stands afterwards, and what stays inside."""

from __future__ import annotations

import datetime as dt
from typing import NamedTuple

import pytest

from core import forms
from core.db.pagination import PageRequest
from core.errors import Conflict, Forbidden, Invalid, NotFound, Overtaken
from core.models.accounts import Role
from core.models.tickets import Status
from core.service.desk import Desk
from core.tickets import conversation, create, detail, listing, workflow
from core.tickets.listing import View
from tests.factories.desks import admin_values, journal_of, logged_in, mail, seat


class Room(NamedTuple):
    """A ticket of Ola's, her colleague, two agents and somebody of another company."""

    desk: Desk
    number: int
    ola: Desk
    ewa: Desk
    adam: Desk
    eryk: Desk
    stranger: Desk

    def status(self) -> Status:
        return Status(self.adam.see(detail.ticket, self.number).status)

    def put(self, status: Status) -> None:
        if self.status() is not status:
            self.adam.do(
                workflow.set_status, self.number, status, seen=self.adam.see(detail.ticket, self.number).version
            )

    def told(self, since: int = 0) -> set[tuple[str, str]]:
        return {(row.letter, row.address.partition("@")[0]) for row in mail(self.desk)[since:]}


@pytest.fixture
def room(any_desk: Desk) -> Room:
    ola, ewa = (logged_in(any_desk, name, company="Ours") for name in ("ola", "ewa"))
    adam, eryk = (logged_in(any_desk, name, Role.AGENT) for name in ("adam", "eryk"))
    stranger = logged_in(any_desk, "obcy", company="Theirs")
    return Room(any_desk, ola.do(create.create, admin_values()), ola, ewa, adam, eryk, stranger)


def reply(desk: Desk, number: int, body: str = "Nadal nic.") -> int:
    return desk.do(conversation.reply, number, conversation.Reply(body=body))


def answer(desk: Desk, number: int, status: Status = Status.WAITING_CUSTOMER, body: str = "Proszę sprawdzić.") -> int:
    return desk.do(conversation.reply, number, conversation.StaffReply(body=body, status=str(status.value)))


@pytest.mark.parametrize("status", [status for status in Status if status is not Status.NEW])
def test_a_customers_reply_opens_what_waited_or_was_done(room: Room, status: Status) -> None:
    room.put(status)
    reply(room.ola, room.number)
    assert room.status() is Status.OPEN


def test_a_reply_to_a_new_ticket_leaves_it_new(room: Room) -> None:
    reply(room.ola, room.number)
    assert room.status() is Status.NEW


@pytest.mark.parametrize("status", [status for status in Status if status is not Status.NEW])
def test_an_answer_leaves_the_ticket_as_it_says(room: Room, status: Status) -> None:
    answer(room.adam, room.number, status)
    shown = room.ola.see(detail.ticket, room.number)
    assert shown.status == status
    assert [(said.staff, said.body) for said in shown.conversation][-1] == (True, "Proszę sprawdzić.")


def test_who_is_told_of_a_reply(room: Room) -> None:
    before = len(mail(room.desk))
    reply(room.ewa, room.number)
    assert room.told(before) == {("ticket_replied", "ola"), ("ticket_replied", "adam"), ("ticket_replied", "eryk")}
    before = len(mail(room.desk))
    answer(room.adam, room.number)
    assert room.told(before) == {("ticket_replied", "ola"), ("ticket_replied", "ewa")}
    room.adam.do(workflow.assign, room.number, room.eryk.actor().account_id, seen=_version(room))
    before = len(mail(room.desk))
    reply(room.ola, room.number)
    assert room.told(before) == {("ticket_replied", "eryk"), ("ticket_replied", "ewa")}
    assert mail(room.desk)[-1].details["body"] == "Nadal nic."


def _version(room: Room) -> int:
    return room.adam.see(detail.ticket, room.number).version


def test_notes_are_never_shown_found_or_mailed_to_customers(room: Room) -> None:
    before, version = len(mail(room.desk)), _version(room)
    room.adam.do(conversation.note, room.number, conversation.Note(body="Klient ma stary kwarcowy zasilacz"))
    assert mail(room.desk)[before:] == []
    for customer in (room.ola, room.ewa):
        shown = customer.see(detail.ticket, room.number)
        assert "kwarcowy" not in repr(shown)
        assert "noted" not in repr(shown)
        assert shown.version == version, "nothing they see has changed"
        assert customer.see(listing.page, View("all", search="kwarcowy"), PageRequest()).rows == []
        assert customer.see(listing.count, View("all", search="kwarcowy")) == 0
    assert "kwarcowy" in repr(room.eryk.see(detail.ticket, room.number))
    assert [row.id for row in room.eryk.see(listing.page, View(search="kwarcowego"), PageRequest()).rows] == [
        room.number
    ]
    assert room.status() is Status.NEW
    assert "kwarcowy" not in repr(journal_of(room.desk))
    reply(room.ola, room.number)
    answer(room.adam, room.number)
    assert "kwarcowy" not in repr([(row.letter, row.details) for row in mail(room.desk)])


def test_what_was_said_is_found(room: Room) -> None:
    reply(room.ola, room.number, "Bezpiecznik przepalony")
    for mine in (room.ola, room.adam):
        assert [row.id for row in mine.see(listing.page, View(search="bezpieczniki"), PageRequest()).rows] == [
            room.number
        ]
    assert room.stranger.see(listing.page, View("all", search="bezpiecznik"), PageRequest()).rows == []


def test_strangers_and_the_wrong_side(room: Room) -> None:
    for use, form in (
        (conversation.reply, conversation.Reply(body="x")),
        (conversation.note, conversation.Note(body="x")),
        (conversation.reply, conversation.StaffReply(body="x", status="6")),
    ):
        with pytest.raises(NotFound):
            room.stranger.do(use, room.number, form)
        with pytest.raises(NotFound):
            room.desk.do(use, room.number, form)
        if not isinstance(form, conversation.Reply):
            with pytest.raises(Forbidden):
                room.ola.do(use, room.number, form)
    assert len(room.adam.see(detail.ticket, room.number).conversation) == 1
    assert room.status() is Status.NEW


@pytest.mark.parametrize(("days", "opens"), [(14, True), (15, False)])
def test_a_reply_to_what_was_closed_long_ago(desk: Desk, days: int, opens: bool) -> None:
    number = logged_in(desk, "ola").do(create.create, admin_values())
    adam = logged_in(desk, "adam", Role.AGENT)
    answer(adam, number, Status.CLOSED)
    desk.clock.move(dt.timedelta(days=days))
    ola = seat(desk, 1)
    if opens:
        reply(ola, number)
        assert ola.see(detail.ticket, number).status == Status.OPEN
    else:
        with pytest.raises(Conflict):
            reply(ola, number)
        assert len(ola.see(detail.ticket, number).conversation) == 2
        assert ola.see(listing.page, View("all", search="nadal"), PageRequest()).rows == []


def test_the_first_answer_is_noted_for_good(room: Room) -> None:
    import sqlalchemy as sa

    from core.models.tickets import Ticket
    from core.service.unit_of_work import table

    def answered() -> dt.datetime | None:
        return room.desk.as_system().see(lambda look: look.value(sa.select(table(Ticket).c.answered_at)))

    room.adam.do(conversation.note, room.number, conversation.Note(body="x"))
    reply(room.ola, room.number)
    assert answered() is None
    answer(room.adam, room.number)
    first = answered()
    assert first is not None
    room.desk.clock.move(dt.timedelta(hours=1))
    answer(room.eryk, room.number)
    assert answered() == first


@pytest.mark.parametrize("body", ["", "  \n ", "\x1b\u200b", "x" * 20_001])
def test_what_can_not_be_said(body: str) -> None:
    for form in (conversation.Reply, conversation.Note):
        with pytest.raises(Invalid) as refused:
            forms.fill(form, {"body": body})
        assert list(refused.value.fields) == ["body"]


def test_nobody_who_left_is_written_to(room: Room) -> None:
    from core.people import staff

    reply(room.ewa, room.number)
    root = logged_in(room.desk, "root", Role.ADMIN)
    root.do(staff.switch, room.ewa.actor().account_id, on=False)
    before = len(mail(room.desk))
    answer(room.adam, room.number)
    assert room.told(before) == {("ticket_replied", "ola")}


@pytest.mark.parametrize("side", ["customer", "staff"])
def test_a_reply_to_a_version_that_is_gone_is_refused_and_leaves_no_trace(any_desk: Desk, side: str) -> None:
    ola, adam = logged_in(any_desk, "ola"), logged_in(any_desk, "adam", Role.AGENT)
    number = ola.do(create.create, admin_values())
    adam.do(workflow.set_status, number, Status.CLOSED, seen=1)
    before = journal_of(any_desk), mail(any_desk)
    form = conversation.Reply(body="x") if side == "customer" else conversation.StaffReply(body="x", status="3")
    with pytest.raises(Overtaken):
        (ola if side == "customer" else adam).do(conversation.reply, number, form, seen=1)
    assert (journal_of(any_desk), mail(any_desk)) == before
    (ola if side == "customer" else adam).do(conversation.reply, number, form, seen=2)
    assert adam.see(detail.ticket, number).conversation[-1].body == "x"
