"""The conversation: who speaks is seen at a glance, internal notes can't be mistaken, text is text."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from textual.content import Content

from tests.tui.widgets.stage import NASTY, SIZES, Stage, on_screen
from tui.demo.tour.rest import settled
from tui.widgets.markdown_lite import markdown_lines
from tui.widgets.timeline import Entry, Timeline, entry_lines


def texts(lines: list[Content]) -> list[str]:
    return [line.plain.rstrip() for line in lines]


TALK = (
    Entry(1, "Jan [b]", "customer", "10:11", "The router **does not boot**.", ("log.txt",)),
    Entry(2, "", "system", "10:12", "status: new → open"),
    Entry(3, "Anna", "staff", "10:30", "Please send the *serial*."),
    Entry(4, "Piotr", "internal", "10:40", "Known fault."),
)


@pytest.mark.parametrize("size", SIZES)
async def test_who_speaks(size: tuple[int, int]) -> None:
    app = Stage(lambda: [Timeline(TALK)])
    async with app.run_test(size=size) as pilot:
        await pilot.pause()
        shown = on_screen(app)
        lines = shown.splitlines()
        customer = next(line for line in lines if "Jan [b]" in line)
        staff = next(line for line in lines if "Anna" in line)
        assert "customer" in customer
        assert "staff" in staff
        assert len(staff) - len(staff.lstrip()) > len(customer) - len(customer.lstrip())
        assert "The router does not boot." in shown
        assert "≡ log.txt" in shown
        assert "status: new → open" in shown


@pytest.mark.parametrize("width", [30, 79, 160])
def test_an_internal_note_is_marked_by_word_frame_and_colour(width: int) -> None:
    gap, *lines = entry_lines(TALK[3], width)
    assert not gap.plain
    assert "INTERNAL" in lines[0].plain
    assert lines[0].plain.startswith("╔")
    assert lines[0].plain.endswith("╗")
    assert all(line.plain[0] == line.plain[-1] == "║" for line in lines[1:-1])
    assert lines[-1].plain.startswith("╚")
    assert len({line.cell_length for line in lines}) == 1
    assert all(line.cell_length <= width for line in lines)
    assert any("$text-warning" in str(span.style) for span in lines[0].spans)


async def test_hundreds_of_messages_open_at_the_newest_and_fill_in_above() -> None:
    talk = [Entry(place, "Jan", "customer", "10:00", f"message {place}\n\nand *more*") for place in range(400)]
    app = Stage(lambda: [Timeline(talk)])
    async with app.run_test(size=(80, 24)) as pilot:
        line = app.query_one(Timeline)
        assert "message 399" in on_screen(app)
        while not line.laid_out:
            await pilot.pause()
            assert "message 399" in on_screen(app), "nothing moves under the reader"
        assert "message 399" in on_screen(app)
        await pilot.press("home")
        await pilot.pause()
        assert on_screen(app).splitlines()[2].endswith("message 0")
        line.set_entries([*talk, Entry(400, "Anna", "staff", "10:01", "message 400")])
        await pilot.pause()
        assert "message 0" in on_screen(app), "a new message does not pull the reader away"
        await pilot.press("G")
        await pilot.pause()
        assert "message 400" in on_screen(app)


def said(place: int, lines: int = 1) -> Entry:
    """A message whose lines can be told apart."""
    text = "\n\n".join(f"line {line} of {place}." for line in range(lines))
    return Entry(place, "Jan", "customer", "10:00", text)


CHANGED = Entry("event", "", "system", "10:12", "status: new → open")


@pytest.mark.parametrize("size", SIZES)
async def test_the_newest_message_is_opened_whole(size: tuple[int, int]) -> None:
    app = Stage(lambda: [Timeline([*map(said, range(30)), said(30, 5), CHANGED])])
    async with app.run_test(size=size) as pilot:
        await settled(app, pilot)
        shown = on_screen(app)
        for text in ("line 0 of 29.", "line 0 of 30.", "line 4 of 30.", "new → open"):
            assert text in shown


@pytest.mark.parametrize("older", [0, 30])
@pytest.mark.parametrize("size", SIZES)
async def test_one_that_is_longer_than_the_screen_is_opened_at_its_beginning(size: tuple[int, int], older: int) -> None:
    talk = [*map(said, range(older)), said(30, 60), CHANGED]
    app = Stage(lambda: [Timeline(talk)])
    async with app.run_test(size=size) as pilot:
        line = app.query_one(Timeline)
        await settled(app, pilot)
        assert [part.strip(" │") for part in on_screen(app).splitlines()[1:2]] == ["line 0 of 30."]
        assert line.laid_out
        line.styles.height = size[1] - 4  # something comes up above or below it
        await settled(app, pilot)
        assert "line 0 of 30." in on_screen(app).splitlines()[1]
        await pilot.press("down", "down", "down")
        line.set_entries(talk)
        await settled(app, pilot)
        assert "line 0 of 30." not in on_screen(app), "who reads on is not pulled back"
        await pilot.press("end")
        line.set_entries([*talk, CHANGED])
        await settled(app, pilot)
        assert "line 59 of 30." in on_screen(app), "who has read to its end stays there"
        line.set_entries([*talk, said(31, 2)])
        await settled(app, pilot)
        assert "line 1 of 31." in on_screen(app)


async def test_what_comes_up_beside_a_conversation_hides_none_of_its_newest_message() -> None:
    app = Stage(lambda: [Timeline([*map(said, range(30)), said(30, 5)])])
    async with app.run_test(size=(80, 24)) as pilot:
        await settled(app, pilot)
        for height in (18, 12, 24):
            app.query_one(Timeline).styles.height = height
            await settled(app, pilot)
            assert "line 0 of 30." in on_screen(app)
            assert "line 4 of 30." in on_screen(app)


@pytest.mark.parametrize("text", NASTY)
async def test_hostile_text(text: str) -> None:
    app = Stage(lambda: [Timeline([Entry(1, text, side, text, text, (text,)) for side in ("customer", "internal")])])
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        shown = on_screen(app)
        assert "\x1b" not in shown
        assert "\x9b" not in shown
        assert "INTERNAL" in shown


def test_the_little_markdown() -> None:
    said = (
        "# Title\n\n**bold** and *leaning* and `code`\n\n- one\n- two\n  1. deep\n\n> quoted\n\n```\nx  [/]\n```\n---"
    )
    assert texts(markdown_lines(said, 40)) == [
        "Title",
        "",
        "bold and leaning and code",
        "",
        "• one",
        "• two",
        "  1. deep",
        "",
        "▏ quoted",
        "",
        "x  [/]",
        "",
        "─" * 24,
    ]
    styled = markdown_lines("**bold** [b]not[/b]", 40)[0]
    assert [(styled.plain[span.start : span.end], span.style) for span in styled.spans] == [("bold", "bold")]


def test_a_link_shows_where_it_goes() -> None:
    assert texts(markdown_lines("[your bank](http://evil.example)", 60)) == ["your bank (http://evil.example)"]
    assert texts(markdown_lines("<b>html</b> ![x](http://a/b.png)", 60))[0].startswith("<b>html</b>")


@given(st.text(max_size=200), st.integers(min_value=8, max_value=90))
@settings(max_examples=150, deadline=None)
def test_whatever_is_written_stays_within_its_width(text: str, width: int) -> None:
    for line in markdown_lines(text, width):
        assert line.cell_length <= width + 60, "only deep nesting may go beyond"
        assert "\n" not in line.plain
