"""The demo's internet provider: forty subscribers, their contracts and lines. What they pay and use is in
:mod:`core.demo.provider_bills`."""

from __future__ import annotations

import calendar
import datetime as dt
import random
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from core import resources
from core.billing import money
from core.demo import data
from core.demo.people import DemoPerson, Names, phone, since
from core.i18n.sanitize import fold
from core.models.accounts import Role, Standing
from core.models.contracts import NO_END
from core.products import catalogue

YEARS = 2
"""How long there have been invoices."""
_MALE, _LAST = 9, 10
"""The digits of a PESEL that say he or she (odd or even), and check the others."""


@lru_cache(maxsize=1)
def facts() -> dict[str, Any]:
    """``provider.toml``: the seller, plans, names, departments."""
    return tomllib.loads((resources.folder("demo") / "provider.toml").read_text(encoding="utf-8"))


@dataclass(frozen=True, slots=True)
class Plan:
    """What a line costs (gross, grosze a month) and carries."""

    product_id: int
    product: str
    fee: int
    down: int
    up: int
    prefix: str


@dataclass(frozen=True, slots=True)
class DemoLine:
    """A line of a subscriber; ids and addresses are its own."""

    id: int
    identifier: str
    plan: Plan
    addresses: tuple[str, ...]
    street: str
    activated: dt.date


@dataclass(frozen=True, slots=True)
class DemoSubscriber:
    """``part`` is what they are in the demo: ``subscriber``, ``late``, ``business`` and ``free`` can be played or
    signed up as, ``home`` and ``firm`` are there. ``person`` is None while nobody has signed up; ``pays`` says how:
    ``well``, ``late`` (nothing for two months), ``slow`` or ``ahead``."""

    id: int
    number: str
    part: str
    name: str
    person: DemoPerson | None
    language: str
    street: str
    postcode: str
    town: str
    email: str
    pesel: str
    tax_id: str
    account: str
    contract_id: int
    contract: str
    since: dt.date
    until: dt.date
    lines: tuple[DemoLine, ...]
    by_mail: bool
    pays: str
    term: int
    """Days from an invoice to the day it is due."""

    @property
    def fee(self) -> int:
        return sum(line.plan.fee for line in self.lines)


def towns() -> list[str]:
    """Where lines are; the first two have an outage in the news."""
    return [town for _postcode, town in facts()["towns"]]


def plans() -> list[tuple[Plan, int]]:
    """The plans with their weights."""
    known = {product.name: (at, product) for at, (_of, product) in enumerate(catalogue.catalogue().products(), start=1)}
    weighted = []
    for row in facts()["plans"]:
        at, product = known[row["product"]]
        called, prefix = f"{product.vendor} {product.name}", "PR" if "Radio" in product.name else "PN"
        plan = Plan(at, called, money.parse(row["fee"]), row["down"], row["up"], prefix)
        weighted.append((plan, row["weight"]))
    return weighted


def subscribers(
    rng: random.Random, first_account: int, first_asset: int, first_contract: int, now: dt.datetime
) -> list[DemoSubscriber]:
    """All of them; ids of accounts, assets and contracts go on from what is there."""
    parts = _parts()
    names = {language: {**data.world()["names"][language], **facts()["names"][language]} for language in ("pl", "en")}
    pool, account, asset = Names(rng, names), first_account, first_asset
    made: list[DemoSubscriber] = []
    for at, part in enumerate(parts):
        lines = _lines(rng, part, asset, at, now)
        asset += len(lines)
        subscriber = _subscriber(rng, pool, at, part, account, first_contract + at, lines, now)
        account += subscriber.person is not None
        made.append(subscriber)
    return made


def _parts() -> list[str]:
    """Those who can be played come first; two wait to be signed up as."""
    homes = ["subscriber", "late", "free", "free", *["home"] * (facts()["homes"] - 4)]
    return [*homes, "business", *["firm"] * (len(facts()["firms"]) - 1)]


def _subscriber(
    rng: random.Random,
    pool: Names,
    at: int,
    part: str,
    account: int,
    contract_id: int,
    lines: tuple[DemoLine, ...],
    now: dt.datetime,
) -> DemoSubscriber:
    language = "en" if part == "late" or (part == "home" and rng.random() < 0.1) else "pl"
    first, last, feminine = pool.another(language)
    company = part in ("business", "firm")
    name = facts()["firms"][at - facts()["homes"]] if company else f"{first} {last}"
    email = f"{fold(first)}.{fold(last)}@poczta.example"
    signed = part in ("subscriber", "late", "business") or (part == "home" and at % 3 == 0)
    since_ = min(line.activated for line in lines)
    # One contract is about to end, the others go on; each has its own day of the month.
    until = now.date() + dt.timedelta(days=33) if at == 9 else NO_END
    postcode, town = facts()["towns"][0 if part == "late" else at % len(facts()["towns"])]
    return DemoSubscriber(
        id=at + 1,
        number=_number(at),
        part=part,
        name=name,
        person=_person(rng, account, first, last, feminine, language, email, part, now) if signed else None,
        language=language,
        street=lines[0].street,
        postcode=postcode,
        town=town,
        email=email,
        pesel="" if company else pesel(rng, feminine),
        tax_id=_nip(rng) if company else "",
        account=_account(at + 1),
        contract_id=contract_id,
        contract=f"UA/{since_.year}/{at + 101}",
        since=since_,
        until=until,
        lines=lines,
        by_mail=signed and part != "late" and at % 2 == 0,
        pays=_pays(at, part),
        term=14 if at % 2 == 0 else 21,
    )


