"""Tickets in the real interface: two people at once, text that must not be lost, choices that are kept."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from core.db.pagination import PageRequest
from core.models.accounts import Account, Role, Standing
from core.models.tickets import Message, Status, Ticket
from core.service.desk import Desk
from core.service.unit_of_work import table
from core.tickets import conversation, create, detail, listing, workflow
from core.tickets.listing import View
from tests.factories.desks import admin_values, contract, logged_in, person, seat, statements, ticket_values
from tests.support.playing import LARGE, SMALL, sitting
from tui.screens.tickets.add_asset import AddAsset
from tui.screens.tickets.listing import Tickets
from tui.screens.tickets.new import NewTicketScreen
from tui.screens.tickets.ticket import TicketScreen
from tui.widgets.confirm import Confirm, LeaveTyped
from tui.widgets.prompt import Prompt

SIZES = pytest.mark.parametrize("size", [SMALL, LARGE], ids=str)
COMPANY = "Tarnina"


class Seats:
    """A customer, two agents, a covered firewall."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        person(desk, "root", Role.ADMIN)
        self.ola = logged_in(desk, "ola", company=COMPANY, standing=Standing.OWNER)
        self.adam = logged_in(desk, "adam", Role.AGENT)
        self.ewa = logged_in(desk, "ewa", Role.AGENT)
        _contract, self.assets = contract(desk, company=COMPANY, identifiers=("FW-1", "FW-2"))

    def ticket(self, subject: str = "Tunnel drops") -> int:
        number: int = self.ola.do(create.create, admin_values(subject))
        return number

    def stored(self, number: int) -> Any:
        return self.desk.as_system().see(lambda look: look.unscoped(Ticket, table(Ticket).c.id == number))

    def messages(self) -> list[str]:
        rows = sa.select(table(Message).c.body).order_by(table(Message).c.id)
        return [row.body for row in self.desk.as_system().see(lambda look: look.rows(rows))]


