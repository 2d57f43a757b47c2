"""The life of applications, invitations and grants, driven by hypothesis against a small model with a moving clock.

The model knows nothing of statements or jobs: it says from the times alone what is pending, who may do what, and which
letters there must be. Whatever the machine does, in whatever order, the desk must say the same.
"""

from __future__ import annotations

import datetime as dt
import tempfile
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, initialize, invariant, multiple, rule

from core import jobs
from core.care import access, access_requests, applications, approval, grants, invitation_reply, invitations
from core.care.approval import Approval, Rejection
from core.errors import DeskError, Throttled
from core.models.levels import Right, always
from core.service.desk import Desk
from tests.core.care.acting import Application as ApplicationRow
from tests.core.care.acting import (
    accept_form,
    application_form,
    asked,
    invitations_of,
    invite_form,
    latest,
    waiting,
)
from tests.core.care.conftest import World, people_of
from tests.factories.desks import mail, mailed_code

MONTH, WEEK = dt.timedelta(days=28), dt.timedelta(days=7)
SECOND = dt.timedelta(seconds=1)
DEVICES = ("B000000001", "B000000002")


@dataclass
class Applied:
    """An application as the model sees it."""

    id: int
    who: str
    device: str
    level: int
    ends: dt.datetime
    version: int = 1
    state: str = "pending"

    def lives(self, now: dt.datetime) -> bool:
        return self.state == "pending" and now < self.ends


@dataclass
class Asked:
    """An invitation."""

    id: int
    who: str
    code: str
    ends: dt.datetime
    state: str = "sent"

    def lives(self, now: dt.datetime) -> bool:
        return self.state == "sent" and now < self.ends


@dataclass
class Served:
    """A grant, and what was allowed under it until when."""

    id: int
    asset: int
    who: str
    device: str
    level: int
    version: int = 1
    ended: bool = False
    allowed: dict[Right, dt.datetime] = field(default_factory=dict)


@dataclass
class Question:
    """What the company asked for."""

    id: int
    grant: Served
    right: Right
    hours: int
    at: dt.datetime
    open: bool = True

    def lives(self, now: dt.datetime) -> bool:
        return self.open and not self.grant.ended and now < self.at + WEEK


