"""Asking the customer for a right that the level gives on demand only."""

from __future__ import annotations

from typing import Any

from textual import work

from core import forms
from core.care import access_requests
from core.care.access_requests import AskAccess
from core.i18n.translation import N_, _
from core.models.levels import Right
from tui.screens.room import RoomScreen
from tui.widgets.prompt import Prompt


def ask_for_access(screen: RoomScreen, grant_id: int, right: Right | None = None) -> None:
    """Ask over ``screen``; it hears of it by ``asked()`` where it has that."""

    @work(exclusive=True, group="ask-access")
    async def ask(screen: RoomScreen) -> None:
        async def send(values: dict[str, Any]) -> None:
            await screen.do(access_requests.ask, grant_id, forms.fill(AskAccess, values))

        prompt = Prompt(
            _("Ask for access"),
            forms.describe(AskAccess),
            check=lambda values, only: forms.check(AskAccess, values, only),
            values={"right": right.value} if right else None,
            text=_("The customer gets mail and decides. What is allowed ends by itself."),
            submit=send,
            save=N_("Ask"),
        )
        if await screen.app.push_screen_wait(prompt) is not None:
            screen.notify(_("The customer has been asked."))
            heard = getattr(screen, "asked", None)
            if heard is not None:
                heard()

    ask(screen)
