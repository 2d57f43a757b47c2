"""The empty state: says what would be here and how to make the first one."""

from __future__ import annotations

from dataclasses import dataclass

from textual.content import Content
from textual.widgets import Static

from core.i18n.translation import _


@dataclass(frozen=True, slots=True)
class EmptyState:
    """Two msgids: what would be here, and what to do to have it."""

    title: str
    hint: str = ""


class Empty(Static):
    """An :class:`EmptyState` in the middle of whatever room it gets."""

    DEFAULT_CSS = """
    Empty {
        width: 1fr; height: 1fr; padding: 1 2;
        content-align: center middle; text-align: center; color: $text-muted;
    }
    """

    def __init__(self, state: EmptyState, *, id: str | None = None, classes: str | None = None) -> None:  # noqa: A002
        self._state = state
        super().__init__(id=id, classes=classes)

    def render(self) -> Content:
        return empty_content(self._state)


def empty_content(state: EmptyState) -> Content:
    """The words of an empty state, with room between what and how."""
    title = Content(_(state.title)).stylize("bold $foreground")
    if not state.hint:
        return title
    return Content("\n\n").join([title, Content(_(state.hint)).stylize("$text-muted")])
