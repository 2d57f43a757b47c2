"""What is accepted when signing up: terms of use, privacy notice, storage notice."""

from __future__ import annotations

from typing import ClassVar

from textual import getters
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import Static

from core import resources
from core.i18n.translation import N_
from tui.app import OkienkoApp
from tui.commands import Command, bindings
from tui.shell import Commanded
from tui.widgets.footer import KeyLine
from tui.widgets.markdown_lite import markdown_lines

_WIDEST = 84


class Terms(Commanded[None]):
    """The three texts in the reader's language, one under another."""

    app = getters.app(OkienkoApp)
    DESK_COMMANDS = (Command("terms.back", "escape,enter", N_("Back"), "app.pop_screen", footer=True),)
    BINDINGS: ClassVar[list[BindingType]] = bindings(DESK_COMMANDS)
    CSS_PATH = "terms.tcss"

    def compose(self) -> ComposeResult:
        with VerticalScroll(id="terms"):
            yield Static(id="terms-text")
        yield KeyLine()

    def on_resize(self) -> None:
        """Laid out anew for the width there is."""
        path = resources.folder("notices") / f"terms.{self.app.language}.md"
        lines = markdown_lines(path.read_text(encoding="utf-8-sig"), min(self.size.width - 6, _WIDEST))
        self.query_one("#terms-text", Static).update(Content("\n").join(lines))
