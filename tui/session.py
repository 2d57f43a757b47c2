"""Who sits at this application: taking a seat after logging in, leaving it, and the file of a remembered login."""

from __future__ import annotations

import contextlib
import fcntl
import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from core import paths
from core.accounts import sessions
from core.care import invitation_reply, overview
from core.errors import DeskError
from tui import appearance, draft_keeper, screen_paths
from tui.rooms import rooms_of
from tui.widgets.frame import Frame

if TYPE_CHECKING:
    from textual.screen import Screen

    from core.accounts.sessions import Entered
    from core.service.desk import Desk
    from tui.app import OkienkoApp


async def sit_down(app: OkienkoApp, entered: Entered) -> None:
    """Take the seat of a login that passed every step, and go to the first room of that role."""
    import asyncio

    guest: Any = await app.ready()
    desk: Desk = guest.acting(entered.session_id)
    actor = await asyncio.to_thread(desk.actor)
    first = await asyncio.to_thread(_waited_for, desk)
    invitation = await _invitation(app, desk) if app.invitation else None
    theme = await appearance.own(app, desk) if app.own_theme else ""
    await app.drafts.write_rest()  # of whoever sat here before
    drafts = await asyncio.to_thread(draft_keeper.read, desk)
    if entered.token is not None and desk.peer.own_computer:
        remember(entered.token)
    # Nothing is awaited from here on: somebody else may sit down meanwhile, and the screen whose worker this is goes
    # away with the others.
    app.desk, app.seat, app.language = desk, actor, actor.language
    if theme:
        app.theme = theme
    app.take_lock_away()
    app.begin_watch()
    app.drafts.stand_up()
    app.drafts.sit_down(desk, actor.account_id or 0, drafts or ())
    app.management_ticket = ""
    app.frame = Frame(desk=app.frame.desk, who=actor.name, role=actor.role)
    app.frame.rooms = rooms_of(actor, app.frame)
    home(app, first)
    if invitation is not None:
        app.push_screen(invitation)


def _waited_for(desk: Desk) -> str:
    """The room to begin in where it is not the first of the role: *Service* for whoever has something there."""
    return "service" if desk.see(overview.comes_first) else ""


async def _invitation(app: OkienkoApp, desk: Desk) -> Screen[Any] | None:
    """Whoever came with an installer's code answers it now. A code that is not good any more is told of once."""
    import asyncio

    code, app.invitation = app.invitation, ""
    try:
        invited = await asyncio.to_thread(desk.see, invitation_reply.invited, code)
    except DeskError as error:
        app.notify(error.text(), severity="warning", timeout=10, markup=False)
        return None
    return screen_paths.screen(screen_paths.INVITATION, invited, code)


async def seat_again(app: OkienkoApp) -> None:
    """Who sits here has changed name, language or zone: say it everywhere."""
    import asyncio

    desk = app.desk
    actor = await asyncio.to_thread(desk.actor)
    app.seat, app.language = actor, actor.language
    app.frame.who = actor.name


def home(app: OkienkoApp, first: str = "") -> None:
    """The first room of the role (or the one that is named), with nothing on top of it."""
    rooms = app.frame.open_rooms
    room = next((room for room in rooms if room.id == first), rooms[0])
    app.frame.came_to = room.id
    while len(app.screen_stack) > 2:
        app.pop_screen()
    app.switch_screen(room.factory())


async def log_out(app: OkienkoApp) -> None:
    """End the session here and in the desk, forget the remembered login, and show the way in again."""
    import asyncio

    desk = await app.ready()
    await app.drafts.write_rest()
    with contextlib.suppress(DeskError):
        await asyncio.to_thread(desk.do, sessions.log_out)
    forget()
    stand_up(app)


def stand_up(app: OkienkoApp, notice: str = "") -> None:
    """Nobody sits here any more: nothing that was shown or copied stays behind."""
    desk = app.desk
    app.take_lock_away()
    app.desk, app.seat = desk.acting(None), None
    app.begin_watch()
    app.drafts.stand_up()
    app.invitation = app.management_ticket = ""
    app.frame = Frame(desk=app.frame.desk)
    if app.own_theme:
        app.theme = appearance.at_first(app)
    app._clipboard = ""
    while len(app.screen_stack) > 2:
        app.pop_screen()
    app.switch_screen(screen_paths.screen(screen_paths.WELCOME, notice=notice))


# The remembered login: a file of the user's own, never the desk's


def _token_file() -> Path:
    return paths.state_folder() / "remembered"


@contextlib.contextmanager
def token() -> Iterator[str]:
    """The remembered token, or an empty text. Held under a lock while it is used: each token is good once, and two
    windows opened at the same moment must not look like a theft."""
    path = _token_file()
    if not path.exists():
        yield ""
        return
    file = os.open(path.with_suffix(".lock"), os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield path.read_text(encoding="ascii").strip() if path.exists() else ""
    finally:
        os.close(file)


def remember(value: str) -> None:
    """Write the token (0600) in one step, so that a crash leaves the old one or the new one."""
    path = _token_file()
    paths.private_folder(path.parent)
    draft = path.with_suffix(".new")
    file = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(file, "w", encoding="ascii") as handle:
        handle.write(value)
        handle.flush()
        os.fsync(handle.fileno())
    draft.replace(path)


def forget() -> None:
    """Remove the token from this machine."""
    _token_file().unlink(missing_ok=True)


def resume(desk: Desk) -> Entered | None:
    """Log in by the remembered token, if there is one and it is still good; blocking, for a thread."""
    if not desk.peer.own_computer:
        return None
    with token() as value:
        if not value:
            return None
        entered = desk.do(sessions.resume, value)
        if entered is None or entered.token is None:
            forget()
            return None
        remember(entered.token)
        return entered
