"""The demo's care: who looks after whose heat pump, who has applied, who is invited; in every state there is."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Sequence
from dataclasses import dataclass, field

from core.care.applications import REMIND_EVERY, VALID_FOR
from core.demo import data
from core.demo.contracts import Thing, unused
from core.demo.installers import DemoServiceCompany, Newcomers, address, services
from core.demo.people import DemoPerson
from core.models.care import ApplicationState, InvitationState
from core.products import catalogue

ADAPTOR = "[A-Z][0-9]{9}"
YOUNGEST, OLDEST = 25, 480
"""Days since which a running service has been there."""
BROKEN = "H62"
"""What the device shows that is out of order."""
BROKEN_FOR, ASKED_AGO = dt.timedelta(hours=3), dt.timedelta(hours=2)


@dataclass(slots=True)
class Applied:
    """An application. ``decided_by`` is set for a decision of the company's; ids are by age, once all are there."""

    service: DemoServiceCompany
    person: DemoPerson
    product_id: int
    device: str
    level: int
    address: str
    created: dt.datetime
    state: ApplicationState
    decided: dt.datetime | None = None
    decided_by: DemoPerson | None = None
    message: str = ""
    id: int = 0


@dataclass(slots=True)
class DemoInvitation:
    """An invitation; ``person`` has answered it."""

    service: DemoServiceCompany
    by: DemoPerson
    name: str
    email: str
    language: str
    address: str
    sent: dt.datetime
    state: InvitationState
    answered: dt.datetime | None = None
    person: DemoPerson | None = None
    id: int = 0


@dataclass(frozen=True, slots=True)
class Looked:
    """A grant: ``first_level`` is the one it began with; ``by`` is whoever has to do with it at the company."""

    id: int
    service: DemoServiceCompany
    person: DemoPerson
    thing: Thing
    address: str
    by: DemoPerson
    first_level: int
    since: dt.datetime
    ended: dt.datetime | None
    application: Applied | None
    invitation: DemoInvitation | None


@dataclass(slots=True)
class CareWorld:
    """Everything of one world, each kind by its id."""

    services: list[DemoServiceCompany] = field(default_factory=list)
    people: list[DemoPerson] = field(default_factory=list)
    """Of the companies and at home."""
    applications: list[Applied] = field(default_factory=list)
    invitations: list[DemoInvitation] = field(default_factory=list)
    grants: list[Looked] = field(default_factory=list)
    guest: DemoPerson | None = None
    """Somebody invited who has no account: to be played, not kept."""

    @property
    def things(self) -> list[Thing]:
        return [grant.thing for grant in self.grants]


def care(
    rng: random.Random, everybody: Sequence[DemoPerson], things: Sequence[Thing], firms: int, now: dt.datetime
) -> CareWorld:
    """What comes on top of a world of ``firms`` client companies: ids go on from what is there."""
    return _Draft(rng, everybody, things, firms, now).made


