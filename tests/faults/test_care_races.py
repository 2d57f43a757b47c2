"""Two processes decide about the same application at the same moment: one of them wins, one letter leaves, each time.

The bug this stands against (read, then write) was approved twice in 1,000 of 1,000 trials, so a hundred find it as
surely; ``--full`` plays the thousand.
"""

from __future__ import annotations

import datetime as dt
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest
import sqlalchemy as sa

from core.models.care import Application, Grant, GrantEvent
from core.models.mail import Outbox
from core.service import audit_log
from core.service.desk import Desk
from core.service.unit_of_work import UnitOfWork, table
from tests.core.care.conftest import people_of
from tests.factories.desks import START
from tests.support.amounts import times

pytestmark = pytest.mark.thorough

ROOT = Path(__file__).parents[2]
_application, _outbox = table(Application), table(Outbox)


class Racer:
    """A process that sits as somebody and waits for what to do."""

    def __init__(self, desk: Desk, seat: Desk) -> None:
        url = str(desk.settings.database_url.get_secret_value()) if desk.settings.database_url else ""
        session = seat.actor().session_id
        told = [str(desk.settings.data_dir), url, str(session), START.isoformat()]
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.faults.racer", *told],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            bufsize=1,
        )
        assert self.heard() == "ready"

    def tell(self, deed: str, application_id: int) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(f"{deed} {application_id}\n")
        self.process.stdin.flush()

    def heard(self) -> str:
        assert self.process.stdout is not None
        return self.process.stdout.readline().strip()

    def end(self) -> None:
        self.process.communicate(timeout=30)
        assert self.process.returncode == 0


def applications_of(desk: Desk, customer: int, company: int, count: int) -> list[int]:
    """So many pending applications, each of another device."""
    from core.care import device_ids

    def fill(work: UnitOfWork) -> list[int]:
        rows = []
        for number in range(count):
            device = f"B{number:09}"
            rows.append(
                {
                    "company_id": company,
                    "customer_id": customer,
                    "product_id": device_ids.product_id(work, device),
                    "device": device,
                    "device_key": device_ids.key(device),
                    "level": 2,
                    "name": f"Osoba {number}",
                    "name_key": f"osoba {number}",
                    "address": "ul. Krzywa 3",
                    "phone": "600700800",
                    "country": "PL",
                    "language": "pl",
                    "created_at": work.now,
                    "expires_at": work.now + dt.timedelta(days=28),
                }
            )
        work.add_all(Application, rows)
        return [row.id for row in work.rows(sa.select(_application.c.id).order_by(_application.c.id))]

    return desk.as_system().do(fill)


def race(desk: Desk, deeds: tuple[str, str], count: int) -> Counter[tuple[str, ...]]:
    """So many races between two processes; how each of the two came out, counted."""
    world = people_of(desk)
    customer = world.zofia.actor().account_id or 0
    ids = applications_of(desk, customer, world.company, count)
    seats = {"approve": world.iwan, "reject": world.irena, "withdraw": world.zofia, "lower": world.zofia}
    first = Racer(desk, seats[deeds[0]])
    second = Racer(desk, world.irena if deeds == ("approve", "approve") else seats[deeds[1]])
    came: Counter[tuple[str, ...]] = Counter()
    for place, one in enumerate(ids):
        runners = [(first, deeds[0]), (second, deeds[1])]
        for racer, deed in runners if place % 2 else reversed(runners):
            racer.tell(deed, one)
        came[first.heard(), second.heard()] += 1
    first.end()
    second.end()
    return came


def letters(desk: Desk) -> Counter[str]:
    rows = desk.as_system().see(lambda look: look.rows(sa.select(_outbox.c.letter)))
    return Counter(row.letter for row in rows)


def count(desk: Desk, model: type[Grant] | type[GrantEvent]) -> int:
    return int(desk.as_system().see(lambda look: look.value(sa.select(sa.func.count()).select_from(table(model)))))


def states(desk: Desk) -> Counter[str]:
    rows = desk.as_system().see(lambda look: look.rows(sa.select(_application.c.state)))
    return Counter(row.state for row in rows)


def test_many_approvals_by_two_at_once(desk: Desk) -> None:
    rounds = times(150, 1000)
    came = race(desk, ("approve", "approve"), rounds)
    assert set(came) == {("won", "lost: Conflict"), ("lost: Conflict", "won")}, came
    assert letters(desk) == {"application_approved": rounds}
    assert count(desk, Grant) == count(desk, GrantEvent) == rounds
    with desk.store.reading() as connection:
        assert audit_log.verify(connection, desk.keys).whole


@pytest.mark.parametrize("deed", ["reject", "withdraw"])
def test_approval_against_its_opposite(any_desk: Desk, deed: str) -> None:
    came = race(any_desk, ("approve", deed), 40)
    assert set(came) <= {("won", "lost: Conflict"), ("lost: Conflict", "won")}, came
    approved = came["won", "lost: Conflict"]
    ended = {"reject": "rejected", "withdraw": "withdrawn"}[deed]
    assert states(any_desk) == Counter({"approved": approved, ended: 40 - approved})
    assert letters(any_desk) == Counter({"application_approved": approved, f"application_{ended}": 40 - approved})
    assert count(any_desk, Grant) == approved


def test_approval_against_a_lowered_level_grants_what_was_shown_or_nothing(any_desk: Desk) -> None:
    came = race(any_desk, ("approve", "lower"), 40)
    assert set(came) <= {("won", "lost: Conflict"), ("lost: Conflict", "won")}, came
    levels = any_desk.as_system().see(lambda look: look.rows(sa.select(table(Grant).c.level)))
    assert {row.level for row in levels} <= {2}
    assert len(levels) == came["won", "lost: Conflict"]
