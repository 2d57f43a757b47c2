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
        world = data.world()
        last = world["care"]["names"]
        self._rng = rng
        self._names = Names(
            rng, {language: {**world["names"][language], **last[language]} for language in ("pl", "en")}
        )
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
    companies = []
    for at, facts in enumerate(data.world()["care"]["service"]):
        firm = DemoCompany(
            first_id + at,
            facts["name"],
            facts["domain"],
            facts["town"],
            facts["language"],
            facts["people"],
            0,
            ("heat_pump",),
        )
        opened = since(rng, now, 560, 600)
        parts = ["installer_owner", *["installer"] * (firm.people - 1)]
        people = tuple(newcomers.of_company(firm, part, since(rng, opened, 0, 1)) for part in parts)
        companies.append(
            DemoServiceCompany(firm, people, facts, min(opened, *(person.created_at for person in people)))
        )
    return companies


def address(rng: random.Random) -> str:
    """Where a heat pump stands."""
    places = data.world()["care"]
    return f"ul. {rng.choice(places['streets'])} {rng.randrange(1, 90)}, {rng.choice(places['towns'])}"


def keep(work: UnitOfWork, made: Sequence[DemoServiceCompany], management_hash: str) -> None:
    """Write the companies; ``management_hash`` is every company's management password."""
    kind = CompanyKind.SERVICE.value
    work.add_all(
        Company,
        [
            {
                "id": company.firm.id,
                "name": company.firm.name,
                "name_key": identity(company.firm.name),
                "kind": kind,
                "created_at": company.opened,
            }
            for company in made
        ],
    )
    work.add_all(ServiceProfile, list(_profiles(work, made, management_hash)))


def _profiles(work: UnitOfWork, made: Sequence[DemoServiceCompany], management_hash: str) -> Iterator[dict[str, Any]]:
    for company in made:
        yield {
            "company_id": company.firm.id,
            "email": company.email,
            "email_key": company.email,
            "email_confirmed_at": company.opened,
            "management_email": company.management,
            "management_key": company.management,
            "management_confirmed_at": company.opened,
            "management_hash": management_hash,
            "country": "PL",
            "zone": work.settings.desk.zone,
            "phone": company.facts["phone"],
            "url": company.url,
            "founded": company.facts["founded"],
            "employees": company.facts["employees"],
            "language": company.firm.language,
            "active_at": company.opened,
        }
