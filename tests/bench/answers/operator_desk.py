"""The operator's desk: companies, tickets in every state, internal notes, and two service companies with their teams.

It is made by use cases and a clock that is moved by hand, so that two commits make the same desk unless they write
something else; then their answers differ too.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from core import forms
from core.care import applications, approval
from core.db.pagination import PageRequest
from core.models.accounts import Role, Session, Standing
from core.service.desk import Desk
from core.service.unit_of_work import table
from core.tickets import conversation, create, detail, workflow
from tests.factories import cares
from tests.factories.desks import admin_values, contract, logged_in, make_desk, ticket_values

TICKETS = 140
WAITING = 24
"""Applications that the first service company has not decided."""
FAULTS = ("The tunnel drops every hour", "Brama nie odpowiada", "Router restarts at night", "Grzejnik jest zimny")
PLACES = ("Łódź", "Nowe Łęgi", "Piaseczno", "branch office", "10.0.0.1", "warehouse")

PUMP_ANSWERS = {
    "occurred": "2026-11-19 07:30",
    "symptoms": ("no_heating",),
    "running": "no",
    "outdoor_temperature": "-4",
    "hot_water": "none",
    "new_installation": "no",
    "changed": "no",
}


@dataclass
class OperatorWorld:
    desk: Desk
    seats: dict[str, Desk]
    """By what a line of the answers calls them."""
    tickets: list[int]


def make(folder: Path, tickets: int = TICKETS, **store: Any) -> OperatorWorld:
    desk = make_desk(folder, security={"session_hours": 72}, **store)
    care, other = cares.service_company(desk), cares.service_company(desk, "Inna Ciepłownia", "inna@example.com")
    seats = {
        "agent": logged_in(desk, "adam", Role.AGENT),
        "other agent": logged_in(desk, "beata", Role.AGENT, language="pl"),
        "admin": logged_in(desk, "root", Role.ADMIN),
        "installer": cares.installer(desk, "iwan", care, Standing.OWNER, language="pl"),
        "other installer": cares.installer(desk, "obcy", other, Standing.OWNER),
        "customer": logged_in(desk, "ola", company="Tarnina sp. z o.o.", standing=Standing.OWNER),
        "colleague": logged_in(desk, "olek", company="Tarnina sp. z o.o."),
        "other customer": logged_in(desk, "ewa", company="Brzoza S.A."),
        "customer without a company": logged_in(desk, "solo"),
        "customer in care": logged_in(desk, "zofia", language="pl"),
    }
    _last_long(desk)
    _contract, firewalls = contract(desk, identifiers=tuple(f"FW-{number}" for number in range(4)))
    zofia = seats["customer in care"].actor().account_id or 0
    _grant, pump = cares.grant(desk, care, zofia)
    world = OperatorWorld(desk, seats, [])
    for number in range(tickets):
        _open(world, number, firewalls, pump)
        _go_on(world, number)
    _care(world, min(WAITING, tickets))
    return world


def _last_long(desk: Desk) -> None:
    """The clock is moved by weeks; nobody is logged out by it."""
    far = desk.now + dt.timedelta(days=4000)
    desk.as_system().do(lambda work: work.change(Session, table(Session).c.id > 0, expires_at=far))


def _later(world: OperatorWorld, **span: float) -> None:
    world.desk.clock.move(dt.timedelta(**span))  # type: ignore[attr-defined]


def _open(world: OperatorWorld, number: int, firewalls: tuple[int, ...], pump: int) -> None:
    """The next ticket: of a company, of its colleague, of another one, of nobody's, or of somebody in care."""
    names = ("customer", "other customer", "colleague", "customer without a company", "customer in care")
    who = names[number % len(names)]
    seat = world.seats[who]
    subject = f"{FAULTS[number % len(FAULTS)]}, {PLACES[number * 7 % len(PLACES)]} {number}"
    text = f"Since Monday. {PLACES[number % len(PLACES)]}; router number {number % 9}. " * (1 + number % 3)
    if number == 17:
        text += "The word tremolando stands nowhere else."
    assets: tuple[int, ...]
    common = {"priority": str(1 + number % 4), "description": text}
    if who in ("customer", "colleague") and number % 3:
        values, assets = ticket_values(subject, **common), firewalls[: 1 + number % 2]
    elif who == "customer in care" and number % 2:
        values, assets = {**admin_values(subject, **common), "relation": "fault", **PUMP_ANSWERS}, (pump,)
    else:
        values, assets = admin_values(subject, **common), ()
    world.tickets.append(seat.do(create.create, values, assets))
    _later(world, minutes=37)


def _go_on(world: OperatorWorld, number: int) -> None:
    """What becomes of it; by its number, so that every state has some."""
    ticket_id = world.tickets[-1]
    handler = _handler(world, ticket_id, number)
    acts: tuple[Callable[[], Any], ...] = (
        lambda: None,
        lambda: handler.do(workflow.take, ticket_id, holder=None),
        lambda: handler.do(conversation.reply, ticket_id, _answer("We look into it.", 3)),
        lambda: handler.do(workflow.set_status, ticket_id, 5, seen=_version(handler, ticket_id)),
        lambda: handler.do(workflow.set_status, ticket_id, 6, seen=_version(handler, ticket_id)),
        lambda: handler.do(workflow.set_priority, ticket_id, 4, seen=_version(handler, ticket_id)),
        lambda: handler.do(conversation.reply, ticket_id, _answer("The vendor was asked: prądnica.", 4)),
    )
    acts[number % len(acts)]()
    if number % 3 == 1:
        handler.do(conversation.note, ticket_id, conversation.Note(body=f"Ask Beata about {number}: tajemnica."))
    if number % 11 == 2:
        _later(world, minutes=5)
        handler.do(conversation.reply, ticket_id, _answer("Is it better now?", 3))
        _later(world, minutes=5)
        requester = world.seats[_requester_of(number)]
        requester.do(conversation.reply, ticket_id, conversation.Reply(body="Nadal zimno, kaloryfer też."))


def _requester_of(number: int) -> str:
    return ("customer", "other customer", "colleague", "customer without a company", "customer in care")[number % 5]


def _handler(world: OperatorWorld, ticket_id: int, number: int) -> Desk:
    team = world.seats["agent"].see(detail.ticket, ticket_id).team
    return world.seats["installer" if team else ("agent", "other agent")[number % 2]]


def _version(desk: Desk, ticket_id: int) -> int:
    return desk.see(detail.ticket, ticket_id).version


def _answer(body: str, status: int) -> conversation.StaffReply:
    return conversation.StaffReply(body=body, status=str(status))


def _care(world: OperatorWorld, waiting: int) -> None:
    """Applications to the first service company, some of them decided."""
    for number in range(waiting + 4):
        customer = logged_in(world.desk, f"nowy{number}", language="pl")
        form = forms.fill(
            applications.Apply,
            {
                "company_email": "serwis@example.com",
                "device": f"B{200_000_000 + number * 7}",
                "level": str(1 + number % 3),
                "name": f"{('Żaneta', 'Adam', 'Łucja')[number % 3]} Rzepa {number}",
                "address": f"ul. Krzywa {number}, 34-442 Łapsze",
                "phone": "600 700 800",
                "country": "PL",
                "language": "pl",
                "terms": "yes",
            },
        )
        customer.do(applications.apply, form)
        _later(world, minutes=50)
    installer = world.seats["installer"]
    for row in installer.see(approval.page, PageRequest(limit=4)).rows:
        installer.do(approval.approve, row.id, approval.Approval(message="Zapraszamy"), seen=row.version)
