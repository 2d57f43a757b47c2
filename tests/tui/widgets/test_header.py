"""The header: what is open now stands in it whatever else has to give way."""

from __future__ import annotations

import pytest

from tests.tui.widgets.stage import Stage, on_screen
from tui.widgets.frame import Frame
from tui.widgets.header import TopLine

LONG = "Spółdzielnia Telekomunikacyjna Okolicy"


@pytest.mark.parametrize("width", [60, 80, 160])
async def test_what_is_open_gives_way_last(width: int) -> None:
    frame = Frame(LONG, "Bolesława Brzęczyszczykiewicz", "agent", (), {"waiting": 12})
    line = TopLine(frame, ("Klienci oczekujący na decyzję", "#1234"))
    app = Stage(lambda: [line])
    async with app.run_test(size=(width, 5)) as pilot:
        await pilot.pause()
        shown = on_screen(app).splitlines()[0]
        assert "› #1234 " in shown
        assert shown.startswith(" Spół")
        assert "› Klie" in shown
        if width == 160:
            assert LONG in shown
            assert "Klienci oczekujący na decyzję" in shown


async def test_short_names_stand_whole() -> None:
    app = Stage(lambda: [TopLine(Frame("Okienko", "Anna Nowak", "agent", ()), ("Open tickets", "#7"))])
    async with app.run_test(size=(80, 5)) as pilot:
        await pilot.pause()
        assert on_screen(app).splitlines()[0].startswith(" Okienko › Open tickets › #7 ")
