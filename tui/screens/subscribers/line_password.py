"""Which line's password is meant, and whether to make a new one: asked alike of a subscriber and of an agent."""

from __future__ import annotations

from typing import Any

from textual.app import App

from core.errors import say
from core.i18n.translation import N_, _
from core.subscribers.detail import LineFacts, SubscriberCard
from tui.widgets.choose import Choose
from tui.widgets.confirm import Confirm
from tui.widgets.menu import Option

NO_PASSWORD = say(N_("No line has a password here: the routers need none."))


def with_password(card: SubscriberCard | None) -> list[LineFacts]:
    """The lines whose router needs one."""
    return [one for one in card.lines if one.pppoe_login] if card else []


async def which(app: App[Any], card: SubscriberCard | None) -> LineFacts | None:
    """The line that is meant; asked when there are several, None when there is none or nobody chose."""
    found = with_password(card)
    if len(found) < 2:
        return found[0] if found else None
    options = [Option(at, f"{one.identifier} · {one.address}") for at, one in enumerate(found)]
    picked = await app.push_screen_wait(Choose(_("Which line?"), options))
    return found[picked] if picked is not None else None


def new_password_question() -> Confirm:
    """Asked before one is made: the old one counts no more at once."""
    return Confirm(
        _("Make a new password?"),
        _("The router loses its connection until the new password is typed into it."),
        yes=N_("Make a new one"),
        no=N_("Keep the old one"),
    )
