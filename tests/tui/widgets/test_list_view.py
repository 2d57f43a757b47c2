"""The list: bounded, never lost, never blocking, cheap over a slow line."""

from __future__ import annotations

import sys
import threading
from pathlib import Path

import pytest
from textual.content import Content

from core.db.pagination import Page, PageRequest
from core.errors import Unavailable
from core.i18n.translation import N_
from tests.support.pty import Terminal
from tests.tui.widgets.stage import NASTY, SIZES, Row, Stage, Table, on_screen, settle
from tui.widgets.empty import EmptyState
from tui.widgets.list import Column, ListView

MILLION = 1_000_000


def columns() -> list[Column]:
    return [
        Column("id", "No.", 9, lambda row: f"#{row.id}", align="right"),
        Column("text", "Subject", None, lambda row: row.text),
        Column("company", "Company", 12, lambda row: "ACME", from_width=100),
    ]


def list_of(source: object, **options: object) -> Stage:
    return Stage(lambda: [ListView(columns(), source, **options)])  # type: ignore[arg-type]


@pytest.mark.parametrize("size", SIZES)
async def test_header_rows_and_position(size: tuple[int, int]) -> None:
    app = list_of(Table(range(MILLION)))
    async with app.run_test(size=size) as pilot:
        view = app.query_one(ListView)
        view.total = MILLION
        await settle(pilot)
        lines = on_screen(app).splitlines()
        assert "No." in lines[0]
        assert "Subject" in lines[0]
        assert ("Company" in lines[0]) == (size[0] >= 100)
        assert lines[1].split()[:2] == ["▌", "#0"]
        assert lines[2].split()[0] == "#1"
        assert lines[1].index("#0") == lines[2].index("#1"), "numbers stand at the right of their column"
        assert lines[-1].strip().startswith("1 of 1\N{NO-BREAK SPACE}000\N{NO-BREAK SPACE}000")
        await pilot.press("down", "j", "k")
        await settle(pilot)
        assert view.row.id == 1
        assert on_screen(app).splitlines()[2].startswith("▌")


async def test_a_million_rows_are_held_a_few_at_a_time() -> None:
    app = list_of(Table(range(MILLION)))
    async with app.run_test(size=(80, 24)) as pilot:
        view = app.query_one(ListView)
        view.total = MILLION
        await settle(pilot)
        most = 0
        for key, there in (("pagedown", lambda: view.row.id >= 900), ("pageup", lambda: view.row.id == 0)):
            while not (view.row is not None and there()):
                await pilot.press(*[key] * 6)
                await settle(pilot)
                most = max(most, len(view.window.rows))
                assert view.row is not None
                assert view.position == view.row.id + 1
        assert most <= 300
        await pilot.press("end")
        await settle(pilot)
        assert view.row.id == MILLION - 1
        assert view.position == MILLION
        assert f"#{MILLION - 1}" in on_screen(app).splitlines()[-2]
        await pilot.press("pageup", "pageup", "pageup", "pageup")
        await settle(pilot)
        assert view.row.id == MILLION - 1 - 4 * 21
        await pilot.press("home")
        await settle(pilot)
        assert view.row.id == 0
        assert len(view.window.rows) <= 300


async def test_the_cursor_stays_on_its_row_when_rows_come_in_above() -> None:
    table = Table(list(range(1000, 2000)))
    app = list_of(table)
    async with app.run_test(size=(80, 24)) as pilot:
        view = app.query_one(ListView)
        await settle(pilot)
        await pilot.press(*["down"] * 35, *["up"] * 5)
        await settle(pilot)
        line = next(place for place, text in enumerate(on_screen(app).splitlines()) if "#1030" in text)
        table.ids = list(range(920, 2000))
        view.reload()
        await settle(pilot)
        assert view.row.id == 1030
        assert "#1030" in on_screen(app).splitlines()[line], "and on its line of the screen"
        assert "#1029" in on_screen(app).splitlines()[line - 1]
        assert "#1031" in on_screen(app).splitlines()[line + 1]


async def test_a_row_that_is_gone_leaves_the_cursor_where_it_was() -> None:
    table = Table(list(range(100)))
    app = list_of(table)
    async with app.run_test(size=(80, 24)) as pilot:
        view = app.query_one(ListView)
        await settle(pilot)
        await pilot.press("down", "down")
        table.ids = [row_id for row_id in range(100) if row_id != 2]
        view.reload()
        await settle(pilot)
        assert view.row.id == 3
        table.ids = [0]
        view.reload()
        await settle(pilot)
        assert view.row.id == 0


async def test_deep_in_the_list_a_reload_finds_its_row() -> None:
    table = Table(list(range(0, 4000, 2)))
    app = list_of(table)
    async with app.run_test(size=(80, 24)) as pilot:
        view = app.query_one(ListView)
        await settle(pilot)
        while view.row is None or view.row.id < 2400:
            await pilot.press("pagedown")
            await settle(pilot)
        here = view.row.id
        table.ids = sorted({*table.ids, *range(here - 61, here, 2)})
        view.reload()
        await settle(pilot)
        assert view.row.id == here
        await pilot.press("up")
        await settle(pilot)
        assert view.row.id == here - 1


async def test_scrolling_faster_than_loading_shows_waiting_rows_that_fill_in() -> None:
    gate = threading.Event()
    gate.set()
    table = Table(range(500))

    def slow(ask: PageRequest) -> Page[Row]:
        gate.wait(20)
        return table(ask)

    app = list_of(slow, limit=25)
    async with app.run_test(size=(80, 24)) as pilot:
        view = app.query_one(ListView)
        await settle(pilot)
        gate.clear()
        held = len(view.window.rows)
        await pilot.press(*["pagedown"] * 12)
        await pilot.pause()
        assert view.row is None, "ahead of what has come"
        assert "····" in on_screen(app)
        place = view.cursor
        await pilot.press("enter")
        assert place <= held + 24
        gate.set()
        await settle(pilot)
        assert view.row is not None
        assert "····" not in on_screen(app)


