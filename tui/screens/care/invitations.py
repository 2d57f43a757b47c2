"""Invitations: whom the company has asked, and what they answered."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from textual.binding import BindingType

from core.care import invitations
from core.care.invitations import InvitationRow, Invite
from core.i18n import dates
from core.i18n.translation import N_, _
from tui.commands import Command, bindings
from tui.screens.base import deed
from tui.screens.care import formatting
from tui.screens.form_prompt import FormPrompt
from tui.screens.list_room import ListRoom
from tui.screens.room import RoomScreen
from tui.widgets.confirm import Confirm
from tui.widgets.empty import EmptyState
from tui.widgets.list import Column

if TYPE_CHECKING:
    from core.service.actions import Available


class Invitations(ListRoom):
    """The latest first."""

    ROOM = "invitations"
    SEARCHES = N_("Name or e-mail")
    DESK_COMMANDS = (
        Command("invitations.new", "n", N_("Invite"), "new", N_("Ask a customer by mail"), footer=True),
        Command(
            "invitations.resend",
            "S",
            N_("Send again"),
            "again",
            N_("With a new code"),
            footer=True,
            asks="invitation.again",
        ),
        Command("invitations.many", "f7", N_("Many at once"), "many", N_("Rows from a table"), footer=True),
        Command(
            "invitations.withdraw",
            "W",
            N_("Withdraw"),
            "withdraw",
            footer=True,
            danger=True,
            asks="invitation.withdraw",
        ),
    )
    KEYS_OF_ROW = True
    BINDINGS: ClassVar[list[BindingType]] = bindings(DESK_COMMANDS)

    def columns(self) -> tuple[Column, ...]:
        return (
            Column("name", N_("Customer"), None, lambda row: row.name),
            Column("email", N_("E-mail"), 28, lambda row: row.email, from_width=92),
            Column("address", N_("Address"), 26, lambda row: row.address, from_width=130),
            Column("sent", N_("Sent"), 10, lambda row: dates.brief(row.sent_at, self.app.now)),
            Column("left", N_("Left"), 8, _left, align="right"),
            Column("state", N_("State"), 22, lambda row: formatting.invitation(row.state)),
        )

    def empty(self) -> EmptyState:
        return EmptyState(N_("Nobody has been invited yet"), N_("Press n to invite a customer, F7 for a whole table."))

    def asks(self, search: str) -> tuple[Any, tuple[Any, ...], dict[str, Any]]:
        return invitations.page, (search,), {}

    def available_for(self, row: InvitationRow) -> Available:
        return invitations.available_for_state(self.me, row.state)

    @deed
    async def action_new(self) -> None:
        if await invite(self):
            self.rows.reload()

    @deed
    async def action_again(self) -> None:
        row: InvitationRow | None = self.rows.row
        if row is None:
            return
        question = Confirm(
            _("Send the invitation again?"),
            _("{email} gets a new code, good for another 28 days. The older code is void.").format(email=row.email),
            yes=N_("Send again"),
            no=N_("Not now"),
            danger=False,
        )
        if await self.app.push_screen_wait(question):
            await self.do(invitations.again, row.id)
            self.notify(_("Sent to {email}.").format(email=row.email), markup=False)
            self.rows.reload()

    @deed
    async def action_withdraw(self) -> None:
        row: InvitationRow | None = self.rows.row
        if row is None:
            return
        question = Confirm(
            _("Withdraw the invitation of {name}?").format(name=row.name),
            _("The code in their mail is worth nothing from then on. They are not told."),
            yes=N_("Withdraw"),
            no=N_("Keep it"),
        )
        if await self.app.push_screen_wait(question):
            try:
                await self.do(invitations.withdraw, row.id)
            finally:
                self.rows.reload()

    @deed
    async def action_many(self) -> None:
        from tui.screens.care.bulk_invitations import many_invitations  # deferred: loaded when first shown

        if await many_invitations(self):
            self.rows.reload()


def _left(row: InvitationRow) -> str:
    return formatting.days(row.days_left) if row.state == "sent" else "—"


async def invite(screen: RoomScreen) -> bool:
    """The form of an invitation over ``screen``; whether an invitation was sent."""
    prompt = FormPrompt(
        _("Invite a customer"),
        Invite,
        kept_as="invitation",
        submit=lambda form: screen.do(invitations.send, form),
        save=N_("Send the invitation"),
        values={"language": screen.app.language, "country": "PL"},
        text=_(
            "They get mail with a code, fill in the device ID and the access level, and register. Valid for 28 days."
        ),
        roomy=True,
    )
    sent = await screen.app.push_screen_wait(prompt)
    if sent is None:
        return False
    screen.notify(_("The invitation is on its way to {email}.").format(email=sent.form.email), markup=False)
    return True
