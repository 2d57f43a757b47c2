"""The palette: every command that works here and every room, found by typing."""

from __future__ import annotations

from collections.abc import Sequence

from core.i18n.translation import _
from tui.commands import Working
from tui.widgets.choose import Choose
from tui.widgets.frame import Room
from tui.widgets.menu import Option

Destination = Working | Room


class Palette(Choose[Destination]):
    """Gives the command or the room that was picked, or None; whoever opened it runs it."""

    def __init__(self, working: Sequence[Working], rooms: Sequence[Room] = ()) -> None:
        options: list[Option[Destination]] = [
            Option(each, _label(each), each.shown_keys, f"{_(each.command.help)} {each.command.label}")
            for each in working
            if each.command.palette and each.enabled
        ]
        options += [
            Option(room, _("Go to {room}").format(room=_(room.label)), f"g {room.key}", room.label) for room in rooms
        ]
        super().__init__(_("What to do"), options)


def _label(working: Working) -> str:
    label = _(working.command.label)
    return f"{label}…" if working.command.danger else label
