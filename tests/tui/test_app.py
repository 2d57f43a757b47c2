"""The application and its base screen, driven without a terminal."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pytest
from rich.segment import Segment
from textual.app import ComposeResult
from textual.color import Color
from textual.content import Content
from textual.widgets import Input, Static

from core.errors import DeskError
from core.i18n import translation
from core.i18n.translation import N_
from tui.app import OkienkoApp
from tui.screens.base import BusySign, DeskScreen, errand


class Desk:
    def do(self, use_case: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Any:
        return use_case(*args, **kwargs)

    see = do


class Talking(DeskScreen[None]):
    """Asks the desk with every F5, and shows what it says."""

    BINDINGS = [("f5", "ask"), ("f6", "fail")]  # noqa: RUF012

    def __init__(self, query: Callable[[], str]) -> None:
        super().__init__()
        self.query_desk = query

    def compose(self) -> ComposeResult:
        yield Input()
        yield Static("nothing yet", id="answer")

    @errand
    async def action_ask(self) -> None:
        self.query_one("#answer", Static).update(Content(await self.see(self.query_desk)))

    @errand
    async def action_fail(self) -> None:
        raise DeskError(N_("It is [/] {what}"), what="closed")


async def test_an_errand_waits_for_the_desk_beside_the_keys() -> None:
    may_answer = threading.Event()
    screen = Talking(lambda: f"answered {may_answer.wait(30)}")
    app = OkienkoApp(Desk, first=lambda: screen, economical=False)
    async with app.run_test() as pilot:
        await app.ready()
        await pilot.press("f5", "a", "b")
        assert screen.query_one(Input).value == "ab"
        while not screen.query(BusySign):
            await pilot.pause(0.01)
        may_answer.set()
        await app.workers.wait_for_complete()
        await pilot.pause()
        assert str(screen.query_one("#answer", Static).content) == "answered True"
        assert not screen.query(BusySign)


async def test_a_desk_error_becomes_words() -> None:
    app = OkienkoApp(Desk, first=lambda: Talking(lambda: ""))
    async with app.run_test(notifications=True) as pilot:
        await pilot.press("f6")
        await app.workers.wait_for_complete()
        await pilot.pause()
        assert [notice.message for notice in app._notifications] == ["It is [/] closed"]
        assert not any(notice.markup for notice in app._notifications)


async def test_calls_made_before_the_desk_is_open_wait_for_it() -> None:
    may_open = threading.Event()

    def opener() -> Desk:
        may_open.wait(30)
        return Desk()

    screen = Talking(lambda: "open")
    app = OkienkoApp(opener, first=lambda: screen)
    async with app.run_test() as pilot:
        await pilot.press("f5")
        assert not app.is_open
        may_open.set()
        await app.workers.wait_for_complete()
        await pilot.pause()
        assert str(screen.query_one("#answer", Static).content) == "open"


async def test_words_follow_the_reader_of_the_application() -> None:
    app = OkienkoApp(Desk, language="pl")
    async with app.run_test():
        assert translation.language() == "pl"
        app.language = "en"
        assert translation.language() == "en"
        app.language = "tlh"
        assert translation.language() == "en"
    assert translation.language() == "en"


@pytest.mark.parametrize("economical", [True, False])
async def test_the_economical_profile(economical: bool) -> None:
    app = OkienkoApp(Desk, economical=economical, first=lambda: Talking(lambda: ""))
    async with app.run_test() as pilot:
        await pilot.pause()
        assert (app.theme == "okienko-16") is economical
        assert app.animation_level == "none"
        assert not app.screen.query_one(Input).cursor_blink


@pytest.mark.parametrize(("width", "expected"), [(80, "-narrow"), (99, "-narrow"), (100, "-wide"), (160, "-wide")])
async def test_breakpoints(width: int, expected: str) -> None:
    app = OkienkoApp(Desk, first=lambda: Talking(lambda: ""))
    async with app.run_test(size=(width, 24)) as pilot:
        await pilot.pause()
        assert app.screen.has_class(expected)


async def test_ways_out_are_closed(monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[str] = []
    monkeypatch.setattr("webbrowser.open", opened.append)
    app = OkienkoApp(Desk)
    async with app.run_test() as pilot:
        app.open_url("http://example.org")
        app.action_screenshot("x.svg", "/nowhere")
        app.deliver_screenshot()
        app.action_suspend_process()
        await pilot.press("ctrl+p", "ctrl+z", "ctrl+backslash")
        app.copy_to_clipboard("a\x1b]52;c;x\x07b\nc" + "x" * 100_000)
        assert app.clipboard.startswith("a]52;c;xb\nc")
        assert len(app.clipboard) < 70_000
        assert len(app.screen_stack) == 1
    assert not opened


def test_without_colours_a_segment_without_a_style_is_drawn(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    drawn = [Segment("a\x1b]0;x\x07")]
    for each in OkienkoApp(Desk, first=lambda: Talking(lambda: "")).get_line_filters():
        drawn = each.apply(drawn, Color(0, 0, 0))
    assert "".join(segment.text for segment in drawn).isprintable()
