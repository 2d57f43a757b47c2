"""The application every screen lives in: safe first, small always. What people do is on the screens."""

from __future__ import annotations

import asyncio
import datetime as dt
import gc
import os
import sys
import threading
from collections.abc import Callable, Mapping
from pathlib import Path, PurePath
from typing import TYPE_CHECKING, Any, ClassVar

from textual import work
from textual._context import active_app
from textual.app import AutopilotCallbackType
from textual.binding import BindingType
from textual.driver import Driver
from textual.screen import Screen

from core import paths
from core.errors import DeskError, Say
from core.i18n import dates, translation
from core.i18n.translation import N_, _
from tui import appearance, crash, screen_paths, textual_repairs, themes
from tui.commands import Command, bindings
from tui.draft_keeper import KeptDrafts
from tui.driver import SafeDriver
from tui.lockable import Lockable
from tui.safe_app import SafeApp
from tui.screen_guard import Leavable
from tui.widgets.frame import Frame
from tui.widgets.notice import Notice

if TYPE_CHECKING:
    from textual.actions import ActionParseResult
    from textual.dom import DOMNode

    from core.service.actor import Actor
    from core.service.desk import Desk
    from tui.side import Side
    from tui.widgets.form import Form

OPENING_PAUSE = 0.04
"""Seconds from mounting to opening the desk: time for the whole first frame."""


