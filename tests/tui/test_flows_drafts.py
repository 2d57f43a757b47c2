"""What was typed and not sent, in the real interface: kept on the desk, offered again anywhere, never lost twice."""

from __future__ import annotations

import asyncio
import datetime as dt
import signal
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from core.accounts import drafts, profile
from core.errors import Unavailable
from core.models.accounts import Role, Standing
from core.service.desk import Desk
from core.tickets import create
from tests.factories.desks import admin_values, contract, logged_in, person, seat
from tests.support.playing import Player, playing, sitting
from tests.tui.test_kept_forms import KEPT, ROOMS
from tui import draft_keeper
from tui.driver import SessionEnded
from tui.rooms import ROOMS as ROWS
from tui.screens.accounts.my_account import MyAccount
from tui.screens.accounts.welcome import Welcome
from tui.screens.begun import FORMS
from tui.screens.room import RoomScreen
from tui.screens.tickets.ticket import TicketScreen
from tui.widgets.confirm import Confirm

COMPANY = "Tarnina"
SENTENCE = "It drops every hour since Monday."


class Seats:
    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        person(desk, "root", Role.ADMIN)
        self.ola_id = person(desk, "ola", company=COMPANY, standing=Standing.OWNER)
        self.ola = seat(desk, self.ola_id)
        self.adam = logged_in(desk, "adam", Role.AGENT)
        self.assets = contract(desk, company=COMPANY, identifiers=("FW-1", "FW-2"))[1]
        self.number: int = self.ola.do(create.create, admin_values("Tunnel drops"))

    def kept(self, whose: Desk | None = None) -> dict[str, Any]:
        """What the desk has of somebody's, Ola's unless given."""
        return {each.form: dict(each.values) for each in (whose or seat(self.desk, self.ola_id)).see(drafts.own)}


