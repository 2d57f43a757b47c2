"""What the first frame costs, counted instead of timed: who is asked for a style, and how often all of it is drawn."""

from __future__ import annotations

import subprocess
import sys
from collections import Counter
from typing import Any

import pytest
from textual._compositor import Compositor
from textual.css.stylesheet import Stylesheet
from textual.dom import DOMNode
from textual.widgets import Static

from tests.support.pty import ROOT
from tui.app import OkienkoApp
from tui.screen_guard import Leavable
from tui.screens.accounts.welcome import Welcome

MOST_WIDGETS = 25
MOST_STYLES = 45
"""Of these Textual's own default screen and its signs are seven."""


def never() -> Any:
    """A desk that does not open within a test."""
    raise AssertionError("the first frame is there before the desk")


@pytest.fixture
def app(monkeypatch: pytest.MonkeyPatch) -> OkienkoApp:
    monkeypatch.setattr("tui.app.OPENING_PAUSE", 3600)
    return OkienkoApp(never, first=Welcome, language="en", served=True)


async def test_each_widget_of_the_first_screen_gets_its_style_about_once(
    app: OkienkoApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    styled: Counter[DOMNode] = Counter()
    apply = Stylesheet.apply

    def counted(sheet: Stylesheet, node: DOMNode, **more: Any) -> None:
        styled[node] += 1
        apply(sheet, node, **more)

    monkeypatch.setattr(Stylesheet, "apply", counted)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        widgets = [*app.screen.walk_children(with_self=True)]
        assert len(widgets) <= MOST_WIDGETS
        assert styled.total() <= MOST_STYLES, styled
        assert all(styled[widget] <= 2 for widget in widgets if widget is not app.screen), "twice with the focus"


async def test_a_screen_has_the_classes_of_its_width_before_anything_is_laid_out(app: OkienkoApp) -> None:
    class Seen(Leavable[None]):
        at_first: frozenset[str] = frozenset()

        def compose(self) -> Any:
            self.at_first = self.classes
            yield Static("here")

    async with app.run_test(size=(120, 40)) as pilot:
        screen = Seen()
        await app.push_screen(screen)
        assert "-wide" in screen.at_first
        await pilot.resize_terminal(80, 24)
        assert screen.has_class("-narrow") and not screen.has_class("-wide")


async def test_a_covered_screen_takes_on_colours_that_were_chosen_meanwhile(app: OkienkoApp) -> None:
    async with app.run_test(size=(80, 24)) as pilot:
        below = app.screen
        before = below.styles.background
        await app.push_screen(Leavable())
        app.theme = "okienko-light"
        await pilot.pause()
        app.pop_screen()
        await pilot.pause()
        assert app.screen is below
        assert below.styles.background != before


async def test_nothing_is_drawn_while_frames_are_held_back(app: OkienkoApp, monkeypatch: pytest.MonkeyPatch) -> None:
    drawn: list[object] = []
    draw = Compositor.render_update

    def noted(compositor: Compositor, *args: Any, **more: Any) -> Any:
        drawn.append(update := draw(compositor, *args, **more))
        return update

    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        monkeypatch.setattr(Compositor, "render_update", noted)
        with app.batch_update():
            app.screen.refresh(layout=True)
            app.screen._refresh_layout()
            await pilot.pause(0.05)
            assert not drawn
        await pilot.pause(0.1)
        assert any(update is not None for update in drawn), "it is made up for afterwards"


async def test_the_first_frame_has_its_keys(app: OkienkoApp, monkeypatch: pytest.MonkeyPatch) -> None:
    whole: list[Any] = []
    draw = Compositor.render_full_update

    def noted(compositor: Compositor, *args: Any, **more: Any) -> Any:
        update = draw(compositor, *args, **more)
        whole.append(update)
        return update

    monkeypatch.setattr(Compositor, "render_full_update", noted)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
    first = whole[0].render_segments(app.console)
    assert "Login or e-mail" in first
    assert "more" in first


def test_nobody_looks_for_garbage_while_the_program_starts() -> None:
    code = (
        "import gc, sys, types\n"
        "from tui import __main__ as way_in\n"
        "sys.modules['tui.launch'] = types.SimpleNamespace(run=lambda: 3 + gc.isenabled())\n"
        "sys.exit(way_in._open())"
    )
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=False).returncode == 3
