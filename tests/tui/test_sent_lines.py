"""What is sent of a frame, and that the terminal shows the same as if all of it were sent."""

from __future__ import annotations

import random

import pyte
from rich.console import Console
from rich.style import Style
from textual._compositor import ChopsUpdate, LayoutUpdate
from textual.geometry import Region
from textual.strip import Segment, Strip

from tui.sent_lines import SentLines

CONSOLE = Console(force_terminal=True, color_system="standard")
WIDTH, HEIGHT = 12, 4
COLOURS = [Style.parse(name) for name in ("red", "blue", "bold green")]


def whole(*lines: str) -> LayoutUpdate:
    strips = [[Strip([Segment(line[:5], COLOURS[0]), Segment(line[5:], COLOURS[1])])] for line in lines]
    return LayoutUpdate(strips, Region(0, 0, WIDTH, len(lines)))


def part(y: int, x: int, text: str) -> ChopsUpdate:
    chops = [{x: Strip([Segment(text, COLOURS[2])])} if y == line else {} for line in range(HEIGHT)]
    ends = [[x + len(text)] if y == line else [] for line in range(HEIGHT)]
    return ChopsUpdate(chops, [(y, x, x + len(text))], ends)


def sent(lines: SentLines, update: object, screen: object = "page") -> str:
    return str(lines.update(screen, update).render_segments(CONSOLE))


def test_a_line_that_is_there_is_not_sent_again() -> None:
    lines = SentLines()
    assert sent(lines, whole("first line", "second line")).count("line") == 2
    assert sent(lines, whole("first line", "second line")) == ""
    again = sent(lines, whole("first line", "another line"))
    assert "anoth" in again and "first" not in again


def test_of_a_line_that_was_drawn_in_part_all_is_sent() -> None:
    lines = SentLines()
    sent(lines, whole("first line", "second line"))
    assert "typed" in sent(lines, part(1, 3, "typed"))
    again = sent(lines, whole("first line", "second line"))
    assert "secon" in again and "first" not in again


def test_a_part_that_is_a_whole_line_is_one() -> None:
    lines = SentLines()
    sent(lines, whole("first line..", "second line."))
    assert "row" in sent(lines, part(1, 0, "row of cells"))
    assert sent(lines, part(1, 0, "row of cells")) == ""
    assert "secon" in sent(lines, whole("first line..", "second line."))
    assert "row" in sent(lines, part(1, 0, "row of cells"), screen="another"), "nothing is known of that one"


def test_another_screen_another_size_and_a_terminal_that_was_changed_get_everything() -> None:
    lines = SentLines()
    page = whole("first line", "second line")
    everything = sent(lines, page)
    assert sent(lines, page, screen="another") == everything
    assert sent(lines, page) == everything
    lines.forget()
    assert sent(lines, page) == everything
    assert "third" in sent(lines, whole("first line", "second line", "third line"))
    assert sent(lines, page) == everything


def test_the_terminal_shows_what_it_would_show_if_all_were_sent() -> None:
    chance = random.Random(7)
    lines = SentLines()
    screens = [pyte.Screen(WIDTH, HEIGHT) for _number in range(2)]
    sparing, lavish = (pyte.Stream(screen) for screen in screens)
    for _frame in range(300):
        if chance.random() < 0.5:
            rows = [chance.choice(("aaaaaaaaaaaa", "bbbbbbbbbbbb", "abababababab")) for _line in range(HEIGHT)]
            update: LayoutUpdate | ChopsUpdate = whole(*rows)
        else:
            x, text = chance.choice(((0, "cccccccccccc"), (3, "xx"), (8, "yyy")))
            update = part(chance.randrange(HEIGHT), x, text)
        sparing.feed(sent(lines, update))
        lavish.feed(update.render_segments(CONSOLE))
        assert screens[0].buffer == screens[1].buffer