@pytest.fixture
def seats(desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Seats:
    monkeypatch.setenv("OKIENKO_DATA_DIR", str(tmp_path / "seat"))
    return Seats(desk)


@asynccontextmanager
async def ola(seats: Seats) -> AsyncIterator[Player]:
    """Ola at another terminal, by a session of her own."""
    async with sitting(seats.desk, seat(seats.desk, seats.ola_id), language="en") as player:
        yield player


async def time_goes_by(player: Player, seconds: float = 5) -> None:
    """So long that everything due is written: the drafts' clock is moved on, and their timer rings."""
    before = player.app.drafts.clock()
    player.app.drafts.clock = lambda: before + seconds
    player.app.drafts._ring()
    await player.settle()


async def test_a_reply_that_was_cut_off_is_there_at_another_terminal(seats: Seats) -> None:
    async with ola(seats) as player:
        await player.press("enter", "r")
        await player.type(SENTENCE)
        assert seats.kept() == {}
        await time_goes_by(player)
        assert seats.kept() == {f"ticket.reply:{seats.number}": {"body": SENTENCE}}
    async with ola(seats) as player:
        await player.press("enter", "r")
        assert player.form.values["body"] == SENTENCE
        player.sees("Kept for you since 20 Nov 2026, 10:00. ^r begins anew.")
        await player.press("ctrl+s")
        assert isinstance(player.app.screen, TicketScreen)
        await time_goes_by(player)
        assert seats.kept() == {}
        await player.press("r")
        assert player.form.values["body"] == ""
        assert "Kept for you" not in player.screen


async def test_nothing_is_written_or_wakes_anybody_while_nobody_types(seats: Seats) -> None:
    async with ola(seats) as player:
        await player.press("enter", "r")
        assert player.app.drafts._timer is None
        await player.type("Short.")
        assert player.app.drafts._timer is None
        await player.type(SENTENCE)
        assert player.app.drafts._timer is not None
        await time_goes_by(player)
        assert player.app.drafts._timer is None


@pytest.mark.parametrize("number", [signal.SIGHUP, signal.SIGTERM])
async def test_what_is_unwritten_is_written_when_the_session_is_told_to_end(seats: Seats, number: int) -> None:
    async with ola(seats) as player:
        await player.press("enter", "r")
        await player.type(SENTENCE)
        player.app.post_message(SessionEnded(128 + number))
        await player.pilot.pause()
        await asyncio.wait_for(_until(lambda: player.app._exit), 5)
        assert player.app.return_code == 128 + number
    assert seats.kept() == {f"ticket.reply:{seats.number}": {"body": SENTENCE}}


async def _until(holds: Any) -> None:
    while not holds():  # noqa: ASYNC110 - nobody says so
        await asyncio.sleep(0.001)


async def test_a_session_that_ends_late_takes_nothing_back(seats: Seats) -> None:
    name = f"ticket.reply:{seats.number}"
    async with ola(seats) as player:
        await player.press("enter", "r")
        await player.type(SENTENCE)
        await time_goes_by(player)
        await player.type(" Half")
        seats.desk.clock.move(dt.timedelta(minutes=2))
        seats.ola.do(drafts.keep, name, {"body": SENTENCE + " And the rest, written elsewhere."}, {})
        await player.app.put_in_order()
    assert seats.kept()[name]["body"].endswith("written elsewhere.")


async def test_leaving_says_that_it_is_kept_and_logging_in_again_finds_it(seats: Seats) -> None:
    async with ola(seats) as player:
        await player.press("n")
        await player.type("The whole subject")
        await player.press("ctrl+q")
        player.sees("Leave Okienko?", "has not been sent. It is kept", "there when you open the form again.")
        await player.press("n", "ctrl+l", "y")
        assert isinstance(player.app.screen, Welcome)
        assert not player.app.drafts, "nobody else at this terminal finds it"
        assert seats.kept()["ticket.new"]["subject"] == "The whole subject"
    async with ola(seats) as player:
        await player.press("n")
        assert player.form.values["subject"] == "The whole subject"


async def test_what_is_no_more_than_a_few_letters_is_said_to_be_lost(seats: Seats) -> None:
    async with ola(seats) as player:
        await player.press("n")
        await player.type("Few")
        await player.press("ctrl+q")
        player.sees("What you have typed has not been sent, and is lost.")
        await player.press("n", "tab", "tab")
        await player.fill(description=SENTENCE)
        await player.press("ctrl+q")
        player.sees("It is kept")


async def test_before_the_log_in_nothing_is_kept_on_the_desk(seats: Seats) -> None:
    async with playing(seats.desk) as player:
        await player.press("f7", "enter")
        await player.fill(login="somebody", email="somebody.new@example.com")
        await player.press("ctrl+q")
        player.sees("What you have typed has not been sent, and is lost.")
        await player.press("n")
        await player.app.put_in_order()
        await player.press("escape", "enter")
        assert player.form.values["email"] == "somebody.new@example.com", "here it is, as before"


async def test_a_draft_can_be_thrown_away_from_where_it_is_offered(seats: Seats) -> None:
    seats.ola.do(drafts.keep, "ticket.new", {"subject": "Not wanted"}, {"assets": [seats.assets[0]]})
    async with ola(seats) as player:
        await player.press("n")
        assert player.form.values["subject"] == "Not wanted"
        player.sees("FW-1")
        await player.press("ctrl+r")
        player.sees("Begin anew?")
        await player.press("n")
        assert player.form.values["subject"] == "Not wanted"
        await player.press("ctrl+r", "y")
        assert player.form.values["subject"] == ""
        assert "FW-1" not in player.screen and "Kept for you" not in player.screen
        await time_goes_by(player)
        assert seats.kept() == {}
        await player.press("ctrl+r")
        assert not isinstance(player.app.screen, Confirm), "there is nothing to begin anew"


async def test_a_form_that_is_made_anew_under_ones_hands_offers_nothing(seats: Seats) -> None:
    async with ola(seats) as player:
        await player.press("n")
        await player.type("A whole subject")
        await player.press("f7", "down", "enter")
        assert player.form.values["subject"] == "A whole subject"
        assert "Kept for you" not in player.screen


async def test_a_reply_that_was_thrown_away_on_leaving_is_not_offered(seats: Seats) -> None:
    async with ola(seats) as player:
        await player.press("enter", "r")
        await player.type(SENTENCE)
        await time_goes_by(player)
        await player.press("escape", "y")
        await time_goes_by(player)
        assert seats.kept() == {}
        await player.press("r")
        assert player.form.values["body"] == ""


async def test_what_was_typed_elsewhere_meanwhile_is_found_and_what_was_sent_there_is_not(seats: Seats) -> None:
    name = f"ticket.reply:{seats.number}"
    seats.ola.do(drafts.keep, "ticket.new", {"subject": "Sent elsewhere"}, {})
    async with ola(seats) as player:
        await player.press("enter")
        assert "ticket.new" in player.app.drafts
        seats.desk.clock.move(dt.timedelta(minutes=1))
        seats.ola.do(drafts.keep, name, {"body": SENTENCE}, {})
        seats.ola.do(drafts.forget, "ticket.new", seats.desk.now)
        await player.press("r")
        assert player.form.values["body"] == SENTENCE
        await player.press("escape", "escape", "n")
        assert player.form.values["subject"] == ""


async def test_a_reply_that_is_sent_while_the_desk_is_asked_about_drafts_is_not_offered_again(
    seats: Seats, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = f"ticket.reply:{seats.number}"
    seats.ola.do(drafts.keep, name, {"body": SENTENCE}, {})
    async with ola(seats) as player:
        await player.press("enter", "r")
        slow = SlowAnswer(monkeypatch)
        asked = asyncio.create_task(player.app.drafts.look_again())
        await asyncio.to_thread(slow.is_read.wait, 5)
        await player.press("ctrl+s")
        await time_goes_by(player)
        assert seats.kept() == {}
        slow.arrives.set()
        await asked
        assert name not in player.app.drafts


class SlowAnswer:
    """The first one who asks for drafts hears what was true then, but late."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.is_read, self.arrives = threading.Event(), threading.Event()
        at_once = draft_keeper.read

        def read(desk: Desk) -> Any:
            answer, first = at_once(desk), not self.is_read.is_set()
            self.is_read.set()
            if first:
                self.arrives.wait(5)
            return answer

        monkeypatch.setattr(draft_keeper, "read", read)


async def test_an_empty_form_takes_nothing_away_from_another_session(seats: Seats) -> None:
    name = f"ticket.reply:{seats.number}"
    async with ola(seats) as player:
        await player.press("enter", "r")
        seats.ola.do(drafts.keep, name, {"body": SENTENCE}, {})
        await player.type("x")
        await player.press("backspace", "escape")
        await player.app.put_in_order()
        assert seats.kept() == {name: {"body": SENTENCE}}


async def test_a_draft_of_a_ticket_about_an_asset_that_is_gone_says_so_and_keeps_the_words(seats: Seats) -> None:
    seats.ola.do(drafts.keep, "ticket.new", {"subject": "About a thing"}, {"assets": [seats.assets[0], 999]})
    async with ola(seats) as player:
        await player.press("n")
        assert player.form.values["subject"] == "About a thing"
        player.sees("FW-1", "No active contract")


async def test_one_person_never_finds_anothers(seats: Seats) -> None:
    seats.ola.do(drafts.keep, f"ticket.reply:{seats.number}", {"body": SENTENCE}, {})
    async with sitting(seats.desk, seats.adam, language="en") as player:
        await player.press("g", "o", "enter", "r")
        assert player.form.values["body"] == ""


async def test_a_password_is_in_no_draft(seats: Seats) -> None:
    async with ola(seats) as player:
        await player.press("g", "u", "H")
        await player.fill(now="a very secret thing", password="another secret thing", again="another secret thing")
        player.form.keep()
        await player.press("ctrl+q")
        player.sees("is lost")
        await player.press("n")
        await player.app.put_in_order()
    assert seats.kept() == {}


class Broken:
    """A desk that keeps nothing."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, error: Exception) -> None:
        self.asked = 0
        original = Desk.do

        def do(desk: Desk, use_case: Any, *args: Any, **kwargs: Any) -> Any:
            if use_case is drafts.keep and self.error is not None:
                self.asked += 1
                raise self.error
            return original(desk, use_case, *args, **kwargs)

        self.error: Exception | None = error
        monkeypatch.setattr(Desk, "do", do)


@pytest.mark.parametrize("error", [Unavailable("The disk is full."), OSError("no such device")], ids=repr)
async def test_a_desk_that_keeps_nothing_is_no_crash_and_is_said_once(
    seats: Seats, monkeypatch: pytest.MonkeyPatch, error: Exception, tmp_path: Path
) -> None:
    broken = Broken(monkeypatch, error)
    async with ola(seats) as player:
        player.app.log_path = tmp_path / "incidents.log"
        await player.press("enter", "r")
        await player.type(SENTENCE)
        await time_goes_by(player)
        said = [each.message for each in player.app._notifications]
        assert len(said) == 1 and said[0].startswith("What you type can't be kept at the moment")
        await player.type(" More.")
        await time_goes_by(player, 10)
        assert broken.asked == 2
        assert len(player.app._notifications) == 1
        await player.press("ctrl+q")
        player.sees("is lost")
        await player.press("n")
        broken.error = None
        await time_goes_by(player, 30)
        assert seats.kept()[f"ticket.reply:{seats.number}"] == {"body": SENTENCE + " More."}
        assert player.app.is_running


async def test_what_is_too_long_is_said_to_be_and_not_tried_for_ever(
    seats: Seats, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(drafts, "LONGEST", 60)
    async with ola(seats) as player:
        await player.press("enter", "r")
        await player.type(SENTENCE + SENTENCE)
        await time_goes_by(player)
        assert "too long to be kept" in next(iter(player.app._notifications)).message
        assert player.app.drafts.due is None
        await player.press("ctrl+q")
        player.sees("is lost")


async def test_a_session_that_has_ended_under_somebodys_hands_costs_no_word(seats: Seats) -> None:
    """The log-in is good for twelve hours, also for who writes in the last minute of them."""
    async with ola(seats) as player:
        await player.press("enter", "r")
        await player.type(SENTENCE)
        seats.desk.clock.move(dt.timedelta(hours=13))
        await time_goes_by(player)
        assert isinstance(player.app.screen, Welcome)
        player.sees("Your session has ended.")
        assert seats.kept() == {}
        desk = player.app.desk.acting(seat(seats.desk, seats.ola_id)._seat)
        player.app.drafts.sit_down(desk, seats.ola_id, draft_keeper.read(desk) or ())
        await time_goes_by(player)
        assert seats.kept() == {f"ticket.reply:{seats.number}": {"body": SENTENCE}}


async def test_what_was_left_by_one_is_not_given_to_the_next(seats: Seats) -> None:
    async with ola(seats) as player:
        await player.press("enter", "r")
        await player.type(SENTENCE)
        seats.desk.clock.move(dt.timedelta(hours=13))
        await time_goes_by(player)
        adam = seat(seats.desk, person(seats.desk, "ewa"))
        player.app.drafts.sit_down(adam, adam.actor().account_id or 0, ())
        await time_goes_by(player)
        assert seats.kept(adam) == {} and not player.app.drafts


async def test_changed_details_keep_only_what_was_typed(seats: Seats) -> None:
    async with ola(seats) as player:
        await player.press("g", "u", "e")
        await player.press("tab")
        await player.type("-Nowakowska")
        await time_goes_by(player)
        assert seats.kept() == {"account.details": {"last_name": "Testowa-Nowakowska"}}
        changed = {"first_name": "Aleksandra", "last_name": "T", "language": "pl", "zone": "UTC", "phone": None}
        seats.ola.do(profile.change_details, profile.Details(**changed))
    async with ola(seats) as player:
        player.app.language = "en"
        await player.press("g", "u", "e")
        assert player.form.values["last_name"] == "Testowa-Nowakowska"
        assert player.form.values["first_name"] == "Aleksandra", "what was not typed is as it is now"


async def test_a_note_and_a_reply_are_two_drafts(seats: Seats) -> None:
    async with sitting(seats.desk, seats.adam, language="en") as player:
        await player.press("g", "o", "enter", "i")
        await player.type("Known in version 4.1")
        await time_goes_by(player)
        assert seats.kept(seats.adam) == {f"ticket.note:{seats.number}": {"body": "Known in version 4.1"}}
        await player.press("ctrl+s", "r")
        assert player.form.values["body"] == ""
        await time_goes_by(player)
    assert seats.kept(seats.adam) == {}


@pytest.mark.parametrize("text", [SENTENCE, "Few"])
async def test_a_reply_can_be_left_and_kept_for_later(seats: Seats, text: str) -> None:
    async with ola(seats) as player:
        await player.press("enter", "r")
        await player.type(text)
        await player.press("escape")
        player.sees("Kept for later (k)", "Keep writing", "Keep it for later", "Throw it away")
        await player.press("n")
        assert player.form.values["body"] == text, "written on"
        await player.press("escape", "k")
        assert isinstance(player.app.screen, TicketScreen)
        await time_goes_by(player)
        assert seats.kept() == {f"ticket.reply:{seats.number}": {"body": text}}, "few letters, too: it was asked for"
        await player.press("r")
        assert player.form.values["body"] == text
        await player.press("escape")
        assert isinstance(player.app.screen, TicketScreen), "nothing was typed, and nothing is asked or lost"
        await player.press("r")
        await player.type("More. ")
        await player.press("escape", "y")
        await time_goes_by(player)
        assert seats.kept() == {}


async def test_a_form_of_which_nothing_is_kept_offers_no_third_way(seats: Seats) -> None:
    async with ola(seats) as player:
        await player.press("g", "u", "H")
        await player.type("a very secret thing")
        await player.press("escape")
        player.sees("What you have typed here has not been saved.")
        assert "Keep it for later" not in player.screen
        await player.press("k")
        assert isinstance(player.app.screen, Confirm)


async def test_what_can_not_be_kept_is_said_where_the_rest_is_kept_for_later(seats: Seats) -> None:
    async with ola(seats) as player:
        await player.press("g", "c", "c")
        await player.type("A number of a contract")
        await player.press("escape")
        assert "Passwords and codes" not in player.screen
        await player.press("n")
        player.form._rows["code"].input.focus()
        await player.pilot.pause()
        await player.type("ABCD")
        await player.press("escape")
        player.sees("Keep it for later", "Passwords and codes")


@pytest.mark.parametrize("size", [(80, 24), (160, 50)])
async def test_what_was_begun_is_told_after_logging_in_and_is_a_key_away(seats: Seats, size: tuple[int, int]) -> None:
    name = f"ticket.reply:{seats.number}"
    seats.ola.do(drafts.keep, name, {"body": SENTENCE}, {})
    async with sitting(seats.desk, seat(seats.desk, seats.ola_id), language="en", size=size) as player:
        player.sees("1 thing not sent", f"Reply to #{seats.number}", "b goes on")
        await player.press("b")
        assert isinstance(player.app.screen, TicketScreen)
        player.sees("You began a reply and have not sent it: r goes on.")
        await player.press("r", "ctrl+s")
        assert "You began" not in player.screen
        await player.press("escape")
        assert "not sent" not in player.screen
        await player.press("b")
        player.sees("There is nothing that you began and have not sent.")


async def test_of_several_one_is_chosen(seats: Seats) -> None:
    seats.ola.do(drafts.keep, "ticket.new", {"subject": "The whole subject"}, {})
    seats.desk.clock.move(dt.timedelta(minutes=5))
    seats.ola.do(drafts.keep, "account.details", {"last_name": "Testowa-Nowakowska"}, {})
    async with ola(seats) as player:
        player.sees("2 things not sent", "Your details, New ticket")
        await player.press("b")
        player.sees("What you began and have not sent")
        await player.press("escape", "b", "down", "enter")
        assert player.form.values["subject"] == "The whole subject"
        await player.press("escape", "b", "enter")
        assert isinstance(player.app.screen, MyAccount)


async def test_a_ticket_says_that_a_note_to_it_was_begun_and_others_say_nothing(seats: Seats) -> None:
    other: int = seats.ola.do(create.create, admin_values("Another one"))
    async with sitting(seats.desk, seats.adam, language="en") as player:
        assert "not sent" not in player.screen
        player.app.push_screen(TicketScreen(player.app.frame, seats.number, "open"))
        await player.settle()
        await player.press("i")
        await player.type(SENTENCE)
        await player.press("escape", "k")
        player.sees("You began a note and have not saved it: i goes on.")
        await player.press("escape")
        player.app.push_screen(TicketScreen(player.app.frame, other, "open"))
        await player.settle()
        assert "You began" not in player.screen


def test_every_form_that_is_kept_has_a_place_to_go_on() -> None:
    names = {name.partition(":")[0].replace(".{}", "") for name in KEPT | ROOMS}
    applications = {"application.approval", "application.rejection"}
    assert FORMS.keys() == names | applications


@pytest.mark.parametrize("form", FORMS)
async def test_the_place_of_every_form_can_be_made(seats: Seats, form: str) -> None:
    async with ola(seats) as player:
        screen = player.app.screen
        assert isinstance(screen, RoomScreen)
        for thing in {"article": ("7", "news"), "ticket.new": ("7", "")}.get(form, ("7",)):
            place = FORMS[form][1](screen, thing)
            assert isinstance(place, RoomScreen) or place in {row.id for row in ROWS}
