"""One device: what it measures, what it is told, and what is open of it.

Owner and service company see the same screen. It asks again every half minute and before every act, so that what the
customer has closed is gone from here at the next breath.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Awaitable, Callable
from typing import ClassVar

from textual.binding import BindingType

from core.devices import control, fault_ticket, monitoring
from core.devices.control import Control, Steering
from core.devices.monitoring import LookAgain, Monitored
from core.devices.simulator import faults
from core.devices.summary import face
from core.errors import Conflict, DeskError, Forbidden, Invalid, NotFound, Say
from core.i18n.translation import N_, _
from core.models.levels import Right
from tui.commands import Command, bindings
from tui.drafts import NOT_KEPT
from tui.screens.base import R, deed, errand
from tui.screens.devices.overtaken import catch_up, overtaken
from tui.screens.devices.view import DeviceView
from tui.screens.form_prompt import FormPrompt
from tui.widgets.confirm import Confirm
from tui.widgets.field_row import FieldRow
from tui.widgets.frame import Frame

EVERY = 30.0
"""Seconds after which everything is asked for again."""

_CUSTOMER, _INSTALLER = frozenset({"customer"}), frozenset({"installer"})

_NEEDS = {"control": Right.CONTROL, "programme": Right.SETTINGS, "reset": Right.CONTROL}
"""The right that an action of the screen takes."""


class DeviceScreen(DeviceView):
    """Look on, steer, ask for more."""

    DESK_COMMANDS = (
        Command("device.control", "K", N_("Control"), "control", N_("Targets, holiday, quiet mode"), footer=True),
        Command("device.programme", "z", N_("Programme"), "programme", N_("The week's temperatures"), footer=True),
        Command(
            "device.ask",
            "Q",
            N_("Ask for access"),
            "ask",
            N_("The customer allows it for some time, or not"),
            footer=True,
            roles=_INSTALLER,
        ),
        Command("device.report", "n", N_("Report the error"), "report", N_("A ticket"), footer=True, roles=_CUSTOMER),
        Command(
            "device.reset_error",
            "R",
            N_("Reset the error"),
            "reset",
            N_("It may start again"),
            footer=True,
            danger=True,
        ),
        Command("device.before", "left_square_bracket", N_("Day before"), "day(-1)", N_("Its course"), footer=True),
        Command("device.after", "right_square_bracket", N_("Day after"), "day(1)", N_("Its course")),
        Command("device.details", "d", N_("Details"), "details", N_("Whose it is and what is open"), footer=True),
        Command("device.reload", "f5", N_("Read again"), "reload"),
        Command("device.back", "escape", N_("Back"), "back", N_("To the list"), footer=True),
    )
    BINDINGS: ClassVar[list[BindingType]] = bindings(DESK_COMMANDS)

    def __init__(self, frame: Frame, asset_id: int, room: str) -> None:
        super().__init__(frame, asset_id, room)
        self._day: dt.date | None = None
        """The day whose course is shown; None is today, whatever day that becomes."""
        self._turn = 0

    def on_mount(self) -> None:
        super().on_mount()
        self.show_values(None)
        self.closed.display = False
        self.side.focus()
        self._read()
        self.set_interval(EVERY, self._look_on)

    def on_screen_resume(self) -> None:
        super().on_screen_resume()
        if self.face is not None:
            self._read()

    def _look_on(self) -> None:
        """Time has passed. A dialog on top of it is not disturbed; core decides about what it does."""
        if self.app.screen is self and not self._gone:
            self._read()

    # What is shown

    @errand
    async def _read(self) -> None:
        await self._show()

    async def _show(self) -> None:
        """Ask what is open now and show that, and nothing else. Of two that were asked the later one is shown."""
        self._turn += 1
        turn = self._turn
        try:
            monitored = await self._monitored()
            now = monitored.face if monitored else await self.see(face, self.asset_id)
        except NotFound as error:
            if turn == self._turn:
                self.show_nothing(error)
            return
        if turn != self._turn:
            return
        was, self.face, self.monitored = self.face, now, monitored
        self._gone, self._was_open = False, True
        self.tell_difference(was, now)
        self.show_face(now)
        self.show_values(monitored)
        self.refresh_bindings()
        self.redraw_frame()

    async def _monitored(self) -> Monitored | None:
        """The values, or None while monitoring is not open. A company's look is written into the history first."""
        try:
            return await self._looked(lambda day: self.see(monitoring.watch, self.asset_id, day))
        except LookAgain:
            return await self._looked(lambda day: self.do(monitoring.look_in, self.asset_id, day))
        except Forbidden:
            return None

    async def _looked(self, at: Callable[[dt.date | None], Awaitable[Monitored]]) -> Monitored:
        try:
            return await at(self._day)
        except Invalid:
            # The day that is shown has become too old while the screen stood open.
            self._day = None
            return await at(None)

    def lacks(self, action: str) -> bool:
        """Some keys are only the owner's, some only a company's that may ask; days are there once values are."""
        now, monitored = self.face, self.monitored
        if action == "ask":
            return now is None or not now.to_ask
        if action == "report":
            return now is None or not now.owner
        if action == "details":
            return self._gone
        if action == "day":
            return monitored is None or monitored.face.first_day >= monitored.face.today
        return (action in ("control", "programme", "reset") and now is None) or super().lacks(action)

    def why_not(self, action: str) -> Say | None:
        """What is not open, and what there is nothing to do about. Core asks again whatever is done."""
        now, monitored = self.face, self.monitored
        right = _NEEDS.get(action)
        if now is not None and right is not None and (reason := now.reason_against(right)) is not None:
            return reason
        if action in ("report", "reset") and monitored is not None and not monitored.reading.error:
            return control.NO_ERROR
        return super().why_not(action)

    # What is done

    @deed
    async def action_control(self) -> None:
        steering = await self._opened(self.do(control.steering, self.asset_id))
        steerings = [steering]

        async def send(form: Control) -> None:
            try:
                await self.do(control.steer, self.asset_id, form, seen=steerings[-1].seen)
            except Conflict:
                newer: Steering = await self.do(control.steering, self.asset_id)
                catch_up(prompt.query(FieldRow), steerings[-1].values, newer.values)
                steerings.append(newer)
                raise overtaken() from None

        prompt = FormPrompt(
            _("Control {device}").format(device=steering.face.identifier),
            Control,
            kept_as=NOT_KEPT,
            submit=send,
            save=N_("Send to the device"),
            values=steering.values,
        )
        if await self.app.push_screen_wait(prompt) is not None:
            self.notify(_("The device has been told."))

    async def _opened(self, begun: Awaitable[R]) -> R:
        """What an act begins with; a refusal also takes from the screen what is closed."""
        try:
            return await begun
        except DeskError:
            await self._show()
            raise

    def action_programme(self) -> None:
        from tui.screens.devices.schedule import ProgrammeScreen  # deferred: a screen is loaded when it is first shown

        self.app.push_screen(ProgrammeScreen(self.frame, self.asset_id, self.ROOM))

    def action_ask(self) -> None:
        """For what is closed; the form lets one choose which of it."""
        from tui.screens.care.access_request import ask_for_access  # deferred: loaded when first shown

        if self.face is None or self.face.grant_id is None or not self.face.to_ask:
            return
        ask_for_access(self, self.face.grant_id, self.face.to_ask[0])

    def asked(self) -> None:
        """The customer has been asked; the answer may be there soon."""
        self._read()

    @deed
    async def action_report(self) -> None:
        from tui.screens.tickets.new import NewTicketScreen  # deferred: a screen is loaded when it is first shown

        values = await self._opened(self.see(fault_ticket.fault_ticket, self.asset_id))
        self.app.push_screen(NewTicketScreen(self.frame, device=self.asset_id, values=values, room=self.ROOM))

    @deed
    async def action_reset(self) -> None:
        if self.monitored is None or not self.monitored.reading.error:
            return
        code = self.monitored.reading.error
        question = Confirm(
            _("Reset error {code}?").format(code=code),
            _("{meaning}. The device may start again; if the cause is still there, the error comes back.").format(
                meaning=faults.meaning(code).text().capitalize()
            ),
            yes=N_("Reset it"),
            no=N_("Leave it"),
        )
        if await self.app.push_screen_wait(question):
            try:
                await self.do(control.reset_fault, self.asset_id)
                self.notify(_("The error has been reset."))
            finally:
                await self._show()

    @errand
    async def action_day(self, by: int) -> None:
        """To the course of another day that may be looked at."""
        if self.monitored is None:
            return
        device_face = self.monitored.face
        day = max(device_face.first_day, min(self.monitored.day + dt.timedelta(days=by), device_face.today))
        self._day = None if day == device_face.today else day
        await self._show()

    def action_details(self) -> None:
        """On a narrow screen the cards take the place of the values and give it back."""
        self.toggle_class("-details")
        self.side.focus()

    @errand
    async def action_reload(self) -> None:
        self.notice.hide()
        await self._show()

    def action_back(self) -> None:
        if self.has_class("-details") and self.has_class("-tight"):
            self.action_details()
        else:
            self.app.pop_screen()
