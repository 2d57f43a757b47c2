"""Those who want to join a company: let them in, or not."""

from __future__ import annotations

from typing import Any, ClassVar

from textual.binding import BindingType

from core.companies import membership
from core.companies.membership import Waiting
from core.i18n import dates
from core.i18n.translation import N_, _
from tui.commands import Command, bindings
from tui.screens.base import deed
from tui.screens.list_room import ListRoom
from tui.widgets.confirm import Confirm
from tui.widgets.empty import EmptyState
from tui.widgets.list import Column


class Colleagues(ListRoom):
    """The longest waiting first."""

    ROOM = "colleagues"
    DESK_COMMANDS = (
        Command(
            "colleagues.in", "y", N_("Let in"), "let_in", N_("They see the company's tickets from now on"), footer=True
        ),
        Command("colleagues.out", "D", N_("Don't let in"), "keep_out", footer=True, danger=True),
    )
    BINDINGS: ClassVar[list[BindingType]] = bindings(DESK_COMMANDS)

    def columns(self) -> tuple[Column, ...]:
        return (
            Column("login", N_("Login"), 20, lambda row: row.login),
            Column("name", N_("Name"), None, lambda row: row.name),
            Column("email", N_("E-mail"), 30, lambda row: row.email, from_width=90),
            Column("company", N_("Company"), 24, lambda row: row.company),
            Column("asked", N_("Asked"), 12, lambda row: dates.brief(row.asked_at, self.app.now)),
        )

    def empty(self) -> EmptyState:
        return EmptyState(
            N_("Nobody waits"),
            N_("Somebody who signs up with a contract of the company appears here; you decide whether they join."),
        )

    def asks(self, search: str) -> tuple[Any, tuple[Any, ...], dict[str, Any]]:
        return membership.waiting, (), {}

    @deed
    async def action_let_in(self) -> None:
        row: Waiting | None = self.rows.row
        if row is None:
            return
        question = Confirm(
            _("Let {name} in?").format(name=row.name),
            _("They join {company} and see its contracts, assets and tickets.").format(company=row.company),
            yes=N_("Let in"),
            no=N_("Not now"),
            danger=False,
        )
        if await self.app.push_screen_wait(question):
            await self._decide(row, let_in=True)

    @deed
    async def action_keep_out(self) -> None:
        row: Waiting | None = self.rows.row
        if row is None:
            return
        question = Confirm(
            _("Don't let {name} in?").format(name=row.name),
            _("They are told by mail and see nothing of {company}.").format(company=row.company),
            yes=N_("Don't let in"),
            no=N_("Not now"),
        )
        if await self.app.push_screen_wait(question):
            await self._decide(row, let_in=False)

    async def _decide(self, row: Waiting, *, let_in: bool) -> None:
        try:
            await self.do(membership.decide, row.id, let_in=let_in)
            self.notify(_("{name} has been told.").format(name=row.name))
        finally:
            self.rows.reload()
            self.count_again()
