"""People: everybody with an account, for the desk; administrators make agents and switch accounts off and on."""

from __future__ import annotations

from typing import Any, ClassVar

from textual import on
from textual.binding import BindingType

from core.i18n.translation import N_, _
from core.models.names import ROLE_LABELS
from core.people import staff
from core.people.staff import NewAgent, PersonRow
from tui.commands import Command, bindings
from tui.screens.accounts.person_actions import PersonDeeds, account_state
from tui.screens.base import deed
from tui.screens.form_prompt import FormPrompt
from tui.screens.list_room import ListRoom
from tui.widgets.empty import EmptyState
from tui.widgets.list import Column, ListView

_ADMIN = frozenset({"admin"})


class People(PersonDeeds, ListRoom):
    """By last name; search by names, login, address or company. Enter opens one's card."""

    ROOM = "people"
    SEARCHES = N_("Name, login, e-mail or company")
    DESK_COMMANDS = (
        Command("people.new", "n", N_("New agent"), "new", N_("A colleague of the desk"), footer=True, roles=_ADMIN),
    )
    BINDINGS: ClassVar[list[BindingType]] = bindings(DESK_COMMANDS)

    def columns(self) -> tuple[Column, ...]:
        return (
            Column("name", N_("Name"), None, lambda row: row.name or row.login),
            Column("login", N_("Login"), 22, lambda row: row.login),
            Column("company", N_("Company"), 24, lambda row: row.company, from_width=100),
            Column("email", N_("E-mail"), 28, lambda row: row.email, from_width=120),
            Column("role", N_("Role"), 14, lambda row: _(ROLE_LABELS[row.role])),
            Column("state", N_("State"), 15, account_state),
        )

    def empty(self) -> EmptyState:
        return EmptyState(N_("Nobody fits"))

    def asks(self, search: str) -> tuple[Any, tuple[Any, ...], dict[str, Any]]:
        return staff.people, (search,), {}

    @deed
    async def action_new(self) -> None:
        prompt = FormPrompt(
            _("New agent"),
            NewAgent,
            kept_as="person",
            submit=lambda form: self.do(staff.employ, form),
            save=N_("Make the account"),
            values={"language": self.app.language, "role": "agent"},
        )
        if await self.app.push_screen_wait(prompt) is not None:
            self.notify(_("The account is made. A code to choose a password has been mailed."))
            self.rows.reload()

    def chosen(self) -> PersonRow | None:
        row: PersonRow | None = self.rows.row
        return row

    def person_changed(self) -> None:
        self.rows.reload()

    @on(ListView.Opened)
    def _open(self, event: ListView.Opened) -> None:
        from tui.screens.accounts.person import PersonScreen  # deferred: a screen is loaded when it is first shown

        self.app.push_screen(PersonScreen(self.frame, event.row.id))