class OkienkoApp(Lockable):
    """Okienko. ``opener`` opens the desk in a thread behind the first frame; ``first`` makes the screen shown first.

    ``seat`` is who sits here as far as the way in knows it. ``economical`` is for slow lines: 16 colours, no mouse;
    None asks whether this is an SSH session. ``served``: this is a session of a server, on a computer that is none of
    the reader's.
    """

    TITLE = "Okienko"
    # The first screen's style is read with the application's: a screen's own has everything parsed again (30 ms).
    CSS_PATH: ClassVar[list[str | PurePath]] = [
        Path(__file__).with_name("app.tcss"),
        Path(__file__).parent / "screens/accounts/welcome.tcss",
    ]
    DESK_COMMANDS: ClassVar[tuple[Command, ...]] = (
        Command("shell.theme", "ctrl+t", N_("Theme"), "theme", N_("Dark, light, high contrast and others")),
        Command("shell.notices", "ctrl+o", N_("Terms and notices"), "notices", N_("Terms, privacy, storage")),
        Command("shell.quit", "ctrl+q", N_("Quit"), "quit", N_("Leave Okienko"), priority=True),
    )
    BINDINGS: ClassVar[list[BindingType]] = bindings(DESK_COMMANDS)
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
        served: bool = False,
        driver_class: type[Driver] = SafeDriver,
    ) -> None:
        super().__init__(driver_class=driver_class)
        self.served = served
        self.side: Side | None = None
        """Where a session of a server talks with its door."""
        self.place = os.uname().nodename
        """How the computer that one sits at is called in the list of remembered ones."""
        translation.follow(_readers_language)
        dates.follow(_readers_zone)
        self.seat = seat
        self.keys_file: Path | None = None
        """Where the reader's own choice of keys stands (:func:`tui.commands.load_keymap`)."""
        self._desk: Desk | None = None
        self.log_path = log_path
        self.economical = bool(os.environ.get("SSH_CONNECTION")) if economical is None else economical
        self.frame = Frame(desk=paths.desk_name())
        """What stands around every room: the desk's name, who sits here, the counts."""
        self.drafts = KeptDrafts(self)
        """What was typed and not sent yet, by form: there when it is opened again, here or anywhere."""
        self.management_ticket = ""
        """The proof that whoever sits here has typed the management password of their company: worth nothing elsewhere
        and after five minutes."""
        self.invitation = ""
        """The code of an installer's invitation that somebody brought along, until they are logged in to answer it."""
        self.greeted = False
        self.start_with: Callable[[], Screen[Any]] | None = None
        """A screen that the command line asked for, brought up once the desk is open."""
        self._opener = opener
        self._first = first
        self._language = language or translation.from_environment()
        self._opened = asyncio.Event()
        for ours in themes.OURS:
            self.register_theme(ours)
        self.own_theme = theme is None
        """Whether the reader's choice counts; a theme that this was opened with stays."""
        self.theme = theme or appearance.at_first(self)
        # A scroll that glides is behind whoever types, and may end elsewhere than where a later one has gone.
        self.animation_level = "none"

    @property
    def language(self) -> str:
        """``en`` or ``pl``: the account's once somebody is logged in, the environment's before."""
        return self._language

    @language.setter
    def language(self, language: str) -> None:
        self._language = language if language in translation.LANGUAGES else "en"

    async def run_action(
        self,
        action: str | ActionParseResult,
        default_namespace: DOMNode | None = None,
        namespaces: Mapping[str, DOMNode] | None = None,
    ) -> bool:
        """As Textual's; a key whose action can't be done now says why."""
        if await super().run_action(action, default_namespace, namespaces):
            return True
        say_why_not = getattr(default_namespace, "say_why_not", None)
        return say_why_not is not None and isinstance(action, str) and say_why_not(action.partition("(")[0])

    def get_default_screen(self) -> Screen[Any]:
        """The empty screen under all others: one of ours costs a third of Textual's own until the first frame."""
        return Leavable(id="_default")

    def on_mount(self) -> None:
        if not self.is_headless:
            asyncio.get_running_loop().set_exception_handler(self._note_failed_task)
        if self._first is not None:
            self.push_screen(self._first())
        self._take_own_keys()
        self.begin_watch()
        # A moment after the first frame: what the desk imports would fight with its last lines for the interpreter.
        self.set_timer(OPENING_PAUSE, self.open_desk)

    def _take_own_keys(self) -> None:
        """A file of keys that can't be read is told of and changes nothing; ``okienko check`` tells what clashes."""
        if self.keys_file is None or not self.keys_file.exists():
            return
        from tui.commands import load_keymap  # deferred: start-up, the first frame needs none of it

        try:
            self.set_keymap(load_keymap(self.keys_file))
        except DeskError as error:
            self.notify(error.text(), severity="warning", timeout=20)

    @work(exclusive=True, group="theme")
    async def action_theme(self) -> None:
        """Choose other colours."""
        await appearance.choose(self)

    def action_notices(self) -> None:
        """What was accepted when signing up can be read at any time."""
        if not isinstance(self.screen, screen_paths.screen_class(screen_paths.TERMS)):
            self.push_screen(screen_paths.screen(screen_paths.TERMS))

    async def action_quit(self) -> None:
        """Leave; see :meth:`_leave`."""
        self._leave()

    @work
    async def _leave(self) -> None:
        """Leave; asks first when something was typed and not sent, in the form one sees or in one beneath it."""
        from tui.widgets.confirm import Confirm  # deferred: start-up, the first frame needs none of it

        if self.is_locked:  # whoever is there may not be asked about what lies beneath
            await self.put_in_order()
            self.exit()
            return
        unsent = await self.what_becomes_of_typed()
        question = Confirm(_("Leave Okienko?"), unsent, yes=N_("Leave"), no=N_("Stay"))
        if not (unsent and self._is_being_typed) or await self.push_screen_wait(question):
            await self.drafts.write_rest()
            self.exit()

    @property
    def _is_being_typed(self) -> bool:
        return any(form.touched for form in self._open_forms())

    def _open_forms(self) -> list[Form]:
        from tui.widgets.form import Form  # deferred: start-up, the first frame needs none of it

        return [form for screen in self.screen_stack for form in screen.query(Form)]

    @property
    def in_browser(self) -> bool:
        """Whether somebody sits at a browser, by the server's door for them."""
        return self.side is not None and self.side.takes_files

    async def what_becomes_of_typed(self) -> str:
        """What to tell whoever leaves about what they have typed and not sent: that it is kept, or that it is lost.
        Empty when nothing was typed. What can be kept is written down before this answers."""
        forms = [form for form in self._open_forms() if form.touched]
        for form in forms:
            form.keep()
        await self.drafts.write_rest()
        lost = any(form.has_secrets or not self.drafts.is_kept(form.kept_as) for form in forms)
        lost = lost or self.drafts.has_more_than_is_kept
        if any(self.drafts.is_kept(form.kept_as) for form in forms):
            if lost:
                return _("What you have typed has not been sent. Longer texts are kept for you; the rest is lost.")
            return _("What you have typed has not been sent. It is kept, and is there when you open the form again.")
        return _("What you have typed has not been sent, and is lost.") if lost else ""

    async def put_in_order(self) -> None:
        """What was typed up to now is written down."""
        for form in self._open_forms():
            if form.touched:
                form.keep()
        await self.drafts.write_rest(unless_newer=True)

    def say_that_nothing_is_kept(self, text: str) -> None:
        """Drafts can't be written at the moment."""
        words = _("What you type can't be kept at the moment, so send it before you leave.")
        self.notify(f"{words} {text}", severity="warning", timeout=20)

    def hear_session_end(self, error: DeskError) -> None:
        """The session was found to have ended: whatever screen talks to the desk knows what to do."""
        for screen in reversed(self.screen_stack):
            complain = getattr(screen, "complain", None)
            if complain is not None:
                complain(error)
                return

    @property
    def now(self) -> dt.datetime:
        """What time the desk has: its clock, which a demo can move."""
        return self.desk.now if self.is_open else dt.datetime.now(dt.UTC)

    async def ready(self) -> Desk:
        """The open desk, as soon as it is there. A failure to open has its own screen, while whoever waits waits."""
        await self._opened.wait()
        return self.desk

    @property
    def is_open(self) -> bool:
        """Whether the desk is there yet."""
        return self._desk is not None

    @property
    def desk(self) -> Desk:
        """The desk, acting for whoever is logged in. Raises LookupError before it is open: wait with :meth:`ready`."""
        if self._desk is None:
            raise LookupError("the desk is not open yet")
        return self._desk

    @desk.setter
    def desk(self, desk: Desk) -> None:
        self._desk = desk

    def open_desk(self) -> None:
        """Open the desk in a thread that an exit does not wait for."""
        loop = asyncio.get_running_loop()

        def tell(callback: Callable[..., None], *args: Any) -> None:
            if not loop.is_closed():
                loop.call_soon_threadsafe(callback, *args)

        def run() -> None:
            from core.db import upgrade_notice  # deferred: start-up, behind the first frame

            try:
                with upgrade_notice.heard_by(lambda sentence: tell(self._desk_is_waited_for, sentence)):
                    desk = self._opener()
            except Exception as error:
                tell(self._desk_did_not_open, error)
            else:
                tell(self._desk_opened, desk)

        threading.Thread(target=run, name="okienko-opener", daemon=True).start()

    def _desk_is_waited_for(self, sentence: Say) -> None:
        """Its tables are brought up to date, by this program or another: how far that is, where one looks."""
        with self._context():
            for notice in self.screen.query(Notice):
                notice.say(sentence.text(), "info")

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
        with self._context():
            if isinstance(error, DeskError):
                text = error.text()
            else:
                number = crash.incident_number()
                crash.write_down(number, error, self.log_path)
                text = _("Something is wrong with the desk's store. Incident number: {number}").format(number=number)
            title = _("The desk could not be opened")
            self.push_screen(screen_paths.screen(screen_paths.NOTICE, title, text, retry=self.open_desk))


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
    # As at the very start (tui.__main__); whoever comes by a command has it here.
    gc.disable()
    textual_repairs.read_styles_once()
    try:
        app.run(mouse=not app.economical, auto_pilot=play)
    except KeyboardInterrupt:
        return 130
    except Exception as error:
        app.write_down(error)
        app._print_error_renderables()
        return crash.STATUS
    finally:
        app.drafts.write_rest_now()  # after a crash; else it is done
    return app.return_code or 0
