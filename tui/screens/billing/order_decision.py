"""What becomes of an order: the team accepts it, declines it with a reason, says that it is done; the subscriber takes
it back."""

from __future__ import annotations

from typing import Any

from core.billing import orders
from core.billing.orders import Declined
from core.i18n.translation import N_, _
from core.tickets.order import Order
from tui.screens.base import DeskScreen
from tui.screens.form_prompt import FormPrompt
from tui.widgets.choose import Choose
from tui.widgets.confirm import Confirm
from tui.widgets.menu import Option

_MOVES = {"accepted": N_("Accept it"), "done": N_("It is done"), "declined": N_("Decline it, with a reason")}


async def decide(screen: DeskScreen[Any], order: Order) -> bool:
    """Ask what to make of it and do that; whether anything was done. Raises :class:`core.errors.Conflict` when
    somebody was faster."""
    if order.next == ("withdrawn",):
        return await _withdraw(screen, order)
    options = [Option(move, _(_MOVES[move])) for move in order.next]
    picked = await screen.app.push_screen_wait(Choose(_("The order"), options))
    if picked is None:
        return False
    if picked == "declined":
        return await _decline(screen, order)
    await screen.do(orders.decide, order.ticket_id, picked, seen=order.version)
    return True


async def _decline(screen: DeskScreen[Any], order: Order) -> bool:
    async def send(form: Declined) -> None:
        await screen.do(orders.decide, order.ticket_id, "declined", seen=order.version, reason=form.reason)

    prompt = FormPrompt(
        _("Decline the order"), Declined, kept_as=f"order.decline:{order.ticket_id}", submit=send, save=N_("Decline")
    )
    return await screen.app.push_screen_wait(prompt) is not None


async def _withdraw(screen: DeskScreen[Any], order: Order) -> bool:
    question = Confirm(
        _("Withdraw the order?"),
        _("{service} is not ordered any more. You can order it again at any time.").format(service=order.name),
        yes=N_("Withdraw"),
        no=N_("Keep it"),
    )
    if not await screen.app.push_screen_wait(question):
        return False
    await screen.do(orders.withdraw, order.ticket_id, seen=order.version)
    return True
