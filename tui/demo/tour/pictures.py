"""Pictures of the screen for the README, drawn without anything from the network."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

from tui.app import OkienkoApp

_FONTS = re.compile(r"@font-face\s*\{.*?\}", re.DOTALL)


def picture_taker(app: OkienkoApp, folder: Path, language: str) -> Callable[[str], None]:
    """A function that writes ``NAME.LANGUAGE.svg`` into ``folder``."""
    folder.mkdir(parents=True, exist_ok=True)

    def take(name: str) -> None:
        (folder / f"{name}.{language}.svg").write_text(drawn(app), encoding="utf-8")

    return take


def drawn(app: OkienkoApp) -> str:
    """The screen as SVG in whatever monospaced font the viewer has: no font is fetched, no identifier varies."""
    svg = _FONTS.sub("", app.export_screenshot(title=app.frame.desk, simplify=True))
    svg = svg.replace("Fira Code, monospace", "'Fira Code', 'DejaVu Sans Mono', Menlo, Consolas, monospace")
    return re.sub(r"terminal-\d+-", "okienko-", svg)
