"""Dialogs: nothing destructive by one stroke, nothing typed is lost, buttons always in sight."""

from __future__ import annotations

from typing import Any

import pytest
from textual.screen import Screen

from core.errors import DeskError, Invalid, say
from core.field import Field
from core.i18n.translation import N_
from tests.tui.widgets.stage import NASTY, SIZES, Stage, on_screen
from tui.drafts import NOT_KEPT
from tui.widgets.choose import Choose
from tui.widgets.confirm import Confirm
from tui.widgets.menu import Option
from tui.widgets.prompt import FieldPrompt


async def answer(screen: Screen[Any], *keys: str, size: tuple[int, int] = (80, 24)) -> tuple[Any, str]:
    """What the dialog answers to ``keys``, and what it showed before them."""
    app = Stage()
    got: list[Any] = []
    async with app.run_test(size=size) as pilot:
        app.push_screen(screen, got.append)
        await pilot.pause()
        shown = on_screen(app)
        for key in keys:
            await pilot.press(key)
            await pilot.pause()
        await pilot.pause()
        return (got[0] if got else "still open"), shown


@pytest.mark.parametrize(
    ("keys", "expected"),
    [(("enter",), False), (("escape",), False), (("n",), False), (("y",), True), (("right", "enter"), True)],
)
async def test_confirm(keys: tuple[str, ...], expected: bool) -> None:
    got, shown = await answer(Confirm("Delete #12?", "It can't be taken back.", yes=N_("Delete")), *keys)
    assert got is expected
    assert "Delete #12?" in shown
    assert "It can't be taken back." in shown


@pytest.mark.parametrize("size", [*SIZES, (40, 8)])
async def test_buttons_stay_in_sight_under_a_long_text(size: tuple[int, int]) -> None:
    _got, shown = await answer(Confirm("Delete?", "a long story\n" * 60, yes=N_("Delete"), no=N_("Keep")), size=size)
    assert "Keep" in shown
    assert "Delete " in shown


@pytest.mark.parametrize("text", NASTY)
async def test_dialogs_show_hostile_text_as_text(text: str) -> None:
    _got, shown = await answer(Confirm(text, text))
    assert "No" in shown
    got, _shown = await answer(Choose(text, [Option(7, text, text)]), "enter")
    assert got == 7


async def test_choose_narrows_without_accents() -> None:
    options = [Option(place, name) for place, name in enumerate(("Anna Łąka", "Piotr Zając", "Żaneta Ćma"))]
    got, shown = await answer(Choose("Assign to", options), *"zajac", "enter")
    assert got == 1
    assert "Żaneta Ćma" in shown
    got, _shown = await answer(Choose("Assign to", options), *"cma zan".replace(" ", "_"), "escape")
    assert got is None
    got, _shown = await answer(Choose("Assign to", options, at=1), "down", "enter")
    assert got == 2
    got, _shown = await answer(Choose("Assign to", options), *"xyz", "enter")
    assert got == "still open"


FIELDS = (Field("subject", "Subject"), Field("text", "Text", required=False))


async def test_prompt_gives_the_values() -> None:
    got, shown = await answer(
        FieldPrompt("Reply", FIELDS, kept_as=NOT_KEPT, text="To the customer"), *"Hi", "enter", "x", "enter"
    )
    assert got == {"subject": "Hi", "text": "x"}
    assert "To the customer" in shown
    got, _shown = await answer(FieldPrompt("Reply", FIELDS, kept_as=NOT_KEPT), "ctrl+s")
    assert got == "still open", "the subject is required"


async def test_escape_asks_before_it_throws_text_away() -> None:
    got, _shown = await answer(FieldPrompt("Reply", FIELDS, kept_as=NOT_KEPT), "escape")
    assert got is None
    got, _shown = await answer(FieldPrompt("Reply", FIELDS, kept_as=NOT_KEPT), "H", "escape")
    assert got == "still open"
    got, _shown = await answer(FieldPrompt("Reply", FIELDS, kept_as=NOT_KEPT), "H", "escape", "n", "i", "ctrl+s")
    assert got == {"subject": "Hi", "text": ""}
    got, _shown = await answer(FieldPrompt("Reply", FIELDS, kept_as=NOT_KEPT), "H", "escape", "y")
    assert got is None


async def test_a_refusal_of_the_desk_keeps_the_dialog_and_the_text() -> None:
    tries: list[dict[str, Any]] = []

    async def submit(values: dict[str, Any]) -> None:
        tries.append(values)
        if len(tries) == 1:
            raise Invalid({"text": say(N_("Say why."))})
        if len(tries) == 2:
            raise DeskError(N_("The desk is closed [/]."))

    app = Stage()
    got: list[Any] = []
    async with app.run_test(size=(80, 24)) as pilot:
        app.push_screen(FieldPrompt("Reply", FIELDS, kept_as=NOT_KEPT, submit=submit), got.append)
        await pilot.pause()
        await pilot.press("H", "ctrl+s")
        await pilot.pause()
        await pilot.pause()
        assert "× Say why." in on_screen(app)
        await pilot.press("z", "ctrl+s")
        await pilot.pause()
        await pilot.pause()
        assert "× Error  The desk is closed [/]." in on_screen(app)
        assert got == []
        await pilot.press("ctrl+s")
        await pilot.pause()
        await pilot.pause()
        assert got == [{"subject": "H", "text": "z"}]
