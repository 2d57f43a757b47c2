"""What the lists of bills share: whose they are (the reader's own, or a subscriber's whom an agent looks at), and cards
that are read anew with the list."""

from __future__ import annotations

import datetime as dt
from typing import Any, ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.message import Message

from core.i18n import dates
from core.i18n.translation import N_, _
from core.subscribers import detail
from tui.commands import Command, bindings
from tui.screens.base import errand
from tui.screens.billing.invoice_list import ROOM_FOR_TWO
from tui.screens.list_room import ListRoom
from tui.widgets.frame import Frame
from tui.widgets.list import ListView


class BillsView(ListView):
    """A list that tells when it is read again, so that the cards above it are too."""

    class Again(Message):
        """F5."""

    def action_reload(self) -> None:
        super().action_reload()
        self.post_message(self.Again())


class OfSubscriber(ListRoom):
    """Subclasses say :meth:`compose_cards` and :meth:`fill_cards` beside what a list says."""

    DESK_COMMANDS: ClassVar[tuple[Command, ...]] = (
        Command("bills.back", "escape", N_("Back"), "back", N_("To the subscriber"), footer=True),
    )
    BINDINGS: ClassVar[list[BindingType]] = bindings(DESK_COMMANDS)
    CSS_PATH = "billing.tcss"
    TITLE_OF_BILLS: ClassVar[str] = ""
    """The msgid of the room, for an agent who looks at it from another one."""

    def __init__(self, frame: Frame, subscriber_id: int | None, room: str) -> None:
        super().__init__(frame)
        self.subscriber_id = subscriber_id
        """None is the reader's own."""
        self._room = room
        self._whose = ""

    @property
    def ROOM(self) -> str:  # type: ignore[override]
        """The room it was opened from."""
        return self._room

    @property
    def today(self) -> dt.date:
        """By the reader's clock. Whether something is late at all says the desk, by its own."""
        return self.app.now.astimezone(dates.zone()).date()

    @property
    def own(self) -> bool:
        """Whether the reader looks at what is theirs."""
        return self.subscriber_id is None

    def where(self) -> tuple[str, ...]:
        return super().where() if self.own else (*super().where(), self._whose or "…", _(self.TITLE_OF_BILLS))

    def compose_cards(self) -> ComposeResult:
        """The cards."""
        raise NotImplementedError

    async def fill_cards(self) -> None:
        """Read what stands in them."""
        raise NotImplementedError

    def compose_above(self) -> ComposeResult:
        with Vertical(id="bills-cards"):
            yield from self.compose_cards()

    def list_view(self) -> ListView:
        return BillsView(self.columns(), empty=self.empty())

    def on_mount(self) -> None:
        super().on_mount()
        self.read_cards()

    def on_screen_resume(self) -> None:
        super().on_screen_resume()
        self.read_cards()

    def on_resize(self, event: events.Resize) -> None:
        super().on_resize(event)
        self.set_class(event.size.width >= ROOM_FOR_TWO, "-two")

    def on_bills_view_again(self) -> None:
        self.read_cards()

    @errand
    async def read_cards(self) -> None:
        """The cards, beside the interface."""
        if self.subscriber_id is not None and not self._whose:
            card = await self.see(detail.card, self.subscriber_id)
            self._whose = card.name
            self.redraw_frame()
        await self.fill_cards()
        self.refresh_bindings()

    def lacks(self, action: str) -> bool:
        return (action == "back" and self.own) or super().lacks(action)

    def action_back(self) -> None:
        self.app.pop_screen()

    def whose(self) -> dict[str, Any]:
        """What queries take."""
        return {"subscriber_id": self.subscriber_id}
