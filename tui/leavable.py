"""Screens for people who type faster than screens are put together."""

from __future__ import annotations

from textual.css.query import NoMatches
from textual.message import Message
from textual.screen import Screen, ScreenResultType


class Leavable(Screen[ScreenResultType]):
    """A screen that may be left, or be given a key, before all of it is there.

    Textual takes a screen's widgets away at once and goes on handling what was under way for it (8.2.8), so that a
    handler that asks for one of them would end the application.
    """

    @property
    def left(self) -> bool:
        """Whether the reader has gone elsewhere: what still arrives for this screen is for nobody."""
        return not self.app.is_running or self not in self.app.screen_stack

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """A key that was quicker than the screen finds nothing yet that it could act on."""
        return self.is_mounted and super().check_action(action, parameters)

    async def _dispatch_message(self, message: Message) -> None:
        try:
            await super()._dispatch_message(message)
        except NoMatches:
            if not self.left:
                raise
