"""The safe half of the application: nothing that is drawn commands the terminal, and there is no way out of it.

Textual's own way of everything here was measured and found wanting (docs/facts.md, *Textual*); private names rest
on the exact pin of its version.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, ClassVar

from rich.color import ColorSystem
from rich.console import RenderableType
from rich.segment import Segment
from rich.style import Style
from textual import constants, events, on
from textual.app import App
from textual.color import Color
from textual.driver import Driver
from textual.filter import LineFilter, Monochrome, NoColor
from textual.notifications import SeverityLevel
from textual.screen import Screen
from textual.worker import WorkerFailed

from core.i18n import translation
from core.i18n.sanitize import visible
from core.i18n.translation import _
from tui import colours, crash, textual_repairs
from tui.driver import SafeDriver, SessionEnded
from tui.keyboard.reader import PasteRefused
from tui.sent_lines import SentLines

CLIPBOARD_LIMIT = 64 * 1024
textual_repairs.let_go_of_dead_lines()
_PLAIN = Style.null()


class SafeOut(LineFilter):
    """Takes out of every line drawn what a terminal would obey: 43 of 44 leaking uses closed, 0.05 ms a frame."""

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:
        return [self._cleaned(segment) for segment in segments]

    @staticmethod
    def _cleaned(segment: Segment) -> Segment:
        text, style, control = segment
        visible_text = visible(text)
        if style is None:
            return Segment(visible_text, _PLAIN, control)
        if style.link:
            return Segment(visible_text, style.update_link(None), control)
        return segment if visible_text is text else Segment(visible_text, style, control)


class SafeApp(App[int], inherit_bindings=False):
    """Textual's application without its ways out: no markup by default, no files, no programs, no shell, no locals.

    Wants ``driver_class`` explicitly, so that the environment never chooses one.
    """

    ENABLE_COMMAND_PALETTE = False
    COMMANDS: ClassVar[set[Any]] = set()

    def __init__(self, driver_class: type[Driver] = SafeDriver) -> None:
        super().__init__(driver_class=driver_class)
        self.log_path: Path | None = None
        """Where a crash is written down; without it the incident number is only shown."""
        self.incident = ""
        """The number of the first crash of this run."""
        self._safe_out = SafeOut()
        if constants.COLOR_SYSTEM == "auto" and self.console._color_system is not None:
            self.console._color_system = colours.depth(os.environ)
        self._nearest = colours.Nearest()
        self._farewell = ""
        self._sent = SentLines()

    @property
    def language(self) -> str:
        """The language the crash page is in."""
        return translation.from_environment()

    # What is drawn

    def on_resize(self) -> None:
        """The terminal, or another one in its place, keeps nothing of what was on it."""
        self._sent.forget()

    def _display(self, screen: Screen[Any], renderable: RenderableType | None) -> None:
        super()._display(screen, None if renderable is None else self._sent.update(screen, renderable))

    def get_line_filters(self) -> Sequence[LineFilter]:
        """Textual's filters and ours. NO_COLOR with a 16-colour theme is without colours, not with greys."""
        filters = list(super().get_line_filters())
        if self.native_ansi_color:
            filters = [NoColor() if isinstance(each, Monochrome) else each for each in filters]
        if self.console._color_system is ColorSystem.EIGHT_BIT:
            filters.append(self._nearest)
        # Ours comes first: Monochrome ends the application at a segment that has no style (8.2.8), as a region that is
        # not laid out yet may have. The others change styles only, never text or links.
        return [self._safe_out, *filters]

    def notify(
        self,
        message: str,
        *,
        title: str = "",
        severity: SeverityLevel = "information",
        timeout: float | None = None,
        markup: bool = False,
    ) -> None:
        """A notice in the corner, as text whatever ``markup`` says: ``Widget.notify`` always says True."""
        super().notify(message, title=title, severity=severity, timeout=timeout, markup=False)

    @on(PasteRefused)
    def _say_paste_was_refused(self) -> None:
        self.notify(_("The paste was too long, so nothing of it was taken."), severity="warning", timeout=10)

    def on_descendant_focus(self, event: events.DescendantFocus) -> None:
        """No cursor blinks: a blinking one sends 2 KB a second for ever."""
        if getattr(event.widget, "cursor_blink", False):
            event.widget.cursor_blink = False  # type: ignore[attr-defined]

    # Ways out that stay closed

    def action_screenshot(self, filename: str | None = None, path: str | None = None) -> None:
        """Nothing: it would write what is on the screen into a file on the server."""

    def deliver_screenshot(
        self, filename: str | None = None, path: str | None = None, time_format: str | None = None
    ) -> str | None:
        """Nothing, for the same reason."""
        return None

    def action_suspend_process(self) -> None:
        """Nothing: a suspended session hangs, and may leave a shell behind."""

    def open_url(self, url: str, *, new_tab: bool = True) -> None:
        """Nothing: it would start a browser on the server."""

    def copy_to_clipboard(self, text: str) -> None:
        """Text the reader chose, cleaned and bounded, for the reader's own clipboard."""
        super().copy_to_clipboard("\n".join(visible(line) for line in text[:CLIPBOARD_LIMIT].splitlines()))

    # The end

    @on(SessionEnded)
    async def _end_in_order(self, event: SessionEnded) -> None:
        try:
            await self.put_in_order()
        finally:
            self.exit(return_code=event.status)

    async def put_in_order(self) -> None:
        """What has to be done before the session ends; not longer than some seconds."""

    def exit(self, result: int | None = None, return_code: int = 0, message: RenderableType | None = None) -> None:
        """Leave; ``message`` is said on the terminal as text. After a crash the status stays that of the crash."""
        super().exit(result, crash.STATUS if self.incident else return_code)
        if message is not None and not self.incident:
            self._farewell = str(message)

    def panic(self, *renderables: RenderableType) -> None:
        """Crash; what Textual wanted to show is not shown, since it may hold values."""
        self._fatal_error()

    def _fatal_error(self) -> None:
        current = sys.exc_info()[1]
        self._handle_exception(current if isinstance(current, Exception) else RuntimeError())

    def _handle_exception(self, error: Exception) -> None:
        self._return_code = crash.STATUS
        if self._exception is None:
            self._exception = error
            self._exception_event.set()
        self.write_down(error.error if isinstance(error, WorkerFailed) else error)
        self._close_messages_no_wait()

    def write_down(self, error: BaseException) -> str:
        """Log ``error`` under this run's incident number, to be shown at the end; the number.

        What fails after the first failure follows from it and is not written down.
        """
        if self.incident:
            return self.incident
        self.incident = crash.incident_number()
        written = crash.write_down(self.incident, error, self.log_path)
        with translation.speaking(self.language):
            self._farewell = crash.page(self.incident, written=written)
        return self.incident

    def _print_error_renderables(self) -> None:
        self._exit_renderables.clear()
        farewell, self._farewell = self._farewell, ""
        if farewell and sys.__stderr__ is not None:
            lines = [visible(line) for line in farewell.splitlines()]
            try:
                sys.__stderr__.write("\n".join(lines) + "\n")
                sys.__stderr__.flush()
            except (OSError, ValueError):
                # The terminal is gone; the log has it.
                return
