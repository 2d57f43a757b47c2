"""The weekly programme: seven days as one writes them, and the week as a picture of bars that follows the typing."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual import getters, on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Container
from textual.content import Content
from textual.geometry import Size
from textual.widget import Widget
from textual.widgets import Static

from core import forms
from core.devices import schedule
from core.devices.schedule import ScheduleForm, WeekForm, parse
from core.devices.settings import DAY, Day, DeviceSettings, Week
from core.devices.settings_diff import DAYS
from core.errors import Conflict, DeskError
from core.field import Raw
from core.forms.field_types import FormError
from core.i18n.translation import N_, _
from tui.commands import Command, bindings
from tui.screens.base import deed, errand
from tui.screens.devices import formatting
from tui.screens.devices.overtaken import catch_up, overtaken
from tui.screens.form_room import FormRoom
from tui.text import plain
from tui.widgets.choose import Choose
from tui.widgets.field_row import FieldRow
from tui.widgets.fitting import fit
from tui.widgets.form import Form
from tui.widgets.frame import Frame
from tui.widgets.menu import Option
from tui.widgets.notice import Notice

_NAME = 14
"""Cells of a day's name in the picture."""
_BARS = "▁▂▃▄▅▆"
_WORKDAYS = tuple(DAYS)[:5]


class WeekPicture(Widget):
    """A line of bars for each day, an hour being one, two or four cells; the higher, the warmer."""

    def __init__(self) -> None:
        super().__init__()
        self._week: tuple[Day | None, ...] = ((),) * 7
        self._room = 21.0

    def show(self, week: Sequence[Day | None], room: float) -> None:
        """``week`` with None for a day that can't be read; ``room`` is what holds where the week says nothing."""
        self._week, self._room = tuple(week), room
        self.refresh()

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        return 8

    def render(self) -> Content:
        return Content("\n").join(drawn(self._week, self._room, self.content_size.width))


