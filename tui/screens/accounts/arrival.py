"""What happens once the desk is open behind the first frame: set it up, let a remembered person in, or bring up the
screen a command line asked for."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from core.people import staff
from tui import session

if TYPE_CHECKING:
    from tui.screens.accounts.welcome import Welcome


async def arrive(screen: Welcome) -> None:
    """Look who comes: nobody yet, somebody with a code from a mail, somebody remembered, or somebody with an SSH key.
    Asked once: whoever logs out stays out, though the connection still has its key."""
    app = screen.app
    desk = await app.ready()
    if await screen.see(staff.is_new):
        from tui.screens.accounts.set_up import SetUp  # deferred: a screen is loaded when it is first shown

        app.push_screen(SetUp())
        return
    if app.start_with is not None:
        app.push_screen(app.start_with())
        return
    entered = await asyncio.to_thread(session.resume, desk)
    if entered is not None:
        await session.sit_down(app, entered)
    elif desk.peer.key:
        from tui.screens.accounts.key_question import come_by_key  # deferred: loaded when first needed

        await come_by_key(screen)
