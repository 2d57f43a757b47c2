"""One application: everything the customer said, and the decision."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Protocol, TypeVar

from textual.app import ComposeResult
from textual.binding import BindingType

from core import forms
from core.care import approval
from core.care.approval import Approval, PendingCard, Rejection
from core.errors import Conflict
from core.forms import countries
from core.i18n import dates
from core.i18n.translation import N_, _
from tui.commands import Command, bindings
from tui.screens.base import deed
from tui.screens.care import formatting
from tui.screens.care.card_screen import CardScreen
from tui.screens.form_prompt import F, FormPrompt
from tui.widgets.card import Card, Value
from tui.widgets.frame import Frame

if TYPE_CHECKING:
    from core.service.actions import Available
    from core.service.unit_of_work import UnitOfWork

F_contra = TypeVar("F_contra", bound=forms.FormModel, contravariant=True)

LANGUAGES = {"pl": "polski", "en": "English"}


class Decide(Protocol[F_contra]):
    """A use case that decides about an application."""

    def __call__(self, work: UnitOfWork, application_id: int, /, form: F_contra, *, seen: int) -> object: ...


class PendingCardScreen(CardScreen):
    """Approve with a message, or reject with a reason. Whoever was faster is named."""

    ROOM = "pending"
    DESK_COMMANDS = (
        Command(
            "application.approve",
            "y",
            N_("Approve"),
            "approve",
            N_("The customer gets mail"),
            footer=True,
            asks="application.approve",
        ),
        Command(
            "application.reject",
            "D",
            N_("Reject"),
            "reject",
            N_("With a reason"),
            footer=True,
            danger=True,
            asks="application.reject",
        ),
    )
    BINDINGS: ClassVar[list[BindingType]] = bindings(DESK_COMMANDS)

    def __init__(self, frame: Frame, application_id: int) -> None:
        super().__init__(frame)
        self.application_id = application_id
        self.card: PendingCard | None = None

    @property
    def thing(self) -> str:
        return self.card.device if self.card else ""

    @property
    def level(self) -> int:
        return self.card.level if self.card else 0

    def compose_cards(self) -> ComposeResult:
        yield Card(N_("Application"), id="care-application")
        yield Card(N_("Customer"), id="care-customer")

    async def fill(self) -> None:
        card: PendingCard = await self.see(approval.card, self.application_id)
        self.card = card
        self.query_one("#care-application", Card).show(application_facts(card))
        self.query_one("#care-customer", Card).show(customer_facts(card))

    @property
    def available(self) -> Available | None:
        return self.card.available if self.card is not None else None

    @deed
    async def action_approve(self) -> None:
        await self._decide(
            _("Approve: {name}"), Approval, approval.approve, N_("Approve"), _("Approved. {name} gets mail.")
        )

    @deed
    async def action_reject(self) -> None:
        await self._decide(
            _("Reject: {name}"), Rejection, approval.reject, N_("Reject"), _("Rejected. {name} gets mail.")
        )

    async def _decide(self, title: str, form: type[F], decide: Decide[F], save: str, done: str) -> None:
        card = self.card
        if card is None:
            return

        async def send(filled: F) -> Conflict | None:
            try:
                await self.do(decide, card.id, filled, seen=card.version)
            except Conflict as conflict:  # nothing to correct in the form: it is over, and the page says why
                return conflict
            return None

        prompt = FormPrompt(
            title.format(name=card.name),
            form,
            kept_as=f"application.{form.__name__.lower()}:{card.id}",
            submit=send,
            save=save,
            roomy=True,
        )
        sent = await self.app.push_screen_wait(prompt)
        if sent is None:
            return
        self.count_again()
        if sent.result is not None:
            self.notice.say(sent.result.text(), "warning")
            await self.show()
            return
        self.notify(done.format(name=card.name), markup=False)
        self.app.pop_screen()


def application_facts(card: PendingCard) -> list[tuple[str, Value]]:
    """What is applied for, and how long it is good."""
    opened = ", ".join(f"{name}: {word}" for name, word in formatting.opens(card.level))
    facts: list[tuple[str, Value]] = [
        (N_("Device ID"), card.device),
        (N_("Access level"), f"{card.level}. {formatting.level(card.level)}\n{opened}"),
        (N_("Date of application"), dates.moment(card.created_at)),
        (N_("Valid until"), f"{dates.moment(card.expires_at)} ({formatting.days(card.days_left)})"),
        (N_("State"), formatting.application(card.state)),
    ]
    if card.decided_by and card.decided_at:
        facts.append((N_("Decided by"), f"{card.decided_by}, {dates.moment(card.decided_at)}"))
    if card.message:
        facts.append((N_("Message"), card.message))
    return facts


def customer_facts(card: PendingCard) -> list[tuple[str, Value]]:
    """Who applies, and where the device stands."""
    return [
        (N_("Name"), card.name),
        (N_("Address"), card.address),
        (N_("Phone"), card.phone),
        (N_("E-mail"), card.email),
        (N_("Language"), LANGUAGES.get(card.language, card.language)),
        (N_("Country"), countries.name(card.country)),
    ]
