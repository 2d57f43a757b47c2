"""``okienko demo``: a private desk of invented people that is gone afterwards, and the keys that make it a demo.

Everything lives in a temporary folder of the reader's own: store, key, mail, remembered log-ins. No variable of the
environment and no settings file reaches it, so it can't touch a real desk or a real mail server.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import os
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Concatenate, ParamSpec, TypeVar

from textual.binding import BindingType
from textual.driver import Driver
from textual.screen import Screen

from core.clock import MovableClock
from core.errors import DeskError
from core.i18n.translation import N_, _
from core.paths import private_folder
from tui import session
from tui.app import OkienkoApp, run_okienko
from tui.commands import Command, bindings
from tui.driver import SafeDriver
from tui.widgets.frame import Frame
from tui.widgets.list import ListView

if TYPE_CHECKING:
    import datetime as dt

    from core.demo.personas import Cast
    from core.mail.loop import Deliverer
    from core.service.desk import Desk
    from core.service.unit_of_work import UnitOfWork

P = ParamSpec("P")
R = TypeVar("R")

NO_TERMINAL = 2
MARK = "DEMO"
CAFE = "198.51.100.20"
DEMO_PORT = 50_000


def run(args: argparse.Namespace | None = None) -> int:
    """What the command line calls."""
    return open_demo(language=getattr(args, "language", None))


def open_demo(*, language: str | None = None, theme: str | None = None, economical: bool | None = None) -> int:
    """Make the demo's desk, show it on this terminal, and leave nothing behind; the exit status."""
    from tui.machine.terminal import on_terminal, users_log  # deferred: start-up, loaded behind the first frame

    if not on_terminal():
        text = _("The demo needs a terminal. Without one, “okienko tour --all --headless” plays everything by itself.")
        print(text, file=sys.stderr)
        return NO_TERMINAL
    with private_desk() as folder:
        app = DemoApp(folder, language=language, theme=theme, economical=economical, log_path=users_log())
        return run_okienko(app)


@contextlib.contextmanager
def private_desk() -> Iterator[Path]:
    """A folder for a demo (0700), and an environment that knows of no other desk; both are gone afterwards."""
    before = {name: os.environ.pop(name) for name in list(os.environ) if name.startswith("OKIENKO_")}
    with tempfile.TemporaryDirectory(prefix="okienko-demo-", ignore_cleanup_errors=True) as made:
        os.environ["OKIENKO_DATA_DIR"] = made
        try:
            yield private_folder(Path(made))
        finally:
            del os.environ["OKIENKO_DATA_DIR"]
            os.environ.update(before)


