"""The table of access levels: what each of them opens, always or on demand."""

from __future__ import annotations

from collections.abc import Sequence

from textual.app import ComposeResult
from textual.content import Content
from textual.widgets import Static

from core.i18n.translation import N_, _
from core.models.levels import LEVELS, RIGHTS
from tui.screens.care.formatting import opens
from tui.text import plain
from tui.widgets.dialog import Dialog
from tui.widgets.fitting import fit

_NAME, _RIGHTS = 29, (13, 13, 19)
"""Cells of the columns: the level, and each of its rights."""


class LevelTable(Dialog[None]):
    """Which level opens what, and what *on demand* means."""

    DEFAULT_CSS = """
    LevelTable > .dialog--box { width: 86; }
    LevelTable Static { height: auto; margin: 0 0 1 0; }
    """

    def __init__(self, current: int = 0) -> None:
        """``current`` is marked."""
        super().__init__(_("Access levels"))
        self._current = current

    def compose_body(self) -> ComposeResult:
        yield Static(Content("\n").join(self._rows()))
        yield Static(
            plain(
                _(
                    "On demand: the installer asks, saying why and for how long; the customer allows or denies it. "
                    "What is allowed ends by itself and can be ended earlier. The customer can change the level at "
                    "any time. Every use is in the history, which both sides can read."
                )
            )
        )

    def _rows(self) -> list[Content]:
        """The table's rows, with a sign before the level that is chosen now."""
        titles = [plain(_(each.label)).stylize("$text-muted") for each in RIGHTS]
        rows = [self._row(Content(""), titles)]
        for choice in LEVELS:
            number = int(choice.value)
            here = number == self._current
            name = plain(f"{'►' if here else ' '} {number}. {_(choice.label)}")
            rows.append(
                self._row(name.stylize("bold") if here else name, [plain(word) for _right, word in opens(number)])
            )
        return rows

    def _row(self, name: Content, cells: Sequence[Content]) -> Content:
        fitted = [fit(cell, width) for cell, width in zip(cells, _RIGHTS, strict=True)]
        return fit(name, _NAME) + Content("").join(fitted)

    def buttons(self) -> Sequence[tuple[str, str, str]]:
        return (("close", N_("Close"), "primary"),)

    def on_mount(self) -> None:
        self.query("Button").first().focus()

    def pressed(self, name: str) -> None:
        self.dismiss(None)
