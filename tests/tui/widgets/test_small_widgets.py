"""Cards, badges, notices, progress, QR codes, the logo, empty states."""

from __future__ import annotations

import pytest
from textual.content import Content
from textual.widget import Widget

from tests.tui.widgets.stage import NASTY, SIZES, Stage, on_screen
from tui import themes
from tui.widgets.badge import PRIORITY, STATE, STATUS, Badge, badge
from tui.widgets.card import Card
from tui.widgets.empty import Empty, EmptyState
from tui.widgets.logo import Logo, dotted
from tui.widgets.logo_font import LETTERS, MARKED
from tui.widgets.notice import Notice
from tui.widgets.progress import Progress
from tui.widgets.qr import QR, qr_content


async def drawn(*widgets: Widget, size: tuple[int, int] = (80, 24), theme: str = themes.DARK.name) -> str:
    app = Stage(lambda: widgets, theme=theme)
    async with app.run_test(size=size) as pilot:
        await pilot.pause()
        return on_screen(app)


@pytest.mark.parametrize("theme", [theme.name for theme in themes.OURS])
async def test_everything_draws_in_every_theme(theme: str) -> None:
    widgets = [
        Logo("Żółw"),
        Notice("Saved", "done"),
        Badge("status", "open"),
        Progress("Importing"),
        Card("A", [("b", "c")]),
    ]
    shown = await drawn(*widgets, theme=theme)
    assert "✓ Done  Saved" in shown
    assert "● open" in shown


@pytest.mark.parametrize("kind", ["status", "priority", "state"])
def test_a_badge_is_a_glyph_of_one_cell_and_a_word(kind: str) -> None:
    looks = {"status": STATUS, "priority": PRIORITY, "state": STATE}[kind]
    for value in looks:
        glyph, word = badge(kind, value).plain.split(" ", 1)
        assert Content(glyph).cell_length == 1
        assert word
    assert badge(kind, "[/]").plain == "· [/]"
    words = [look.word for look in looks.values()]
    assert len(set(words)) == len(words), "told apart without colour"


async def test_a_card_lines_up_and_wraps_under_itself() -> None:
    card = Card("Ticket [1]", [("Status", badge("status", "open")), ("Company", "Zażółć " * 20)], ["Free line [/]"])
    lines = (await drawn(card, size=(40, 16))).splitlines()
    assert "Ticket [1]" in lines[0]
    assert lines[1].index("● open") == lines[2].index("Zażółć") == lines[3].index("Zażółć")
    assert any("Free line [/]" in line for line in lines)


@pytest.mark.parametrize("width", [78, 30])
async def test_a_cards_labels_are_never_cut(width: int) -> None:
    label, value = "Invitations that nobody has answered", "4 → 6"
    lines = (await drawn(Card("A", [(label, value), ("Short", "x")]), size=(width, 20))).splitlines()
    inside = [line[2:-2] for line in lines[1 : lines.index(next(one for one in lines if one.startswith("╰")))]]
    assert "…" not in "".join(inside)
    assert " ".join(" ".join(inside).split()).replace(f" {value}", "", 1).startswith(label)
    assert (f"{label}  {value}" in inside[0]) == (width == 78), "on one line where there is room"


async def test_a_long_value_leaves_its_labels_room() -> None:
    lines = (await drawn(Card("A", [("Number of your contract", "long " * 40)]), size=(80, 20))).splitlines()
    assert "Number of your contract  long" in lines[1]


@pytest.mark.parametrize("text", NASTY)
async def test_hostile_text(text: str) -> None:
    shown = await drawn(Card(text, [(text, text)], [text]), Notice(text, "error"), size=(60, 20))
    assert "\x1b" not in shown
    assert "\x9b" not in shown


async def test_a_notice_takes_no_room_until_it_speaks() -> None:
    app = Stage(lambda: [Notice(), Card("Below", [("a", "b")])])
    async with app.run_test(size=(60, 12)) as pilot:
        await pilot.pause()
        assert "Below" in on_screen(app).splitlines()[0]
        app.query_one(Notice).say("Take care", "warning")
        await pilot.pause()
        assert "! Warning  Take care" in on_screen(app).splitlines()[0]
        app.query_one(Notice).hide()
        await pilot.pause()
        assert "Below" in on_screen(app).splitlines()[0]


async def test_progress_says_how_far_and_stops_once() -> None:
    class Listener(Stage):
        def on_progress_cancelled(self, event: Progress.Cancelled) -> None:
            self.heard.append("stop")

    app = Listener(lambda: [Progress("Importing")])
    async with app.run_test(size=(90, 5)) as pilot:
        app.query_one(Progress).update(120, 300)
        await pilot.pause()
        assert "40%  120 of 300" in on_screen(app)
        assert "esc stops" in on_screen(app)
        app.query_one(Progress).focus()
        await pilot.press("escape", "escape")
        await pilot.pause()
        assert app.heard == ["stop"]
        assert "stopping…" in on_screen(app)


@pytest.mark.parametrize("size", SIZES)
async def test_a_qr_code_is_square_black_on_white_with_its_border(size: tuple[int, int]) -> None:
    content = qr_content("otpauth://totp/Okienko:anna?secret=JBSWY3DPEHPK3PXP&issuer=Okienko")
    lines = content.split("\n")
    assert {line.cell_length for line in lines} == {len(lines) * 2 - 1}
    assert not lines[0].plain.strip()
    assert all(line.plain[:2] == "  " == line.plain[-2:] for line in lines)
    assert all(span.style == "#000000 on #ffffff" for line in lines for span in line.spans)
    assert "█" in await drawn(QR("x"), size=size)


def test_letters_are_five_dots_high_and_even() -> None:
    for letter, dots in LETTERS.items():
        rows = dots.split("/")
        assert len(rows) == 5, letter
        assert len({len(row) for row in rows}) == 1, letter
        assert set(dots) <= set("#./"), letter
    assert len({*LETTERS.values()}) == len(LETTERS) - 1, "only O and 0 are alike"
    for letter, (base, _mark) in MARKED.items():
        assert dotted(letter) != dotted(base)


@pytest.mark.parametrize(("size", "height"), [((80, 24), 3), ((160, 50), 5)])
async def test_the_logo_is_as_large_as_there_is_room(size: tuple[int, int], height: int) -> None:
    lines = [line for line in (await drawn(Logo("Okienko"), size=size)).splitlines() if line.strip()]
    assert len(lines) == height
    assert set("".join(lines)) <= set(" █▀▄")


async def test_a_name_too_wide_or_unknown_is_plain() -> None:
    assert (await drawn(Logo("Okienko"), size=(20, 5))).strip() == "Okienko"
    assert (await drawn(Logo("窓口 [/]"))).strip() == "窓口 [/]"


async def test_an_empty_state() -> None:
    shown = await drawn(Empty(EmptyState("No assets", "Register a contract to see them.")))
    assert "No assets" in shown
    assert "Register a contract to see them." in shown
