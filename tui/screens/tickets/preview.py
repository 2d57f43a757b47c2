"""The ticket under the cursor, beside the list: what was said last, without opening it."""

from __future__ import annotations

from textual import getters
from textual.app import ComposeResult
from textual.containers import Vertical

from core.i18n import dates
from core.tickets.detail import Said, TicketDetail
from tui.screens.tickets.cards import Heading
from tui.widgets.timeline import Entry, Timeline


class Preview(Vertical):
    """Heading and conversation of one ticket; empty until it is told which."""

    DEFAULT_CSS = """
    Preview { width: 44; height: 1fr; padding: 0 0 0 1; border-left: vkey $border-blurred; }
    """

    heading = getters.query_one(Heading)
    timeline = getters.query_one(Timeline)

    def compose(self) -> ComposeResult:
        yield Heading()
        timeline = Timeline()
        timeline.can_focus = False
        yield timeline

    def show(self, ticket: TicketDetail | None) -> None:
        """Show ``ticket``; None is nothing."""
        self.visible = ticket is not None
        if ticket is not None:
            self.heading.show(ticket)
            self.timeline.set_entries([entry_of(message, ticket.team) for message in ticket.conversation])


def entry_of(message: Said, team: str) -> Entry:
    """A message as the timeline shows it. Who answers for a service company is told by its name too."""
    side = "internal" if message.note else "staff" if message.staff else "customer"
    who = f"{message.author}, {team}" if team and message.staff else message.author
    return Entry(message.id, who, side, dates.moment(message.at), message.body)