class _Draft:
    """Draws one company after the other."""

    def __init__(
        self, rng: random.Random, everybody: Sequence[DemoPerson], things: Sequence[Thing], firms: int, now: dt.datetime
    ) -> None:
        self.rng, self.now = rng, now
        self.newcomers = Newcomers(rng, len(everybody) + 1)
        self.taken = {thing.identifier for thing in things}
        self.first_thing = len(things) + 1
        remote = [
            (number, definition.category, product)
            for number, (definition, product) in enumerate(catalogue.catalogue().products(), start=1)
            if product.remote
        ]
        self.by_id_alone, self.products = remote[0], remote[1:]
        self.made = CareWorld(services=services(rng, self.newcomers, firms + 1, now))
        self.made.people += [person for each in self.made.services for person in each.people]
        for at, service in enumerate(self.made.services):
            self._company(service, played=at == 0)
        self.made.applications.sort(key=lambda each: each.created)
        self.made.invitations.sort(key=lambda each: each.sent)
        for number, application in enumerate(self.made.applications, start=1):
            application.id = number
        for number, invitation in enumerate(self.made.invitations, start=1):
            invitation.id = number

    def _ago(self, days: float) -> dt.datetime:
        return (self.now - dt.timedelta(days=days)).replace(second=0, microsecond=0)

    def _company(self, service: DemoServiceCompany, *, played: bool) -> None:
        facts = service.facts
        for at in range(facts["looks_after"]):
            days = self.rng.uniform(YOUNGEST, OLDEST)
            self._grant(
                service, days, None, "asked" if played and at == 0 else "home", invited=at == 1 and facts["people"] > 2
            )
        for _at in range(facts["ended"]):
            self._grant(service, self.rng.uniform(300, OLDEST), self.rng.uniform(20, 150), "home", invited=False)
        for at, days in enumerate(facts["waiting"]):
            self._applicant(service, days, "applied" if played and at == 7 else "home")
        for at, invited in enumerate(facts["invites"]):
            self._invite(service, invited["days"], InvitationState(invited["state"]), played=played and at == 0)

    def _level(self) -> int:
        return self.rng.choices((1, 2, 3, 4), data.world()["care"]["levels"])[0]

    def _device(self) -> str:
        return unused(self.rng, ADAPTOR, self.taken)

    def _at_home(self, service: DemoServiceCompany, part: str, created: dt.datetime) -> DemoPerson:
        person = self.newcomers.at_home(service.firm.language, part, created)
        self.made.people.append(person)
        return person

    def _grant(
        self, service: DemoServiceCompany, days: float, ended_days: float | None, part: str, *, invited: bool
    ) -> None:
        """A service that runs, or has run until ``ended_days`` ago, with what it came from."""
        rng, made = self.rng, self.made
        since, by, place = self._ago(days), rng.choice(service.people), address(rng)
        person = self._at_home(service, part, since - dt.timedelta(days=rng.uniform(2, 9)))
        number, category, product = rng.choice(self.products)
        thing = Thing(
            self.first_thing + len(made.grants),
            number,
            category,
            product.vendor,
            product.name,
            self._device(),
            None,
            person.id,
        )
        level = 2 if part == "asked" else self._level()
        application = None if invited else self._approved(service, person, thing, level, place, since, by)
        invitation = self._accepted(service, person, place, since, by) if invited else None
        ended = None if ended_days is None else self._ago(ended_days)
        made.grants.append(
            Looked(
                len(made.grants) + 1,
                service,
                person,
                thing,
                place,
                by,
                level,
                since,
                ended,
                application,
                invitation,
            )
        )

    def _approved(
        self,
        service: DemoServiceCompany,
        person: DemoPerson,
        thing: Thing,
        level: int,
        place: str,
        at: dt.datetime,
        by: DemoPerson,
    ) -> Applied:
        texts = data.world()["care"]["texts"][person.language]["approved"]
        return self._apply(
            service,
            person,
            (thing.product_id, thing.identifier),
            level,
            place,
            at - dt.timedelta(days=self.rng.uniform(0.2, 8)),
            ApplicationState.APPROVED,
            at,
            by,
            self.rng.choice(texts),
        )

    def _apply(
        self,
        service: DemoServiceCompany,
        person: DemoPerson,
        what: tuple[int, str],
        level: int,
        place: str,
        created: dt.datetime,
        state: ApplicationState = ApplicationState.PENDING,
        decided: dt.datetime | None = None,
        by: DemoPerson | None = None,
        message: str = "",
    ) -> Applied:
        application = Applied(service, person, *what, level, place, created, state, decided, by, message)
        self.made.applications.append(application)
        return application

    def _applicant(self, service: DemoServiceCompany, days: float, part: str) -> None:
        """A pending customer. The one to be played was turned down by another company before."""
        rng = self.rng
        created, place = self._ago(days), address(rng)
        person = self._at_home(service, part, created - dt.timedelta(days=rng.uniform(0.1, 20) + 12 * (part != "home")))
        what = (self.by_id_alone[0], self._device())
        level = self._level()
        if part == "applied":
            other = self.made.services[-1]
            no = data.world()["care"]["texts"][person.language]["rejected"]
            before, after = self._ago(days + 9), self._ago(days + 7)
            state = ApplicationState.REJECTED
            self._apply(other, person, what, level, place, before, state, after, other.people[0], no)
        self._apply(service, person, what, level, place, created)

    def _accepted(
        self, service: DemoServiceCompany, person: DemoPerson, place: str, at: dt.datetime, by: DemoPerson
    ) -> DemoInvitation:
        sent = at - dt.timedelta(days=self.rng.uniform(0.5, 12))
        return self._invitation(
            service, by, person.name, person.email, person.language, place, sent, InvitationState.ACCEPTED, at, person
        )

    def _invite(self, service: DemoServiceCompany, days: float, state: InvitationState, *, played: bool) -> None:
        language, sent, place = service.firm.language, self._ago(days), address(self.rng)
        by = self.rng.choice(service.people)
        name, email = self.newcomers.stranger(language)
        answered = {
            InvitationState.SENT: None,
            InvitationState.EXPIRED: sent + VALID_FOR,
        }.get(state, sent + dt.timedelta(hours=self.rng.randrange(3, 60)))
        self._invitation(service, by, name, email, language, place, sent, state, answered, None)
        if played:
            first, _space, last = name.partition(" ")
            self.made.guest = DemoPerson(
                0, "", first, last, False, "customer", language, email, None, "none", "invited", "", self.now
            )

    def _invitation(
        self,
        service: DemoServiceCompany,
        by: DemoPerson,
        name: str,
        email: str,
        language: str,
        place: str,
        sent: dt.datetime,
        state: InvitationState,
        answered: dt.datetime | None,
        person: DemoPerson | None,
    ) -> DemoInvitation:
        invitation = DemoInvitation(service, by, name, email, language, place, sent, state, answered, person)
        self.made.invitations.append(invitation)
        return invitation


def reminders(sent: dt.datetime, now: dt.datetime) -> tuple[dt.datetime | None, dt.datetime | None]:
    """When somebody who has not answered was reminded last, and when they will be next (None: not, or never again)."""
    count = int((now - sent) / REMIND_EVERY)
    last = sent + count * REMIND_EVERY if count else None
    following = sent + (count + 1) * REMIND_EVERY
    return last, following if following < sent + VALID_FOR else None
