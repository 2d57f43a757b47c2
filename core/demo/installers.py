"""The demo's installer companies, their people, and the people at home whose heat pumps they look after."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from core.demo import data
from core.demo.people import FLIPPED, DemoCompany, DemoPerson, Names, phone, since
from core.i18n.sanitize import fold, identity
from core.models.accounts import Role, Standing
from core.models.companies import Company, CompanyKind, ServiceProfile
from core.service.unit_of_work import UnitOfWork

_BOXES = {"pl": ("serwis", "zarzad"), "en": ("service", "board")}
"""The names of a company's two addresses: for notifications, for its management."""


@dataclass(frozen=True, slots=True)
class DemoServiceCompany:
    """A service company. ``facts`` is what the data says of it, ``people`` are its own, the owner first."""

    firm: DemoCompany
    people: tuple[DemoPerson, ...]
    facts: Mapping[str, Any]
    opened: dt.datetime

    @property
    def email(self) -> str:
        """Where notifications go, and customers apply to."""
        return f"{_BOXES[self.firm.language][0]}@{self.firm.domain}"

    @property
    def management(self) -> str:
        """The other address: for whoever edits the company's data."""
        return f"{_BOXES[self.firm.language][1]}@{self.firm.domain}"

    @property
    def url(self) -> str:
        return f"https://{self.firm.domain}"


class Newcomers:
    """Makes people one after the other, with ids that go on from what is there and names nobody has."""

    def __init__(self, rng: random.Random, first_id: int) -> None:
        told = data.world()
        last = told["care"]["names"]
        self._rng = rng
        self._names = Names(rng, {one: {**told["names"][one], **last[one]} for one in ("pl", "en")})
        self._next = first_id

    def of_company(self, firm: DemoCompany, part: str, created: dt.datetime) -> DemoPerson:
        """Somebody who works there."""
        standing = Standing.OWNER if part == "installer_owner" else Standing.MEMBER
        first, last, feminine = self._names.another(firm.language)
        login = f"{fold(first)}.{fold(last)}"
        return self._person(
            first,
            last,
            feminine,
            login=login,
            email=f"{login}@{firm.domain}",
            role=Role.INSTALLER.value,
            language=firm.language,
            firm=firm,
            standing=standing.value,
            part=part,
            created_at=created,
        )

    def at_home(self, language: str, part: str, created: dt.datetime) -> DemoPerson:
        """Somebody with a heat pump; their login is their address. Whoever a visitor can be keeps the language."""
        if part == "home" and self._rng.random() < FLIPPED:
            language = "en" if language == "pl" else "pl"
        first, last, feminine = self._names.another(language)
        email = f"{fold(first)}.{fold(last)}@poczta.example"
        return self._person(
            first,
            last,
            feminine,
            login=email,
            email=email,
            role=Role.CUSTOMER.value,
            language=language,
            firm=None,
            standing=Standing.NONE.value,
            part=part,
            created_at=created,
        )

    def stranger(self, language: str) -> tuple[str, str]:
        """Name and address of somebody without an account."""
        first, last, _feminine = self._names.another(language)
        return f"{first} {last}", f"{fold(first)}.{fold(last)}@poczta.example"

    def _person(self, first: str, last: str, feminine: bool, **more: Any) -> DemoPerson:
        self._next += 1
        return DemoPerson(
            id=self._next - 1, first=first, last=last, feminine=feminine, phone=phone(self._rng), knows=(), **more
        )


def services(rng: random.Random, newcomers: Newcomers, first_id: int, now: dt.datetime) -> list[DemoServiceCompany]:
    """The companies as the data names them; their ids go on from ``first_id``."""
    found = []
    for at, told in enumerate(data.world()["care"]["service"]):
        firm = DemoCompany(
            first_id + at,
            told["name"],
            told["domain"],
            told["town"],
            told["language"],
            told["people"],
            0,
            ("heat_pump",),
        )
        opened = since(rng, now, 560, 600)
        parts = ["installer_owner", *["installer"] * (firm.people - 1)]
        people = tuple(newcomers.of_company(firm, part, since(rng, opened, 0, 1)) for part in parts)
        found.append(DemoServiceCompany(firm, people, told, min(opened, *(one.created_at for one in people))))
    return found


def address(rng: random.Random) -> str:
    """Where a heat pump stands."""
    told = data.world()["care"]
    return f"ul. {rng.choice(told['streets'])} {rng.randrange(1, 90)}, {rng.choice(told['towns'])}"


def keep(work: UnitOfWork, made: Sequence[DemoServiceCompany], management_hash: str) -> None:
    """Write the companies; ``management_hash`` is every company's management password."""
    kind = CompanyKind.SERVICE.value
    work.add_all(
        Company,
        [
            {
                "id": one.firm.id,
                "name": one.firm.name,
                "name_key": identity(one.firm.name),
                "kind": kind,
                "created_at": one.opened,
            }
            for one in made
        ],
    )
    work.add_all(ServiceProfile, list(_profiles(work, made, management_hash)))


def _profiles(work: UnitOfWork, made: Sequence[DemoServiceCompany], management_hash: str) -> Iterator[dict[str, Any]]:
    for one in made:
        yield {
            "company_id": one.firm.id,
            "email": one.email,
            "email_key": one.email,
            "email_confirmed_at": one.opened,
            "management_email": one.management,
            "management_key": one.management,
            "management_confirmed_at": one.opened,
            "management_hash": management_hash,
            "country": "PL",
            "zone": work.settings.desk.zone,
            "phone": one.facts["phone"],
            "url": one.url,
            "founded": one.facts["founded"],
            "employees": one.facts["employees"],
            "language": one.firm.language,
            "active_at": one.opened,
        }
