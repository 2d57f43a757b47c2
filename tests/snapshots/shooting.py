"""One picture of one screen: English at 80×24, Polish at 160×50."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from textual.pilot import Pilot
from textual.screen import Screen

from core.accounts.sessions import Entered
from core.models.accounts import Account
from core.service.desk import Desk
from tests.support.playing import LARGE, SMALL, Player
from tests.support.stillness import only_what_is_looked_at
from tui import session
from tui.app import OkienkoApp
from tui.screens.accounts.welcome import Welcome

Play = Callable[[Player], Awaitable[None]]
SIZES = {"en": SMALL, "pl": LARGE}


async def nothing(player: Player) -> None:
    """The screen as it comes up."""


def keys(*pressed: str) -> Play:
    """Press these."""

    async def play(player: Player) -> None:
        await player.press(*pressed)

    return play


def speak(desk: Desk, language: str) -> None:
    """Everybody reads ``language``."""
    desk.as_system().do(lambda work: work.change(Account, language=language))


def shoot(snap_compare: Any, desk: Desk, sits: Desk | None, play: Play, language: str) -> bool:
    """Whether the screen that ``play`` comes to looks as it did; ``sits`` acts for whoever is logged in."""
    first = Welcome if sits is None else Screen
    app = OkienkoApp(lambda: desk, first=first, language=language, theme="okienko-dark", economical=False)
    app.frame.desk = "Migotnia"
    app.start_with = None

    async def before(pilot: Pilot[Any]) -> None:
        player = Player(app, pilot)
        await player.settle()
        if sits is not None:
            actor = sits.actor()
            assert actor.session_id is not None
            assert actor.account_id is not None
            app.run_worker(session.sit_down(app, Entered(actor.session_id, actor.account_id, actor.role)))
            await player.settle()
        await play(player)
        app.clear_notifications()
        app.screen.refresh(layout=True)
        await player.settle()

    with only_what_is_looked_at():
        return bool(snap_compare(app, terminal_size=SIZES[language], run_before=before))
