"""Building the demo's world: one seed, one moment, one transaction. The same seed and moment give the same world."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from pydantic_settings import BaseSettings, PydanticBaseSettingsSource

from core.demo import (
    care,
    care_rows,
    contracts,
    data,
    grant_histories,
    installers,
    people,
    provider,
    provider_rows,
    ticket_histories,
    ticket_rows,
)
from core.demo.care import CareWorld
from core.demo.care_rows import Letter
from core.demo.contracts import Estate
from core.demo.mailbox import only_in_a_demo
from core.demo.people import DemoPerson
from core.demo.personas import Cast, FreeContract, FreeSubscriber, Persona
from core.demo.ticket_histories import Case
from core.i18n.translation import N_
from core.security import passwords
from core.service.desk import Desk
from core.service.settings import Department, DeskSection, MailSection, SellerSection, Settings, SubscribersSection
from core.service.unit_of_work import UnitOfWork

BASE32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
POSTED = dt.timedelta(days=3)
"""How far back the post room holds mail about tickets."""

STAGES = (
    N_("Hiring people and opening companies"),
    N_("Delivering devices and signing contracts"),
    N_("Letting installers look after heat pumps"),
    N_("Laying lines and writing invoices"),
    N_("Letting eighteen months of tickets happen"),
    N_("Writing it all down"),
)
Announce = Callable[[int], None]
"""Hears which of :data:`STAGES` begins."""


class _Sealed(Settings):
    """Settings that neither environment nor file can reach."""

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        return (init_settings,)


def settings(folder: Path) -> Settings:
    """Everything a demo in ``folder`` needs, its own store, key and Maildir, whatever the environment says."""
    operator = data.world()["operator"]
    section = DeskSection(
        name=operator["name"], phone=operator["phone"], email=operator["email"], team_email=operator["email"]
    )
    mail = MailSection(backend="maildir", maildir=folder / "mail", sender=operator["email"])
    contact = tuple(Department.model_validate(department) for department in data.world()["contact"])
    more: dict[str, Any] = {
        "seller": SellerSection(**provider.facts()["seller"]),
        "subscribers": SubscribersSection(line_rule="staff"),
    }
    return _Sealed(data_dir=folder, demo=True, desk=section, mail=mail, contact=contact, **more)


def build(desk: Desk, *, seed: int = 7, announce: Announce = lambda _stage: None) -> Cast:
    """Fill an empty demo desk. ``announce`` hears of the stages, in the calling thread."""
    only_in_a_demo(desk.settings)
    now = desk.now.replace(microsecond=0)
    rng = random.Random(seed)  # noqa: S311 - a made-up world, not a secret
    announce(0)
    firms = people.firms()
    everybody = people.people(rng, firms, now)
    announce(1)
    owned = contracts.estate(rng, firms, everybody, now)
    announce(2)
    cared = care.care(rng, everybody, owned.things, len(firms), now)
    lives = grant_histories.lives(rng, cared, now)
    announce(3)
    supplied = _supplied(seed, everybody, cared, owned, now)
    announce(4)
    made = ticket_histories.with_care(rng, ticket_histories.cases(rng, everybody, owned, now), cared, owned, now)
    announce(5)
    secrets = {
        person.id: "".join(rng.choice(BASE32) for _ in range(32))
        for person in (*everybody, *cared.people)
        if person.authenticator
    }
    hashed = passwords.hash(data.world()["operator"]["password"])
    management = passwords.hash(data.world()["care"]["management_password"])

    def keep(work: UnitOfWork) -> None:
        people.keep(work, firms, everybody, hashed, secrets)
        contracts.keep(work, owned, min(person.created_at for person in everybody))
        installers.keep(work, cared.services, management)
        people.keep_people(work, cared.people, hashed, secrets)
        care_rows.keep(work, cared, lives)
        people.keep_people(work, [subscriber.person for subscriber in supplied if subscriber.person], hashed, secrets)
        provider_rows.keep(work, supplied, everybody[0].id)
        ticket_rows.keep(work, made)
        letters = [*care_rows.letters(cared, lives, now, POSTED), *provider_rows.letters(now)]
        _post(work, [*_answers(made, now), *letters])
        work.record("demo.build", seed=seed, people=len(everybody) + len(cared.people), tickets=len(made))

    desk.as_system().do(keep)
    return _cast(everybody, cared, owned, supplied)


def _supplied(
    seed: int, everybody: list[DemoPerson], cared: CareWorld, owned: Estate, now: dt.datetime
) -> list[provider.DemoSubscriber]:
    """Subscribers, drawn by themselves: whoever is added here changes nobody else."""
    rng = random.Random(seed + 1)  # noqa: S311 - a made-up world, not a secret
    things = [*owned.things, *(each.thing for each in cared.grants)]
    accounts = [*everybody, *cared.people]
    account, thing, deal = (max(each.id for each in of) + 1 for of in (accounts, things, owned.deals))
    return provider.subscribers(rng, account, thing, deal, now)


def _post(work: UnitOfWork, promised: list[Letter]) -> None:
    """The mail of the last days, promised when it would have been: the post room is not empty, the worker has work."""
    for at, promise in sorted(promised, key=lambda each: each[0]):
        promise(care_rows.then(work, at))
        work.mailed = True


def _answers(made: list[Case], now: dt.datetime) -> Iterator[Letter]:
    """What customers were answered."""
    for number, case in enumerate(made, start=ticket_histories.FIRST_NUMBER):
        for step, text in case.messages:
            if step.what == "replied" and step.staff and now - step.at <= POSTED:
                yield step.at, _answer(number, case, text)


def _answer(number: int, case: Case, text: str) -> Callable[[UnitOfWork], None]:
    def promise(work: UnitOfWork) -> None:
        work.mail(
            "ticket_replied",
            _Addressee(case.requester),
            ticket_id=number,
            number=number,
            subject=case.subject,
            by=case.agent.name,
            body=text,
            team=case.care.service.firm.name if case.care else "",
        )

    return promise


class _Addressee:
    """A person of the demo as mail goes to them."""

    def __init__(self, person: DemoPerson) -> None:
        self.id: int | None = person.id
        self.email = person.email
        self.language = person.language


def _cast(
    everybody: list[DemoPerson], cared: CareWorld, owned: Estate, supplied: list[provider.DemoSubscriber]
) -> Cast:
    world_facts = data.world()
    shows = {person["login"]: person["shows"] for person in world_facts["staff"]}
    staff = [_persona(person, shows[person.login]) for person in everybody if person.part == "staff"]
    known = [*everybody, *cared.people, *([cared.guest] if cared.guest else [])]
    customers = [_persona(_played(known, persona), persona["shows"]) for persona in world_facts["personas"]]
    free = tuple(
        FreeContract(deal.number, deal.code, deal.firm.name, deal.good_for) for deal in owned.deals if deal.good_for
    )
    operator = world_facts["operator"]
    parts = {subscriber.part: subscriber.person for subscriber in supplied if subscriber.person}
    lines = [_persona(parts[persona["is"]], persona["shows"]) for persona in provider.personas()]
    waiting = tuple(
        FreeSubscriber(subscriber.name, subscriber.contract, subscriber.pesel, subscriber.lines[0].addresses[0])
        for subscriber in supplied
        if subscriber.part == "free"
    )
    personas = (*staff, *customers, *lines)
    return Cast(operator["name"], operator["about"], operator["password"], personas, free, waiting)


def _played(everybody: list[DemoPerson], wanted: Mapping[str, str]) -> DemoPerson:
    """The person the data means by a part and a company."""
    return next(
        person
        for person in everybody
        if person.part == wanted["is"] and (person.firm.name if person.firm else "") == wanted["company"]
    )


def _persona(person: DemoPerson, shows: Mapping[str, str]) -> Persona:
    return Persona(
        id=person.id,
        login=person.login,
        name=person.name,
        role=person.role,
        company=person.firm.name if person.firm else "",
        language=person.language,
        standing=person.standing,
        shows=shows,
        authenticator=person.authenticator,
        by_hand=person.part in ("moved", "invited"),
    )
