"""People: everybody with an account, for the desk; administrators make agents and switch accounts off and on."""

from __future__ import annotations

from typing import Any, ClassVar

from textual import getters, on
from textual.app import ComposeResult
from textual.binding import BindingType

from core import forms
from core.accounts import staff
from core.accounts.staff import NewAgent, Person
from core.paging import Ask, Page
from core.words import N_, _
from tui.commands import Command, bindings
from tui.screens.accounts.my_account import ROLES
from tui.screens.base import errand
from tui.screens.room import RoomScreen
from tui.widgets.badge import badge
from tui.widgets.confirm import Confirm
from tui.widgets.empty import EmptyState
from tui.widgets.list import Column, ListView
from tui.widgets.prompt import Prompt
from tui.widgets.rooms import Frame
from tui.widgets.search_line import SearchLine

_ADMIN = frozenset({"admin"})


class People(RoomScreen):
    """By login; search by login, address or company."""

    ROOM = "people"
    DESK_COMMANDS = (
        Command("people.new", "n", N_("New agent"), "new", N_("A colleague of the desk"), footer=True, roles=_ADMIN),
        Command("people.unlock", "u", N_("Unlock"), "unlock", N_("Forget somebody's wrong passwords"), footer=True),
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
        Command("people.search", "slash", N_("Search"), "search", footer=True),
    )
    BINDINGS: ClassVar[list[BindingType]] = bindings(DESK_COMMANDS)

    rows = getters.query_one(ListView)
    line = getters.query_one(SearchLine)

    def __init__(self, frame: Frame) -> None:
        super().__init__(frame)
        self._search = ""

    def compose_room(self) -> ComposeResult:
        yield SearchLine(_("Login, e-mail or company"))
        yield ListView(
            (
                Column("login", N_("Login"), 22, lambda row: row.login),
                Column("name", N_("Name"), None, lambda row: row.name),
                Column("company", N_("Company"), 24, lambda row: row.company, min_app_width=100),
                Column("email", N_("E-mail"), 28, lambda row: row.email, min_app_width=120),
                Column("role", N_("Role"), 14, lambda row: _(ROLES[row.role])),
                Column("state", N_("State"), 15, _state),
            ),
            empty=EmptyState(N_("Nobody fits")),
        )

    def on_mount(self) -> None:
        super().on_mount()
        self.line.display = False
        self.rows.focus()
        self.show_list()

    def show_list(self) -> None:
        """Read the list for what is searched."""
        desk: Any = self.app.desk
        search = self._search

        def source(ask: Ask) -> Page[Person]:
            page: Page[Person] = desk.see(staff.people, ask, search)
            return page

        self.rows.set_source(source)

    def action_search(self) -> None:
        self.line.display = True
        self.line.focus()

    @on(SearchLine.Searched)
    def _searched(self, event: SearchLine.Searched) -> None:
        self._search = event.text
        self.show_list()

    @on(SearchLine.Left)
    def _to_list(self) -> None:
        self.line.display = bool(self._search)
        self.rows.focus()

    @errand
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

    @errand
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

    @errand
    async def action_switch(self) -> None:
        row: Person | None = self.rows.row
        if row is None or row.state == "unconfirmed":
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
    return badge("state", {"active": "active", "off": "off", "unconfirmed": "unconfirmed"}[row.state])
