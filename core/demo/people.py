"""The demo's people: staff, the customers of every company, two who wait at the door, some without a password. Those
of installer companies and at home are made by :mod:`core.demo.installers` with what is here."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from core.demo import data
from core.forms.email_address import normal
from core.i18n.sanitize import fold, identity
from core.models.accounts import Account, AccountState, Role, Standing
from core.models.companies import Company, CompanyKind
from core.service.unit_of_work import UnitOfWork

FLIPPED = 0.12
"""How many of a company's people write in the other language."""
MOVED_FROM = 4
"""Companies of at least so many people brought somebody from an older system."""


@dataclass(frozen=True, slots=True)
class DemoCompany:
    """A client company and how it behaves."""

    id: int
    name: str
    domain: str
    town: str
    language: str
    people: int
    weight: int
    owns: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class DemoPerson:
    """Somebody with an account. ``part`` is what they are in the demo: ``owner``, ``member``, ``waiting``, ``moved``
    (no password), ``authenticator``, ``alone``, or ``staff``; of an installer company ``installer_owner`` or
    ``installer``; at home ``home``, ``asked``, ``applied``, or ``invited`` (who has no account yet)."""

    id: int
    login: str
    first: str
    last: str
    feminine: bool
    role: str
    language: str
    email: str
    firm: DemoCompany | None
    standing: str
    part: str
    phone: str
    created_at: dt.datetime
    knows: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        return f"{self.first} {self.last}"

    @property
    def inside(self) -> bool:
        """Whether the company's things are theirs to see."""
        return self.standing in (Standing.OWNER, Standing.MEMBER)

    @property
    def answers(self) -> bool:
        """Whether they answer tickets: staff, and those of installer companies."""
        return self.part in ("staff", "installer", "installer_owner")

    @property
    def authenticator(self) -> bool:
        return self.part in ("staff", "authenticator", "installer_owner")


def firms() -> list[DemoCompany]:
    """The companies as the data names them."""
    return [
        DemoCompany(
            at,
            firm["name"],
            firm["domain"],
            firm["town"],
            firm["language"],
            firm["people"],
            firm["weight"],
            tuple(firm["owns"]),
        )
        for at, firm in enumerate(data.world()["companies"], start=1)
    ]


def people(rng: random.Random, all_firms: list[DemoCompany], now: dt.datetime) -> list[DemoPerson]:
    """Everybody, staff first; ids count from 1."""
    names = Names(rng, data.world()["names"])
    everybody: list[DemoPerson] = []
    domain = data.world()["operator"]["email"].partition("@")[2]
    for facts in data.world()["staff"]:
        everybody.append(
            DemoPerson(
                id=len(everybody) + 1,
                login=facts["login"],
                first=facts["first"],
                last=facts["last"],
                feminine=facts["sex"] == "f",
                role=facts["role"],
                language=facts["language"],
                email=f"{facts['login']}@{domain}",
                firm=None,
                standing=Standing.NONE.value,
                part="staff",
                phone=phone(rng),
                created_at=since(rng, now, 700, 900),
                knows=tuple(facts.get("knows", ())),
            )
        )
    waiting_for = [persona["company"] for persona in data.world()["personas"] if persona["is"] == "waiting"]
    with_authenticator = {
        persona["company"] for persona in data.world()["personas"] if persona["is"] == "authenticator"
    }
    for firm in all_firms:
        parts = _parts(firm, firm.name in with_authenticator) + ["waiting"] * waiting_for.count(firm.name)
        # A second one at another door, so that staff have more than one to decide about.
        parts += ["waiting"] if firm.people and firm.id == 3 else []
        everybody += [_customer(rng, names, len(everybody) + 1 + at, firm, part, now) for at, part in enumerate(parts)]
    everybody += [_customer(rng, names, len(everybody) + 1 + at, None, "alone", now) for at in range(2)]
    return everybody


def _parts(firm: DemoCompany, authenticator: bool) -> list[str]:
    parts = ["owner", *["member"] * (firm.people - 1)] if firm.people else []
    if firm.people >= MOVED_FROM:
        parts[-1] = "moved"
    if authenticator:
        parts[1] = "authenticator"
    return parts


