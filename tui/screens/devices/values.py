"""The values of a device: tiles with the figures of now, and the chart of a day."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence

from textual import events
from textual.content import Content
from textual.geometry import Size
from textual.widget import Widget

from core.devices.gateway import Sample
from core.devices.simulator.thermal import FASTEST
from core.i18n import dates
from core.i18n.translation import N_, _
from tui.text import plain
from tui.widgets.fitting import fit
from tui.widgets.line_chart import Bars, Line, Picture, Tick

_NARROWEST = 19
"""Cells of a tile."""
_MOST = 4
"""Tiles side by side: eight of them are two even rows."""


class Tiles(Widget):
    """Names over values, four to a row where there is room."""

    DEFAULT_CSS = "Tiles { width: 1fr; height: auto; padding: 0 2; color: $foreground; }"

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self._tiles: tuple[tuple[str, Content | str], ...] = ()

    def show(self, tiles: Sequence[tuple[str, Content | str]]) -> None:
        """Show these (msgid, value)."""
        self._tiles = tuple(tiles)
        self.refresh(layout=True)

    def on_resize(self, event: events.Resize) -> None:
        self.refresh()

    def laid_out(self, width: int) -> list[Content]:
        """Its lines at ``width`` cells."""
        across = max(1, min(_MOST, width // _NARROWEST))
        wide = width // across
        lines: list[Content] = []
        for first in range(0, len(self._tiles), across):
            row = self._tiles[first : first + across]
            names = [fit(Content(_(label)).stylize("$text-muted"), wide - 1) + " " for label, _value in row]
            values = [fit(_bold(value), wide - 1) + " " for _label, value in row]
            lines += [Content().join(names), Content().join(values)]
        return lines

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        return len(self.laid_out(width))

    def render(self) -> Content:
        return Content("\n").join(self.laid_out(self.content_size.width))


def _bold(value: Content | str) -> Content:
    return (plain(value) if isinstance(value, str) else value).stylize("bold")


def picture(course: Sequence[Sample], day: dt.date) -> Picture:
    """The day's course as a chart from midnight to midnight by the reader's clock."""
    start, end = _ends(day)
    whole = (end - start).total_seconds()

    def place(at: dt.datetime) -> float:
        return (at - start).total_seconds() / whole

    def line(label: str, glyph: str, colour: str, value: str) -> Line:
        return Line(label, glyph, colour, tuple((place(each.at), float(getattr(each, value))) for each in course))

    frequency = tuple((place(each.at), float(each.frequency)) for each in course)
    return Picture(
        lines=(
            line(N_("Outside"), "◆", "$text-primary", "outdoor"),
            line(N_("Flow"), "▲", "$text-error", "water"),
            line(N_("Hot water"), "■", "$text-success", "tank"),
            line(N_("Room"), "●", "$text-accent", "room"),
        ),
        ticks=tuple(_ticks(day, place)),
        unit="°C",
        bars=Bars(N_("Compressor"), "$text-muted", frequency, FASTEST),
        marks=tuple(_wrong(course, place)),
    )


def _ends(day: dt.date) -> tuple[dt.datetime, dt.datetime]:
    """Both ends in UTC, so that a day of 23 or 25 hours is as long as it is."""
    zone = dates.zone()
    start, end = (
        dt.datetime.combine(each, dt.time(), zone).astimezone(dt.UTC) for each in (day, day + dt.timedelta(days=1))
    )
    return start, end


def _ticks(day: dt.date, place: Callable[[dt.datetime], float]) -> list[Tick]:
    zone = dates.zone()
    ticks = []
    for hour in range(0, 24, 3):
        at = dt.datetime.combine(day, dt.time(hour), zone).astimezone(dt.UTC)
        ticks.append(Tick(place(at), f"{hour:02}"))
    return [*ticks, Tick(1.0, "24")]


def _wrong(course: Sequence[Sample], place: Callable[[dt.datetime], float]) -> list[tuple[float, float]]:
    """Stretches in which an error was shown."""
    stretches: list[tuple[float, float]] = []
    begun: float | None = None
    for sample in course:
        at = place(sample.at)
        if sample.error and begun is None:
            begun = at
        if not sample.error and begun is not None:
            stretches.append((begun, at))
            begun = None
    return [*stretches, (begun, at)] if begun is not None else stretches
