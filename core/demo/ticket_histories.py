"""The demo's tickets: stories, told by somebody about something, at some point of the last year and a half."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from core.demo import answers, data
from core.demo.care import CareWorld, Looked
from core.demo.contracts import DemoContract, Estate, Thing
from core.demo.data import Story
from core.demo.people import DemoPerson
from core.demo.plots import Plot, Step, lines_until, plot, reaches, wanted
from core.models.tickets import Status
from core.products import catalogue

FIRST_NUMBER = 1001
TICKETS = 540
OLDEST = 545.0
"""Days."""
ADMINISTRATIVE = 0.14
FRESH = 0.05
"""How many tickets are of the last two days: what an agent finds in the morning."""
_OF_A_DEVICE = (2, 4, 3, 1)
"""How likely a device in care has had no ticket, one, two, three."""
_FRESH_EVERY = 6
"""Of so many devices in care one has a new ticket: an installer's morning is not empty either."""
_ANSWERED = 0.85
_OPENINGS = {False: "hello", True: "staff_hello"}
_ENDINGS = {False: "bye", True: "staff_bye"}


@dataclass(frozen=True, slots=True)
class Case:
    """One ticket before it has a number."""

    story: Story
    requester: DemoPerson
    agent: DemoPerson
    deal: DemoContract | None
    things: tuple[Thing, ...]
    created: dt.datetime
    priority: int
    course: Plot
    answers: dict[str, Any]
    subject: str
    messages: tuple[tuple[Step, str], ...]
    """Every message with its text."""
    care: Looked | None = None
    """Set where an installer company handles it."""


def cases(rng: random.Random, everybody: Sequence[DemoPerson], owned: Estate, now: dt.datetime) -> list[Case]:
    """All tickets of the operator's, the oldest first."""
    teller = _Teller(rng, everybody, owned, now)
    return sorted((teller.case(at) for at in range(TICKETS)), key=lambda case: case.created)


def with_care(rng: random.Random, made: list[Case], care: CareWorld, owned: Estate, now: dt.datetime) -> list[Case]:
    """Those about devices in care among the others."""
    teller = _Teller(rng, (), owned, now)
    more = [
        teller.care_case(grant) for grant in care.grants for _at in range(rng.choices((0, 1, 2, 3), _OF_A_DEVICE)[0])
    ]
    for service in care.services:
        running = [grant for grant in care.grants if grant.service is service and grant.ended is None]
        more += [teller.care_case(grant, fresh=True) for grant in running[2::_FRESH_EVERY]]
    return sorted([*made, *more], key=lambda case: case.created)


