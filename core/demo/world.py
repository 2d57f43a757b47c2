"""Building the demo's world: one seed, one moment, one transaction. The same seed and moment give the same world."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Callable, Mapping
from pathlib import Path

from pydantic_settings import BaseSettings, PydanticBaseSettingsSource

from core import passwords
from core.demo import data, estate, people, tickets
from core.demo.cast import Cast, FreeContract, Persona
from core.demo.estate import Estate
from core.demo.people import Person
from core.demo.post import only_in_a_demo
from core.demo.tickets import Case
from core.desk import Desk
from core.settings import DeskSection, MailSection, Settings
from core.words import N_
from core.work import Work

BASE32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
POSTED = dt.timedelta(days=3)
"""How far back the post room holds mail about tickets."""

STAGES = (
    N_("Hiring people and opening companies"),
    N_("Delivering devices and signing contracts"),
    N_("Letting eighteen months of tickets happen"),
    N_("Writing it all down"),
)
Told = Callable[[int], None]
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
    told = data.world()["operator"]
    section = DeskSection(name=told["name"], phone=told["phone"], email=told["email"], team_email=told["email"])
    mail = MailSection(backend="maildir", maildir=folder / "mail", sender=told["email"])
    return _Sealed(data_dir=folder, demo=True, desk=section, mail=mail)


def build(desk: Desk, *, seed: int = 7, told: Told = lambda _stage: None) -> Cast:
    """Fill an empty demo desk. ``told`` hears of the stages, in the calling thread."""
    only_in_a_demo(desk.settings)
    now = desk.now.replace(microsecond=0)
    rng = random.Random(seed)  # noqa: S311 - a made-up world, not a secret
    told(0)
    firms = people.firms()
    everybody = people.people(rng, firms, now)
    secrets = {
        person.id: "".join(rng.choice(BASE32) for _ in range(32)) for person in everybody if person.authenticator
    }
    told(1)
    owned = estate.estate(rng, firms, everybody, now)
    told(2)
    made = tickets.cases(rng, everybody, owned, now)
    told(3)
    hashed = passwords.hash(data.world()["operator"]["password"])

    def keep(work: Work) -> None:
        people.keep(work, firms, everybody, hashed, secrets)
        estate.keep(work, owned, min(person.created_at for person in everybody))
        tickets.keep(work, made)
        _post(work, made)
        work.record("demo.build", seed=seed, people=len(everybody), tickets=len(made))

    desk.as_system().do(keep)
    return _cast(everybody, owned)


def _post(work: Work, made: list[Case]) -> None:
    """The mail of the last days, promised when it would have been: the post room is not empty, the worker has work."""
    for number, case in enumerate(made, start=tickets.FIRST_NUMBER):
        for step, text in case.said:
            if step.what != "replied" or not step.staff or work.now - step.at > POSTED:
                continue
            then = Work(work.connection, work.actor, step.at, work.settings, work.keys)
            then.mail(
                "ticket_replied",
                _Addressee(case.requester),
                ticket_id=number,
                number=number,
                subject=case.subject,
                by=case.agent.name,
                body=text,
            )
            work.mailed = True


class _Addressee:
    """A person of the demo as mail goes to them."""

    def __init__(self, person: Person) -> None:
        self.id: int | None = person.id
        self.email = person.email
        self.language = person.language


def _cast(everybody: list[Person], owned: Estate) -> Cast:
    told = data.world()
    shows = {one["login"]: one["shows"] for one in told["staff"]}
    staff = [_persona(person, shows[person.login]) for person in everybody if person.part == "staff"]
    customers = [_persona(_played(everybody, one), one["shows"]) for one in told["personas"]]
    free = tuple(FreeContract(one.number, one.code, one.firm.name, one.good_for) for one in owned.deals if one.good_for)
    operator = told["operator"]
    return Cast(operator["name"], operator["about"], operator["password"], (*staff, *customers), free)


def _played(everybody: list[Person], wanted: Mapping[str, str]) -> Person:
    """The person the data means by a part and a company."""
    return next(
        person
        for person in everybody
        if person.part == wanted["is"] and (person.firm.name if person.firm else "") == wanted["company"]
    )


def _persona(person: Person, shows: Mapping[str, str]) -> Persona:
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
        by_hand=person.part == "moved",
    )