@pytest.fixture
def seats(desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Seats:
    monkeypatch.setenv("OKIENKO_DATA_DIR", str(tmp_path / "seat"))
    return Seats(desk)


# Two at once


@SIZES
@pytest.mark.parametrize("keys", [("s", "down", "enter"), ("p", "up", "enter"), ("a", "down", "enter")], ids=str)
async def test_the_second_of_two_agents_is_told_and_sees_what_is_there_now(
    seats: Seats, keys: tuple[str, ...], size: tuple[int, int]
) -> None:
    number = seats.ticket()
    async with sitting(seats.desk, seats.adam, size=size) as player:
        await player.press("g", "o", "enter")
        seats.ewa.do(workflow.set_status, number, Status.WAITING_VENDOR, seen=1)
        await player.press(*keys)
        player.sees("Somebody changed this ticket while you were looking at it.", "waiting for vendor")
        assert seats.stored(number).status == Status.WAITING_VENDOR
        assert seats.stored(number).assignee_id is None
        await player.press("t")
        assert "Somebody changed" not in player.screen
    assert seats.stored(number).assignee_id == seats.adam.actor().account_id


@SIZES
async def test_a_colleagues_ticket_says_whose_it_is_and_is_taken_by_the_second_press(
    seats: Seats, size: tuple[int, int]
) -> None:
    number = seats.ticket()
    seats.ewa.do(workflow.take, number, holder=None)
    mine, hers = seats.adam.actor().account_id, seats.ewa.actor().account_id
    async with sitting(seats.desk, seats.adam, size=size) as player:
        await player.press("g", "o", "t")
        player.sees("ewa has this ticket. Press the key again")
        assert (seats.stored(number).assignee_id, seats.stored(number).version) == (hers, 2)
        await player.press("t")
        player.sees(f"Ticket {number} is yours.")
        assert seats.stored(number).assignee_id == mine
        await player.press("t")
        player.sees("This ticket is yours already.")
        seats.ewa.do(workflow.take, number, holder=mine)
        await player.press("f5", "t")
        assert seats.stored(number).assignee_id == hers, "a new colleague is told of anew"
        assert isinstance(player.app.screen, Tickets)


async def test_back_from_the_last_ticket_the_cursor_is_still_on_the_screen(seats: Seats) -> None:
    for number in range(30):
        seats.ticket(f"Ticket the {number}th")
    async with sitting(seats.desk, seats.ola) as player:
        await player.press("x", "G")
        player.sees("Ticket the 0th", "30 of 30")
        await player.press("enter", "escape")
        player.sees("Ticket the 0th", "30 of 30")


async def test_logging_out_says_what_becomes_of_what_was_typed(seats: Seats) -> None:
    async with sitting(seats.desk, seats.ola) as player:
        await player.press("ctrl+l")
        assert "What you have typed" not in player.screen
        await player.press("escape", "n")
        await player.fill(subject="Tunnel")
        await player.press("ctrl+l")
        player.sees("What you have typed has not been sent, and is lost.")
        await player.press("escape")
        await player.fill(subject="Tunnel drops")
        await player.press("ctrl+l")
        player.sees("What you have typed has not been sent. It is kept")


async def test_a_key_that_was_quicker_than_the_ticket_is_not_lost(seats: Seats) -> None:
    seats.ticket()
    async with sitting(seats.desk, seats.adam) as player:
        await player.press("g", "o", "enter")
        screen = player.app.screen
        assert isinstance(screen, TicketScreen)
        screen.ticket = None  # as long as it is being read
        assert screen.check_action("reply", ()) is True
        await player.press("y")
        assert "no order" not in player.screen, "nothing is said of what is not known yet"
        await player.press("r")
        assert isinstance(player.app.screen, Prompt)


async def test_taking_a_ticket_from_the_list_reads_nothing_and_moves_nothing(seats: Seats) -> None:
    """On the smallest screen, which has no preview: the change, and the figures beside the rooms."""
    older, newer = seats.ticket("First"), seats.ticket("Second")
    async with sitting(seats.desk, seats.adam) as player:
        await player.press("g", "o", "down")
        before = player.screen.splitlines()
        with statements(seats.desk) as sent:
            await player.press("t")
        assert not [each for each in sent if "ticket.subject" in each and "ORDER BY" in each], "no page"
        assert not [each for each in sent if "FROM message" in each], "no ticket"
        assert seats.stored(older).assignee_id == seats.adam.actor().account_id
        after = player.screen.splitlines()
        places = [[line.find(f"#{number}") for line in lines] for number in (older, newer) for lines in (before, after)]
        assert places[0] == places[1]
        assert places[2] == places[3]
        row = player.app.screen.rows.row
        assert (row.id, row.assignee, row.version) == (older, "adam", seats.stored(older).version)
        await player.press("f5")
        assert player.app.screen.rows.row._replace(changed_at=row.changed_at) == row, "as it is when it is read"


@SIZES
async def test_a_reply_meanwhile_keeps_nobody_from_taking_the_ticket_from_the_list(
    seats: Seats, size: tuple[int, int]
) -> None:
    number = seats.ticket()
    async with sitting(seats.desk, seats.adam, size=size) as player:
        await player.press("g", "o")
        seats.ola.do(conversation.reply, number, conversation.Reply(body="One thing more."))
        await player.press("t")
        player.sees(f"Ticket {number} is yours.")
        assert seats.stored(number).assignee_id == seats.adam.actor().account_id
        other = seats.ticket("Slow since noon")
        await player.press("f5", "home")
        seats.ewa.do(workflow.take, other, holder=None)
        await player.press("t")
        player.sees("Somebody changed this ticket")
        assert seats.stored(other).assignee_id == seats.ewa.actor().account_id


async def test_a_key_that_does_nothing_says_why(seats: Seats) -> None:
    number = seats.ticket()
    seats.adam.do(workflow.set_status, number, Status.CLOSED, seen=1)
    async with sitting(seats.desk, seats.ola) as player:
        await player.press("x", "enter", "C")
        player.sees("This ticket is closed already.")
        assert not isinstance(player.app.screen, Confirm)
        assert "Close" not in player.screen.splitlines()[-1], "the footer offers what works"
        await player.press("y")
        player.sees("This ticket is no order.")
        await player.press("v")
        player.sees("There is no device to show here.")
        await player.press("question_mark")
        player.sees("Keys that work here", "Reopen")
        assert "Nothing more is needed" not in player.screen
        await player.press("escape", "o")
        assert seats.stored(number).status == Status.OPEN


@SIZES
@pytest.mark.parametrize("language", ["en", "pl"])
async def test_what_came_meanwhile_is_read_before_a_reply_goes_out(
    seats: Seats, size: tuple[int, int], language: str
) -> None:
    number = seats.ticket()
    seats.desk.as_system().do(lambda work: work.change(Account, language=language))
    async with sitting(seats.desk, seats.adam, size=size, language=language) as player:
        await player.press("g", "o", "enter", "r")
        await player.fill(body="Mine, after theirs.")
        seats.ola.do(conversation.reply, number, conversation.Reply(body="It works, thank you."))
        seats.ola.do(workflow.close, number, seen=2)
        await player.press("ctrl+s")
        shown = " ".join(re.sub("[▌│┃▏▕]", " ", player.screen).split())
        told = {
            "en": ("wrote: “It works, thank you.”", "status: new → closed", "Nothing was sent."),
            "pl": ("pisze: „It works, thank you.”", "stan: nowe → zamknięte", "Nic nie wysłano."),
        }
        for text in ("Mine, after theirs.", *told[language]):
            assert text in shown
        assert seats.messages()[-1] == "It works, thank you."
        assert seats.stored(number).status == Status.CLOSED
        await player.press("ctrl+s")
        player.sees("Mine, after theirs.")
    assert seats.messages()[-2:] == ["It works, thank you.", "Mine, after theirs."]


async def test_a_ticket_that_is_closed_twice_is_told_as_it_stands(seats: Seats) -> None:
    number = seats.ticket()
    async with sitting(seats.desk, seats.ola) as player:
        await player.press("enter", "C")
        seats.adam.do(workflow.set_status, number, Status.CLOSED, seen=1)
        await player.press("y")
        player.sees("closed")
        assert not player.app.incident
        await player.press("escape")
        player.sees("Nothing to show")


# What a ticket is about


@pytest.mark.parametrize("language", ["en", "pl"])
async def test_an_asset_is_added_by_one_enter_and_the_subject_keeps_its_label(seats: Seats, language: str) -> None:
    seats.desk.as_system().do(lambda work: work.change(Account, language=language))
    above = {"en": ("Basic information", "Subject *"), "pl": ("Podstawowe informacje", "Temat *")}[language]
    async with sitting(seats.desk, seats.ola, language=language) as player:
        await player.press("g", "t", "n")
        await player.type("It drops")
        await player.press("tab", "tab")
        await player.type("Every night")
        for identifier in ("FW-2", "FW-1"):
            await player.press("f7", *identifier, "enter")
            assert isinstance(player.app.screen, NewTicketScreen), player.screen
            player.sees(identifier, *above, "It drops")


async def test_enter_over_nothing_that_fits_takes_nothing(seats: Seats) -> None:
    async with sitting(seats.desk, seats.ola) as player:
        await player.press("g", "t", "n", "f7", *"FW-9", "enter")
        assert isinstance(player.app.screen, AddAsset)
        await player.press("slash", *["backspace"] * 4, "enter")
        assert isinstance(player.app.screen, NewTicketScreen)


@SIZES
async def test_a_ticket_opens_at_its_newest_message_whole(seats: Seats, size: tuple[int, int]) -> None:
    number = seats.ticket()
    for place in range(12):
        seats.ola.do(
            conversation.reply, number, conversation.Reply(body=f"Line one of {place}.\n\nLine two of {place}.")
        )
    async with sitting(seats.desk, seats.adam, size=size) as player:
        await player.press("g", "o", "enter")
        player.sees("Line one of 10.", "Line one of 11.", "Line two of 11.")
        await player.press("r")
        await player.fill(body="\n\n".join(f"Step {step}." for step in range(40)))
        await player.press("ctrl+s")
        player.sees("Step 0.")
        await player.press("escape", "enter")
        player.sees("Step 0.")
        assert "Line two of 11." not in player.screen


# Where one is


async def test_the_header_follows_from_one_ticket_to_another(seats: Seats) -> None:
    first, second = seats.ticket("The first"), seats.ticket("The second")
    async with sitting(seats.desk, seats.adam) as player:
        await player.press("g", "o", "down", "enter")
        player.sees("The first", f"Open tickets › #{first}")
        await player.press("escape", "up", "enter")
        player.sees("The second", f"Open tickets › #{second}")
        await player.press("ctrl+k", *"first", "enter", "enter")
        player.sees("The first", f"All tickets › #{first}")


async def test_a_new_ticket_keeps_the_room_it_was_reached_from(seats: Seats) -> None:
    async with sitting(seats.desk, seats.ola) as player:
        for keys, room in ((("g", "k", "n"), "Contact"), (("g", "t", "n"), "Tickets")):
            await player.press(*keys)
            player.sees(f"{room} › New ticket")
            await player.fill(subject="About a bill", description="Twice the same.")
            await player.press("ctrl+s")
            assert isinstance(player.app.screen, TicketScreen)
            player.sees(f"{room} › #{player.app.screen.ticket_id}")
            await player.press("escape")
        await player.press("g", "a", "n")
        player.sees("My assets › New ticket")


# Text that must not be lost


@SIZES
@pytest.mark.parametrize("language", ["en", "pl"])
async def test_an_empty_reply_is_refused_beside_its_field(seats: Seats, size: tuple[int, int], language: str) -> None:
    seats.ticket()
    seats.desk.as_system().do(lambda work: work.change(Account, language=language))
    async with sitting(seats.desk, seats.ola, size=size, language=language) as player:
        await player.press("enter", "r")
        await player.fill(body="   \n ")
        await player.press("ctrl+s")
        assert player.error("body") == ("This is needed." if language == "en" else "To pole jest wymagane.")
        assert isinstance(player.app.screen, Prompt)
    assert len(seats.messages()) == 1


async def test_escape_asks_before_a_reply_is_thrown_away(seats: Seats) -> None:
    seats.ticket()
    async with sitting(seats.desk, seats.ola) as player:
        await player.press("enter", "r", "escape")
        assert isinstance(player.app.screen, TicketScreen), "nothing was typed, nothing is asked"
        await player.press("r")
        await player.type("Half a sentence")
        await player.press("escape")
        assert isinstance(player.app.screen, LeaveTyped)
        await player.press("enter")
        assert player.form.values["body"] == "Half a sentence"
        await player.press("escape", "y")
        assert isinstance(player.app.screen, TicketScreen)
    assert len(seats.messages()) == 1


@SIZES
async def test_a_new_ticket_is_kept_on_escape_with_its_assets(seats: Seats, size: tuple[int, int]) -> None:
    async with sitting(seats.desk, seats.ola, size=size) as player:
        await player.press("n", "f7", "down", "enter")
        await player.fill(subject="Tunnel [/] drops", description="Every hour.", changed="yes")
        await player.press("escape")
        player.sees("Leave the new ticket?")
        await player.press("enter")
        assert isinstance(player.app.screen, Tickets)
        await player.press("g", "c", "g", "t", "n")
        assert isinstance(player.app.screen, NewTicketScreen)
        player.sees("technical ticket")
        assert player.form.values["subject"] == "Tunnel [/] drops"
        assert player.form.values["description"] == "Every hour."
        assert player.form.values["changed"] == "yes"
        await player.press("escape")
        assert player.app.drafts, "looked at and left, it is still kept"
        await player.press("n")
        await player.fill(subject="Another")
        await player.press("escape", "y", "n")
        assert player.form.values["subject"] == ""


@pytest.mark.parametrize("way", [("tab", "ctrl+k", "escape"), ("f9", "down", "enter")], ids=str)
async def test_a_new_ticket_left_for_another_room_is_kept_unasked(seats: Seats, way: tuple[str, ...]) -> None:
    async with sitting(seats.desk, seats.ola) as player:
        await player.press("n")
        await player.fill(subject="Tunnel drops")
        await player.press(*way)
        assert not any(isinstance(screen, NewTicketScreen) for screen in player.app.screen_stack), player.screen
        await player.press("g", "t", "n")
        assert isinstance(player.app.screen, NewTicketScreen), player.screen
        assert player.form.values["subject"] == "Tunnel drops"


async def test_an_asset_put_in_or_taken_out_keeps_what_was_typed(seats: Seats) -> None:
    async with sitting(seats.desk, seats.ola) as player:
        await player.press("n")
        await player.fill(subject="Tunnel drops", description="Every hour.")
        await player.press("f7", "down", "enter")
        player.sees("technical ticket")
        await player.fill(area="vpn")
        await player.press("f8")
        player.sees("administrative ticket")
        assert player.form.values["subject"] == "Tunnel drops"
        await player.press("f7", "down", "enter")
        assert player.form.values["subject"] == "Tunnel drops"


async def test_a_new_ticket_that_is_wrong_says_so_beside_every_field(seats: Seats) -> None:
    async with sitting(seats.desk, seats.ola) as player:
        await player.press("n", "f7", "down", "enter")
        await player.fill(subject="", description="typed", occurred="2026-02-30")
        await player.press("ctrl+s")
        assert player.error("subject")
        assert player.error("occurred")
        assert player.form.values["description"] == "typed"
        assert player.form.values["occurred"] == "2026-02-30"
        assert isinstance(player.app.screen, NewTicketScreen)


async def test_cover_that_ends_while_the_form_is_open_is_told_and_nothing_is_lost(seats: Seats) -> None:
    async with sitting(seats.desk, seats.ola) as player:
        await player.press("n", "f7", "down", "enter")
        values = ticket_values("Tunnel drops")
        await player.fill(**{name: value for name, value in values.items() if name in player.form.names})
        with seats.desk.store.writing() as connection:
            connection.exec_driver_sql("UPDATE contract SET valid_until = '2026-11-01'")
        await player.press("ctrl+s")
        assert isinstance(player.app.screen, NewTicketScreen)
        assert player.app.screen.wrong.region.height, player.screen
        assert player.form.values["subject"] == "Tunnel drops"
    assert seats.messages() == []


# What is shown, and kept


async def test_filters_are_kept_for_the_account_and_after_a_new_log_in(seats: Seats) -> None:
    first, second = seats.ticket("Urgent one"), seats.ticket("Quiet one")
    seats.adam.do(workflow.set_priority, first, 4, seen=1)
    async with sitting(seats.desk, seats.ola) as player:
        await player.press("f")
        await player.fill(priority="4")
        await player.press("ctrl+s")
        player.sees("Urgent one", "(Esc clears)")
        assert "Quiet one" not in player.screen
        await player.press("g", "c", "g", "t")
        assert "Quiet one" not in player.screen
    account_id = seats.ola.actor().account_id
    assert account_id is not None
    async with sitting(seats.desk, seat(seats.desk, account_id), size=LARGE) as player:
        player.sees("(Esc clears)")
        assert "Quiet one" not in player.screen
        await player.press("escape")
        player.sees("Quiet one")
    async with sitting(seats.desk, seats.ola) as player:
        player.sees("Quiet one", "Urgent one")
    assert second > first


async def test_a_filter_that_is_no_date_is_refused_beside_it(seats: Seats) -> None:
    async with sitting(seats.desk, seats.ola) as player:
        await player.press("f")
        await player.fill(since="31.11.2026", company="Tarnina")
        await player.press("ctrl+s")
        assert player.error("since")
        assert player.form.values["company"] == "Tarnina"


@SIZES
async def test_closed_tickets_are_shown_when_asked_for_and_that_is_kept(seats: Seats, size: tuple[int, int]) -> None:
    number = seats.ticket("Done long ago")
    seats.ola.do(workflow.close, number, seen=1)
    async with sitting(seats.desk, seats.ola, size=size) as player:
        player.sees("Nothing to show", "Press n to open a ticket")
        await player.press("x")
        player.sees("Done long ago", "closed ones too")
    async with sitting(seats.desk, seats.ola, size=size) as player:
        player.sees("Done long ago")
        await player.press("x")
        assert "Done long ago" not in player.screen


async def test_searching_narrows_and_escape_gives_everything_back(seats: Seats) -> None:
    seats.ticket("Tunel nie działa")
    seats.ticket("Loud fan")
    async with sitting(seats.desk, seats.ola) as player:
        await player.press("slash")
        await player.type("dziala")
        await player.press("enter")
        player.sees("Tunel nie działa", "search: dziala")
        assert "Loud fan" not in player.screen
        await player.press("slash")
        await player.type(" xyzzy")
        await player.press("enter")
        player.sees("Nothing to show")
        await player.press("escape")
        player.sees("Loud fan", "Tunel nie działa")
        await player.press("ctrl+k")
        await player.type("fan")
        await player.press("enter")
        player.sees("Loud fan")
        assert "Tunel" not in player.screen


async def test_a_search_finds_nothing_of_another_company(seats: Seats) -> None:
    stranger = logged_in(seats.desk, "zyta", company="Obca", standing=Standing.OWNER)
    seats.ticket("Secret tunnel")
    async with sitting(seats.desk, stranger) as player:
        await player.press("x", "slash")
        await player.type("secret")
        await player.press("enter")
        player.sees("Nothing to show")


async def test_an_internal_note_never_reaches_the_customer(seats: Seats) -> None:
    number = seats.ticket()
    async with sitting(seats.desk, seats.adam) as player:
        await player.press("g", "o", "enter", "i")
        await player.fill(body="Known in 4.1")
        await player.press("ctrl+s")
        player.sees("Known in 4.1")
    async with sitting(seats.desk, seats.ola, size=LARGE) as player:
        await player.press("enter")
        player.sees(f"#{number}")
        assert "Known in 4.1" not in player.screen
        await player.press("escape", "slash")
        await player.type("4.1")
        await player.press("enter")
        player.sees("Nothing to show")


async def test_sending_twice_sends_once(seats: Seats) -> None:
    """Two strokes of Ctrl+S before the desk has answered: one ticket, one reply, one mail."""
    async with sitting(seats.desk, seats.ola) as player:
        await player.press("n")
        await player.fill(subject="Only once", description="Please.")
        await player.pilot.press("ctrl+s", "ctrl+s", "ctrl+s")
        await player.settle()
        before = seats.ola.see(listing.count, View("open"))
        assert [row.subject for row in seats.ola.see(listing.page, View("all"), PageRequest()).rows].count(
            "Only once"
        ) == 1
        await player.press("r")
        await player.fill(body="Said once.")
        await player.pilot.press("ctrl+s", "ctrl+s")
        await player.settle()
        number = seats.ola.see(listing.page, View("open"), PageRequest()).rows[0].id
        said = seats.ola.see(detail.ticket, number).conversation
        assert [message.body for message in said].count("Said once.") == 1
        assert seats.ola.see(listing.count, View("open")) == before


async def test_an_asset_alone_is_kept_with_the_draft(seats: Seats) -> None:
    async with sitting(seats.desk, seats.ola) as player:
        await player.press("n")
        await player.fill(subject="Typed before the asset")
        await player.press("f7", "down", "enter", "escape")
        player.sees("Leave the new ticket?")
        await player.press("enter", "n")
        assert player.form.values["subject"] == "Typed before the asset"


async def test_leaving_the_program_asks_when_something_was_typed(seats: Seats) -> None:
    async with sitting(seats.desk, seats.ola) as player:
        await player.press("n")
        await player.type("Half a subject")
        await player.press("ctrl+q")
        player.sees("Leave Okienko?")
        await player.press("n")
        assert player.form.values["subject"] == "Half a subject"


async def test_drafts_end_with_the_session(seats: Seats) -> None:
    async with sitting(seats.desk, seats.ola) as player:
        await player.press("n")
        await player.fill(subject="Mine alone")
        await player.press("escape", "enter", "ctrl+l", "y")
        assert not player.app.drafts


async def test_whoever_answers_a_ticket_nobody_has_has_it(seats: Seats) -> None:
    number = seats.ola.do(create.create, admin_values("Who takes it?"))
    seats.adam.do(conversation.reply, number, conversation.StaffReply(body="I do.", status="3"))
    ticket = seats.adam.see(detail.ticket, number)
    assert ticket.assignee_id == seats.adam.actor().account_id
    assert [event.what for event in ticket.history if event.what == "assignee"] == ["assignee"]
