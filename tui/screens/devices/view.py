"""How a device is laid out and shown; what is asked and done is in :mod:`tui.screens.devices.device`."""

from __future__ import annotations

from textual import events, getters
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.content import Content
from textual.widgets import Static

from core.devices.monitoring import Monitored
from core.devices.summary import Face
from core.errors import NotFound
from core.i18n import dates
from core.i18n.translation import N_, _
from core.models.levels import Right
from tui.screens.care.formatting import right as right_name
from tui.screens.devices import formatting
from tui.screens.devices.values import Tiles, picture
from tui.screens.room import RoomScreen
from tui.text import plain
from tui.widgets.card import Card
from tui.widgets.frame import Frame
from tui.widgets.line_chart import Chart, Picture
from tui.widgets.notice import Notice

ROOM_FOR_CARDS = 124
"""Columns from which the cards stand beside the values; below, ``d`` changes between the two."""


class DeviceView(RoomScreen):
    """The values of now, the day's course, and the cards beside them."""

    CSS_PATH = "device.tcss"

    notice = getters.query_one("#device-notice", Notice)
    error = getters.query_one("#device-error", Notice)
    heading = getters.query_one("#device-heading", Static)
    main = getters.query_one("#device-main", Vertical)
    side = getters.query_one("#device-side", VerticalScroll)
    tiles = getters.query_one(Tiles)
    day_line = getters.query_one("#device-day", Static)
    chart = getters.query_one(Chart)
    closed = getters.query_one("#device-closed", Static)

    def __init__(self, frame: Frame, asset_id: int, room: str) -> None:
        super().__init__(frame)
        self._room = room
        self.asset_id = asset_id
        self.face: Face | None = None
        self.monitored: Monitored | None = None
        """What is shown now; None while monitoring is not open."""
        self._gone = self._was_open = False

    @property
    def ROOM(self) -> str:  # type: ignore[override]
        """The room it was opened from."""
        return self._room

    def where(self) -> tuple[str, ...]:
        return (*super().where(), self.face.identifier) if self.face else super().where()

    def explain(self, reason: str) -> None:
        self.notice.say(reason, "warning")

    def compose_room(self) -> ComposeResult:
        yield Static(id="device-heading")
        yield Notice(id="device-notice")
        yield Notice(id="device-error")
        with Horizontal():
            with Vertical(id="device-main"):
                yield Tiles(id="device-tiles")
                yield Static(id="device-day")
                yield Chart(id="device-chart")
                yield Static(id="device-closed")
            with VerticalScroll(id="device-side"):
                yield Card(N_("Device"), id="card-device")
                yield Card(N_("What is open to you"), id="card-access")
                yield Card(N_("Settings"), id="card-settings")

    def on_resize(self, event: events.Resize) -> None:
        super().on_resize(event)
        self.set_class(event.size.width < ROOM_FOR_CARDS, "-tight")

    def tell_difference(self, was: Face | None, now: Face) -> None:
        """Say what has been closed, or opened, since the last look."""
        if was is None:
            return
        lost = [right_name(each.value) for each in Right if was.opens(each) and not now.opens(each)]
        won = [right_name(each.value) for each in Right if now.opens(each) and not was.opens(each)]
        if lost:
            text = _("No longer open to you: {rights}. The customer's access level is “{level}” now.")
            self.notice.say(text.format(rights=", ".join(lost), level=formatting.level(now.level)), "warning")
        elif won:
            self.notice.say(_("Open to you now: {rights}.").format(rights=", ".join(won)), "done")

    def show_face(self, now: Face) -> None:
        name = plain(f"{formatting.name(now.vendor, now.product)} · {now.identifier}").stylize("bold")
        state = formatting.operation(self.monitored.reading) if self.monitored else Content()
        self.heading.update(Content.assemble(name, "   ", state, "\n", self._whose(now).stylize("$text-muted")))
        access = self.query_one("#card-access", Card)
        access.display = bool(now.company_may)
        title = N_("What is open to the company") if now.owner else N_("What is open to you")
        access.show(formatting.access_facts(now), title=title)
        device = self.query_one("#card-device", Card)
        device.display = True
        device.show(formatting.device_facts(now))

    def _whose(self, now: Face) -> Content:
        if not now.owner:
            return plain(f"{now.customer} · {now.address}")
        if now.company:
            text = _("{company} looks after it: {level}")
            return plain(text.format(company=now.company, level=formatting.level(now.level)))
        return plain(_("No company looks after it."))

    def show_values(self, monitored: Monitored | None) -> None:
        """The values, or that they are not open and how to get them."""
        for widget in (self.tiles, self.day_line, self.chart):
            widget.display = monitored is not None
        settings = self.query_one("#card-settings", Card)
        settings.display = monitored is not None
        self.closed.display = monitored is None
        if monitored is None:
            self._forget_values()
            self.closed.update(self._why_closed())
            return
        reading, device_settings, now = monitored.reading, monitored.in_force.settings, self.app.now
        if reading.error:
            self.error.say(formatting.error_in_words(reading, now), "error")
        else:
            self.error.hide()
        self.tiles.show(formatting.tiles(reading, device_settings, now))
        self.day_line.update(plain(self._day_in_words(monitored)))
        self.chart.show(picture(monitored.course, monitored.day))
        settings.show(formatting.settings_facts(device_settings, reading))

    def _forget_values(self) -> None:
        """What may no longer be seen is not left in the widgets either."""
        self.tiles.show(())
        self.chart.show(Picture())
        self.day_line.update("")
        self.error.hide()
        self.query_one("#card-settings", Card).show(())

    def _why_closed(self) -> Content:
        if self.face is None:
            return Content()
        title = Content(_("The values of this device are not open to you")).stylize("bold $foreground")
        text = _("The customer's access level is “{level}”. Press Q to ask the customer for some time of it.")
        return Content("\n\n").join([title, plain(text.format(level=formatting.level(self.face.level)))])

    def _day_in_words(self, monitored: Monitored) -> str:
        day = _("Today") if monitored.day == monitored.face.today else dates.day(monitored.day)
        more = _("[ and ] turn to other days") if monitored.face.first_day < monitored.face.today else ""
        return f"{day}   {more}".rstrip()

    def show_nothing(self, error: NotFound) -> None:
        """The device is none of the reader's business (any more)."""
        ended = _("This device is not open to you any more: the service has ended.")
        text = ended if self._was_open else error.text()
        self._gone, self.face, self.monitored = True, None, None
        self.remove_class("-details")
        self.heading.update("")
        self.show_values(None)
        self.closed.update(plain(text))
        self.notice.hide()
        for card in self.side.query(Card):
            card.show(())
            card.display = False
        self.refresh_bindings()
        self.redraw_frame()
