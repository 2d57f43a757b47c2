"""*Subscribers*, for staff: found by whatever somebody on the phone says, with what they owe beside them."""

from __future__ import annotations

from typing import Any, ClassVar

from textual import on
from textual.binding import BindingType
from textual.content import Content

from core.billing import statement
from core.billing.money import figures
from core.i18n.translation import N_
from core.subscribers import detail
from core.subscribers.detail import SubscriberRow
from tui.commands import Command, bindings
from tui.screens.billing import invoice_list
from tui.screens.care.list_beside import Facts, ListBeside
from tui.screens.subscribers import formatting
from tui.text import plain
from tui.widgets.empty import EmptyState
from tui.widgets.list import Column, ListView


class Subscribers(ListBeside):
    """By name; Enter opens one."""

    ROOM = "subscribers"
    SEARCHES = N_("Name, number, town, contract, line or IP address")
    CARDS = (N_("Subscriber"), N_("Payments"))
    DESK_COMMANDS = (
        Command("list.search", "slash", N_("Search"), "search", N_("By whatever somebody says"), footer=True),
    )
    BINDINGS: ClassVar[list[BindingType]] = bindings(DESK_COMMANDS)

    def columns(self) -> tuple[Column, ...]:
        return (
            Column("name", N_("Name"), None, lambda row: row.name),
            Column("number", N_("Number"), 12, lambda row: row.number),
            Column("town", N_("Town"), 16, lambda row: row.town, from_width=90),
            Column("login", N_("Login"), 18, lambda row: row.login or "—", from_width=110),
            Column(
                "balance",
                invoice_list.headed(N_("Balance")),
                16,
                lambda row: invoice_list.signed(row.balance),
                align="right",
            ),
            Column("overdue", invoice_list.headed(N_("Overdue")), 16, _overdue, align="right"),
        )

    def empty(self) -> EmptyState:
        return EmptyState(N_("No subscribers yet"), N_("Subscribers come in by “okienko import subscribers”."))

    def asks(self, search: str) -> tuple[Any, tuple[Any, ...], dict[str, Any]]:
        return detail.subscribers, (search,), {}

    async def facts(self, row: SubscriberRow) -> tuple[Facts, Facts]:
        card = await self.see(detail.card, row.id)
        return formatting.person(card), formatting.money(await self.see(statement.summary, row.id))

    @on(ListView.Opened)
    def _open(self, event: ListView.Opened) -> None:
        from tui.screens.subscribers.card import SubscriberScreen  # deferred: a screen is loaded when it is first shown

        self.app.push_screen(SubscriberScreen(self.frame, event.row.id))

    def on_screen_resume(self) -> None:
        super().on_screen_resume()
        self.rows.reload()


def _overdue(row: SubscriberRow) -> Content:
    if not row.overdue:
        return Content("—").stylize("$text-muted")
    return plain(f"▲ {figures(row.overdue)}").stylize("bold $text-error")
