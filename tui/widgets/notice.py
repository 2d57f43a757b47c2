"""The notice: a banner in the page that says what happened, in glyph, word and colour."""

from __future__ import annotations

from typing import Final

from textual.content import Content
from textual.widgets import Static

from core.i18n.translation import N_, _
from tui.text import plain
from tui.widgets.badge import Look

KINDS: Final = {
    "info": Look("i", N_("Note"), "$text-primary"),
    "done": Look("✓", N_("Done"), "$text-success"),
    "warning": Look("!", N_("Warning"), "$text-warning"),
    "error": Look("×", N_("Error"), "$text-error"),
}


class Notice(Static):
    """One sentence or a few; takes no room while it has nothing to say."""

    DEFAULT_CSS = """
    Notice { height: auto; width: 1fr; padding: 0 1; display: none; background: $surface; border-left: outer $primary; }
    Notice.-shown { display: block; }
    Notice.-done { border-left: outer $success; }
    Notice.-warning { border-left: outer $warning; }
    Notice.-error { border-left: outer $error; }
    """

    def __init__(
        self,
        text: str = "",
        kind: str = "info",
        *,
        id: str | None = None,  # noqa: A002
        classes: str | None = None,
    ) -> None:
        """``text`` is in the reader's language already and is shown as text."""
        super().__init__(id=id, classes=classes)
        self._text, self._kind = text, kind
        self._dress(update=False)  # it has no style yet that could be out of date

    def say(self, text: str, kind: str = "info") -> None:
        """Show ``text``; an empty one hides the notice."""
        self._text, self._kind = text, kind
        self._dress()
        self.refresh(layout=True)

    def hide(self) -> None:
        """Say nothing any more."""
        self.say("")

    def _dress(self, *, update: bool = True) -> None:
        classes = {f"-{kind}": kind == self._kind for kind in KINDS}
        self.update_classes({**classes, "-shown": bool(self._text)}, update=update)

    def render(self) -> Content:
        look = KINDS[self._kind]
        return Content(f"{look.glyph} {_(look.word)}  ").stylize(f"bold {look.colour}") + plain(self._text)
