"""The tour as it is watched: the caption has its own room above the keys, several scenarios follow one another."""

from __future__ import annotations

import asyncio
from argparse import Namespace
from pathlib import Path
from typing import Any

import pytest

from core.security import passwords
from tui.demo.tour import command, presenter, scenario
from tui.demo.tour.presenter import Caption, TourApp
from tui.demo.tour.stage import Stage
from tui.widgets.footer import KeyLine


@pytest.mark.thorough
@pytest.mark.parametrize("name", ["log-in", "administrative-ticket"])
async def test_the_caption_hides_nothing_on_a_small_terminal(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    passwords.use_profile("test")
    monkeypatch.setenv("OKIENKO_DATA_DIR", str(tmp_path))
    monkeypatch.setattr(presenter, "READING", 0)
    monkeypatch.setattr(presenter, "SHORTEST", 0.001)
    told = scenario.find(name)
    stage = await asyncio.to_thread(Stage, tmp_path, told.stage, "en")
    app = TourApp(told, stage, "en")
    seen: list[str] = []
    said = app._caption

    async def look(text: str) -> None:
        await said(text)
        await pilot.pause()
        caption = app.screen.query_one(Caption)
        seen.append(text)
        for keys in app.screen.query(KeyLine):
            assert keys.region.bottom == app.size.height
            assert caption.region.bottom == keys.region.y
        for other in app.screen.children:
            assert other is caption or not other.display or not other.region.overlaps(caption.region), other

    monkeypatch.setattr(app, "_caption", look)
    try:
        async with app.run_test(size=(80, 24)) as pilot:
            await app.play(pilot)
    finally:
        stage.close()
    assert app.failure == ""
    assert len(seen) > 3


def asked(*names: str, **more: Any) -> Namespace:
    told = {"list": False, "json": False, "all": False, "headless": False, "language": "en", "screenshots": None}
    return Namespace(names=list(names), **{**told, **more})


def test_several_scenarios_follow_one_another(monkeypatch: pytest.MonkeyPatch) -> None:
    played: list[str] = []
    ends = {"log-in": 130}

    def play(told: scenario.Scenario, _language: str) -> int:
        played.append(told.id)
        return ends.get(told.id, 0)

    monkeypatch.setattr(presenter, "show", play)
    monkeypatch.setattr("tui.machine.terminal.on_terminal", lambda: True)
    assert command.main(asked("sign-up", "moved-account")) == 0
    assert command.main(asked("moved-account", "log-in", "sign-up")) == 130
    assert played == ["sign-up", "moved-account", "moved-account", "log-in"]


def test_one_unknown_name_plays_none(capsys: pytest.CaptureFixture[str]) -> None:
    assert command.main(asked("sign-up", "nonsense", headless=True)) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert "nonsense" in said.err
