"""Screens that are left, or asked where things are, before all of them is there."""

from __future__ import annotations

import importlib
import inspect
import pkgutil

from textual import events
from textual.app import App, ComposeResult
from textual.containers import Container
from textual.geometry import Size
from textual.widgets import Static

import tui.screens
from tui.screen_guard import Leavable
from tui.screens.form_room import FormRoom
from tui.screens.room import RoomScreen


class Listener(Static):
    """Notes the sizes it is told."""

    def __init__(self) -> None:
        super().__init__("here")
        self.told: list[Size] = []

    def on_resize(self, event: events.Resize) -> None:
        self.told.append(event.size)


class Room(Leavable[None]):
    """A screen that something is put into later."""

    def compose(self) -> ComposeResult:
        yield Container()


async def test_what_is_asked_for_before_it_is_laid_out_is_still_told_its_size() -> None:
    app = App[None]()
    async with app.run_test(size=(80, 24)) as pilot:
        await app.push_screen(room := Room())
        await pilot.pause()
        late = Listener()
        await room.query_one(Container).mount(late)
        room._compositor._full_map_invalidated = True  # as by anything else that came and was drawn
        assert late in room._compositor.full_map
        await pilot.pause()
        await pilot.pause()
        assert late.told == [Size(80, 1)]


async def test_a_size_is_told_once() -> None:
    app = App[None]()
    async with app.run_test(size=(80, 24)) as pilot:
        await app.push_screen(room := Room())
        late = Listener()
        await room.query_one(Container).mount(late)
        await pilot.pause()
        for _again in range(3):
            room.refresh(layout=True)
            await pilot.pause()
        assert late.told == [Size(80, 1)]
        late.display = False
        await pilot.pause()
        late.display = True
        await pilot.pause()
        await pilot.resize_terminal(100, 24)
        await pilot.pause()
        assert late.told[-1] == Size(100, 1)


def test_a_room_with_a_form_keeps_a_draft() -> None:
    for module in pkgutil.walk_packages(tui.screens.__path__, "tui.screens."):
        for value in vars(importlib.import_module(module.name)).values():
            if isinstance(value, type) and issubclass(value, RoomScreen) and " Form(" in inspect.getsource(value):
                assert issubclass(value, FormRoom), f"{value.__qualname__}: what is typed in it is lost; be a FormRoom"
