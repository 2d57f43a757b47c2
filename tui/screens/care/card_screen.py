"""What the screens of one application and one service share: cards under a notice, read anew when asked."""

from __future__ import annotations

from typing import ClassVar

from textual import getters
from textual.binding import BindingType

from core.i18n.translation import N_
from tui.commands import Command, bindings
from tui.screens.base import errand
from tui.screens.room import RoomScreen
from tui.widgets.notice import Notice


class CardScreen(RoomScreen):
    """Subclasses compose ``#care-notice`` and ``#care-page``, and say :attr:`device`, :attr:`level`, :meth:`show`."""

    DESK_COMMANDS: ClassVar[tuple[Command, ...]] = (
        Command("card.levels", "f8", N_("Access levels"), "levels", N_("What each opens"), footer=True),
        Command("card.reload", "f5", N_("Read again"), "reload"),
        Command("card.back", "escape", N_("Back"), "app.pop_screen", N_("To the list"), footer=True),
    )
    BINDINGS: ClassVar[list[BindingType]] = bindings(DESK_COMMANDS)
    CSS_PATH = "care.tcss"

    notice = getters.query_one("#care-notice", Notice)

    @property
    def device(self) -> str:
        """The device's ID; empty until it is known."""
        raise NotImplementedError

    @property
    def level(self) -> int:
        """The level it is about; 0 until it is known."""
        raise NotImplementedError

    async def show(self) -> None:
        """Read, and fill the cards."""
        raise NotImplementedError

    def where(self) -> tuple[str, ...]:
        return (*super().where(), self.device or "…")

    def on_mount(self) -> None:
        super().on_mount()
        self.query_one("#care-page").focus()
        self.read_again()

    def explain(self, reason: str) -> None:
        self.notice.say(reason, "warning")

    @errand
    async def read_again(self) -> None:
        """:meth:`show`, beside the interface."""
        await self.show()

    def action_levels(self) -> None:
        from tui.screens.care.levels import LevelTable  # deferred: a screen is loaded when it is first shown

        self.app.push_screen(LevelTable(self.level))

    @errand
    async def action_reload(self) -> None:
        self.notice.hide()
        await self.show()
