"""Rooms as data, and what the frame around every room shows."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from textual.screen import Screen

from core.i18n.translation import N_


@dataclass(frozen=True, slots=True)
class Room:
    """A place of the desk: ``g`` and ``key`` go there, ``count_key`` names its number among the counts, ``factory``
    makes its screen (and imports it then), ``roles`` says who has it (empty: everybody). ``label`` is a msgid."""

    id: str
    key: str
    label: str
    count_key: str
    factory: Callable[[], Screen[Any]]
    roles: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class WayOut:
    """What stands below the rooms: not a place, but the end of being here. ``label`` is a msgid."""

    key: str
    label: str
    action: str


@dataclass(slots=True)
class Frame:
    """One for an application, shared by its screens. ``desk`` and ``who`` are ready to be read; ``role`` chooses the
    rooms; ``counts`` holds numbers by room's ``count_key``, and ``waiting`` for the header."""

    desk: str = "Okienko"
    who: str = ""
    role: str = ""
    rooms: tuple[Room, ...] = ()
    counts: dict[str, int] = field(default_factory=dict)
    came_to: str = ""
    """The id of the room that one came to after logging in."""

    @property
    def open_rooms(self) -> tuple[Room, ...]:
        """The rooms of this role, in order."""
        return tuple(room for room in self.rooms if not room.roles or self.role in room.roles)

    @property
    def ways_out(self) -> tuple[WayOut, ...]:
        """Logging out, for whoever is logged in, and leaving."""
        quit_ = WayOut("^q", N_("Quit"), "app.quit")
        return (WayOut("^l", N_("Log out"), "screen.log_out"), quit_) if self.who else (quit_,)

    def by_key(self, key: str) -> Room | None:
        """The room that ``g`` and this key go to."""
        return next((room for room in self.open_rooms if room.key == key), None)

    def by_id(self, name: str) -> Room | None:
        """The room of this id, if this role has it."""
        return next((room for room in self.open_rooms if room.id == name), None)