def _pays(at: int, part: str) -> str:
    """How the ``at``-th subscriber, counted from 0, pays."""
    return {"late": "late"}.get(part) or {5: "slow", 11: "ahead", 17: "late"}.get(at, "well")


def _number(at: int) -> str:
    return f"K-{at + 1:05}"


def habits() -> dict[str, str]:
    """How each subscriber pays, by their number: what goes on as it was while time passes."""
    return {_number(at): _pays(at, part) for at, part in enumerate(_parts())}


def _person(
    rng: random.Random,
    account: int,
    first: str,
    last: str,
    feminine: bool,
    language: str,
    email: str,
    part: str,
    now: dt.datetime,
) -> DemoPerson:
    return DemoPerson(
        id=account,
        login=f"{fold(first)}.{fold(last)}",
        first=first,
        last=last,
        feminine=feminine,
        role=Role.CUSTOMER.value,
        language=language,
        email=email,
        firm=None,
        standing=Standing.NONE.value,
        part=part,
        phone=phone(rng),
        created_at=since(rng, now, 200, 560),
    )


def _lines(rng: random.Random, part: str, first: int, at: int, now: dt.datetime) -> tuple[DemoLine, ...]:
    offered, weights = zip(*plans(), strict=True)
    number = 3 if part == "business" else 1
    made = []
    for part_at in range(number):
        plan = offered[1] if part == "business" else rng.choices(offered, weights)[0]
        last = at + 1 if part_at == 0 else 200 + at + part_at
        made.append(
            DemoLine(
                id=first + part_at,
                identifier=f"{plan.prefix}-{77_000_000 + first + part_at}",
                plan=plan,
                addresses=(f"203.0.113.{last}", f"2001:db8:77:{last:x}00::/56"),
                street=f"ul. {rng.choice(facts()['streets'])} {rng.randrange(1, 60)}",
                activated=now.date() - dt.timedelta(days=365 * YEARS + rng.randrange(40, 900)),
            )
        )
    return tuple(made)


def pesel(rng: random.Random, feminine: bool) -> str:
    """An invented PESEL whose check digit is right."""
    from stdnum.pl import pesel as rule

    born = dt.date(rng.randrange(1950, 2000), rng.randrange(1, 13), rng.randrange(1, 29))
    serial = rng.randrange(1000) * 10 + rng.randrange(5) * 2 + (not feminine)
    digits = f"{born:%y%m%d}{serial:04}"
    return f"{digits}{rule.calc_check_digit(digits)}"


def _nip(rng: random.Random) -> str:
    from stdnum.exceptions import ValidationError
    from stdnum.pl import nip

    while True:
        digits = f"7{rng.randrange(1, 10)}{rng.randrange(1, 10)}{rng.randrange(10**6):06}"
        for check in range(10):
            try:
                return str(nip.validate(f"{digits}{check}"))
            except ValidationError:
                continue


def _account(number: int) -> str:
    """The subscriber's own account at the seller's bank: an NRB whose check digits are right (ISO 13616)."""
    bank = facts()["seller"]["bank_account"][2:10]
    rest = f"{bank}{number:016}"
    check = 98 - int(f"{rest}252100") % 97
    return f"{check:02}{rest}"


def months(now: dt.datetime) -> Iterator[dt.date]:
    """The first days of the months that were billed, the earliest first; this month's once its day has come."""
    today = now.date()
    count = YEARS * 12
    year, month = today.year, today.month
    last = year * 12 + month - 1 - (today.day < BILLED_ON)
    for at in range(last - count + 1, last + 1):
        yield dt.date(at // 12, at % 12 + 1, 1)


BILLED_ON = 2
"""The day of the month on which invoices are issued."""


def last_day(month: dt.date) -> dt.date:
    """The last day of the month that begins on ``month``."""
    return month.replace(day=calendar.monthrange(month.year, month.month)[1])


def personas() -> Sequence[Mapping[str, Any]]:
    """Who of them can be played."""
    rows: list[Mapping[str, Any]] = facts()["personas"]
    return rows
