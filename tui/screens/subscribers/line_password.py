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
    return [each for each in card.lines if each.pppoe_login] if card else []


async def which(app: App[Any], card: SubscriberCard | None) -> LineFacts | None:
    """The line that is meant; asked when there are several, None when there is none or nobody chose."""
    lines = with_password(card)
    if len(lines) < 2:
        return lines[0] if lines else None
    options = [Option(at, f"{line.identifier} · {line.address}") for at, line in enumerate(lines)]
    picked = await app.push_screen_wait(Choose(_("Which line?"), options))
    return lines[picked] if picked is not None else None


def new_password_question() -> Confirm:
    """Asked before one is made: the old one counts no more at once."""
    return Confirm(
        _("Make a new password?"),
        _("The router loses its connection until the new password is typed into it."),
        yes=N_("Make a new one"),
        no=N_("Keep the old one"),
    )
