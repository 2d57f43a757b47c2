"""What every room behind the log-in shares: its counts, logging out, and what to do when the session has ended."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType

from core import badges
from core.errors import DeskError, Say, say
from core.i18n.translation import N_, _
from core.knowledge import articles
from core.service.actor import Actor
from core.service.desk import SessionEnded
from tui import screen_paths, session
from tui.commands import Command, bindings
from tui.screens.base import DeskScreen, deed, errand
from tui.shell import Shell
from tui.widgets.banner import Headline
from tui.widgets.confirm import Confirm
from tui.widgets.header import TopLine


class RoomScreen(Shell[None], DeskScreen[None]):
    """A :class:`Shell` that talks to the desk."""

    DESK_COMMANDS: ClassVar[tuple[Command, ...]] = (
        Command("shell.find", "ctrl+k", N_("Find a ticket"), "find", N_("Search all tickets from anywhere")),
        Command("shell.begun", "b", N_("What I began"), "begun", N_("Forms that were begun and not sent")),
        Command("shell.log_out", "ctrl+l", N_("Log out"), "log_out", N_("End this session"), danger=True),
    )
    BINDINGS: ClassVar[list[BindingType]] = bindings(DESK_COMMANDS)

    @property
    def me(self) -> Actor:
        """Who sits here. Rooms are only entered by somebody."""
        if self.app.seat is None:
            raise LookupError("a room without anybody in it")
        return self.app.seat

    def compose(self) -> ComposeResult:
        for widget in super().compose():
            yield widget
            if isinstance(widget, TopLine):
                yield Headline(id="headline")
                yield Headline(id="begun")

    def on_mount(self) -> None:
        self.count_again()
        self.say_headline()
        self.say_begun()

    def on_screen_resume(self) -> None:
        super().on_screen_resume()
        self.count_again()
        self.say_headline()
        self.say_begun()
        self._look_at_drafts()

    @errand
    async def _look_at_drafts(self) -> None:
        """What the same person has typed elsewhere meanwhile."""
        await self.app.drafts.look_again()
        self.say_begun()

    def say_begun(self) -> None:
        """What was begun and not sent, in the room that one comes to after logging in."""
        base = next((screen for screen in self.app.screen_stack if isinstance(screen, RoomScreen)), None)
        if base is self and self.app.seat is not None and self.frame.came_to == self.ROOM:
            from tui.screens import begun  # deferred: loaded when first needed

            self.query_one("#begun", Headline).say(*begun.line(self.app.drafts))

    @errand
    async def say_headline(self) -> None:
        """An outage, or news that is pinned, in the first room of whoever sits here."""
        if self.app.seat is None or not self.frame.open_rooms or self.frame.open_rooms[0].id != self.ROOM:
            return
        from tui.screens.knowledge import formatting  # deferred: a screen is loaded when it is first shown

        hint = _("g j reads on")
        headline = formatting.headline(await self.see(articles.headline, self.app.language), hint)
        self.query_one("#headline", Headline).say(*headline)

    @errand
    async def count_again(self) -> None:
        """The numbers beside the rooms, kept by the desk and never counted."""
        if self.app.seat is not None:
            self.set_counts(await self.see(badges.sidebar))

    def complain(self, error: DeskError) -> None:
        """An ended session goes back to the way in; anything else is said in place."""
        if isinstance(error, SessionEnded):
            session.stand_up(self.app, notice=error.text())
        else:
            super().complain(error)

    def why_not(self, action: str) -> Say | None:
        if action == "begun" and not self.app.drafts:
            return say(N_("There is nothing that you began and have not sent."))
        return super().why_not(action)

    @deed
    async def action_begun(self) -> None:
        from tui.screens import begun  # deferred: loaded when first needed

        await begun.go_on(self)

    def registered(self) -> None:
        """A contract was registered from here; lists that show contracts read again."""
        self.count_again()

    @deed
    async def action_log_out(self) -> None:
        ends = _("This session ends, and so does being remembered on this computer.")
        unsent = await self.app.what_becomes_of_typed()
        question = Confirm(_("Log out?"), f"{unsent}\n\n{ends}" if unsent else ends, danger=bool(unsent))
        if await self.app.push_screen_wait(question):
            await session.log_out(self.app)

    def action_find(self) -> None:
        """To the list of all tickets, with the search open."""
        self.keep_typed()
        tickets = screen_paths.screen(screen_paths.TICKETS, self.app.frame, "all", searching=True)
        self.app.push_screen(tickets) if self.ROOM not in ("open", "tickets") else self.app.switch_screen(tickets)
