"""What the desk does to somebody's account, from the list of people and from their card alike."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual.binding import BindingType
from textual.content import Content

from core.i18n.translation import N_, _
from core.installers import invitation_limit
from core.people import staff
from core.people.staff import PersonRow
from tui.commands import Command, bindings
from tui.screens.base import deed
from tui.screens.room import RoomScreen
from tui.widgets.badge import badge
from tui.widgets.confirm import Confirm

if TYPE_CHECKING:
    from core.service.actions import Available

_ADMIN = frozenset({"admin"})


def account_state(row: PersonRow) -> Content:
    """How an account stands, as glyph and word."""
    if row.state == "active" and row.standing == "pending":
        return badge("state", "pending")
    return badge("state", row.state)


class PersonDeeds(RoomScreen):
    """Subclasses say who is chosen, and what to show anew."""

    DESK_COMMANDS: ClassVar[tuple[Command, ...]] = (
        Command(
            "people.unlock",
            "u",
            N_("Unlock"),
            "unlock",
            N_("Forget somebody's wrong passwords"),
            footer=True,
            asks="account.unlock",
        ),
        Command(
            "people.unlimit",
            "U",
            N_("Lift the limit"),
            "unlimit",
            N_("Let a new installer company invite as many as it likes"),
            asks="profile.unlimit",
        ),
        Command(
            "people.switch",
            "O",
            N_("Off / on"),
            "switch",
            N_("Switch an account off or on"),
            footer=True,
            roles=_ADMIN,
            danger=True,
            asks="account.switch",
        ),
    )

    BINDINGS: ClassVar[list[BindingType]] = bindings(DESK_COMMANDS)

    def chosen(self) -> PersonRow | None:
        """Whom the next key is about."""
        raise NotImplementedError

    def person_changed(self) -> None:
        """Their account was changed from here."""
        raise NotImplementedError

    @property
    def available(self) -> Available | None:
        row = self.chosen() if self.is_mounted and self.app.seat is not None else None
        return staff.available_for(self.me, row) if row is not None else None

    @deed
    async def action_unlock(self) -> None:
        row = self.chosen()
        if row is None:
            return
        question = Confirm(
            _("Unlock {login}?").format(login=row.login),
            _("Their wrong passwords are forgotten, and every session and remembered log-in of theirs ends."),
            danger=False,
        )
        if await self.app.push_screen_wait(question):
            await self.do(staff.unlock, row.id)
            self.notify(_("{login} can log in again.").format(login=row.login))
            self.person_changed()

    @deed
    async def action_unlimit(self) -> None:
        row = self.chosen()
        if row is None:
            return
        question = Confirm(
            _("Lift the limit of {login}'s company?").format(login=row.login),
            _(
                "A new company invites only some people a day, until ten have accepted: its letters go to people who "
                "have not asked for them. Lift that only for a company that you know."
            ),
            danger=False,
        )
        if await self.app.push_screen_wait(question):
            await self.do(invitation_limit.lift, row.id)
            self.notify(_("The company may invite as many as it likes."))

    @deed
    async def action_switch(self) -> None:
        row = self.chosen()
        if row is None:
            return
        on_again = row.state == "off"
        title = _("Switch {login} on?") if on_again else _("Switch {login} off?")
        text = (
            _("They can log in again.")
            if on_again
            else _("Their sessions end at once, and they can't log in any more.")
        )
        if await self.app.push_screen_wait(Confirm(title.format(login=row.login), text, danger=not on_again)):
            await self.do(staff.switch, row.id, on=on_again)
            self.person_changed()
