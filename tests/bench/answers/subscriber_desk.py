"""A desk with subscribers: one with years of invoices and payments, one with few, one with none."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from pathlib import Path

from core.models.accounts import Role
from core.service.desk import Desk
from core.tickets import create
from tests.factories.desks import START, admin_values, logged_in, make_desk, person, seat
from tests.factories.subscribers import SELLER, billed, paid, subscriber

MONTHS = 64


@dataclass
class SubscriberWorld:
    desk: Desk
    seats: dict[str, Desk]
    subscribers: dict[str, int]
    tickets: list[int]


def make(folder: Path, **store: str) -> SubscriberWorld:
    desk = make_desk(folder, seller=SELLER, **store)
    wanda, janek, nowa = (person(desk, login, password=None) for login in ("wanda", "janek", "nowa"))
    ids = {
        "wanda": subscriber(desk, account_id=wanda, addresses=("203.0.113.7", "2001:db8:1::/48")).id,
        "janek": _another(desk, "A-1002", janek, "Jan Żuk", "203.0.113.8"),
        "nowa": _another(desk, "A-1003", nowa, "Łucja Nowa", "203.0.113.9"),
    }
    _bill(desk, ids["wanda"], "W", MONTHS, unpaid=2)
    _bill(desk, ids["janek"], "J", 3, unpaid=0)
    billed(desk, ids["wanda"], "W/K", START.date(), -1900, corrects="W/5", corrects_key="w/5", reason="price")
    seats = {
        "subscriber": seat(desk, wanda),
        "subscriber with few": seat(desk, janek),
        "subscriber without": seat(desk, nowa),
        "agent": logged_in(desk, "adam", Role.AGENT),
        "admin": logged_in(desk, "root", Role.ADMIN),
    }
    tickets = []
    for number in range(8):
        owner = seats[("subscriber", "subscriber with few")[number % 2]]
        tickets.append(owner.do(create.create, admin_values(f"Invoice {number} is too high")))
        desk.clock.move(dt.timedelta(minutes=11))  # type: ignore[attr-defined]
    return SubscriberWorld(desk, seats, ids, tickets)


def _another(desk: Desk, number: str, account_id: int, name: str, address: str) -> int:
    made = subscriber(
        desk,
        number,
        pesel_="",
        contract=f"U/{number}",
        account_id=account_id,
        name=name,
        addresses=(address,),
    )
    return made.id


def _bill(desk: Desk, subscriber_id: int, letter: str, months: int, unpaid: int) -> None:
    """An invoice a month until last month, each paid nine days later but for the last ones."""
    for month in range(months):
        day = START.date() - dt.timedelta(days=30 * (months - month) - 20)
        open_ = 6900 if month >= months - unpaid else 0
        billed(desk, subscriber_id, f"{letter}/{month}", day, unpaid=open_)
        if not open_:
            paid(desk, subscriber_id, f"P{letter}{month}", day + dt.timedelta(days=9), 6900, f"wpłata {month}")
