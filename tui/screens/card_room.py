"""A room that is cards about one thing: read when it is opened, and again when asked."""

from __future__ import annotations

from typing import ClassVar

from textual import getters
from textual.app import ComposeResult
from textual.containers import VerticalScroll

from tui.screens.base import errand
from tui.screens.room import RoomScreen
from tui.widgets.notice import Notice


class CardRoom(RoomScreen):
    """Subclasses say :meth:`compose_cards` and :meth:`fill`, what their keys do, and :attr:`thing` where the room is
    about one of many. Their own ``reload`` and ``back`` keys have ids of their own: readers have put them elsewhere."""

    PAGE: ClassVar[str | None] = None
    """The id of the page that the cards stand on."""
    NOTICE: ClassVar[str] = ""
    """The id of the notice over them; without one, whatever is to be said comes up in the corner."""

    page = getters.query_one(VerticalScroll)
    notice = getters.query_one(Notice)

    @property
    def thing(self) -> str | None:
        """What the cards are about, for the way here in the header: empty until it is known, None in a room that is
        about nothing but itself."""
        return None

    def compose_cards(self) -> ComposeResult:
        """The cards, empty as yet."""
        raise NotImplementedError

    async def fill(self) -> None:
        """Read, and fill the cards."""
        raise NotImplementedError

    def where(self) -> tuple[str, ...]:
        return super().where() if self.thing is None else (*super().where(), self.thing or "…")

    def compose_room(self) -> ComposeResult:
        if self.NOTICE:
            yield Notice(id=self.NOTICE)
        with VerticalScroll(id=self.PAGE):
            yield from self.compose_cards()

    def on_mount(self) -> None:
        super().on_mount()
        self.page.focus()
        self.read_again()

    def explain(self, reason: str) -> None:
        if self.NOTICE:
            self.notice.say(reason, "warning")
        else:
            super().explain(reason)

    async def show(self) -> None:
        """The cards as things are now, and the keys that fit them."""
        await self.fill()
        self.redraw_frame()
        self.refresh_bindings()

    @errand
    async def read_again(self) -> None:
        """:meth:`show`, beside the interface: also for another screen that changed something, whose own errands end
        with it."""
        await self.show()

    @errand
    async def action_reload(self) -> None:
        if self.NOTICE:
            self.notice.hide()
        await self.show()
