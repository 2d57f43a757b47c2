"""*E-invoices*: whether they come by mail, and all of them."""

from __future__ import annotations

from typing import Any, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType

from core.billing import invoices
from core.billing.money import figures
from core.errors import Say, say
from core.i18n import dates
from core.i18n.translation import N_, _
from core.subscribers import consent
from core.subscribers.consent import ConsentState
from tui.commands import Command, bindings
from tui.screens.base import deed
from tui.screens.billing import invoice_list
from tui.screens.billing.consent import Agreement, told
from tui.screens.billing.of_subscriber import OfSubscriber
from tui.widgets.card import Card
from tui.widgets.confirm import Confirm
from tui.widgets.empty import EmptyState
from tui.widgets.frame import Frame
from tui.widgets.list import Column, ListView


class Invoices(OfSubscriber):
    """The latest first; Enter opens one."""

    TITLE_OF_BILLS = N_("E-invoices")
    DESK_COMMANDS = (
        Command(
            "invoices.agree",
            "y",
            N_("Get by mail"),
            "agree",
            N_("Read what it means and agree to it"),
            footer=True,
            roles=frozenset({"customer"}),
        ),
        Command(
            "invoices.withdraw",
            "W",
            N_("No longer by mail"),
            "withdraw",
            footer=True,
            roles=frozenset({"customer"}),
            danger=True,
        ),
    )
    BINDINGS: ClassVar[list[BindingType]] = bindings(DESK_COMMANDS)

    def __init__(self, frame: Frame, subscriber_id: int | None = None, room: str = "invoices") -> None:
        super().__init__(frame, subscriber_id, room)
        self._agreed: ConsentState | None = None

    def compose_cards(self) -> ComposeResult:
        yield Card(N_("Invoices by mail"), id="invoices-consent")

    def columns(self) -> tuple[Column, ...]:
        return (
            Column("number", N_("Number"), None, lambda row: invoice_list.numbered(row.number, row.corrects)),
            Column("issued", N_("Issued"), 12, lambda row: dates.day(row.issued_on), from_width=70),
            Column("due", N_("Due on"), 12, invoice_list.row_due),
            Column("gross", invoice_list.headed(N_("Gross")), 12, lambda row: figures(row.gross), align="right"),
            Column("state", N_("State"), 18, lambda row: invoice_list.row_state(row, self.today)),
        )

    def empty(self) -> EmptyState:
        return EmptyState(N_("No invoices yet"), N_("The first invoice comes with the first month."))

    def asks(self, search: str) -> tuple[Any, tuple[Any, ...], dict[str, Any]]:
        return invoices.page, (), self.whose()

    async def fill_cards(self) -> None:
        self._agreed = await self.see(consent.state, **self.whose())
        self.query_one("#invoices-consent", Card).show(told(self._agreed))

    def lacks(self, action: str) -> bool:
        """Everybody agrees for themselves alone."""
        return (action in ("agree", "withdraw") and (not self.own or self._agreed is None)) or super().lacks(action)

    def why_not(self, action: str) -> Say | None:
        agreed = self._agreed is not None and self._agreed.given
        if action == "agree" and agreed:
            return say(N_("Invoices come by mail already."))
        if action == "withdraw" and not agreed:
            return say(N_("Invoices don't come by mail, so there is nothing to withdraw."))
        return super().why_not(action)

    @deed
    async def action_agree(self) -> None:
        if await self.app.push_screen_wait(Agreement()):
            await self.do(consent.decide, agreed=True)
            await self.fill_cards()
            self.refresh_bindings()
            self.notify(_("From now on each new invoice comes by mail."), markup=False)

    @deed
    async def action_withdraw(self) -> None:
        question = Confirm(
            _("No longer by mail?"),
            _("New invoices are only here then. You can agree again at any time."),
            yes=N_("Withdraw"),
            no=N_("Keep it"),
        )
        if await self.app.push_screen_wait(question):
            await self.do(consent.decide, agreed=False)
            await self.fill_cards()
            self.refresh_bindings()
            self.notify(_("Invoices don't come by mail any more."), markup=False)

    @on(ListView.Opened)
    def _open(self, event: ListView.Opened) -> None:
        from tui.screens.billing.invoice import InvoiceScreen  # deferred: a screen is loaded when it is first shown

        self.app.push_screen(InvoiceScreen(self.frame, event.row.id, self.ROOM))
