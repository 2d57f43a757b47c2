"""What the demo's companies own and what entitles them: products, assets, contracts in every state."""

from __future__ import annotations

import datetime as dt
import random
import re
from dataclasses import dataclass
from typing import Any

from core.billing.reminders import ENDING
from core.contracts.number import code_mac, number_key
from core.demo import data
from core.demo.people import DemoCompany, DemoPerson
from core.i18n.sanitize import identity
from core.models.contracts import Asset, Contract, Cover, Product
from core.products import catalogue
from core.service import one_time_codes
from core.service.unit_of_work import UnitOfWork

ASSETS = 24
"""How many assets a company with people owns; a company nobody has joined yet owns a quarter."""
_PIECE = re.compile(r"\[([^\]]+)\](?:\{(\d+)\})?|(.)")


@dataclass(frozen=True, slots=True)
class Thing:
    """An asset of a company's, or of ``account_id``."""

    id: int
    product_id: int
    category: str
    vendor: str
    product: str
    identifier: str
    firm: DemoCompany | None
    account_id: int | None = None


@dataclass(frozen=True, slots=True)
class DemoContract:
    """A contract and what it covers. ``code`` is set while nobody has registered it."""

    id: int
    number: str
    code: str
    firm: DemoCompany
    level: str
    start: dt.date
    end: dt.date
    covers: tuple[Thing, ...]
    registered_at: dt.datetime | None
    registered_by: int | None
    good_for: str = ""

    def covers_on(self, day: dt.date) -> bool:
        """Whether it entitled on ``day``."""
        return self.registered_at is not None and self.start <= day <= self.end


@dataclass(frozen=True, slots=True)
class Estate:
    """Everything of one world."""

    things: tuple[Thing, ...]
    deals: tuple[DemoContract, ...]


def estate(rng: random.Random, firms: list[DemoCompany], everybody: list[DemoPerson], now: dt.datetime) -> Estate:
    """Assets for every company, then its contracts."""
    things = _things(rng, firms)
    deals: list[DemoContract] = []
    for firm in firms:
        own = [thing for thing in things if thing.firm is firm]
        owner = next((person for person in everybody if person.firm is firm and person.part == "owner"), None)
        for plan in _plans(rng, firm):
            deals.append(_deal(rng, len(deals) + 1, firm, own, owner, plan, now))
    return Estate(tuple(things), tuple(deals))


