"""The application every screen lives in: safe first, small always. What people do is on the screens."""

from __future__ import annotations

import asyncio
import datetime as dt
import gc
import os
import sys
import threading
from collections.abc import Callable, Sequence
from pathlib import Path, PurePath
from typing import TYPE_CHECKING, Any, ClassVar, Protocol, cast

from rich.console import RenderableType
from rich.segment import Segment
from textual import events, on
from textual._context import active_app
from textual.app import App, AutopilotCallbackType
from textual.binding import Binding, BindingType
from textual.color import Color
from textual.driver import Driver
from textual.filter import LineFilter, Monochrome, NoColor
from textual.notifications import SeverityLevel
from textual.screen import Screen
from textual.worker import WorkerFailed

from core import moments, places, words
from core.errors import DeskError
from core.text import visible
from core.words import N_, _
from tui import crash, themes
from tui.driver import PasteRefused, SafeDriver, SessionEnded
from tui.widgets.rooms import Frame

if TYPE_CHECKING:
    from core.actor import Actor

CLIPBOARD_LIMIT = 64 * 1024


OPENING_PAUSE = 0.04
"""Seconds from mounting to opening the desk: time for the whole first frame."""


class SafeOut(LineFilter):
    """Takes out of every line drawn what a terminal would obey: 43 of 44 leaking uses closed, 0.05 ms a frame."""

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:
        return [self._cleaned(segment) for segment in segments]

    @staticmethod
    def _cleaned(segment: Segment) -> Segment:
        text, style, control = segment
        shown = visible(text)
        if style is not None and style.link:
            return Segment(shown, style.update_link(None), control)
        return segment if shown is text else Segment(shown, style, control)


class SafeApp(App[int], inherit_bindings=False):
    """Textual's application without its ways out: no markup by default, no files, no programs, no shell, no locals.

    Wants ``driver_class`` explicitly, so that the environment never chooses one (facts/security.md §3.4).
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
        self._farewell = ""

    @property
    def language(self) -> str:
        """The language the crash page is in."""
        return words.from_environment()

    # What is drawn

    def get_line_filters(self) -> Sequence[LineFilter]:
        """Textual's filters and ours. NO_COLOR with a 16-colour theme is without colours, not with greys."""
        filters = list(super().get_line_filters())
        if self.native_ansi_color:
            filters = [NoColor() if isinstance(each, Monochrome) else each for each in filters]
        return [*filters, self._safe_out]

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
    def _end_in_order(self, event: SessionEnded) -> None:
        self.exit(return_code=event.status)

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
        with words.speaking(self.language):
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


