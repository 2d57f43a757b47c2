"""The cards beside a conversation: the ticket itself, the customer, the contract or the service, the assets, what
was asked when it was opened."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence

from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import Static

from core.i18n import dates
from core.i18n.translation import N_, _
from core.tickets.detail import TicketDetail
from tui.screens.billing.formatting import order_facts
from tui.screens.contracts.formatting import category_name, days_left, state, until
from tui.screens.tickets import formatting
from tui.text import plain
from tui.widgets.card import Card


class Heading(Static):
    """Subject, status and priority over the conversation."""

    def show(self, ticket: TicketDetail) -> None:
        """Say them for ``ticket``."""
        state = Content("   ").join([formatting.status(ticket.status), formatting.priority(ticket.priority)])
        who = ticket.assignee or _("nobody has it yet")
        if ticket.team:
            who = f"{ticket.team} · {who}"
        self.update(
            Content.assemble(
                plain(ticket.subject).stylize("bold"), "\n", state, Content("   ").stylize("$text-muted"), plain(who)
            )
        )


def empty() -> Iterator[Card]:
    """The cards before anything is known."""
    for name, title in (
        ("ticket", N_("Ticket")),
        ("order", N_("Order")),
        ("customer", N_("Customer")),
        ("contract", N_("Contract")),
        ("care", N_("Service")),
        ("assets", N_("Assets")),
        ("answers", N_("What was asked when it was opened")),
    ):
        card = Card(title, id=f"card-{name}")
        card.display = name == "ticket"
        yield card


def fill(side: VerticalScroll, ticket: TicketDetail, now: dt.datetime) -> None:
    """Say what is known; a card about nothing is not shown."""
    facts: dict[str, Sequence[tuple[str, Content | str]]] = {
        "ticket": _ticket(ticket, now),
        "customer": _customer(ticket, now),
        "contract": _contract(ticket),
        "care": _care(ticket),
        "order": order_facts(ticket.order) if ticket.order else [],
        "assets": [
            (category_name(asset.category), f"{_called(asset.vendor, asset.name)}\n{asset.identifier}")
            for asset in ticket.assets
        ],
    }
    for name, known in facts.items():
        card = side.query_one(f"#card-{name}", Card)
        card.display = bool(known)
        card.show(known)
    answers = side.query_one("#card-answers", Card)
    answers.display = bool(ticket.answers)
    answers.show([], [line for question, answer in ticket.answers for line in _answered(question, answer)])


def _called(vendor: str, name: str) -> str:
    """Many products bear their vendor's name already."""
    return name if name.startswith(vendor) else f"{vendor} {name}"


def _answered(question: str, answer: str) -> tuple[Content, Content]:
    """Questions are long: each stands over its answer."""
    return plain(question).stylize("$text-muted"), plain(f"  {answer}")


def _ticket(ticket: TicketDetail, now: dt.datetime) -> list[tuple[str, Content | str]]:
    facts: list[tuple[str, Content | str]] = [
        (N_("Number"), str(ticket.id)),
        (N_("Kind"), _(formatting.KINDS[ticket.kind])),
        (N_("Status"), formatting.status(ticket.status)),
        (N_("Priority"), formatting.priority(ticket.priority)),
        (N_("Assignee"), ticket.assignee or "—"),
        (N_("Opened"), dates.moment(ticket.created_at)),
        (N_("Age"), dates.age(ticket.created_at, now)),
    ]
    if ticket.assets:
        facts.insert(2, (N_("Relation"), _(formatting.RELATIONS[ticket.relation])))
    return facts


def _customer(ticket: TicketDetail, now: dt.datetime) -> list[tuple[str, Content | str]]:
    person = ticket.customer
    facts = [
        (N_("Name"), person.name),
        (N_("Company"), person.company),
        (N_("E-mail"), person.email),
        (N_("Phone"), person.phone),
        (
            N_("Language"),
            {"pl": "polski", "en": "English"}.get(person.language, person.language) if person.email else "",
        ),
    ]
    if person.email:
        with dates.reading_in(person.zone):
            facts.append((N_("Time there"), dates.moment(now)))
    return [(label, value) for label, value in facts if value]


def _care(ticket: TicketDetail) -> list[tuple[str, Content | str]]:
    care = ticket.care
    if care is None:
        return []
    facts: list[tuple[str, Content | str]] = [
        (N_("Company"), ticket.team),
        (N_("Access level"), formatting.level(care.level)),
        (N_("Since"), _day(care.since)),
        (N_("Ended"), _day(care.ended_at) if care.ended_at else ""),
        (N_("Address"), care.address),
    ]
    return [(label, value) for label, value in facts if value]


def _day(moment: dt.datetime) -> str:
    """The day by the reader's clocks."""
    return dates.day(moment.astimezone(dates.zone()).date())


def _contract(ticket: TicketDetail) -> list[tuple[str, Content | str]]:
    contract = ticket.contract
    if contract is None:
        return []
    return [
        (N_("Number"), contract.number),
        (N_("Level"), contract.level),
        (N_("Until"), until(contract.valid_until)),
        (N_("Cover"), state(contract.state)),
        ("", days_left(contract.days_left)),
    ]