def _things(rng: random.Random, firms: list[DemoCompany]) -> list[Thing]:
    products = [(definition.category, product) for definition, product in catalogue.catalogue().products()]
    things: list[Thing] = []
    taken: set[str] = set()
    for firm in firms:
        for at in range(ASSETS if firm.people else ASSETS // 4):
            category = firm.owns[at % len(firm.owns)] if at < len(firm.owns) else rng.choice(firm.owns)
            number, product = rng.choice([each for each in enumerate(products, start=1) if each[1][0] == category])
            identifier = unused(rng, product[1].identifier.pattern, taken)
            things.append(
                Thing(len(things) + 1, number, category, product[1].vendor, product[1].name, identifier, firm)
            )
    return things


def unused(rng: random.Random, pattern: str, taken: set[str]) -> str:
    """An identifier that fits ``pattern`` and that nothing else has; ``taken`` grows by it."""
    while (made := _matching(rng, pattern)) in taken:
        pass
    taken.add(made)
    return made


def _matching(rng: random.Random, pattern: str) -> str:
    """A text that matches ``pattern``, which may hold letters, classes and counts: what identifiers are made of."""
    made = ""
    for sets, count, letter in _PIECE.findall(pattern):
        made += letter or "".join(rng.choice(_signs(sets)) for _ in range(int(count or 1)))
    return made


def _signs(sets: str) -> str:
    return re.sub(r"(.)-(.)", lambda match: "".join(map(chr, range(ord(match[1]), ord(match[2]) + 1))), sets)


@dataclass(frozen=True, slots=True)
class _Plan:
    """A contract in days from now: what share of the assets it covers, and whether it lies unregistered."""

    start: int
    end: int
    share: tuple[float, float]
    good_for: str = ""


def _plans(rng: random.Random, firm: DemoCompany) -> list[_Plan]:
    """A long one, an expired one, and by turns one about to expire, one that has not begun, one more that runs."""
    if not firm.people:
        ready = _Plan(-20, 345, (0.0, 1.0), "sign_up")
        return [ready, _Plan(25, 390, (0.0, 0.5), "early") if firm.id % 2 else _Plan(-400, -30, (0.5, 1.0), "ended")]
    begun = rng.randrange(60, 330)
    long = _Plan(-begun, 365 * rng.choice([1, 2, 3]) - begun + 60, (0.0, 0.7))
    expired = _Plan(-560 - rng.randrange(60), -rng.randrange(20, 120), (0.0, 0.8))
    third = (
        _Plan(-365 + (soon := rng.randrange(5, 28)), soon, (0.6, 1.0)),
        _Plan(rng.randrange(10, 40), 400, (0.7, 1.0)),
        _Plan(-rng.randrange(100, 360), rng.randrange(90, 300), (0.6, 0.95)),
    )[(firm.id - 1) % 3]
    if firm.name == "Brass Monkey Refrigeration":
        third = _Plan(14, 379, (0.5, 1.0))
    spare = [_Plan(-3, 362, (0.9, 1.0), "register")] if firm.id in (1, 3) else []
    return [long, expired, third, *spare]


def _deal(
    rng: random.Random,
    id_: int,
    firm: DemoCompany,
    own: list[Thing],
    owner: DemoPerson | None,
    plan: _Plan,
    now: dt.datetime,
) -> DemoContract:
    start = now.date() + dt.timedelta(days=plan.start)
    first, last = (round(edge * len(own)) for edge in plan.share)
    free = bool(plan.good_for)
    begun = dt.datetime.combine(start, dt.time(8), dt.UTC) + dt.timedelta(minutes=rng.randrange(540))
    return DemoContract(
        id=id_,
        number=f"MG/{start.year}/{rng.randrange(100, 1000)}{id_:02}",
        code=one_time_codes.grouped("".join(rng.choice(one_time_codes.ALPHABET) for _ in range(12))),
        firm=firm,
        level=rng.choice(data.world()["levels"]["all"]),
        start=start,
        end=now.date() + dt.timedelta(days=plan.end),
        covers=tuple(own[first:last]),
        registered_at=None if free else min(begun, now - dt.timedelta(days=2)),
        registered_by=None if free or owner is None else owner.id,
        good_for=plan.good_for,
    )


def keep(work: UnitOfWork, made: Estate, opened: dt.datetime) -> None:
    """Write products, assets, contracts and what they cover."""
    products = [
        {
            "category": definition.category,
            "vendor": product.vendor,
            "vendor_key": identity(product.vendor),
            "name": product.name,
            "name_key": identity(product.name),
        }
        for definition, product in catalogue.catalogue().products()
    ]
    work.add_all(Product, [{"id": at, **product} for at, product in enumerate(products, start=1)])
    work.add_all(Asset, [asset_row(thing, opened) for thing in made.things])
    work.add_all(Contract, [_contract(work, deal) for deal in made.deals])
    work.add_all(
        Cover, [{"contract_id": deal.id, "asset_id": thing.id} for deal in made.deals for thing in deal.covers]
    )


def asset_row(thing: Thing, opened: dt.datetime) -> dict[str, Any]:
    """As :class:`Asset` keeps it, since ``opened``."""
    return {
        "id": thing.id,
        "product_id": thing.product_id,
        "identifier": thing.identifier,
        "identifier_key": identity(thing.identifier),
        "company_id": thing.firm.id if thing.firm else None,
        "account_id": thing.account_id,
        "created_at": opened,
    }


def _contract(work: UnitOfWork, deal: DemoContract) -> dict[str, Any]:
    return {
        "id": deal.id,
        "number": deal.number,
        "number_key": number_key(deal.number),
        "code_mac": code_mac(work.keys, deal.number, deal.code),
        "company_id": deal.firm.id,
        "support_level": deal.level,
        "valid_from": deal.start,
        "valid_until": deal.end,
        "registered_at": deal.registered_at,
        "registered_by": deal.registered_by,
        "ending_told_at": work.now if deal.end - work.today <= ENDING else None,
        "created_at": min(work.now, deal.registered_at or work.now),
    }