class DemoApp(OkienkoApp):
    """Okienko with a world to play in: F2 is somebody else, F3 the post room, F4 the clock, on every screen."""

    DESK_COMMANDS: ClassVar[tuple[Command, ...]] = (
        Command("demo.be", "f2", N_("Who am I?"), "be", N_("Be somebody else here"), footer=True, priority=True),
        Command("demo.post", "f3", N_("Post room"), "post", N_("All mail of this demo"), footer=True, priority=True),
        Command("demo.clock", "f4", N_("Clock"), "clock", N_("Move the demo's clock"), footer=True, priority=True),
    )
    BINDINGS: ClassVar[list[BindingType]] = bindings(DESK_COMMANDS)

    def __init__(
        self,
        folder: Path,
        *,
        seed: int = 7,
        start: dt.datetime | None = None,
        language: str | None = None,
        theme: str | None = None,
        economical: bool | None = None,
        log_path: Path | None = None,
        driver_class: type[Driver] = SafeDriver,
    ) -> None:
        """``folder`` is the demo's own. ``start`` stops the clock there, for tests; else it runs with the machine's."""
        from tui.demo.chooser import Chooser  # deferred: start-up, loaded behind the first frame

        super().__init__(
            self._make,
            first=Chooser,
            language=language,
            theme=theme,
            economical=economical,
            log_path=log_path,
            driver_class=driver_class,
        )
        self._readers_language = self.language
        self.clock = MovableClock(start)
        self.cast: Cast | None = None
        """Who can be chosen; None until the world is there."""
        self.stage = 0
        """Which of :data:`core.demo.world.STAGES` of the world is being made."""
        self._folder, self._seed = folder, seed
        self.place_at = 0
        """Which of :attr:`places` was chosen."""
        self._deliverer: Deliverer | None = None
        self.frame = Frame(desk=MARK)
        self.greeted = True

    # The world

    def _make(self) -> Desk:
        """Runs in the opener's thread; begins anew should it be asked a second time."""
        from core.mail.loop import Deliverer  # deferred: start-up, loaded behind the first frame

        home = self._folder / "desk"
        shutil.rmtree(home, ignore_errors=True)
        desk, self.cast = self._people_a_desk(home)
        self._deliverer = Deliverer(desk)
        self._deliverer.start()
        return desk

    def _people_a_desk(self, home: Path) -> tuple[Desk, Cast]:
        """A desk in the folder ``home``, with its world."""
        from core.demo import world  # deferred: start-up, loaded behind the first frame
        from core.service.desk import Desk

        desk = Desk.open(world.settings(home), self.clock)
        return desk, world.build(desk, seed=self._seed, announce=self._begin_stage)

    def _begin_stage(self, stage: int) -> None:
        self.stage = stage

    def _desk_opened(self, desk: Desk) -> None:
        self.frame.desk = f"{desk.settings.desk.name} {MARK}"
        super()._desk_opened(desk)

    def on_unmount(self) -> None:
        """Nothing may still write into a folder that is about to go."""
        if self._deliverer is not None:
            self._deliverer.stop(timeout=2)
        if self.is_open:
            self.desk.close()

    # Being somebody

    async def become(self, account_id: int) -> None:
        """Sit down as somebody, by a real session, and go to their first room."""
        from core.demo import mailbox  # deferred: start-up, loaded behind the first frame

        entered = await self._as_system(mailbox.enter, account_id)
        desk = await self.ready()
        self._come_from(await asyncio.to_thread(desk.see, mailbox.home, account_id))
        await session.sit_down(self, entered)

    async def by_hand(self) -> None:
        """Nobody sits here: the way in as everybody sees it."""
        await self.ready()
        self._come_from(self.whence)
        session.stand_up(self)
        self.language = self._readers_language

    @property
    def places(self) -> tuple[tuple[str, str], ...]:
        """Where somebody who signs up could sit: a msgid and the address, empty where none can be seen."""
        lines = self.cast.subscribers if self.cast is not None else ()
        home = [(N_("at {name}'s own line"), each.address) for each in lines[:1]]
        return (*home, (N_("in a café"), CAFE), (N_("where no line can be seen"), ""))

    @property
    def whence(self) -> str:
        """The address of the place chosen, for whoever logs in or signs up by hand."""
        return self.places[self.place_at % len(self.places)][1]

    def _come_from(self, address: str) -> None:
        """From now on this terminal stands there; only a demo can say so."""
        import ipaddress

        from core.service.client_address import Peer  # deferred: start-up, loaded behind the first frame

        desk = self.desk
        desk.peer = Peer(ipaddress.ip_address(address) if address else None, "demo", DEMO_PORT if address else 0)

    def speak(self, language: str) -> None:
        """The reader's own choice: it counts wherever nobody with another language sits."""
        self.language = self._readers_language = language

    async def move_clock(self, by: dt.timedelta) -> None:
        """Push the clock ahead. Whoever sits here stays: the session is made to last as long."""
        from core.demo import mailbox  # deferred: start-up, loaded behind the first frame

        if self.seat is not None and self.seat.session_id is not None:
            await self._as_system(mailbox.stay, self.seat.session_id, by)
        desk = await self.ready()
        await asyncio.to_thread(mailbox.pass_time, desk, self.clock, by)

    async def _as_system(
        self, use_case: Callable[Concatenate[UnitOfWork, P], R], /, *args: P.args, **kwargs: P.kwargs
    ) -> R:
        desk = await self.ready()
        return await asyncio.to_thread(desk.as_system().do, use_case, *args, **kwargs)

    # The three keys

    def action_be(self) -> None:
        from tui.demo.chooser import Chooser  # deferred: start-up, loaded behind the first frame

        self._bring_up(Chooser)

    def action_post(self) -> None:
        from tui.demo.post_room import PostRoom  # deferred: start-up, loaded behind the first frame

        self._bring_up(PostRoom)

    def action_clock(self) -> None:
        from tui.demo.clock import ClockDialog  # deferred: start-up, loaded behind the first frame

        self._bring_up(ClockDialog)

    def _bring_up(self, wanted: type[Screen[Any]]) -> None:
        """One screen of the demo at a time; its own key closes it again. None before there is a world."""
        from tui.demo.chooser import Chooser  # deferred: start-up, loaded behind the first frame
        from tui.demo.clock import ClockDialog
        from tui.demo.post_room import PostRoom  # deferred: start-up, loaded behind the first frame

        if self.cast is None or not self.is_open:
            return
        screen = self.screen
        if isinstance(screen, (Chooser, PostRoom, ClockDialog)) and len(self.screen_stack) > 2:
            self.pop_screen()
        if not isinstance(screen, wanted):
            self.push_screen(wanted())

    def read_again(self) -> None:
        """Lists in sight show what the moved clock has changed."""
        for view in self.screen.query(ListView):
            view.reload()

    def complain(self, error: DeskError) -> None:
        """Say what went wrong, wherever one is."""
        self.notify(error.text(), severity="error", timeout=10)
