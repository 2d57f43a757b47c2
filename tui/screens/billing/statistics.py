"""*Statistics*: what went through a line, day by day or month by month."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import ClassVar

from textual import getters, on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.geometry import Size
from textual.widget import Widget
from textual.widgets import Static

from core.billing import usage
from core.billing.usage import Traffic
from core.i18n import dates
from core.i18n.translation import N_, _, ngettext
from core.subscribers import detail
from core.subscribers.detail import LineFacts
from tui.commands import Command, bindings
from tui.screens.base import errand
from tui.screens.billing import traffic
from tui.screens.room import RoomScreen
from tui.text import plain
from tui.widgets.bar_chart import FIRST, SECOND, BarChart
from tui.widgets.empty import Empty, EmptyState
from tui.widgets.fitting import fit
from tui.widgets.frame import Frame

DAYS, MONTHS = 30, 12
_BETWEEN = "   "


class Heading(Widget):
    """What is drawn: its parts beside one another as far as they fit, and never broken within."""

    DEFAULT_CSS = "Heading { width: 1fr; height: auto; }"

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 - Textual's name
        super().__init__(id=id)
        self._parts: tuple[Content, ...] = ()

    def show(self, parts: Sequence[Content]) -> None:
        """Say other parts."""
        self._parts = tuple(parts)
        self.refresh(layout=True)

    def laid_out(self, width: int) -> list[Content]:
        """Its lines at ``width`` cells."""
        lines: list[Content] = []
        for part in self._parts:
            if lines and lines[-1].cell_length + len(_BETWEEN) + part.cell_length <= width:
                lines[-1] = lines[-1] + _BETWEEN + part
            else:
                lines.append(part)
        return [piece for line in lines for piece in line.wrap(max(1, width))]

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        return len(self.laid_out(width))

    def render(self) -> Content:
        return Content("\n").join(self.laid_out(self.content_size.width))


class Statistics(RoomScreen):
    """One line at a time; the cursor says the numbers of its day."""

    DESK_COMMANDS = (
        Command("statistics.months", "m", N_("Days / months"), "months", N_("The other view"), footer=True),
        Command("statistics.before", "left_square_bracket", N_("Time before"), "turn(-1)", footer=True),
        Command("statistics.after", "right_square_bracket", N_("Time after"), "turn(1)"),
        Command("statistics.line", "L", N_("Next line"), "line(1)", N_("Where there are several"), footer=True),
        Command("statistics.reload", "f5", N_("Read again"), "reload"),
        Command("statistics.back", "escape", N_("Back"), "back", N_("To the subscriber"), footer=True),
    )
    BINDINGS: ClassVar[list[BindingType]] = bindings(DESK_COMMANDS)
    CSS_PATH = "billing.tcss"

    chart = getters.query_one(BarChart)

    def __init__(self, frame: Frame, subscriber_id: int | None = None, room: str = "usage") -> None:
        super().__init__(frame)
        self.subscriber_id = subscriber_id
        self._room = room
        self.lines: tuple[LineFacts, ...] = ()
        self.amounts: list[Traffic] = []
        self.monthly = False
        self.at = 0
        """The bar under the cursor."""
        self._line = 0
        self._until: dt.date | None = None
        """The last day that is shown; None is today, whatever day that becomes."""

    @property
    def ROOM(self) -> str:  # type: ignore[override]
        """The room it was opened from."""
        return self._room

    def where(self) -> tuple[str, ...]:
        return super().where() if self.subscriber_id is None else (*super().where(), _("Statistics"))

    def compose_room(self) -> ComposeResult:
        with Vertical(id="usage-page"):
            yield Heading(id="usage-heading")
            yield BarChart(id="usage-chart")
            yield Static(id="usage-told")
        yield Empty(
            EmptyState(N_("No line yet"), N_("What goes through your line will be drawn here.")), id="usage-none"
        )

    def on_mount(self) -> None:
        super().on_mount()
        self.query_one("#usage-none").display = False
        self.chart.focus()
        self._read()

    @errand
    async def _read(self) -> None:
        whose = self.me.subscriber_id if self.subscriber_id is None else self.subscriber_id
        self.lines = await self.see(detail.lines, whose) if whose is not None else ()
        self._line = min(self._line, max(0, len(self.lines) - 1))
        self.query_one("#usage-none").display = not self.lines
        self.query_one("#usage-page").display = bool(self.lines)
        if self.lines:
            await self._show(to_end=not self.amounts)
        self.refresh_bindings()

    async def _show(self, *, to_end: bool) -> None:
        """Read what is wanted and draw it, with the cursor on its last bar or where it was."""
        line = self.lines[self._line]
        query, number = (usage.months, MONTHS) if self.monthly else (usage.last_days, DAYS)
        self.amounts = await self.see(query, line.asset_id, self._until, number)
        self.at = len(self.amounts) - 1 if to_end else min(self.at, len(self.amounts) - 1)
        self.query_one(Heading).show(self._heading(line))
        self.chart.show(traffic.picture(self.amounts, self.monthly), self.at)
        self._tell()
        self.refresh_bindings()

    def _tell(self) -> None:
        self.query_one("#usage-told", Static).update(self._told())

    # What is said around the picture

    def _heading(self, line: LineFacts) -> list[Content]:
        name = plain(f"{line.identifier} · {line.product}").stylize("bold")
        parts = [name]
        if len(self.lines) > 1:
            count = _("line {n} of {total}").format(n=self._line + 1, total=len(self.lines))
            parts.append(plain(count).stylize("$text-accent"))
        parts.append(plain(self._span()).stylize("$text-muted"))
        return parts

    def _span(self) -> str:
        """From when until when; the year once where it is the same."""
        first, last = self.amounts[0].day, self.amounts[-1].day
        if self.monthly:
            return f"{dates.month(first)} – {dates.month(last)}"
        begins = dates.short_day(first) if first.year == last.year else dates.day(first)
        return f"{begins} – {dates.day(last)}"

    def _told(self) -> Content:
        """The bar under the cursor, the sum and the average of what was measured, each in a row."""
        measured = [each for each in self.amounts if each.down is not None]
        here = self.amounts[self.at]
        name = dates.month(here.day) if self.monthly else dates.day(here.day)
        rows = [(plain(f"▲ {name}").stylize("bold $text-warning"), here.down, here.up)]
        if measured:
            down, up = sum(each.down or 0 for each in measured), sum(each.up or 0 for each in measured)
            mean = _("A month on average") if self.monthly else _("A day on average")
            rows.append((plain(_("Together")).stylize("$text-muted"), down, up))
            rows.append((plain(mean).stylize("$text-muted"), down // len(measured), up // len(measured)))
        column = max(head.cell_length for head, _down, _up in rows) + 2
        lines = [fit(head, column) + _both(down, up) for head, down, up in rows]
        return Content("\n").join([*lines, self._hint(len(self.amounts) - len(measured))])

    def _hint(self, missing: int) -> Content:
        """How many gaps there are, and how one gets to the next bar."""
        parts = []
        if missing and self.monthly:
            text = ngettext("· {n} month was not measured", "· {n} months were not measured", missing)
            parts.append(text.format(n=missing))
        elif missing:
            text = ngettext("· {n} day was not measured", "· {n} days were not measured", missing)
            parts.append(text.format(n=missing))
        parts.append(_("← → go to the next month") if self.monthly else _("← → go to the next day"))
        return plain("   ".join(parts)).stylize("$text-muted")

    # What is done

    def lacks(self, action: str) -> bool:
        if action in ("months", "turn"):
            return not self.amounts
        if action == "line":
            return len(self.lines) < 2
        return (action == "back" and self.subscriber_id is None) or super().lacks(action)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        possible = super().check_action(action, parameters)
        if possible and action == "turn" and parameters and not self._may_turn(int(str(parameters[0]))):
            return False
        return possible

    def _may_turn(self, by: int) -> bool:
        """Back to the day the line was activated, ahead to today."""
        return self._until is not None if by > 0 else self.amounts[0].day > self.lines[self._line].activated_on

    @on(BarChart.Moved)
    def _moved(self, event: BarChart.Moved) -> None:
        self.at = event.at
        self._tell()

    @errand
    async def action_months(self) -> None:
        self.monthly = not self.monthly
        self._until = None
        await self._show(to_end=True)

    @errand
    async def action_turn(self, by: int) -> None:
        """To the days or months before or after those that are shown."""
        first, last = self.amounts[0].day, self.amounts[-1].day
        if by < 0:
            self._until = first - dt.timedelta(days=1)
        elif self.monthly:
            self._until = (last.replace(day=1) + dt.timedelta(days=31 * MONTHS)).replace(day=1)
        else:
            self._until = last + dt.timedelta(days=DAYS)
        today = self._today()
        if self._until + dt.timedelta(days=0 if self.monthly else 1) >= (
            today.replace(day=1) if self.monthly else today
        ):
            self._until = None
        await self._show(to_end=by < 0)

    def _today(self) -> dt.date:
        return self.app.now.astimezone(dates.zone()).date()

    @errand
    async def action_line(self, by: int) -> None:
        """To the next line, and from the last to the first."""
        self._line = (self._line + by) % len(self.lines)
        await self._show(to_end=False)

    def action_reload(self) -> None:
        self._read()

    def action_back(self) -> None:
        self.app.pop_screen()


def _both(down: int | None, up: int | None) -> Content:
    if down is None and up is None:
        return plain(_("nothing was measured")).stylize("$text-muted")
    parts = (
        plain(f"{FIRST} {traffic.said(down):<9}").stylize("$text-primary"),
        plain(f"{SECOND} {traffic.said(up)}").stylize("$text-accent"),
    )
    return Content("   ").join(parts)
