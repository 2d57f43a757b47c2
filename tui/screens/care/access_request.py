"""Asking the customer for a right that the level gives on demand only."""

from __future__ import annotations

from textual import work

from core.care import access_requests
from core.care.access_requests import AskAccess
from core.i18n.translation import N_, _
from core.models.levels import Right
from tui.screens.form_prompt import FormPrompt
from tui.screens.room import RoomScreen


def ask_for_access(screen: RoomScreen, grant_id: int, right: Right | None = None) -> None:
    """Ask over ``screen``; it hears of it by ``asked()`` where it has that."""

    @work(exclusive=True, group="ask-access")
    async def ask(screen: RoomScreen) -> None:
        prompt = FormPrompt(
            _("Ask for access"),
            AskAccess,
            kept_as=f"access:{grant_id}",
            submit=lambda form: screen.do(access_requests.ask, grant_id, form),
            save=N_("Ask"),
            values={"right": right.value} if right else None,
            text=_("The customer gets mail and decides. What is allowed ends by itself."),
        )
        if await screen.app.push_screen_wait(prompt) is not None:
            screen.notify(_("The customer has been asked."))
            heard = getattr(screen, "asked", None)
            if heard is not None:
                heard()

    ask(screen)