class Life(RuleBasedStateMachine):
    """Two customers, two devices, one company."""

    applied, invited, served, asked = Bundle("applied"), Bundle("invited"), Bundle("served"), Bundle("asked")
    customers = st.sampled_from(["zofia", "nina"])

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory(prefix="okienko-life-")
        self.all_applied: list[Applied] = []
        self.all_invited: list[Asked] = []
        self.all_served: list[Served] = []
        self.questions: list[Question] = []
        self.letters: Counter[str] = Counter()

    @initialize()
    def begin(self) -> None:
        from tests.factories.desks import make_desk

        self.desk: Desk = make_desk(Path(self.folder.name) / "desk")
        self.world: World = people_of(self.desk)
        grants.LETTERS_AT_ONCE = 10_000  # how often letters leave has a test of its own

    def teardown(self) -> None:
        if hasattr(self, "desk"):
            self.desk.close()
        self.folder.cleanup()

    @property
    def now(self) -> dt.datetime:
        return self.desk.now

    def seat(self, who: str) -> Desk:
        found: Desk = getattr(self.world, who)
        return found

    def free(self, who: str, device: str) -> bool:
        """Whether this customer can bring the device into service now."""
        if any(one.lives(self.now) and one.device == device for one in self.all_applied):
            return False
        of_it = [one for one in self.all_served if one.device == device]
        return all(one.ended and one.who == who for one in of_it)

    def sweep(self, chosen: list[Any]) -> None:
        """What has run out and is noticed now: its letters leave."""
        for one in chosen:
            if isinstance(one, Applied) and one.state == "pending" and self.now >= one.ends:
                one.state = "expired"
                self.letters["application_expired"] += 2
            elif isinstance(one, Asked) and one.state == "sent" and self.now >= one.ends:
                one.state = "expired"
                self.letters["invitation_expired"] += 1

    def tried(self, wanted: bool, act: Any) -> Any:
        """Do it; it must succeed exactly when the model says so."""
        try:
            done = act()
        except Throttled:
            return None
        except DeskError as error:
            if wanted:
                raise AssertionError(error.text()) from error
            return None
        assert wanted, "the model says no"
        return done if done is not None else True

    # Case 1

    @rule(target=applied, who=customers, device=st.sampled_from(DEVICES), level=st.integers(1, 4))
    def apply(self, who: str, device: str, level: int) -> Any:
        wanted = self.free(who, device)
        form = application_form(device=device, level=str(level))
        if self.tried(wanted, lambda: self.seat(who).do(applications.apply, form) or True) is None:
            return multiple()
        self.sweep([one for one in self.all_applied if one.device == device])
        self.letters.update(["application_sent", "application_received"])
        made = Applied(latest(self.desk, ApplicationRow), who, device, level, self.now + MONTH)
        self.all_applied.append(made)
        return made

    @rule(one=applied, level=st.integers(1, 4))
    def ask_other_level(self, one: Applied, level: int) -> None:
        if self.tried(
            one.lives(self.now),
            lambda: self.seat(one.who).do(applications.change_level, one.id, level, seen=one.version),
        ):
            one.level, one.version = level, one.version + 1

    @rule(one=applied)
    def withdraw(self, one: Applied) -> None:
        if self.tried(one.lives(self.now), lambda: self.seat(one.who).do(applications.withdraw, one.id)):
            one.state, one.version = "withdrawn", one.version + 1
            self.letters["application_withdrawn"] += 1

    @rule(target=served, one=applied, seen_before=st.booleans())
    def approve(self, one: Applied, seen_before: bool) -> Any:
        """``seen_before``: of an older version than it has now."""
        seen = one.version - 1 if seen_before else one.version
        done = self.tried(
            one.lives(self.now) and not seen_before,
            lambda: self.world.iwan.do(approval.approve, one.id, Approval(), seen=seen),
        )
        if done is None:
            return multiple()
        one.state, one.version = "approved", one.version + 1
        self.letters["application_approved"] += 1
        return self.serve(done, one.who, one.device, one.level)

    def serve(self, grant_id: int, who: str, device: str, level: int) -> Served:
        made = Served(grant_id, self.world.iwan.see(grants.card, grant_id).asset_id, who, device, level)
        self.all_served.append(made)
        return made

    @rule(one=applied)
    def reject(self, one: Applied) -> None:
        act = lambda: self.world.irena.do(approval.reject, one.id, Rejection(reason="nie"), seen=one.version)  # noqa: E731
        if self.tried(one.lives(self.now), act):
            one.state, one.version = "rejected", one.version + 1
            self.letters["application_rejected"] += 1

    # Case 2

    @rule(target=invited, who=customers)
    def invite(self, who: str) -> Any:
        wanted = not any(one.lives(self.now) and one.who == who for one in self.all_invited)
        form = invite_form(email=f"{who}@example.com")
        done = self.tried(wanted, lambda: self.world.irena.do(invitations.send, form))
        if done is None:
            return multiple()
        self.sweep([one for one in self.all_invited if one.who == who])
        self.letters["care_invitation"] += 1
        made = Asked(done, who, mailed_code(self.desk, "care_invitation"), self.now + MONTH)
        self.all_invited.append(made)
        return made

    @rule(one=invited)
    def invite_again(self, one: Asked) -> None:
        self.sweep([other for other in self.all_invited if other.who == one.who and self.now >= other.ends])
        other = any(x.lives(self.now) and x.who == one.who and x is not one for x in self.all_invited)
        wanted = one.state in ("sent", "expired") and not other
        before = self.letters.copy()
        done = self.tried(wanted, lambda: self.world.iwan.do(invitations.again, one.id) or True)
        if done:
            self.letters["care_invitation"] += 1
            one.state, one.ends = "sent", self.now + MONTH
            one.code = mailed_code(self.desk, "care_invitation")
        else:
            self.undo_sweep(before)

    def undo_sweep(self, before: Counter[str]) -> None:
        """A refused use case leaves nothing behind, not even what it noticed on its way: the next one notices it."""
        left = Counter(row.letter for row in mail(self.desk))
        for one in self.all_invited:
            if one.state == "expired" and left["invitation_expired"] < self.letters["invitation_expired"]:
                one.state = "sent"
                self.letters["invitation_expired"] -= 1

    @rule(one=invited)
    def take_back(self, one: Asked) -> None:
        if self.tried(one.lives(self.now), lambda: self.world.iwan.do(invitations.withdraw, one.id) or True):
            one.state = "withdrawn"

    @rule(one=invited)
    def decline(self, one: Asked) -> None:
        if self.tried(one.lives(self.now), lambda: self.desk.do(invitation_reply.decline, one.code) or True):
            one.state = "declined"
            self.letters["invitation_declined"] += 1

    @rule(target=served, one=invited, who=customers, device=st.sampled_from(DEVICES), level=st.integers(1, 4))
    def accept(self, one: Asked, who: str, device: str, level: int) -> Any:
        wanted = one.lives(self.now) and who == one.who and self.free(who, device)
        form = accept_form(device=device, level=str(level))
        done = self.tried(wanted, lambda: self.seat(who).do(invitation_reply.accept, one.code, form))
        if done is None:
            return multiple()
        self.sweep([other for other in self.all_applied if other.device == device])
        one.state = "accepted"
        self.letters.update(["invitation_confirmed", "invitation_accepted"])
        return self.serve(done, who, device, level)

    # The service

    @rule(one=served, level=st.integers(1, 4))
    def set_level(self, one: Served, level: int) -> None:
        act = lambda: self.seat(one.who).do(grants.set_level, one.id, level, seen=one.version) or True  # noqa: E731
        if self.tried(not one.ended, act) and level != one.level:
            lowered = level < one.level
            one.allowed = {r: t for r, t in one.allowed.items() if not (lowered or always(level, r))}
            one.level, one.version = level, one.version + 1
            self.letters["level_changed"] += 2

    @rule(one=consumes(served))
    def end(self, one: Served) -> None:
        if self.tried(not one.ended, lambda: self.seat(one.who).do(grants.end, one.id, seen=one.version) or True):
            one.ended = True
            self.letters["service_ended"] += 2

    @rule(target=asked, one=served, right=st.sampled_from(Right), hours=st.sampled_from([1, 24, 168]))
    def ask(self, one: Served, right: Right, hours: int) -> Any:
        has = always(one.level, right) or self.permitted(one, right)
        waits = any(x.grant is one and x.right is right and x.lives(self.now) for x in self.questions)
        wanted = not (one.ended or has or waits)
        done = self.tried(wanted, lambda: asked(self.world.irena, one.id, right.value, hours))
        if done is None:
            return multiple()
        self.letters["access_asked"] += 1
        made = Question(done, one, right, hours, self.now)
        self.questions.append(made)
        return made

    def permitted(self, one: Served, right: Right) -> bool:
        return not one.ended and right in one.allowed and self.now < one.allowed[right]

    @rule(one=consumes(asked), allow=st.booleans())
    def answer(self, one: Question, allow: bool) -> None:
        act = lambda: self.seat(one.grant.who).do(access_requests.answer, one.id, allow=allow) or True  # noqa: E731
        if self.tried(one.lives(self.now), act):
            one.open = False
            self.letters["access_answered"] += 1
            if allow:
                until = self.now + dt.timedelta(hours=one.hours)
                one.grant.allowed[one.right] = max(until, one.grant.allowed.get(one.right, until))

    # Time

    @rule(by=st.sampled_from([dt.timedelta(hours=1), WEEK, MONTH - SECOND, SECOND, MONTH]))
    def wait(self, by: dt.timedelta) -> None:
        self.world.later(seconds=by.total_seconds())

    @rule()
    def run_the_jobs(self) -> None:
        """Letters of what ran out leave now; reminders are counted by their own tests."""
        jobs.run(self.desk)
        self.sweep([*self.all_applied, *self.all_invited])
        for one in self.all_invited:
            if one.state == "sent":
                one.code = self.code_of(one)

    def code_of(self, one: Asked) -> str:
        """A reminder carries a new code; the older one is void."""
        import json

        rows = [
            row
            for row in mail(self.desk)
            if row.letter in ("care_invitation", "invitation_reminder") and row.address == f"{one.who}@example.com"
        ]
        last = rows[-1]
        read = lambda look: json.loads(look.keys.unseal("outbox", last.secrets, last.message_id))["code"]  # noqa: E731
        return str(self.desk.as_system().see(read))

    # What must hold

    @invariant()
    def the_desk_says_the_same(self) -> None:
        if not hasattr(self, "desk"):
            return
        assert [one.id for one in waiting(self.world.iwan)] == [
            one.id for one in sorted(self.all_applied, key=lambda x: (x.ends, x.id)) if one.lives(self.now)
        ]
        open_ = {one.id for one in invitations_of(self.world.iwan) if one.state == "sent"}
        assert open_ == {one.id for one in self.all_invited if one.lives(self.now)}
        running = [one for one in self.all_served if not one.ended]
        assert {one.id for one in self.world.iwan.see(grants.customers, _all()).rows} == {one.id for one in running}

    @invariant()
    def everybody_may_what_the_model_says(self) -> None:
        for one in self.all_served:
            latest_of_it = [x for x in self.all_served if x.asset == one.asset][-1]
            if one is not latest_of_it:
                continue
            for right in Right:
                wanted = not one.ended and (always(one.level, right) or self.permitted(one, right))
                assert self.world.iwan.see(access.may, right, one.asset).allowed == wanted
                assert self.seat(one.who).see(access.may, right, one.asset).allowed
                assert not self.world.obcy.see(access.may, right, one.asset).allowed

    @invariant()
    def each_letter_left_once(self) -> None:
        if hasattr(self, "desk"):
            sent = Counter(row.letter for row in mail(self.desk) if row.letter not in _ELSEWHERE)
            assert sent == +self.letters


_ELSEWHERE = ("application_reminder", "invitation_reminder", "device_claimed")
"""Letters that have their own tests."""


def _all() -> Any:
    from core.db.pagination import PageRequest

    return PageRequest(limit=100)


TestLife = pytest.mark.thorough(Life.TestCase)
TestLife.settings = settings(
    max_examples=14, stateful_step_count=30, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
