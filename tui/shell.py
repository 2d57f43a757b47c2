"""The shell: the frame that every room stands in, and the ways from room to room.

A room is a screen made of a Shell (and, when it talks to the desk, a DeskScreen)::

    class Queue(Shell, DeskScreen[None]):
        ROOM = "queue"

        def compose_room(self) -> ComposeResult:
            yield ListView(…)
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar

from textual import events, on, work
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Container, Horizontal
from textual.screen import Screen, ScreenResultType
from textual.widget import Widget

from core.errors import Say
from core.i18n.translation import N_, _
from tui.commands import Command, Working, allowed, bindings, doing, here
from tui.widgets.footer import KeyLine
from tui.widgets.frame import Frame, Room
from tui.widgets.header import TopLine
from tui.widgets.sidebar import Sidebar

if TYPE_CHECKING:
    from core.service.actions import Available

__all__ = ["Commanded", "Frame", "Room", "Shell"]

FOLDED_BELOW = 100
"""Columns; narrower than this the sidebar waits behind its key."""


class Commanded(Screen[ScreenResultType]):
    """A screen with a footer of its commands, the palette and ``?``. Yield a :class:`KeyLine` and it fills it."""

    DESK_COMMANDS: ClassVar[tuple[Command, ...]] = (
        Command("shell.help", "question_mark,f1", N_("Keys"), "keys", N_("The keys that work here")),
        Command(
            "shell.palette", "ctrl+p", N_("All commands"), "palette", N_("Find a command by typing"), palette=False
        ),
    )
    BINDINGS: ClassVar[list[BindingType]] = bindings(DESK_COMMANDS)

    @property
    def role(self) -> str:
        """Whose commands are shown; empty before anybody is logged in."""
        return ""

    @property
    def rooms(self) -> tuple[Room, ...]:
        """The rooms that can be gone to from here."""
        return ()

    def on_mount(self) -> None:
        self.bindings_updated_signal.subscribe(self, lambda _screen: self.show_keys())
        self.call_later(self.show_keys)  # in the first frame
        self.call_after_refresh(self.show_keys)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """A command of another role is not there; one that can't be done now is, and says why (:meth:`why_not`)."""
        if not self._has(action):
            return False
        possible = super().check_action(action, parameters)
        if not possible or not self.is_mounted:
            return possible
        return None if self.why_not(action) is not None else possible

    def _has(self, action: str) -> bool:
        """Whether there is such a key here: for the reader's role, and for the kind of thing that is on the screen."""
        if self.lacks(action):
            return False
        commands = doing(self, action)
        if not all(allowed(command, self.role) for command in commands):
            return False
        return all(self.fits(command) for command in commands)

    def fits(self, command: Command) -> bool:
        """Whether a command is one for the kind of thing that is on the screen."""
        available = self.available
        return available is None or not command.asked or any(name in available for name in command.asked)

    def lacks(self, action: str) -> bool:
        """Whether this screen, as it stands, has no such key at all, by the action's name: nothing is to be told then,
        and the key may mean something to whatever is below."""
        return False

    @property
    def available(self) -> Available | None:
        """What core says of the thing on this screen (:func:`core.service.actions.available`); empty without one, None
        while it is still being read: then every key of it may be pressed, and core decides."""
        return {}

    def why_not(self, action: str) -> Say | None:
        """Why an action can't be done now, by its name on the screen; None when it can. Its key is left out of the
        footer and the palette, and says this when it is pressed.

        Core knows it of its own actions; a screen adds what only it can know, such as where a key would lead."""
        available = self.available or {}
        names = (name for each in doing(self, action) for name in each.asked)
        return next((reason for name in names if (reason := available.get(name)) is not None), None)

    def say_why_not(self, action: str) -> bool:
        """Tell the reader why a key that was pressed does nothing. False when there is no reason to tell."""
        reason = self.why_not(action) if self.is_mounted and self._has(action) else None
        if reason is not None:
            self.explain(reason.text())
        return reason is not None

    def explain(self, reason: str) -> None:
        """Show why something can't be done, in place of what was told before; a screen that has a place for it shows it
        there."""
        self.app.clear_notifications()
        self.notify(reason, severity="warning", markup=False)

    def show_keys(self) -> None:
        """Fill the footer with what works now."""
        if not self.is_attached:
            return
        working = here(self, self.role)
        more = next((each for each in working if each.command.id == "shell.help"), None)
        keys = [each for each in working if each.command.footer and each.enabled and self.in_footer(each.command)]
        for line in self.query(KeyLine):
            line.show(keys, more)

    def in_footer(self, command: Command) -> bool:
        """Whether a command that may stand in the footer does so now."""
        return True

    @on(KeyLine.Pressed)
    async def _press(self, event: KeyLine.Pressed) -> None:
        await self._run(event.working)

    async def _run(self, working: Working) -> None:
        await self.app.run_action(working.command.action, working.node)

    def action_keys(self) -> None:
        from tui.widgets.keys_help import KeysHelp  # deferred: start-up, the first frame needs none of it

        self.app.push_screen(KeysHelp(here(self, self.role), self.rooms))

    @work(exclusive=True, group="palette")
    async def action_palette(self) -> None:
        from tui.widgets.palette import Palette  # deferred: start-up, the first frame needs none of it

        picked = await self.app.push_screen_wait(Palette(here(self, self.role), self.rooms))
        if isinstance(picked, Working):
            await self._run(picked)
        elif picked is not None:
            self.go(picked)

    def go(self, room: Room) -> None:
        """Go to ``room``; screens without rooms go nowhere."""


