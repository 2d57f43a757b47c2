"""Playing the real interface in a test: open it on a desk, press keys, type, and read what is on the screen."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from textual.pilot import Pilot
from textual.screen import Screen
from textual.widget import Widget

from core.service.desk import Desk
from tests.support.stillness import only_what_is_looked_at
from tui.app import OkienkoApp
from tui.demo.tour.rest import settled
from tui.screens.accounts.login_box import LoginBox
from tui.screens.accounts.welcome import Welcome
from tui.widgets.field_row import FieldRow
from tui.widgets.form import Form

SMALL, LARGE = (80, 24), (160, 50)


class Player:
    """One person at one terminal."""

    def __init__(self, app: OkienkoApp, pilot: Pilot[Any]) -> None:
        self.app, self.pilot = app, pilot

    async def settle(self) -> None:
        """Wait until nothing is under way any more: no worker, no message, no page on its way. Then the whole screen
        is painted, whether or not anybody looks: what can't be drawn is found here."""
        await settled(self.app, self.pilot)
        self.app.screen._compositor.render_strips()

    async def press(self, *keys: str) -> None:
        """One key after another, each when the one before has had all its effects."""
        for key in keys:
            await self.pilot.press(key)
            await settled(self.app, self.pilot)
        await self.settle()

    async def type(self, text: str) -> None:
        """Type into whatever has the focus."""
        focused = self.app.focused
        assert focused is not None
        for sign in text:
            await self.pilot.press(_key(sign))

    async def fill(self, **values: Any) -> None:
        """Put values into the form on the screen, field by field, as if typed."""
        boxes = self.app.screen.query(LoginBox)
        if boxes:
            boxes.first().set_values(values)
            await self.settle()
            return
        form = self.form
        with self.app.batch_update():  # nobody looks until it is filled in
            for name, value in values.items():
                row = form._rows[name]
                row.input.focus()
                await self.pilot.pause()
                row.input.raw = value
                row.edited = True
                form._bring_up()
        await self.settle()

    @property
    def form(self) -> Form:
        return self.app.screen.query_one(Form)

    def error(self, name: str) -> str:
        """What stands beside a field of the form on the screen."""
        row: FieldRow = self.form._rows[name]
        return row._error.text() if row._error else ""

    @property
    def screen(self) -> str:
        """Everything that is on the screen, line by line."""
        strips = self.app.screen._compositor.render_strips()
        return "\n".join("".join(segment.text for segment in strip) for strip in strips)

    def sees(self, *texts: str) -> bool:
        shown = " ".join(self.screen.split())
        missing = [text for text in texts if " ".join(text.split()) not in shown]
        assert not missing, f"not on the screen: {missing}\n{self.screen}"
        return True

    def focused(self) -> Widget | None:
        return self.app.focused


def _key(sign: str) -> str:
    from textual.keys import _character_to_key

    return _character_to_key(sign)


@asynccontextmanager
async def playing(
    desk: Desk,
    *,
    size: tuple[int, int] = SMALL,
    language: str = "en",
    theme: str | None = "okienko-dark",
    first: type[Screen[Any]] = Welcome,
) -> AsyncIterator[Player]:
    """The interface on ``desk``, from the way in (or from ``first``)."""
    app = OkienkoApp(lambda: desk, first=first, language=language, theme=theme)
    with only_what_is_looked_at():
        async with app.run_test(size=size, notifications=True) as pilot:
            player = Player(app, pilot)
            await player.settle()
            yield player


@asynccontextmanager
async def sitting(desk: Desk, as_: Desk, **options: Any) -> AsyncIterator[Player]:
    """The interface of somebody who is logged in already (``as_`` acts for them) and never saw the way in."""
    from core.accounts.sessions import Entered
    from tui import session

    async with playing(desk, first=Screen, **options) as player:
        actor = as_.actor()
        assert actor.session_id is not None and actor.account_id is not None
        entered = Entered(actor.session_id, actor.account_id, actor.role)

        async def sit() -> None:
            await session.sit_down(player.app, entered)

        player.app.run_worker(sit())
        await player.settle()
        yield player
