"""What the screens of one application and one service share: a device and its access level."""

from __future__ import annotations

from typing import ClassVar

from textual.binding import BindingType

from core.i18n.translation import N_
from tui.commands import Command, bindings
from tui.screens.card_room import CardRoom


class CardScreen(CardRoom):
    """Subclasses say :attr:`level` beside what a :class:`CardRoom` says; their :attr:`thing` is the device."""

    DESK_COMMANDS: ClassVar[tuple[Command, ...]] = (
        Command("card.levels", "f8", N_("Access levels"), "levels", N_("What each opens"), footer=True),
        Command("card.reload", "f5", N_("Read again"), "reload"),
        Command("card.back", "escape", N_("Back"), "app.pop_screen", N_("To the list"), footer=True),
    )
    BINDINGS: ClassVar[list[BindingType]] = bindings(DESK_COMMANDS)
    CSS_PATH = "care.tcss"
    PAGE, NOTICE = "care-page", "care-notice"

    @property
    def level(self) -> int:
        """The level it is about; 0 until it is known."""
        raise NotImplementedError

    def action_levels(self) -> None:
        from tui.screens.care.levels import LevelTable  # deferred: a screen is loaded when it is first shown

        self.app.push_screen(LevelTable(self.level))
