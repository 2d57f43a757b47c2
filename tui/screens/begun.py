"""What somebody began and has not sent: told of where they come in, and a key away wherever its form is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from textual.content import Content

from core.i18n import dates
from core.i18n.translation import N_, _, ngettext
from tui import screen_paths
from tui.widgets.choose import Choose
from tui.widgets.menu import Option

if TYPE_CHECKING:
    from textual.screen import Screen

    from tui.drafts import Drafts
    from tui.screens.room import RoomScreen

Place = Callable[["RoomScreen", str], "Screen[Any] | str"]
"""Where a form is, by what stands behind the ``:`` of its name: a screen to be opened, or the id of a room."""


def _screen(path: str, *, with_room: bool = False) -> Place:
    """The screen of one thing, which has a number."""

    def place(screen: RoomScreen, thing: str) -> Screen[Any]:
        return screen_paths.screen(path, screen.frame, int(thing), *([screen.ROOM] if with_room else []))

    return place


def _room(*names: str) -> Place:
    """The first of these that its reader has."""
    return lambda screen, _thing: next((name for name in names if screen.frame.by_id(name) is not None), names[0])


def _whole_screen(path: str) -> Place:
    """A screen that there is one of."""
    return lambda screen, _thing: screen_paths.screen(path, screen.frame)


_TICKET: Final = _screen("tui.screens.tickets.ticket:TicketScreen", with_room=True)
_DEVICE: Final = _screen("tui.screens.devices.device:DeviceScreen", with_room=True)
_APPLICATION: Final = _screen("tui.screens.care.approval:PendingCardScreen")


def _new_ticket(screen: RoomScreen, device: str) -> Screen[Any] | str:
    """A fault of a device is written down from the device, which says what is wrong with it."""
    return _DEVICE(screen, device) if device else _whole_screen("tui.screens.tickets.new:NewTicketScreen")(screen, "")


def _article(screen: RoomScreen, article: str) -> Screen[Any] | str:
    """A new one is called by the room that it is for."""
    if article.isdecimal():
        return _screen("tui.screens.knowledge.article:ArticleScreen", with_room=True)(screen, article)
    return article


FORMS: Final[dict[str, tuple[str, Place]]] = {
    "access": (N_("Ask for access"), _screen("tui.screens.care.grant:GrantScreen", with_room=True)),
    "account.details": (N_("Your details"), _room("account")),
    "application": (N_("Application"), _whole_screen("tui.screens.care.apply:ApplyScreen")),
    "application.approval": (N_("Approve the application"), _APPLICATION),
    "application.rejection": (N_("Reject the application"), _APPLICATION),
    "article": (N_("Article"), _article),
    "company": (N_("Company"), _room("company")),
    "contract.register": (N_("Register contract"), _room("contracts", "tickets")),
    "invitation": (N_("Invitation"), _room("invitations")),
    "invitation.many": (N_("Many invitations at once"), _room("invitations")),
    "member.invite": (N_("Invite a colleague"), _whole_screen("tui.screens.installers.members:Members")),
    "order": (N_("Order services"), _room("order")),
    "order.decline": (N_("Decline the order #{n}"), _TICKET),
    "person": (N_("New agent"), _room("people")),
    "programme": (N_("Weekly programme"), _screen("tui.screens.devices.schedule:ProgrammeScreen", with_room=True)),
    "subscriber.address": (N_("Correct the address"), _screen("tui.screens.subscribers.card:SubscriberScreen")),
    "ticket.new": (N_("New ticket"), _new_ticket),
    "ticket.note": (N_("Note to #{n}"), _TICKET),
    "ticket.reply": (N_("Reply to #{n}"), _TICKET),
}
"""By the name of its draft: what a reader calls the form, and where it is."""


@dataclass(frozen=True, slots=True)
class Begun:
    """One form that was begun: its draft's ``name``, and its ``label``, ready to be read."""

    name: str
    label: str
    at: str

    def place(self, screen: RoomScreen) -> Screen[Any] | str:
        """Where it goes on."""
        form, _colon, thing = self.name.partition(":")
        return FORMS[form][1](screen, thing)


def begun(drafts: Drafts) -> list[Begun]:
    """Everything that was begun, the newest first."""
    forms = []
    for name, draft in sorted(drafts.items(), key=lambda item: item[1].at.timestamp() if item[1].at else 0.0)[::-1]:
        form, _colon, thing = name.partition(":")
        if form in FORMS:
            at = dates.moment(draft.at) if draft.at is not None else ""
            forms.append(Begun(name, _(FORMS[form][0]).format(n=thing), at))
    return forms


def line(drafts: Drafts) -> tuple[Content, str, str]:
    """The line that tells of it, as :meth:`tui.widgets.banner.Headline.say` takes it."""
    forms = begun(drafts)
    if not forms:
        return Content(), "", ""
    mark = ngettext("{n} thing not sent", "{n} things not sent", len(forms)).format(n=len(forms))
    return (
        Content(f"… {mark}").stylize("$text-accent"),
        ", ".join(dict.fromkeys(each.label for each in forms)),
        _("b goes on"),
    )


async def go_on(screen: RoomScreen) -> None:
    """Go to what was begun, after asking which where there are several."""
    forms = begun(screen.app.drafts)
    picked: Begun | None = forms[0] if forms else None
    if len(forms) > 1:
        options = [Option(each, each.label, each.at) for each in forms]
        picked = await screen.app.push_screen_wait(Choose(_("What you began and have not sent"), options))
    if picked is None:
        return
    place = picked.place(screen)
    if not isinstance(place, str):
        screen.app.push_screen(place)
    elif (room := screen.frame.by_id(place)) is not None:
        screen.go(room)


def of_ticket(drafts: Drafts, ticket_id: int) -> str:
    """What a ticket's own screen says of it; empty where nothing was begun."""
    sentences = []
    if f"ticket.reply:{ticket_id}" in drafts:
        sentences.append(_("You began a reply and have not sent it: r goes on."))
    if f"ticket.note:{ticket_id}" in drafts:
        sentences.append(_("You began a note and have not saved it: i goes on."))
    return " ".join(sentences)