def _customer(
    rng: random.Random, names: Names, id_: int, firm: DemoCompany | None, part: str, now: dt.datetime
) -> DemoPerson:
    language = firm.language if firm else rng.choice(["pl", "en"])
    if firm and part == "member" and rng.random() < FLIPPED:
        language = "en" if language == "pl" else "pl"
    first, last, feminine = names.another(language)
    domain = firm.domain if firm else "poczta.example"
    email = f"{fold(first)}.{fold(last)}@{domain}"
    standing = {"owner": Standing.OWNER, "waiting": Standing.PENDING, "alone": Standing.NONE}.get(part, Standing.MEMBER)
    created = since(rng, now, 1, 3) if part == "waiting" else since(rng, now, 560, 690)
    login = email if part == "moved" else f"{fold(first)}.{fold(last)}"
    return DemoPerson(
        id_,
        login,
        first,
        last,
        feminine,
        Role.CUSTOMER.value,
        language,
        email,
        firm,
        standing.value,
        part,
        phone(rng),
        created,
    )


class Names:
    """Names drawn without repeating a pair; ``by_language`` has first names of both sexes and last ones."""

    def __init__(self, rng: random.Random, by_language: Mapping[str, Any]) -> None:
        self._rng = rng
        self._left = {language: self._shuffled(list(_pairs(names))) for language, names in by_language.items()}

    def _shuffled(self, pairs: list[tuple[str, str, bool]]) -> list[tuple[str, str, bool]]:
        self._rng.shuffle(pairs)
        return pairs

    def another(self, language: str) -> tuple[str, str, bool]:
        """First name, last name, whether she is a woman; the last name is one not taken yet while there are any."""
        left = self._left[language]
        taken = left.pop()
        left.sort(key=lambda pair: taken[1] != pair[1])
        return taken


def _pairs(names: Any) -> Iterator[tuple[str, str, bool]]:
    for last in names["last"]:
        for sex in ("f", "m"):
            for first in names[sex]:
                yield first, last, sex == "f"


def phone(rng: random.Random) -> str:
    """A mobile phone's number."""
    return f"+48 600 {rng.randrange(100, 1000)} {rng.randrange(100, 1000)}"


def since(rng: random.Random, now: dt.datetime, least: int, most: int) -> dt.datetime:
    """A moment so many days ago."""
    return now - dt.timedelta(days=rng.randrange(least, most), minutes=rng.randrange(600))


def keep(
    work: UnitOfWork, all_firms: list[DemoCompany], everybody: list[DemoPerson], hashed: str, secrets: dict[int, str]
) -> None:
    """Write companies and accounts. ``hashed`` is everybody's password; ``secrets`` are authenticators' by account."""
    opened = min(person.created_at for person in everybody)
    kind = CompanyKind.CLIENT.value
    work.add_all(
        Company,
        [
            {"id": firm.id, "name": firm.name, "name_key": identity(firm.name), "kind": kind, "created_at": opened}
            for firm in all_firms
        ],
    )
    keep_people(work, everybody, hashed, secrets)


def keep_people(work: UnitOfWork, everybody: Sequence[DemoPerson], hashed: str, secrets: Mapping[int, str]) -> None:
    """Write accounts."""
    zone = work.settings.desk.zone
    work.add_all(Account, [_row(person, hashed, secrets.get(person.id), zone, work) for person in everybody])


def _row(person: DemoPerson, hashed: str, secret: str | None, zone: str, work: UnitOfWork) -> dict[str, Any]:
    return {
        "id": person.id,
        "login": person.login,
        "login_key": person.login.casefold(),
        "email": person.email,
        "email_key": normal(person.email),
        "role": person.role,
        "state": AccountState.ACTIVE.value,
        "first_name": person.first,
        "last_name": person.last,
        "phone": person.phone,
        "language": person.language,
        "zone": zone,
        "password_hash": None if person.part == "moved" else hashed,
        "company_id": person.firm.id if person.firm else None,
        "standing": person.standing,
        "totp_secret": work.keys.seal("totp", secret, str(person.id)) if secret else None,
        "created_at": person.created_at,
    }
