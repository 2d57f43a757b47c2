"""What hides a session that was left alone: the password of whoever sits there opens it, with all that was typed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Center, Vertical, VerticalScroll
from textual.widgets import Static

from core import forms
from core.accounts import own_password
from core.accounts.own_password import SessionPassword
from core.errors import DeskError, Invalid, Say, say
from core.field import Field, Raw
from core.i18n.translation import N_, _
from core.service.desk import SessionEnded
from tui import session
from tui.commands import Command, bindings
from tui.screens.accounts.page import Page
from tui.screens.base import deed
from tui.text import plain
from tui.widgets.footer import KeyLine
from tui.widgets.form import Check
from tui.widgets.logo import Logo


class Lock(Page, inherit_bindings=False):
    """The desk's name, whose session it is, a password, and the way out. No other key reaches anything from here."""

    DESK_COMMANDS = (Command("lock.log_out", "ctrl+l", N_("Log out"), "log_out", N_("End this session"), footer=True),)
    BINDINGS: ClassVar[list[BindingType]] = bindings(DESK_COMMANDS)
    DEFAULT_CSS = """
    Lock #page Logo { margin: 0 0 1 0; }
    Lock #page-box { width: 66; padding: 1 3 0 3; }
    Lock #lock-hint { width: 1fr; text-align: right; color: $text-muted; }
    """

    def __init__(self) -> None:
        super().__init__()
        self._modal = True  # as Textual's ModalScreen, without one seeing through it: the application's keys end here

    def title_text(self) -> str:
        return _("Locked")

    def intro(self) -> str:
        seat = self.app.seat
        whose = f"{seat.name} · {seat.login}" if seat is not None else ""
        return "\n\n".join([whose, _("Nobody has pressed a key for a while. Your password opens it as you left it.")])

    def fields(self) -> tuple[Field, ...]:
        return forms.describe(SessionPassword)

    def check(self) -> Check | None:
        def checked(values: dict[str, Raw], only: str | None) -> Mapping[str, Say]:
            return forms.check(SessionPassword, values, only)

        return checked

    def compose(self) -> ComposeResult:
        with VerticalScroll(id="page", can_focus=False):
            yield Logo(self.app.frame.desk)
            box = Vertical(id="page-box")
            box.border_title = plain(self.title_text())
            with Center(), box:
                yield from self.compose_box()
                yield Static(plain(_("Enter opens it")), id="lock-hint")
        yield KeyLine()

    async def submit(self, values: dict[str, Any]) -> None:
        left = await self.do(own_password.open_again, forms.fill(SessionPassword, values))
        if left is None:
            self.app.unlock()
        elif left == 0:
            session.stand_up(self.app, _("Too many wrong passwords: the session has ended. Please log in again."))
        else:
            self.form.set_values({"now": ""})
            raise Invalid({"now": say(N_("That is not your password. Tries left: {left}."), left=left)})

    def show_errors(self, error: DeskError) -> None:
        """An ended session goes back to the way in."""
        if isinstance(error, SessionEnded):
            self.complain(error)
        else:
            super().show_errors(error)

    def complain(self, error: DeskError) -> None:
        if isinstance(error, SessionEnded):
            session.stand_up(self.app, notice=error.text())
        else:
            super().complain(error)

    @deed
    async def action_log_out(self) -> None:
        """Without a question: what can be kept is kept."""
        await session.log_out(self.app)