async def test_keys_and_mouse_open_rows() -> None:
    class Listener(Stage):
        def on_list_view_opened(self, event: ListView.Opened) -> None:
            self.heard.append(("opened", event.row.id))

        def on_list_view_highlighted(self, event: ListView.Highlighted) -> None:
            self.heard.append(("at", event.row.id))

    app = Listener(lambda: [ListView(columns(), Table(range(60)))])
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        await pilot.press("down", "enter")
        await pilot.click(ListView, offset=(20, 6))
        await pilot.pause()
        await pilot.click(ListView, offset=(20, 6))
        await pilot.pause()
        assert app.heard == [("at", 0), ("at", 1), ("opened", 1), ("at", 5), ("opened", 5)]
        await pilot.click(ListView, offset=(20, 0))
        await pilot.press("G")
        await settle(pilot)
        assert app.heard[-1] == ("at", 59)


async def test_the_wheel_scrolls_and_keeps_the_cursor_in_sight() -> None:
    app = list_of(Table(range(200)))
    async with app.run_test(size=(80, 24)) as pilot:
        view = app.query_one(ListView)
        await settle(pilot)
        view._wheel(3)
        await settle(pilot)
        assert view.top == 3
        assert view.row.id == 3
        view._wheel(-30)
        await settle(pilot)
        assert view.top == 0


async def test_an_empty_list_says_what_would_be_here() -> None:
    empty = EmptyState(N_("No tickets yet"), N_("Press n to write the first one."))
    app = list_of(Table([]), empty=empty)
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        await pilot.press("down", "up", "pagedown", "end", "home", "enter", "space")
        app.query_one(ListView).reload()
        await settle(pilot)
        assert "No tickets yet" in on_screen(app)
        assert "Press n to write the first one." in on_screen(app)


async def test_a_desk_that_cannot_be_read_is_said_and_tried_again() -> None:
    table = Table(range(10))
    broken = [True]

    def source(ask: PageRequest) -> Page[Row]:
        if broken[0]:
            raise Unavailable(N_("The desk's store does not answer."))
        return table(ask)

    app = list_of(source)
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        assert "× The desk's store does not answer." in on_screen(app)
        broken[0] = False
        await pilot.press("f5")
        await settle(pilot)
        assert "#0" in on_screen(app)


@pytest.mark.parametrize("text", NASTY)
async def test_hostile_text_stays_in_its_row_as_text(text: str) -> None:
    table = Table(range(3))
    table.named[1] = text
    app = list_of(table)
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        await pilot.press("down")
        await settle(pilot)
        lines = on_screen(app).splitlines()
        assert lines[3].split()[0] == "#2", "the row below is where it was"
        assert "\x1b" not in lines[2]
        assert "\x9b" not in lines[2]
        assert all(strip.cell_length == 80 for strip in app.screen._compositor.render_strips())
        if text.isprintable() and len(text) < 30:
            assert text in lines[2]


async def test_a_cursor_move_draws_two_lines_and_the_position() -> None:
    drawn: list[int] = []

    class Counting(ListView):
        def render_line(self, y: int) -> object:  # type: ignore[override]
            drawn.append(y)
            return super().render_line(y)

    app = Stage(lambda: [Counting(columns(), Table(range(MILLION)))])
    async with app.run_test(size=(80, 24)) as pilot:
        view = app.query_one(Counting)
        view.total = MILLION
        await settle(pilot)
        drawn.clear()
        await pilot.press("down")
        await settle(pilot)
        assert set(drawn) == {1, 2, 23}


async def test_columns_give_up_room_in_order() -> None:
    view = ListView(
        [
            Column("a", "A", 10, lambda row: ""),
            Column("b", "B", None, lambda row: Content("")),
            Column("c", "C", 10, lambda row: "", from_width=60),
        ],
        Table([]),
    )
    assert [(column.key, width) for column, width in view._columns_at(80)] == [("a", 10), ("b", 53), ("c", 10)]
    assert [column.key for column, _width in view._columns_at(59)] == ["a", "b"]
    assert [width for _column, width in view._columns_at(12)] == [10, 8]


def test_a_key_costs_less_than_700_bytes_at_80_by_24() -> None:
    """Over a real terminal, true colour: the cursor goes down 18 lines, then the bytes are counted."""
    probe = Path(__file__).with_name("list_probe.py")
    with Terminal([sys.executable, str(probe)], size=(80, 24)) as terminal:
        terminal.wait_for("row number 20")
        terminal.wait_for("1 of")
        before = len(terminal.raw)
        for place in range(2, 20):
            terminal.send(b"j")
            terminal.wait_for(f" {place} of")
        cost = (len(terminal.raw) - before) / 18
    assert cost < 700, f"{cost:.0f} bytes a key"


async def test_an_empty_list_says_that_there_is_no_row_and_in_words_of_the_moment() -> None:
    class Listener(Stage):
        def on_list_view_emptied(self, event: ListView.Emptied) -> None:
            self.heard.append(event.control.found_nothing)

    app = Listener(lambda: [ListView(columns(), Table(range(3)))])
    async with app.run_test() as pilot:
        await settle(pilot)
        view = app.query_one(ListView)
        assert app.heard == []
        view.say_when_empty(EmptyState("Nothing like that"))
        view.set_source(Table(()))
        await settle(pilot)
        view.reload()
        await settle(pilot)
        assert "Nothing like that" in on_screen(app)
        assert app.heard and all(app.heard)
