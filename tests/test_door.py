"""The door between screens and the desk knows its use cases: a wrong call is mypy's to find, not the reader's."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from mypy import api

ROOT = Path(__file__).parents[1]
WRONG = """
from core.tickets import workflow
from tui.screens.base import DeskScreen


class Wrong(DeskScreen[None]):
    async def act(self) -> None:
        await self.do(workflow.assign, "17", None, seen=1)  # 1: an id is a number
        await self.do(workflow.assign, 17, None, version=1)  # 2: it is called seen
        await self.do(workflow.assign, 17, seen=1)  # 3: to whom?
        await self.see(workflow.assign, 17, None, seen=1)  # 4: it changes something
        word: str = await self.do(workflow.close, 17, seen=1)  # 5: gives nothing back
        await self.do(workflow.assign, 17, None, seen=1)
"""


def test_mypy_finds_a_wrong_call_through_the_door(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One more module beside our packages, read as ``mypy`` alone reads them: what it learns here it knows then."""
    (tmp_path / "wrong.py").write_text(WRONG)
    monkeypatch.chdir(ROOT)
    monkeypatch.setenv("MYPYPATH", str(tmp_path))
    said, trouble, status = api.run(["-p", "core", "-p", "tui", "-m", "wrong"])
    assert not trouble, trouble
    numbers = [int(line) for line in re.findall(r"wrong\.py:(\d+): error", said)]
    lines = WRONG.splitlines()
    found = {lines[number - 1].partition("# ")[2][:1] for number in numbers}
    assert found == {"1", "2", "3", "4", "5"}, said
    assert status == 1