class Desk(Protocol):
    """What screens need of ``core.desk.Desk``. Both calls block, raise :class:`DeskError`, may come from threads."""

    def do(self, use_case: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Any: ...

    def see(self, query: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Any: ...

    @property
    def now(self) -> dt.datetime: ...


class OkienkoApp(SafeApp):
    """Okienko. ``opener`` opens the desk in a thread behind the first frame; ``first`` makes the screen shown first.

    ``seat`` is who sits here as far as the way in knows it. ``economical`` is for slow lines: 16 colours, no mouse,
    no animation; None asks whether this is an SSH session.
    """

    TITLE = "Okienko"
    # The first screen's style is read with the application's: a screen's own has everything parsed again (30 ms).
    CSS_PATH: ClassVar[list[str | PurePath]] = [
        Path(__file__).with_name("app.tcss"),
        Path(__file__).parent / "screens/accounts/welcome.tcss",
    ]
    BINDINGS: ClassVar[list[BindingType]] = [Binding("ctrl+q", "quit", N_("Quit"), show=False, priority=True)]
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (100, "-wide")]  # noqa: RUF012 - as Textual declares it

    def __init__(
        self,
        opener: Callable[[], Desk],
        *,
        seat: Actor | None = None,
        first: Callable[[], Screen[Any]] | None = None,
        language: str | None = None,
        theme: str | None = None,
        economical: bool | None = None,
        log_path: Path | None = None,
        driver_class: type[Driver] = SafeDriver,
    ) -> None:
        super().__init__(driver_class=driver_class)
        words.follow(_readers_language)
        moments.follow(_readers_zone)
        self.seat = seat
        self.keys_file: Path | None = None
        """Where the reader's own choice of keys stands (:func:`tui.commands.load_keymap`)."""
        self.desk: Desk | None = None
        """The desk, acting for whoever is logged in; None until it is open (see :meth:`ready`)."""
        self.log_path = log_path
        self.economical = bool(os.environ.get("SSH_CONNECTION")) if economical is None else economical
        self.frame = Frame(desk=places.desk_name())
        """What stands around every room: the desk's name, who sits here, the counts."""
        self.drafts: dict[str, Any] = {}
        """What was typed and not sent yet, by form: there when it is opened again."""
        self.greeted = False
        self.start_with: Callable[[], Screen[Any]] | None = None
        """A screen that the command line asked for, brought up once the desk is open."""
        self._opener = opener
        self._first = first
        self._language = language or words.from_environment()
        self._opened = asyncio.Event()
        for ours in themes.OURS:
            self.register_theme(ours)
        few_colours = self.economical or self.console.color_system in (None, "standard")
        self.theme = theme or (themes.SIXTEEN if few_colours else themes.DARK).name
        if self.economical:
            self.animation_level = "none"

    @property
    def language(self) -> str:
        """``en`` or ``pl``: the account's once somebody is logged in, the environment's before."""
        return self._language

    @language.setter
    def language(self, language: str) -> None:
        self._language = language if language in words.LANGUAGES else "en"

    def on_mount(self) -> None:
        if not self.is_headless:
            asyncio.get_running_loop().set_exception_handler(self._note_failed_task)
        if self._first is not None:
            self.push_screen(self._first())
        self._take_own_keys()
        # A moment after the first frame: what the desk imports would fight with its last lines for the interpreter.
        self.set_timer(OPENING_PAUSE, self.open_desk)

    def _take_own_keys(self) -> None:
        """A file of keys that can't be read is told of and changes nothing; ``okienko check`` tells what clashes."""
        if self.keys_file is None or not self.keys_file.exists():
            return
        from tui.commands import load_keymap

        try:
            self.set_keymap(load_keymap(self.keys_file))
        except DeskError as error:
            self.notify(error.text(), severity="warning", timeout=20)

    @property
    def now(self) -> dt.datetime:
        """What time the desk has: its clock, which a demo can move."""
        return self.desk.now if self.desk is not None else dt.datetime.now(dt.UTC)

    @property
    def place(self) -> str:
        """How this computer is called in the list of remembered ones."""
        return os.uname().nodename

    async def ready(self) -> Desk:
        """The open desk, as soon as it is there. A failure to open has its own screen, while whoever waits waits."""
        await self._opened.wait()
        return cast("Desk", self.desk)

    def open_desk(self) -> None:
        """Open the desk in a thread that an exit does not wait for."""
        loop = asyncio.get_running_loop()

        def tell(callback: Callable[..., None], *args: Any) -> None:
            if not loop.is_closed():
                loop.call_soon_threadsafe(callback, *args)

        def run() -> None:
            try:
                desk = self._opener()
            except Exception as error:
                tell(self._desk_did_not_open, error)
            else:
                tell(self._desk_opened, desk)

        threading.Thread(target=run, name="okienko-opener", daemon=True).start()

    def _note_failed_task(self, loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        """asyncio's own handler would print the message, values and all, on the terminal."""
        if isinstance(error := context.get("exception"), BaseException):
            crash.write_down(crash.incident_number(), error, self.log_path)

    def _desk_opened(self, desk: Desk) -> None:
        gc.freeze()
        gc.enable()
        self.desk = desk
        self._opened.set()

    def _desk_did_not_open(self, error: Exception) -> None:
        from tui.screens.notice import NoticeScreen

        with self._context():
            if isinstance(error, DeskError):
                text = error.text()
            else:
                number = crash.incident_number()
                crash.write_down(number, error, self.log_path)
                text = _("Something is wrong with the desk's store. Incident number: {number}").format(number=number)
            self.push_screen(NoticeScreen(_("The desk could not be opened"), text, retry=self.open_desk))


def _readers_language() -> str | None:
    app = active_app.get(None)
    return app.language if isinstance(app, SafeApp) else None


def _readers_zone() -> str | None:
    app = active_app.get(None)
    return app.seat.zone if isinstance(app, OkienkoApp) and app.seat is not None else None


def run_okienko(app: OkienkoApp, play: AutopilotCallbackType | None = None) -> int:
    """Run ``app`` on this terminal and give the exit status: 0, 70 after a crash, 128 + n after signal n.

    ``play`` is a coroutine that presses keys (a tour).

    Nothing that goes wrong anywhere prints a traceback: threads and the interpreter itself report to the log.
    """

    def hook(kind: type[BaseException] | None, error: BaseException | None, *_rest: Any) -> None:
        if error is not None:
            crash.write_down(crash.incident_number(), error, app.log_path)

    threading.excepthook = lambda args: hook(args.exc_type, args.exc_value)
    sys.unraisablehook = lambda args: hook(args.exc_type, args.exc_value)
    # Nothing of what is imported and built until the desk is open is garbage; looking for some costs 12 % of the start.
    gc.disable()
    try:
        app.run(mouse=not app.economical, auto_pilot=play)
    except KeyboardInterrupt:
        return 130
    except Exception as error:
        app.write_down(error)
        app._print_error_renderables()
        return crash.STATUS
    return app.return_code or 0