class _Teller:
    """Draws one case after the other."""

    def __init__(self, rng: random.Random, everybody: Sequence[DemoPerson], owned: Estate, now: dt.datetime) -> None:
        self.rng, self.now = rng, now
        self.customers = [person for person in everybody if person.inside]
        self.weights = [person.firm.weight if person.firm else 0 for person in self.customers]
        self.alone = [person for person in everybody if person.part == "alone"]
        self.agents = [person for person in everybody if person.part == "staff" and person.role == "agent"]
        self.deals = [deal for deal in owned.deals if deal.registered_at]
        self.by_category: dict[str, list[Story]] = {}
        for story in data.stories():
            self.by_category.setdefault(story.category, []).append(story)
        self.at_home = [story for story in self.by_category["heat_pump"] if story.where != "office"]
        self.by_category["heat_pump"] = [story for story in self.by_category["heat_pump"] if story.where != "home"]

    def care_case(self, grant: Looked, *, fresh: bool = False) -> Case:
        """A ticket about a device while the company looked after it; a ``fresh`` one is of today and nobody's yet."""
        span = ((grant.ended or self.now) - grant.since).total_seconds()
        age = (self.now - (grant.ended or self.now)).total_seconds() + span * min(0.99, self.rng.random() ** 3 + 0.001)
        if fresh:
            age = self.rng.uniform(600, 40_000)
        created = (self.now - dt.timedelta(seconds=age)).replace(second=0, microsecond=0)
        return self._tell(
            "heat_pump", grant.person, None, (grant.thing,), created, grant, Status.NEW if fresh else None
        )

    def case(self, at: int) -> Case:
        rng = self.rng
        age = rng.uniform(0.02, 2.2) if rng.random() < FRESH else 0.3 + OLDEST * rng.random() ** 1.7
        created = (self.now - dt.timedelta(days=age)).replace(second=0, microsecond=0)
        by_nobody = at % 45 == 7
        requester = rng.choice(self.alone) if by_nobody else rng.choices(self.customers, self.weights)[0]
        covered = [] if by_nobody or rng.random() < ADMINISTRATIVE else self._covered(requester, created)
        deal, thing = rng.choice(covered) if covered else (None, None)
        things = self._with_others(deal, thing) if deal and thing else ()
        return self._tell(thing.category if thing else "", requester, deal, things, created)

    def _covered(self, requester: DemoPerson, at: dt.datetime) -> list[tuple[DemoContract, Thing]]:
        """What the requester could have asked about on that day."""
        return [
            (deal, thing)
            for deal in self.deals
            if deal.firm is requester.firm and deal.covers_on(at.date())
            for thing in deal.covers
        ]

    def _with_others(self, deal: DemoContract, thing: Thing) -> tuple[Thing, ...]:
        like = [other for other in deal.covers if other.category == thing.category and other is not thing]
        return (thing, self.rng.choice(like)) if like and self.rng.random() < 0.15 else (thing,)

    def _tell(
        self,
        category: str,
        requester: DemoPerson,
        deal: DemoContract | None,
        things: tuple[Thing, ...],
        created: dt.datetime,
        care: Looked | None = None,
        status: Status | None = None,
    ) -> Case:
        rng = self.rng
        status = status or wanted(rng, (self.now - created).total_seconds() / 86_400)
        stories = self.at_home if care else self.by_category[category]
        story = rng.choice([each for each in stories if reaches(each, status)] or stories)
        priority = min(4, max(1, story.priority + rng.choices((-1, 0, 1), (1, 8, 1))[0]))
        course = plot(rng, lines_until(story, status, rng), status, created, self.now, priority=priority)
        agent = rng.choice(care.service.people) if care else self._agent(story.category, requester.language)
        places = self._places(requester, agent, things, deal) | (self._home(care) if care else {})
        asked = catalogue.definition(story.category) if things else None
        own_answers = answers.drawn(rng, asked, story.answers, requester.language, created) if asked else {}
        return Case(
            story,
            requester,
            agent,
            deal,
            things,
            created,
            priority,
            course,
            own_answers,
            data.capital(data.filled(story.subject[requester.language], places, feminine=requester.feminine)),
            tuple(self._said(course, requester, agent, places)),
            care,
        )

    def _home(self, care: Looked) -> dict[str, str]:
        """What is otherwise where no company has an office, and no operator answers."""
        places = data.world()["care"]["places"][care.person.language]
        drawn = {key: self.rng.choice(texts) for key, texts in places.items()}
        town = care.address.rpartition(", ")[2].partition(" ")[2]
        return drawn | {"town": town, "desk": care.service.firm.name, "operator_email": care.service.email}

    def _agent(self, category: str, language: str) -> DemoPerson:
        """Somebody who knows the category, and English where that is needed; anybody now and then."""
        knowing = [agent for agent in self.agents if category in agent.knows]
        return self.rng.choice(knowing if knowing and self.rng.random() < _ANSWERED else self.agents)

    def _places(
        self, requester: DemoPerson, agent: DemoPerson, things: tuple[Thing, ...], deal: DemoContract | None
    ) -> dict[str, str]:
        rng, world = self.rng, data.world()
        drawn = {key: rng.choice(texts) for key, texts in world["places"][requester.language].items()}
        return drawn | {
            "product": things[0].product if things else "",
            "identifier": things[0].identifier if things else "",
            "number": deal.number if deal else "",
            "company": requester.firm.name if requester.firm else "",
            "town": requester.firm.town if requester.firm else "",
            "port": str(rng.randrange(2, 12)),
            "count": str(rng.randrange(12, 24)),
            "floor": str(rng.randrange(2, 9)),
            "ip": f"192.0.2.{rng.randrange(10, 250)}",
            "version": answers.version(rng),
            "operator_email": world["operator"]["email"],
            "desk": world["operator"]["name"],
        }

    def _said(
        self, course: Plot, requester: DemoPerson, agent: DemoPerson, places: dict[str, str]
    ) -> list[tuple[Step, str]]:
        """Every message of the course, with a greeting and a name where a person would write them."""
        messages: list[tuple[Step, str]] = []
        greeted: set[bool] = set()
        for step in course.steps:
            if step.line is None:
                continue
            author = agent if step.staff else requester
            text = data.filled(step.line.text[requester.language], places, feminine=author.feminine)
            if step.line.by == "note":
                messages.append((step, data.capital(text)))
                continue
            messages.append(
                (step, self._framed(text, author, places, requester.language, first=step.staff not in greeted))
            )
            greeted.add(step.staff)
        return messages

    def _framed(self, text: str, author: DemoPerson, places: dict[str, str], language: str, *, first: bool) -> str:
        staff = author.answers
        manners = data.world()["manners"][language]
        hello = self.rng.choice(manners[_OPENINGS[staff]]) if first or self.rng.random() < 0.2 else ""
        body = _continued(text, places["product"]) if language == "pl" and hello.endswith(",") else data.capital(text)
        bye = self.rng.choice(manners[_ENDINGS[staff]]) if first or self.rng.random() < 0.4 else ""
        if "{company}" in bye and not places["company"]:
            bye = "{me}"
        end = data.filled(bye, {**places, "me": author.name}, feminine=author.feminine)
        return "\n\n".join(part for part in (hello, body, end) if part)


def _continued(text: str, product: str) -> str:
    """After ``Dzień dobry,`` Polish goes on in small letters, names and abbreviations apart."""
    named = not text[1:2].islower() or (product and text.startswith(product))
    return text if named else text[:1].lower() + text[1:]
