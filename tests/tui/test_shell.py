"""The shell: where I am, what works here, and the ways from room to room, by keys and by mouse."""

from __future__ import annotations

from functools import partial

import pytest
from textual.app import ComposeResult

from core.i18n.translation import N_
from tests.tui.widgets.stage import SIZES, Stage, Table, on_screen, settle
from tui.commands import Command, bindings
from tui.shell import Frame, Room, Shell
from tui.widgets.footer import KeyLine
from tui.widgets.list import Column, ListView
from tui.widgets.sidebar import Sidebar


class Tickets(Shell[None]):
    ROOM = "tickets"
    DESK_COMMANDS = (
        Command("tickets.new", "n", N_("New ticket"), "new", N_("Write a ticket"), footer=True),
        *(Command(f"tickets.{key}", key, f"Command {key}", f"say('{key}')", footer=True) for key in "asdefh"),
        Command("tickets.merge", "M", N_("Merge"), "merge", roles=frozenset({"agent"}), danger=True),
    )
    BINDINGS = bindings(DESK_COMMANDS)

    def compose_room(self) -> ComposeResult:
        yield ListView([Column("id", "No.", None, lambda row: f"#{row.id}")], Table(range(200)))

    def action_new(self) -> None:
        self.app.heard.append("new")  # type: ignore[attr-defined]

    def action_merge(self) -> None:
        self.app.heard.append("merge")  # type: ignore[attr-defined]

    def action_say(self, what: str) -> None:
        self.app.heard.append(what)  # type: ignore[attr-defined]


class Customers(Tickets):
    ROOM = "customers"


class Detail(Tickets):
    def where(self) -> tuple[str, ...]:
        return (*super().where(), "#12 [b]")


def frame(role: str = "agent") -> Frame:
    made = Frame("Okienko [/]", "Anna Nowak", role, (), {"tickets": 12, "waiting": 3})
    made.rooms = (
        Room("tickets", "t", N_("Tickets"), "tickets", partial(Tickets, made)),
        Room("customers", "c", N_("Customers"), "customers", partial(Customers, made), frozenset({"agent"})),
    )
    return made


class Desk(Stage):
    def __init__(self, role: str = "agent") -> None:
        super().__init__()
        self.frame = frame(role)

    def on_mount(self) -> None:
        self.push_screen(Tickets(self.frame))


@pytest.mark.parametrize("size", SIZES)
async def test_header_sidebar_and_footer(size: tuple[int, int]) -> None:
    app = Desk()
    async with app.run_test(size=size) as pilot:
        await settle(pilot)
        lines = on_screen(app).splitlines()
        assert "Okienko [/] › Tickets" in lines[0]
        assert "3 wait · Anna Nowak" in lines[0]
        assert ("Customers" in on_screen(app)) == (size[0] >= 100)
        assert "n New ticket" in lines[-1]
        assert lines[-1].endswith("? more")
        assert ("F9 Rooms" in lines[-1]) == (size[0] < 100)
        assert ("…" in lines[-1]) == (size[0] < 100), "what is left out is not left out in silence"


async def test_counts() -> None:
    app = Desk()
    async with app.run_test(size=(160, 50)) as pilot:
        await settle(pilot)
        app.screen.set_counts({"customers": 77, "waiting": 1})
        await pilot.pause()
        assert any("Customers" in line and "77" in line for line in on_screen(app).splitlines())
        assert "1 waits" in on_screen(app)


async def test_g_and_a_letter() -> None:
    app = Desk()
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        view = app.screen.query_one(ListView)
        await pilot.press("down", "down", "g")
        await pilot.pause()
        assert "c Customers" in on_screen(app).splitlines()[-1]
        await pilot.press("escape")
        await pilot.pause()
        assert isinstance(app.screen, Tickets)
        assert app.focused is view
        assert view.row.id == 2
        await pilot.press("g", "g")
        await settle(pilot)
        assert view.row.id == 0
        await pilot.press("g", "n")
        await pilot.pause()
        assert app.heard == [], "the letter after g is not a command"
        await pilot.press("g", "c")
        await settle(pilot)
        assert isinstance(app.screen, Customers)
        assert "› Customers" in on_screen(app)


