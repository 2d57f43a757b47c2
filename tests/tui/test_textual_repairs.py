"""What is mended in Textual from outside is still where it was, and mended."""

from __future__ import annotations

import gc

from textual._styles_cache import StylesCache
from textual.app import App, ComposeResult
from textual.color import Color
from textual.css.stylesheet import Stylesheet
from textual.strip import Strip
from textual.widgets import Static

from tui import safe_app, textual_repairs

LINES = 40


class Page(Static):
    DEFAULT_CSS = "Page { border: round red; padding: 1; height: 40; }"


class Room(App[None]):
    def compose(self) -> ComposeResult:
        yield Page("x\n" * LINES)


def strips() -> int:
    """Lines of widgets that are in memory."""
    gc.collect()
    return sum(isinstance(each, Strip) for each in gc.get_objects())


async def test_the_lines_of_widgets_that_are_gone_are_let_go_of() -> None:
    assert safe_app.textual_repairs is textual_repairs, "mended wherever an application is made"
    app = Room()
    async with app.run_test(size=(80, 50)) as pilot:

        async def turn_over() -> int:
            await app.query(Page).remove()
            await app.mount(Page("y\n" * LINES))
            await pilot.pause()
            return strips()

        before = await turn_over()
        for _page in range(8):
            after = await turn_over()
    assert after - before < 2 * LINES, "eight pages have gone, and at most two of them are remembered"


def test_two_colours_are_all_that_a_border_needs() -> None:
    red, blue = Color.parse("red"), Color.parse("blue")
    assert StylesCache().get_inner_outer(red, blue) == StylesCache().get_inner_outer(red, blue)


def test_a_sheet_is_read_once_for_a_set_of_colours() -> None:
    css = "Label { color: $accent; }"

    def rules(accent: str) -> list[object]:
        sheet = Stylesheet(variables={"accent": accent})
        return list(sheet._parse_rules(css, ("", "")))

    assert rules("red")[0] is rules("red")[0]
    assert rules("red")[0] is not rules("blue")[0]
