"""The outbox: what was promised, what has left, what could not be sent and why."""

from __future__ import annotations

from typing import Any, ClassVar

from textual import getters, on
from textual.app import ComposeResult
from textual.binding import BindingType

from core.i18n import dates
from core.i18n.translation import N_, _, ngettext
from core.mail import admin_list, stops
from core.mail.admin_list import OutboxRow
from core.models.mail import MailState
from core.service import letters
from tui.commands import Command, bindings
from tui.screens.base import deed, errand
from tui.screens.list_room import ListRoom
from tui.text import plain
from tui.widgets.badge import badge
from tui.widgets.confirm import Confirm
from tui.widgets.empty import EmptyState
from tui.widgets.frame import Frame
from tui.widgets.list import Column, ListView
from tui.widgets.notice import Notice


class OutboxRoom(ListRoom):
    """Letters by kind and address, newest first; their texts are never shown, they may hold codes."""

    ROOM = "outbox"
    DESK_COMMANDS = (
        Command("outbox.failed", "f", N_("Only failed"), "failed", N_("Only what could not be sent"), footer=True),
        Command(
            "outbox.retry",
            "R",
            N_("Try again"),
            "retry",
            N_("Send everything that failed again"),
            footer=True,
            danger=True,
        ),
    )
    BINDINGS: ClassVar[list[BindingType]] = bindings(DESK_COMMANDS)

    error = getters.query_one("#outbox-said", Notice)
    stopped = getters.query_one("#outbox-stopped", Notice)

    def __init__(self, frame: Frame) -> None:
        super().__init__(frame)
        self._failed_only = frame.counts.get("failed", 0) > frame.counts.get("stopped", 0)

    def on_screen_resume(self) -> None:
        super().on_screen_resume()
        self.say_stopped()

    def compose_above(self) -> ComposeResult:
        yield Notice(id="outbox-stopped")
        yield Notice(id="outbox-said")

    def columns(self) -> tuple[Column, ...]:
        return (
            Column("created", N_("Written"), 10, lambda row: dates.brief(row.created_at, self.app.now)),
            Column("letter", N_("Letter"), 22, lambda row: _(letters.label(row.letter))),
            Column("address", N_("To"), None, lambda row: row.address),
            Column(
                "ticket",
                N_("Ticket"),
                10,
                lambda row: f"#{row.ticket_id}" if row.ticket_id else "",
                from_width=90,
            ),
            Column("tries", N_("Tries"), 6, lambda row: str(row.tries), align="right", from_width=90),
            Column("state", N_("State"), 14, lambda row: badge("state", row.state)),
        )

    def empty(self) -> EmptyState:
        if self._failed_only:
            return EmptyState(N_("No letter has failed"), N_("f shows all of them again."))
        return EmptyState(N_("No mail yet"), N_("Every change that promises a letter puts it here."))

    def asks(self, search: str) -> tuple[Any, tuple[Any, ...], dict[str, Any]]:
        """All letters, or only the failed ones."""
        return admin_list.outbox, (MailState.FAILED.value if self._failed_only else None,), {}

    @errand
    async def say_stopped(self) -> None:
        """Why no mail leaves at all, and when that is asked again."""
        stop = await self.see(stops.current)
        if stop is None:
            self.stopped.hide()
            return
        text = ngettext(
            "{n} letter waits since {since}. {reason}. Next try: {time}; R tries now.",
            "{n} letters wait since {since}. {reason}. Next try: {time}; R tries now.",
            stop.waiting,
        )
        since, time = dates.moment(stop.since), dates.moment(stop.opens_at)
        self.stopped.say(text.format(n=stop.waiting, since=since, reason=stop.reason, time=time), "error")

    @on(ListView.Highlighted)
    def _explain(self, event: ListView.Highlighted) -> None:
        """Why the letter under the cursor is still here."""
        row: OutboxRow | None = event.row
        if row is not None and row.error:
            self.error.say(plain(row.error).plain, "error" if row.state == MailState.FAILED else "warning")
        else:
            self.error.hide()

    @on(ListView.Emptied)
    def _nothing_to_explain(self) -> None:
        self.error.hide()

    def action_failed(self) -> None:
        self._failed_only = not self._failed_only
        self.show_list()

    @deed
    async def action_retry(self) -> None:
        question = Confirm(
            _("Try again?"), _("Everything that could not be sent goes back into the queue."), danger=False
        )
        if await self.app.push_screen_wait(question):
            number: int = await self.do(admin_list.retry)
            self.notify(
                ngettext("{n} letter is on its way again.", "{n} letters are on their way again.", number).format(
                    n=number
                )
            )
            self.rows.reload()
            self.count_again()
            self.say_stopped()