async def test_going_to_a_room_leaves_what_is_open_on_top() -> None:
    app = Desk()
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        depth = len(app.screen_stack)
        app.push_screen(Detail(app.frame))
        await settle(pilot)
        assert "› Tickets › #12 [b]" in on_screen(app)
        await pilot.press("g", "t")
        await settle(pilot)
        assert type(app.screen) is Tickets
        app.push_screen(Detail(app.frame))
        await settle(pilot)
        await pilot.press("g", "c")
        await settle(pilot)
        assert type(app.screen) is Customers
        assert len(app.screen_stack) == depth


async def test_the_sidebar_unfolds_by_its_key() -> None:
    app = Desk()
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        assert "Customers" not in on_screen(app)
        await pilot.press("f9")
        await pilot.pause()
        assert "Customers" in on_screen(app)
        await pilot.press("escape")
        await pilot.pause()
        assert "Customers" not in on_screen(app)
        assert isinstance(app.focused, ListView)
        await pilot.press("f9", "enter")
        await pilot.pause()
        assert "Customers" not in on_screen(app), "the room one is in: back to it"
        assert isinstance(app.focused, ListView)
        await pilot.press("f9", "down", "enter")
        await settle(pilot)
        assert isinstance(app.screen, Customers)


async def test_in_the_drawer_a_letter_goes_to_its_room_and_runs_nothing_beneath() -> None:
    app = Desk()
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        await pilot.press("f9", "n")
        await pilot.pause()
        assert app.heard == [], "n is no room, and the command of the room beneath it"
        await pilot.press("c")
        await settle(pilot)
        assert isinstance(app.screen, Customers)


async def test_the_mouse_goes_and_presses() -> None:
    app = Desk()
    async with app.run_test(size=(160, 50)) as pilot:
        await settle(pilot)
        place = app.screen.query_one(KeyLine)._places[0]
        for between in (place.start - 1, place.end):
            await pilot.click(KeyLine, offset=(between, 0))
        await pilot.pause()
        assert app.heard == [], "between two commands there is none"
        await pilot.click(KeyLine, offset=(4, 0))
        await pilot.pause()
        assert app.heard == ["new"]
        await pilot.click(Sidebar, offset=(6, 2))
        await settle(pilot)
        assert isinstance(app.screen, Customers)


async def test_the_palette_runs_commands_and_goes_to_rooms() -> None:
    app = Desk()
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        await pilot.press("ctrl+p", *"merg")
        await pilot.pause()
        assert "Merge…" in on_screen(app)
        await pilot.press("enter")
        await pilot.pause()
        await pilot.pause()
        assert app.heard == ["merge"]
        await pilot.press("ctrl+p", *"custom", "enter")
        await settle(pilot)
        assert isinstance(app.screen, Customers)


async def test_help_lists_the_keys_of_this_screen() -> None:
    app = Desk()
    async with app.run_test(size=(80, 50)) as pilot:
        await settle(pilot)
        await pilot.press("question_mark")
        await pilot.pause()
        shown = on_screen(app)
        assert "New ticket  Write a ticket" in shown
        assert "g c" in shown
        assert "^p" in shown
        await pilot.press("escape")
        assert isinstance(app.screen, Tickets)


async def test_another_role_has_other_rooms_and_commands() -> None:
    app = Desk("customer")
    async with app.run_test(size=(160, 50)) as pilot:
        await settle(pilot)
        assert "Customers" not in on_screen(app)
        await pilot.press("M", "g", "c")
        await settle(pilot)
        assert app.heard == []
        assert type(app.screen) is Tickets
        await pilot.press("question_mark")
        await pilot.pause()
        assert "Merge" not in on_screen(app)


async def test_a_keymap_changes_keys_and_what_the_footer_says() -> None:
    app = Desk()
    async with app.run_test(size=(80, 24)) as pilot:
        app.set_keymap({"tickets.new": "x"})
        await settle(pilot)
        app.screen.show_keys()
        await pilot.press("x", "n")
        await pilot.pause()
        assert app.heard == ["new"]
        assert "x New ticket" in on_screen(app).splitlines()[-1]
