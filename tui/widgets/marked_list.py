"""A list whose rows can be marked, to do one thing to several of them."""

from __future__ import annotations

from typing import Any, ClassVar

from textual.binding import BindingType
from textual.message import Message

from core.i18n.translation import N_
from tui.commands import Command, bindings
from tui.widgets.list import ListView


class MarkedList(ListView):
    """Space marks the row and goes on to the next. Marks stay while one scrolls and when the list is read again."""

    DESK_COMMANDS: ClassVar[tuple[Command, ...]] = (
        Command("marks.mark", "space", N_("Mark"), "mark", N_("To do it to several at once"), footer=True),
    )
    BINDINGS: ClassVar[list[BindingType]] = bindings(DESK_COMMANDS)

    class Marked(Message):
        """There is another number of marked rows."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.marked: dict[Any, Any] = {}
        """The marked rows by id, as they were when they were marked, in that order."""

    def lead(self, row: Any, here: bool) -> str:
        return ("▌" if here else " ") + ("✓" if row.id in self.marked else " ")

    def action_mark(self) -> None:
        row = self.row
        if row is None:
            return
        if self.marked.pop(row.id, None) is None:
            self.marked[row.id] = row
        self._refresh_lines(self.cursor)
        self.action_move(1)
        self.post_message(self.Marked())

    def unmark(self) -> None:
        """Take every mark away."""
        self.marked.clear()
        self.refresh()
        self.post_message(self.Marked())
