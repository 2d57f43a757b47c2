"""*Payments*: where one stands, what is due, and every invoice and payment with the balance it left."""

from __future__ import annotations

from typing import Any, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.content import Content

from core.billing import statement
from core.billing.money import amount
from core.billing.statement import INVOICE, StatementEntry, Summary
from core.i18n import dates
from core.i18n.translation import N_, _
from tui.commands import Command, bindings
from tui.screens.base import deed
from tui.screens.billing import invoice_list
from tui.screens.billing.of_subscriber import OfSubscriber
from tui.screens.subscribers import formatting
from tui.text import plain
from tui.widgets.card import Card
from tui.widgets.empty import EmptyState
from tui.widgets.frame import Frame
from tui.widgets.list import Column, ListView


class Payments(OfSubscriber):
    """The latest first; Enter opens an invoice."""

    TITLE_OF_BILLS = N_("Payments")
    DESK_COMMANDS = (
        Command("payments.transfer", "q", N_("Transfer"), "transfer", N_("What to pay, with a code"), footer=True),
    )
    BINDINGS: ClassVar[list[BindingType]] = bindings(DESK_COMMANDS)

    def __init__(self, frame: Frame, subscriber_id: int | None = None, room: str = "payments") -> None:
        super().__init__(frame, subscriber_id, room)

    def compose_cards(self) -> ComposeResult:
        yield Card(N_("Where you stand") if self.own else N_("Where they stand"), id="payments-now")
        yield Card(N_("Transfer"), id="payments-transfer")

    def columns(self) -> tuple[Column, ...]:
        return (
            Column("on", N_("Date"), 12, lambda row: dates.day(row.on)),
            Column("label", N_("Number or title"), None, _label),
            Column("amount", invoice_list.headed(N_("Amount")), 12, _amount, align="right"),
            Column("balance", invoice_list.headed(N_("Balance")), 12, _balance, from_width=70, align="right"),
            Column("due", N_("Due on"), 12, invoice_list.entry_due, from_width=92),
            Column("state", N_("State"), 18, lambda row: invoice_list.entry_state(row, self.today)),
        )

    def empty(self) -> EmptyState:
        return EmptyState(N_("No invoices and no payments yet"), N_("The first invoice comes with the first month."))

    def asks(self, search: str) -> tuple[Any, tuple[Any, ...], dict[str, Any]]:
        return statement.page, (), self.whose()

    async def fill_cards(self) -> None:
        summary: Summary = await self.see(statement.summary, **self.whose())
        facts = formatting.money(summary)
        if summary.to_pay and summary.to_pay != -summary.balance:
            facts.insert(1, (N_("To pay"), amount(summary.to_pay)))
        self.query_one("#payments-now", Card).show(facts)
        card = self.query_one("#payments-transfer", Card)
        card.set_class(not (summary.to_pay > 0 and summary.account), "-none")
        hint = plain(_("q shows it with a code for your bank's app.")).stylize("$text-muted")
        card.show(invoice_list.transfer_facts(invoice_list.of_summary(summary)), [hint])

    @deed
    async def action_transfer(self) -> None:
        from tui.screens.billing.transfer import show_transfer  # deferred: a screen is loaded when it is first shown

        show_transfer(self, invoice_list.of_summary(await self.see(statement.summary, **self.whose())))

    @on(ListView.Opened)
    def _open(self, event: ListView.Opened) -> None:
        from tui.screens.billing.invoice import InvoiceScreen  # deferred: a screen is loaded when it is first shown

        row: StatementEntry = event.row
        if row.kind == INVOICE:
            self.app.push_screen(InvoiceScreen(self.frame, row.ref, self.ROOM))
        else:
            self.notify(_("A payment: there is nothing more to it than this line."), markup=False)


def _label(row: StatementEntry) -> Content | str:
    if row.kind == INVOICE:
        return invoice_list.numbered(row.label, row.corrects).stylize("bold")
    return row.label or _("payment")


def _amount(row: StatementEntry) -> Content | str:
    text = plain(invoice_list.signed(row.amount))
    return text.stylize("$text-success") if row.amount > 0 else text


def _balance(row: StatementEntry) -> Content | str:
    text = plain(invoice_list.signed(row.balance))
    return text.stylize("$text-warning") if row.balance < 0 else text
