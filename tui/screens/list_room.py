"""A room that is one list, with a line to search in it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, ClassVar

from textual import getters, on
from textual.app import ComposeResult
from textual.binding import BindingType

from core.db.pagination import Page, PageRequest
from core.errors import Say, say
from core.i18n.translation import N_, _
from tui.commands import Command, bindings, commands_of, doing
from tui.screens.room import RoomScreen
from tui.widgets.empty import EmptyState
from tui.widgets.frame import Frame
from tui.widgets.list import Column, ListView
from tui.widgets.search_line import SearchLine

if TYPE_CHECKING:
    from core.service.actions import Available

NOT_FOR_THIS_ROW = say(N_("This key is not for the line under the cursor."))
NOTHING_FITS = EmptyState(N_("Nothing fits what was searched for"), N_("Esc shows everything again."))


class ListRoom(RoomScreen):
    """Subclasses say :meth:`columns`, :meth:`empty` and :meth:`asks`, and what their keys do."""

    SEARCHES: ClassVar[str] = ""
    """The msgid of what can be searched for; empty for a list without a search."""
    KEYS_OF_ROW: ClassVar[bool] = False
    """Whether other keys may fit another row, beside those that core is asked about: they are offered anew when the
    cursor moves."""
    DESK_COMMANDS: ClassVar[tuple[Command, ...]] = (
        Command("list.search", "slash", N_("Search"), "search", N_("Search in this list"), footer=True),
        Command("list.clear", "escape", N_("Clear"), "clear", N_("Show everything again")),
    )
    BINDINGS: ClassVar[list[BindingType]] = bindings(DESK_COMMANDS)

    rows = getters.query_one(ListView)
    line = getters.query_one(SearchLine)

    def __init__(self, frame: Frame) -> None:
        super().__init__(frame)
        self._search = ""

    def columns(self) -> Sequence[Column]:
        """The list's columns."""
        raise NotImplementedError

    def empty(self) -> EmptyState:
        """What stands there when there are no rows, whatever is asked for."""
        raise NotImplementedError

    def asks(self, search: str) -> tuple[Callable[..., Page[Any]], tuple[Any, ...], dict[str, Any]]:
        """The desk's query, and what it takes after which page is asked for."""
        raise NotImplementedError

    def compose_above(self) -> ComposeResult:
        """What stands over the list."""
        yield from ()

    def compose_room(self) -> ComposeResult:
        yield from self.compose_above()
        if self.SEARCHES:
            yield SearchLine(_(self.SEARCHES))
        yield self.list_view()

    def list_view(self) -> ListView:
        """The list itself; a room whose rows can be marked has another one."""
        return ListView(self.columns(), empty=self.empty())

    def on_mount(self) -> None:
        super().on_mount()
        if self.SEARCHES:
            self.line.display = False
        self.rows.focus()
        self.show_list()

    def show_list(self) -> None:
        """Read the list for what is searched."""
        desk = self.app.desk
        query, further, named = self.asks(self._search)

        def source(ask: PageRequest) -> Page[Any]:
            page: Page[Any] = desk.see(query, ask, *further, **named)
            return page

        self.rows.say_when_empty(NOTHING_FITS if self._search else self.empty())
        self.rows.set_source(source)

    def lacks(self, action: str) -> bool:
        if action == "search":
            return not self.SEARCHES
        return (action == "clear" and not self._search) or super().lacks(action)

    def fits(self, command: Command) -> bool:
        """The key of another kind of row is there, too, and says so (:meth:`why_not`)."""
        return super().fits(command) or self.row_here is not None

    def why_not(self, action: str) -> Say | None:
        if self.row_here is not None and not all(super(ListRoom, self).fits(each) for each in doing(self, action)):
            return NOT_FOR_THIS_ROW
        return super().why_not(action)

    @property
    def row_here(self) -> Any | None:
        """The row under the cursor; None while there is none, and once its reader has logged out."""
        there = self.is_mounted and self.app.seat is not None and self.query(ListView)
        return self.rows.row if there else None

    def available_for(self, row: Any) -> Available:
        """What core says of a row: said by rooms whose keys are about the row under the cursor."""
        return {}

    @property
    def available(self) -> Available | None:
        row = self.row_here
        return self.available_for(row) if row is not None else {}

    @on(ListView.Highlighted)
    @on(ListView.Emptied)
    def _offer_keys(self) -> None:
        if self.KEYS_OF_ROW or any(command.asks for command in commands_of(self).values()):
            self.refresh_bindings()

    def action_clear(self) -> None:
        """Forget the search."""
        self._search = ""
        self.line.clear()
        self.line.display = False
        self.show_list()
        self.rows.focus()

    def action_search(self) -> None:
        self.line.display = True
        self.line.focus()

    @on(SearchLine.Searched)
    def _searched(self, event: SearchLine.Searched) -> None:
        self._search = event.text
        self.show_list()

    @on(SearchLine.Left)
    def _to_list(self, event: SearchLine.Left) -> None:
        """To what was found; where nothing was, Escape is done with the search as well."""
        if event.by_escape and self._search and self.rows.found_nothing:
            self.action_clear()
            return
        self.line.display = bool(self._search)
        self.rows.focus()
