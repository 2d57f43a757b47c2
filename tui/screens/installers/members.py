"""The people of an installer company: who is there, who is invited, and what its owners decide."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, ClassVar, Concatenate

from textual.binding import BindingType

from core.i18n import dates
from core.i18n.translation import N_, _
from core.installers import invitations, members
from core.installers.invitations import Colleague
from core.installers.members import Member
from tui.commands import Command, bindings
from tui.screens.base import P, deed
from tui.screens.form_prompt import FormPrompt
from tui.screens.installers.formatting import STANDINGS, wants_authenticator
from tui.screens.installers.profile import Unlocking
from tui.screens.list_room import ListRoom
from tui.widgets.badge import drawn
from tui.widgets.confirm import Confirm
from tui.widgets.empty import EmptyState
from tui.widgets.list import Column

if TYPE_CHECKING:
    from core.service.actions import Available
    from core.service.unit_of_work import UnitOfWork


class Members(ListRoom, Unlocking):
    """By last name; who is invited stands on top. Only owners decide; a password is reset with the management
    password."""

    ROOM = "company"
    DESK_COMMANDS = (
        Command(
            "members.new", "n", N_("Invite"), "new", N_("A colleague, by e-mail"), footer=True, asks="member.invite"
        ),
        Command(
            "members.owner",
            "o",
            N_("Make an owner"),
            "owner",
            N_("They decide about people too"),
            footer=True,
            asks="member.owner",
        ),
        Command("members.reset", "P", N_("Reset password"), "reset", footer=True, danger=True, asks="member.reset"),
        Command(
            "members.remove",
            "D",
            N_("Remove"),
            "remove",
            N_("A colleague, or an invitation"),
            footer=True,
            danger=True,
            asks="member.remove",
        ),
        Command("members.back", "escape", N_("Back"), "app.pop_screen", N_("To the company"), footer=True),
    )
    KEYS_OF_ROW = True
    BINDINGS: ClassVar[list[BindingType]] = bindings(DESK_COMMANDS)

    def where(self) -> tuple[str, ...]:
        return (*super().where(), _("Members"))

    def columns(self) -> tuple[Column, ...]:
        return (
            Column("name", N_("Name"), None, lambda row: row.name or row.login or row.email),
            Column("login", N_("Login"), 18, lambda row: row.login or "—"),
            Column("email", N_("E-mail"), 30, lambda row: row.email, from_width=120),
            Column("standing", N_("Standing"), 18, lambda row: drawn(STANDINGS[row.standing])),
            Column("seen", N_("Last seen"), 14, self._seen),
        )

    def _seen(self, row: Member) -> str:
        if row.until is not None:
            return _("until {day}").format(day=dates.brief(row.until, self.app.now))
        return dates.brief(row.logged_in_at, self.app.now) if row.logged_in_at else _("never")

    def empty(self) -> EmptyState:
        return EmptyState(N_("Nobody here"))

    def asks(self, search: str) -> tuple[Any, tuple[Any, ...], dict[str, Any]]:
        return members.members, (), {}

    @property
    def available(self) -> Available:
        return members.available_for(self.me, self.row_here) if self.app.seat is not None else {}

    @deed
    async def action_new(self) -> None:
        prompt = FormPrompt(
            _("Invite a colleague"),
            Colleague,
            kept_as="member.invite",
            submit=lambda form: self.do(invitations.invite, form),
            save=N_("Send"),
            values={"language": self.app.language},
            text=_("They choose a login and a password of their own. The invitation is good for 28 days."),
        )
        sent = await self.app.push_screen_wait(prompt)
        if sent is not None:
            self.notify(_("The invitation is on its way to {address}.").format(address=sent.form.email), markup=False)
            self.rows.reload()

    @deed
    async def action_remove(self) -> None:
        row: Member | None = self.rows.row
        if row is None:
            return
        if row.standing == "invited":
            await self._withdraw(row)
            return
        question = Confirm(
            _("Remove {name}?").format(name=row.name or row.login),
            _(
                "Their sessions end at once and they see nothing of the company any more. They are told by mail. If "
                "they know the management password, change it afterwards."
            ),
            yes=N_("Remove"),
            no=N_("Keep"),
        )
        if await self.app.push_screen_wait(question):
            await self._and_read(members.remove, row.id)
            self.notify(_("{name} has been told.").format(name=row.name or row.login), markup=False)

    async def _withdraw(self, row: Member) -> None:
        question = Confirm(
            _("Withdraw the invitation?"),
            _("The code that was mailed to {address} is worth nothing then.").format(address=row.email),
            yes=N_("Withdraw"),
            no=N_("Keep"),
        )
        if await self.app.push_screen_wait(question):
            await self._and_read(invitations.withdraw, row.id)

    @deed
    async def action_owner(self) -> None:
        row: Member | None = self.rows.row
        if row is None:
            return
        text = _("Owners invite and remove people, you among them.")
        if wants_authenticator(self.app.desk):
            text += " " + _("They need an authenticator app from the next log-in on.")
        question = Confirm(_("Make {name} an owner?").format(name=row.name or row.login), text, danger=False)
        if await self.app.push_screen_wait(question):
            await self._and_read(members.make_owner, row.id)

    @deed
    async def action_reset(self) -> None:
        row: Member | None = self.rows.row
        if row is None:
            return
        question = Confirm(
            _("Reset the password of {name}?").format(name=row.name or row.login),
            _("Their password stops working and their sessions end. They are mailed a code to choose a new one."),
            yes=N_("Reset"),
            no=N_("Keep"),
        )
        if not await self.app.push_screen_wait(question):
            return

        async def reset(ticket: str) -> None:
            await self._and_read(members.reset_password, row.id, ticket)

        if await self.unlocked(reset):
            self.notify(_("{name} has been mailed a code.").format(name=row.name or row.login), markup=False)

    async def _and_read(
        self, use_case: Callable[Concatenate[UnitOfWork, P], object], /, *args: P.args, **kwargs: P.kwargs
    ) -> None:
        """Do it, and show the list as it is then, also when somebody was faster."""
        try:
            await self.do(use_case, *args, **kwargs)
        finally:
            self.rows.reload()
