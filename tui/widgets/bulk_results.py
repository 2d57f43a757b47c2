"""What came of one thing done to several: a line for each, what went wrong first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import Static

from core.i18n.translation import N_
from tui.text import plain
from tui.widgets.dialog import Dialog


@dataclass(frozen=True, slots=True)
class Result:
    """One of them: what it was, what came of it (both ready to be read), and whether that is what was wanted."""

    what: str
    came: str
    well: bool


class Results(Dialog[None]):
    """Read, then closed."""

    DEFAULT_CSS = "Results Static { height: auto; margin: 0 0 1 0; }"

    def __init__(self, title: str, results: Sequence[Result]) -> None:
        super().__init__(title)
        self._results = sorted(results, key=lambda each: each.well)

    def compose_body(self) -> ComposeResult:
        for result in self._results:
            sign = Content("✓ ").stylize("$text-success") if result.well else Content("× ").stylize("$text-error")
            yield Static(Content("\n").join([sign + plain(result.what).stylize("bold"), plain(f"  {result.came}")]))

    def buttons(self) -> Sequence[tuple[str, str, str]]:
        return (("close", N_("Close"), "primary"),)

    def on_mount(self) -> None:
        self.query("Button").first().focus()
        self.query_one(VerticalScroll).can_focus = True

    def pressed(self, name: str) -> None:
        self.dismiss(None)
