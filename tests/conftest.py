"""Every test starts from the same environment, whatever the developer's shell exports."""

from __future__ import annotations

import os

for _name in list(os.environ):
    if _name.startswith(("TEXTUAL", "OKIENKO", "SSH_", "LC_")) or _name in {
        "BROWSER",
        "COLUMNS",
        "ESCDELAY",
        "LANGUAGE",
        "LINES",
        "NO_COLOR",
        "ROWS",
    }:
        del os.environ[_name]
# Read by Textual when it is imported, as it will be after this file.
os.environ.update(TEXTUAL_DISABLE_KITTY_KEY="1", TERM="xterm-256color", COLORTERM="truecolor", LANG="C.UTF-8")

from collections.abc import Iterator  # noqa: E402
from pathlib import Path  # noqa: E402
from typing import TYPE_CHECKING  # noqa: E402

import pytest  # noqa: E402

if TYPE_CHECKING:
    from core.desk import Desk


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    """An empty desk whose clock stands still on 2026-11-20 at 09:00 UTC."""
    from tests.desks import make_desk

    made = make_desk(tmp_path / "desk")
    yield made
    made.close()