class Shell(Commanded[ScreenResultType]):
    """Header, sidebar, room, footer. Subclasses say :attr:`ROOM` and :meth:`compose_room`."""

    DEFAULT_CSS = """
    Shell { background: $background; }
    Shell #shell-room { width: 1fr; height: 1fr; }
    Shell #shell-middle { width: 1fr; height: 1fr; layers: default rooms; }
    Shell.-folded Sidebar { display: none; }
    Shell.-folded.-rooms Sidebar { display: block; position: absolute; height: 100%; layer: rooms; }
    """
    ROOM: ClassVar[str] = ""
    """The id of the room this screen belongs to: lit in the sidebar."""

    DESK_COMMANDS: ClassVar[tuple[Command, ...]] = (
        Command("shell.rooms", "f9", N_("Rooms"), "rooms", N_("Show the rooms and pick one"), footer=True),
        Command(
            "shell.go", "g", N_("Go to…"), "go", N_("g and a letter goes to a room, g g to the top"), palette=False
        ),
    )
    BINDINGS: ClassVar[list[BindingType]] = bindings(DESK_COMMANDS)

    def __init__(self, frame: Frame, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.frame = frame
        self._came_from: Widget | None = None

    # What subclasses say

    def compose_room(self) -> ComposeResult:
        """The room's content."""
        raise NotImplementedError

    def where(self) -> tuple[str, ...]:
        """The way here for the header, ready to be read: by default the room's name."""
        return tuple(_(room.label) for room in self.frame.rooms if room.id == self.ROOM)

    # The frame

    @property
    def role(self) -> str:
        return self.frame.role

    @property
    def rooms(self) -> tuple[Room, ...]:
        return self.frame.open_rooms

    def compose(self) -> ComposeResult:
        yield TopLine(self.frame, self.where())
        with Horizontal(id="shell-middle"):
            yield Sidebar(self.frame, self.ROOM)
            with Container(id="shell-room"):
                yield from self.compose_room()
        yield KeyLine()

    def set_counts(self, counts: Mapping[str, int]) -> None:
        """New numbers beside the rooms and in the header; numbers not given stay."""
        self.frame.counts.update(counts)
        self.redraw_frame()

    def redraw_frame(self) -> None:
        """Say again where one is, who one is and what waits."""
        for line in self.query(TopLine):
            line.show(self.where())
        for bar in self.query(Sidebar):
            bar.refresh()

    def on_screen_resume(self) -> None:
        self.redraw_frame()

    def on_resize(self, event: events.Resize) -> None:
        self.set_class(event.size.width < FOLDED_BELOW, "-folded")
        self.show_keys()

    def in_footer(self, command: Command) -> bool:
        """The key of the sidebar is said only where the sidebar is folded."""
        return command.id != "shell.rooms" or self.has_class("-folded")

    # From room to room

    def action_rooms(self) -> None:
        self._came_from = self.focused
        self.add_class("-rooms")
        self.query_one(Sidebar).enter()

    @on(Sidebar.Left)
    def _leave_sidebar(self) -> None:
        """Back to whatever was focused before."""
        self.remove_class("-rooms")
        if not self.query_one(Sidebar).has_focus:
            return
        if self._came_from is not None and self._came_from.is_attached:
            self._came_from.focus(scroll_visible=False)
        else:
            self.focus_next()

    @on(Sidebar.Chosen)
    def _take_room(self, event: Sidebar.Chosen) -> None:
        self.go(event.room)

    @on(Sidebar.Leaving)
    async def _leave_by(self, event: Sidebar.Leaving) -> None:
        self._leave_sidebar()
        await self.app.run_action(event.way.action, self)

    def action_go(self) -> None:
        self._came_from = self.focused
        self.query_one(KeyLine).wait_for_room(self.rooms)

    @on(KeyLine.Went)
    async def _went(self, event: KeyLine.Went) -> None:
        widget = self._came_from
        if widget is not None and widget.is_attached:
            widget.focus(scroll_visible=False)
        if event.key == "g":
            await self._top(widget)
            return
        room = self.frame.by_key(event.key) if event.key else None
        if room is not None:
            self.go(room)

    async def _top(self, widget: Widget | None) -> None:
        """``g g``: the first line of whatever was focused, if that has one."""
        holder = (
            next((node for node in widget.ancestors_with_self if hasattr(node, "action_top")), None) if widget else None
        )
        if holder is not None:
            await self.app.run_action("top", holder)

    def keep_typed(self) -> None:
        """Called before another room takes this screen's place: a form that has a draft puts it aside, unasked."""

    def go(self, room: Room) -> None:
        """Leave what is open on top of this room, then change rooms; in the room itself, come back to it."""
        shells = [screen for screen in self.app.screen_stack if isinstance(screen, Shell)]
        base = shells[0] if shells else self
        if base is self and room.id == self.ROOM:
            self._leave_sidebar()
            return
        for shell in shells:
            shell.keep_typed()
        while self.app.screen is not base:
            self.app.pop_screen()
        if room.id != base.ROOM:
            self.app.switch_screen(room.factory())
