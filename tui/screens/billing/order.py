"""Ordering one service: for which line, from which day; a summary to be confirmed; then it is a ticket."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any, ClassVar

from textual import getters, on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import VerticalScroll

from core import forms
from core.billing import orders
from core.billing.catalogue import OfferedService
from core.billing.orders import OrderForm, price
from core.errors import Conflict, DeskError, Say
from core.field import Choice, Field, Raw
from core.forms.field_types import raw
from core.i18n import dates
from core.i18n.translation import N_, _
from tui.commands import Command, bindings
from tui.screens.base import deed, errand
from tui.screens.billing.formatting import service_facts
from tui.screens.form_room import FormRoom
from tui.widgets.card import Card
from tui.widgets.confirm import Confirm
from tui.widgets.form import Form
from tui.widgets.frame import Frame
from tui.widgets.notice import Notice


class OrderScreen(FormRoom):
    """The service as the catalogue has it, and what is asked beside it."""

    ROOM = "order"
    DESK_COMMANDS = (
        Command("order.send", "ctrl+s", N_("Place the order"), "send", N_("Check it and order"), footer=True),
        Command("order.back", "escape", N_("Back"), "back", N_("To the catalogue"), footer=True),
    )
    BINDINGS: ClassVar[list[BindingType]] = bindings(DESK_COMMANDS)
    CSS_PATH = "billing.tcss"
    LEAVING = N_("Leave the order?")

    notice = getters.query_one("#order-notice", Notice)

    def __init__(self, frame: Frame, service: OfferedService) -> None:
        super().__init__(frame, f"order:{service.id}")
        self._service = service
        self._lines: list[tuple[int, str]] = []

    def where(self) -> tuple[str, ...]:
        return (*super().where(), self._service.name.text(self.app.language))

    def compose_room(self) -> ComposeResult:
        yield Notice(id="order-notice")
        with VerticalScroll(id="order-page", can_focus=False):
            yield Card(N_("Offered service"), service_facts(self._service, self.app.language), id="order-service")

    def on_mount(self) -> None:
        super().on_mount()
        self._ask()

    @errand
    async def _ask(self) -> None:
        self._lines = await self.see(orders.lines) if self._service.for_line else []
        fields = list(forms.describe(OrderForm))
        values: dict[str, Raw] = {"effective_on": raw(self._service.earliest(self._today()))}
        if self._service.for_line:
            fields.insert(0, self._line_field())
            if self._lines:
                values["line"] = str(self._lines[0][0])
        form = Form(tuple(fields), check=self._check, values=values, kept_as=self.draft_name)
        await self.query_one("#order-page").mount(form)
        form.focus_first()

    def _line_field(self) -> Field:
        choices = tuple(Choice(str(id_), name) for id_, name in self._lines)
        return Field("line", N_("For which line"), kind="choice", choices=choices)

    def _today(self) -> dt.date:
        return self.app.now.astimezone(dates.zone()).date()

    def _check(self, values: Mapping[str, Raw], only: str | None) -> Mapping[str, Say]:
        own = {name: value for name, value in values.items() if name != "line"}
        errors = forms.check(OrderForm, own, only)
        if only in (None, "effective_on") and not forms.check(OrderForm, own):
            wrong = self._service.refuses(forms.fill(OrderForm, own).effective_on, self._today())
            errors = {**errors, "effective_on": wrong} if wrong else errors
        if self._service.for_line and only in (None, "line") and not values.get("line"):
            errors = {"line": Say(N_("Choose the line it is for.")), **errors}
        return errors

    @on(Form.Submitted)
    @deed
    async def _submitted(self, event: Form.Submitted) -> None:
        event.stop()
        form = self.form
        self.notice.hide()
        if form is None or not form.check_all():
            return
        values = {name: value for name, value in event.values.items() if name != "line"}
        line = int(str(event.values["line"])) if self._service.for_line else None
        try:
            order = forms.fill(OrderForm, values)
            if not await self.app.push_screen_wait(self._summary(order, line)):
                return
            service = self._service
            ticket = await self.do(
                orders.place, service.id, line, order, seen_price=service.price, seen_every=service.every
            )
        except Conflict as conflict:
            self._service = await self.see(orders.service, self._service.id)
            self.query_one("#order-service", Card).show(service_facts(self._service, self.app.language))
            self.notice.say(conflict.text(), "warning")
            return
        except DeskError as error:
            above = form.refuse(error)
            if above:
                self.notice.say(above, "error")
            return
        self.forget_typed()
        from tui.screens.tickets.ticket import TicketScreen  # deferred: a screen is loaded when it is first shown

        self.app.notify(_("Ordered. It is ticket {number}.").format(number=ticket), markup=False)
        self.app.switch_screen(TicketScreen(self.frame, ticket, "order"))

    def _summary(self, order: OrderForm, line: int | None) -> Confirm:
        named = dict(self._lines).get(line or 0, "")
        lines: list[Any] = [
            _("Service: {service}").format(service=self._service.name.text(self.app.language)),
            _("Price: {price}").format(price=price(self._service.price, self._service.every)),
            _("Line: {line}").format(line=named) if named else "",
            _("From: {day}").format(day=dates.day(order.effective_on)),
            order.remarks,
        ]
        text = "\n".join(each for each in lines if each)
        return Confirm(
            _("Order this?"), text, yes=N_("Order, with the obligation to pay"), no=N_("Not yet"), danger=False
        )
