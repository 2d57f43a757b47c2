"""One person: who they are here, how they come in, and what can be done for them."""

from __future__ import annotations

from typing import Any, ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType

from core.errors import Say, say
from core.i18n import dates
from core.i18n.translation import N_, _, ngettext
from core.models.names import ROLE_LABELS
from core.people import card as people_card
from core.people.card import PersonCard
from core.people.staff import PersonRow
from core.tickets.listing import View
from tui.commands import Command, bindings
from tui.screens.accounts.person_actions import PersonDeeds, account_state
from tui.screens.card_room import CardRoom
from tui.widgets.card import Card
from tui.widgets.frame import Frame

_LANGUAGES = {"pl": "polski", "en": "English"}
_STANDINGS = {"member": N_("member"), "owner": N_("owner"), "pending": N_("asked to join")}


class PersonScreen(PersonDeeds, CardRoom):
    """Two cards, and the keys of the list."""

    ROOM = "people"
    DESK_COMMANDS = (
        Command("people.asked", "T", N_("Tickets"), "tickets", N_("What they asked"), footer=True),
        Command("people.panel", "c", N_("Subscriber"), "subscriber", N_("Their contract, lines and payments")),
        Command("people.reload", "f5", N_("Read again"), "reload"),
        Command("people.back", "escape", N_("Back"), "app.pop_screen", N_("To the list"), footer=True),
    )
    BINDINGS: ClassVar[list[BindingType]] = bindings(DESK_COMMANDS)
    CSS_PATH = "../care/care.tcss"
    PAGE = "care-page"

    def __init__(self, frame: Frame, account_id: int) -> None:
        super().__init__(frame)
        self._account_id = account_id
        self.card: PersonCard | None = None

    @property
    def thing(self) -> str:
        return self.card.person.login if self.card else ""

    def compose_cards(self) -> ComposeResult:
        yield Card(N_("Person"), id="person-who")
        yield Card(N_("Account"), id="person-account")

    def chosen(self) -> PersonRow | None:
        return self.card.person if self.card else None

    def person_changed(self) -> None:
        self.read_again()

    async def fill(self) -> None:
        self.card = card = await self.see(people_card.card, self._account_id)
        self.query_one("#person-who", Card).show(_who(card))
        self.query_one("#person-account", Card).show(_account(card))

    def why_not(self, action: str) -> Say | None:
        if action == "subscriber" and self.card is not None and self.card.subscriber_id is None:
            return say(N_("This person is no subscriber."))
        return super().why_not(action)

    def action_tickets(self) -> None:
        from tui.screens.tickets.tickets_of import TicketsOf  # deferred: a screen is loaded when it is first shown

        if self.card is not None:
            view = View("all", requester=self._account_id)
            self.app.push_screen(TicketsOf(self.frame, view, self.card.person.login, self.ROOM))

    def action_subscriber(self) -> None:
        from tui.screens.subscribers.card import SubscriberScreen  # deferred: a screen is loaded when it is first shown

        if self.card is not None and self.card.subscriber_id is not None:
            self.app.push_screen(SubscriberScreen(self.frame, self.card.subscriber_id))


def _who(card: PersonCard) -> list[tuple[str, Any]]:
    person = card.person
    company = person.company
    if company and person.standing in _STANDINGS:
        company = f"{company} ({_(_STANDINGS[person.standing])})"
    facts = [
        (N_("Name"), person.name),
        (N_("E-mail"), person.email),
        (N_("Phone"), card.phone),
        (N_("Company"), company),
        (N_("Language"), _LANGUAGES.get(card.language, card.language)),
        (N_("Time zone"), card.zone),
    ]
    return [(label, value) for label, value in facts if value]


def _account(card: PersonCard) -> list[tuple[str, Any]]:
    last = dates.moment(card.logged_in_at) if card.logged_in_at else _("never")
    sessions = ngettext("{n} open session", "{n} open sessions", card.sessions).format(n=card.sessions)
    return [
        (N_("Login"), card.person.login),
        (N_("Role"), _(ROLE_LABELS[card.person.role])),
        (N_("State"), account_state(card.person)),
        (N_("Since"), dates.moment(card.created_at)),
        (N_("Last log-in"), last),
        (N_("Now"), sessions),
        (N_("Second step"), _("authenticator app") if card.authenticator else _("code by mail")),
    ]