def drawn(week: Sequence[Day | None], room: float, width: int) -> list[Content]:
    """The hours over the seven days, at ``width`` cells."""
    an_hour = next((cells for cells in (4, 2) if _NAME + 24 * cells + 14 <= width), 1)
    hours = "".join(f"{hour:02}".ljust(an_hour * 6) for hour in range(0, 24, 6)) + "24"
    lines = [Content(" " * _NAME + hours).stylize("$text-muted")]
    whole_week: Week = tuple(day or () for day in week)
    settings = DeviceSettings(room=room, week=whole_week).programme
    temperatures = [slot.room for day in whole_week for slot in day] or [room]
    low, high = min(temperatures), max(temperatures)
    for number, (name, day) in enumerate(zip(DAYS.values(), week, strict=True)):
        head = fit(Content(_(name)).stylize("$text-muted"), _NAME)
        if day is None:
            lines.append(head + Content("× " + _("this day can't be read yet")).stylize("$text-error"))
            continue
        cells = range(24 * an_hour)
        wanted = [settings.wanted(number * DAY + 60 * cell // an_hour)[0] for cell in cells]
        bars = Content().join([Content(_bar(each, low, high)).stylize(_colour(each, low, high)) for each in wanted])
        lines.append(head + bars + "  " + _range(wanted))
    return lines


def _bar(value: float, low: float, high: float) -> str:
    return _BARS[3] if high == low else _BARS[1 + round(4 * (value - low) / (high - low))]


def _colour(value: float, low: float, high: float) -> str:
    return "$text-accent" if high == low or value >= (low + high) / 2 else "$text-primary"


def _range(wanted: Sequence[float]) -> Content:
    low, high = min(wanted), max(wanted)
    text = f"{_short(high)} °C"
    return plain(text if low == high else f"{_short(low)}–{text}").stylize("$text-muted")


def _short(value: float) -> str:
    return formatting.number(value, 0 if value == int(value) else 1)


class ProgrammeScreen(FormRoom):
    """Type, copy to other days, send."""

    DESK_COMMANDS = (
        Command("programme.send", "ctrl+s", N_("Send to the device"), "send", N_("Check it and send"), footer=True),
        Command("programme.copy_day", "f7", N_("Copy this day"), "copy", N_("To other days"), footer=True),
        Command("programme.back", "escape", N_("Back"), "back", N_("To the device"), footer=True),
    )
    BINDINGS: ClassVar[list[BindingType]] = bindings(DESK_COMMANDS)
    CSS_PATH = "schedule.tcss"
    LEAVING = N_("Leave without sending?")

    notice = getters.query_one("#programme-notice", Notice)
    head = getters.query_one("#programme-head", Static)
    picture = getters.query_one(WeekPicture)

    def __init__(self, frame: Frame, asset_id: int, room: str) -> None:
        super().__init__(frame, f"programme:{asset_id}")
        self._room = room
        self.asset_id = asset_id
        self._programme: ScheduleForm | None = None

    @property
    def ROOM(self) -> str:  # type: ignore[override]
        """The room the device was opened from."""
        return self._room

    def where(self) -> tuple[str, ...]:
        device = (self._programme.face.identifier,) if self._programme else ()
        return (*super().where(), *device, _("Weekly programme"))

    def compose_room(self) -> ComposeResult:
        yield Static(id="programme-head")
        yield Notice(id="programme-notice")
        yield Container(id="programme-form")
        yield Static(id="programme-hint")
        yield WeekPicture()

    def on_mount(self) -> None:
        super().on_mount()
        self.picture.display = False
        self._begin()

    @errand
    async def _begin(self) -> None:
        try:
            programme: ScheduleForm = await self.do(schedule.programme, self.asset_id)
        except DeskError as error:
            self.notice.say(error.text(), "warning")
            return
        self._programme = programme
        begun = self.draft.beside.get("week") if self.draft is not None else programme.values
        name = formatting.name(programme.face.vendor, programme.face.product)
        self.head.update(plain(f"{name} · {programme.face.identifier}").stylize("bold"))
        self.query_one("#programme-hint", Static).update(
            plain(
                _(
                    "A time, then the room temperature from then on: 06:00 21, 22:00 18. Up to {n} steps a day; "
                    "an empty day goes on like the one before."
                ).format(n=schedule.MOST)
            )
        )
        form = Form(
            forms.describe(WeekForm),
            check=lambda values, only: forms.check(WeekForm, values, only),
            values=programme.values,
            kept_as=self.draft_name,
            beside={"week": programme.values},
        )
        await self.query_one("#programme-form").mount(form)
        form.focus_first()
        if begun != programme.values:
            self.notice.say(overtaken().text(), "warning")
        self.picture.display = True
        self._draw()
        self.refresh_bindings()
        self.redraw_frame()

    @on(Form.Changed)
    def _changed(self, event: Form.Changed) -> None:
        event.stop()
        self._draw()

    @on(Form.BegunAnew)
    def _begun_anew(self) -> None:
        self._draw()

    def _draw(self) -> None:
        if self.form is not None and self._programme is not None:
            values = self.form.values
            self.picture.show([_day(values.get(name, "")) for name in DAYS], self._programme.room)

    def lacks(self, action: str) -> bool:
        return (action in ("send", "copy") and self._programme is None) or super().lacks(action)

    @errand
    async def action_copy(self) -> None:
        """The day under the cursor, to others; nothing is sent yet."""
        form = self.form
        row = next((each for each in self.query(FieldRow) if each.has_class("-here")), None)
        if form is None or row is None:
            return
        name, text = row.field.name, row.input.raw
        targets: list[tuple[tuple[str, ...], str]] = [
            (tuple(DAYS), _("all days")),
            (_WORKDAYS, _("Monday to Friday")),
            *(((day,), _(label)) for day, label in DAYS.items() if day != name),
        ]
        options = [Option(days, label) for days, label in targets]
        title = _("Copy {day} to").format(day=_(DAYS[name]))
        picked = await self.app.push_screen_wait(Choose(title, options))
        if picked is not None:
            for each in self.query(FieldRow):
                if each.field.name in picked and each.field.name != name:
                    each.input.raw = text
                    each.edit()
                    each.complain(None)
            form.keep()
            self._draw()

    @on(Form.Submitted)
    @deed
    async def _submitted(self, event: Form.Submitted) -> None:
        event.stop()
        self.notice.hide()
        if self._programme is None or not event.form.check_all():
            return
        try:
            form = forms.fill(WeekForm, event.values)
            await self.do(schedule.save, self.asset_id, form, seen=self._programme.seen)
        except Conflict:
            await self._catch_up()
        except DeskError as error:
            self.notice.say(error.text(), "error")
        else:
            self.forget_typed()
            self.notify(_("The device has been told."))
            self.app.pop_screen()

    async def _catch_up(self) -> None:
        """Somebody was faster: what was typed stays, and can be sent again knowingly."""
        self._take_newer(await self.do(schedule.programme, self.asset_id))

    def _take_newer(self, newer: ScheduleForm) -> None:
        if self._programme is not None:
            catch_up(self.query(FieldRow), self._programme.values, newer.values)
        self._programme = newer
        if self.form is not None:
            self.form.beside = {"week": newer.values}
        self.notice.say(overtaken().text(), "warning")


def _day(text: Raw) -> Day | None:
    """What was typed of a day, or None while it can't be read."""
    try:
        return parse(text) if isinstance(text, str) else ()
    except FormError:
        return None
