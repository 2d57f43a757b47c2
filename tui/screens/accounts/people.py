"""People: everybody with an account, for the desk; administrators make agents and switch accounts off and on."""

from __future__ import annotations

from typing import Any, ClassVar

from textual.binding import BindingType

from core import forms
from core.accounts import staff
from core.accounts.staff import NewAgent, Person
from core.companies import invitation_limit
from core.words import N_, _
from tui.commands import Command, bindings
from tui.screens.accounts.my_account import ROLES
from tui.screens.base import deed
from tui.screens.listing import ListRoom
from tui.widgets.badge import badge
from tui.widgets.confirm import Confirm
from tui.widgets.empty import EmptyState
from tui.widgets.list import Column
from tui.widgets.prompt import Prompt

_ADMIN = frozenset({"admin"})


class People(ListRoom):
    """By login; search by login, address or company."""

    ROOM = "people"
    SEARCHES = N_("Login, e-mail or company")
    DESK_COMMANDS = (
        Command("people.new", "n", N_("New agent"), "new", N_("A colleague of the desk"), footer=True, roles=_ADMIN),
        Command("people.unlock", "u", N_("Unlock"), "unlock", N_("Forget somebody's wrong passwords"), footer=True),
        Command(
            "people.unlimit",
            "i",
            N_("Lift the limit"),
            "unlimit",
            N_("Let a new installer company invite as many as it likes"),
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
        ),
    )
    BINDINGS: ClassVar[list[BindingType]] = bindings(DESK_COMMANDS)

    def columns(self) -> tuple[Column, ...]:
        return (
            Column("login", N_("Login"), 22, lambda row: row.login),
            Column("name", N_("Name"), None, lambda row: row.name),
            Column("company", N_("Company"), 24, lambda row: row.company, from_width=100),
            Column("email", N_("E-mail"), 28, lambda row: row.email, from_width=120),
            Column("role", N_("Role"), 14, lambda row: _(ROLES[row.role])),
            Column("state", N_("State"), 15, _state),
        )

    def empty(self) -> EmptyState:
        return EmptyState(N_("Nobody fits"))

    def asks(self, search: str) -> tuple[Any, tuple[Any, ...], dict[str, Any]]:
        return staff.people, (search,), {}

    @deed
    async def action_new(self) -> None:
        async def employ(values: dict[str, Any]) -> None:
            await self.do(staff.employ, forms.fill(NewAgent, values))

        prompt = Prompt(
            _("New agent"),
            forms.describe(NewAgent),
            check=lambda values, only: forms.check(NewAgent, values, only),
            values={"language": self.app.language, "role": "agent"},
            submit=employ,
            save=N_("Make the account"),
        )
        if await self.app.push_screen_wait(prompt) is not None:
            self.notify(_("The account is made. A code to choose a password has been mailed."))
            self.rows.reload()

    @deed
    async def action_unlock(self) -> None:
        row: Person | None = self.rows.row
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

    @deed
    async def action_unlimit(self) -> None:
        row: Person | None = self.rows.row
        if row is None:
            return
        question = Confirm(
            _("Lift the limit of {login}'s company?").format(login=row.login),
            _(
                "A new company invites only some people a day, until ten have answered: its letters go to people who "
                "have not asked for them. Lift that only for a company that you know."
            ),
            danger=False,
        )
        if await self.app.push_screen_wait(question):
            await self.do(invitation_limit.lift, row.id)
            self.notify(_("The company may invite as many as it likes."))

    @deed
    async def action_switch(self) -> None:
        row: Person | None = self.rows.row
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
            self.rows.reload()


def _state(row: Person) -> Any:
    if row.state == "active" and row.standing == "pending":
        return badge("state", "pending")
    return badge("state", row.state)
