"""A scenario at reading speed in the real interface: a caption says what happens, space pauses, arrows step."""

from __future__ import annotations

import asyncio
from typing import Any

from textual import events
from textual.pilot import Pilot
from textual.widgets import Static

from core.i18n.translation import _
from tui.app import OkienkoApp, run_okienko
from tui.demo.tour.isolation import apart
from tui.demo.tour.player import Player, Unexpected
from tui.demo.tour.scenario import Scenario, Step
from tui.demo.tour.stage import NAME, Stage
from tui.driver import SafeDriver
from tui.machine.terminal import users_log
from tui.screens.accounts.welcome import Welcome
from tui.text import plain

READING = 0.045
"""Seconds a character of the caption is given."""
SHORTEST = 0.8
INTERRUPTED = 130
"""Ends also the tours that would follow."""


class Caption(Static):
    """What happens, above the keys that make it happen. It has its room, so that it hides nothing."""

    DEFAULT_CSS = """
    Caption { dock: bottom; height: 2; width: 1fr; padding: 0 2; margin: 0 0 1 0;
              background: $accent; color: $background; text-style: bold; }
    """


class TourDriver(SafeDriver):
    """Gives the reader's keys to the tour instead of the screen; those of the scenario don't come this way."""

    def process_message(self, message: events.Event) -> None:  # type: ignore[override]
        if isinstance(message, events.Key) and isinstance(self._app, TourApp):
            self._loop.call_soon_threadsafe(self._app.steer, message.key)
        else:
            super().process_message(message)


class TourApp(OkienkoApp):
    """The application with a caption, on a scenario's stage."""

    def __init__(self, scenario: Scenario, stage: Stage, language: str) -> None:
        super().__init__(
            lambda: stage.desk, first=Welcome, language=language, log_path=users_log(), driver_class=TourDriver
        )
        self.frame.desk = NAME
        self.scenario, self.stage = scenario, stage
        self.failure = ""
        self._going = asyncio.Event()
        self._going.set()
        self._skip = asyncio.Event()

    def steer(self, key: str) -> None:
        """Space pauses and goes on, the right arrow goes one step further, ``q`` and Escape end the tour, Ctrl+C ends
        those that would follow as well."""
        if key == "space":
            (self._going.clear if self._going.is_set() else self._going.set)()
        elif key in ("right", "down", "enter"):
            self._skip.set()
        elif key in ("q", "escape", "ctrl+q"):
            self.exit()
        elif key == "ctrl+c":
            self.exit(return_code=INTERRUPTED)

    async def play(self, pilot: Pilot[Any]) -> None:
        """Play, say how it ended, and wait for a key."""
        try:
            await Player(self, pilot, self.stage, self.scenario, pause=self._between).play()
            await self._caption(_("That was it. q ends the tour."))
        except Unexpected as error:
            self.failure = str(error)
            self.exit(return_code=1)
        except Exception:
            # The reader has ended it in the middle of a step: whatever the player met then is the end itself.
            if self.is_running:
                raise

    async def _between(self, step: Step) -> None:
        text = step.captions.get(self.language, "")
        if not text:
            return
        await self._caption(text)
        self._skip.clear()
        try:
            await asyncio.wait_for(self._skip.wait(), max(SHORTEST, READING * len(text)))
        except TimeoutError:
            await self._going_on()

    async def _going_on(self) -> None:
        """While paused, until space or a step."""
        waits = [asyncio.ensure_future(event.wait()) for event in (self._going, self._skip)]
        await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        for wait in waits:
            wait.cancel()

    async def _caption(self, text: str) -> None:
        for screen in self.screen_stack:
            await screen.query(Caption).remove()
        await self.screen.mount(Caption(plain(text)))


def show(scenario: Scenario, language: str) -> int:
    """Play ``scenario`` on this terminal; 0 when it came out as told."""
    with apart() as folder:
        stage = Stage(folder, scenario.stage, language)
        try:
            app = TourApp(scenario, stage, language)
            status = run_okienko(app, app.play)
            if app.failure:
                print(app.failure)
                return 1
            return status
        finally:
            stage.close()
