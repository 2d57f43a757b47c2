"""One service company with two people, and a customer with a heat pump."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from core.models.accounts import Standing
from core.service.desk import Desk
from tests.factories import cares
from tests.factories.desks import logged_in, make_desk


@dataclass
class World:
    """Everybody a test of care needs; ``iwan`` owns the company, ``irena`` works there, ``obcy`` is of another one."""

    desk: Desk
    company: int
    iwan: Desk
    irena: Desk
    obcy: Desk
    zofia: Desk
    nina: Desk

    def later(self, **span: float) -> None:
        """Push the clock ahead; sessions last through it."""
        import datetime as dt

        self.desk.clock.move(dt.timedelta(**span))  # type: ignore[attr-defined]


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    desk = make_desk(tmp_path / "care", security={"session_hours": 72})
    yield people_of(desk)
    desk.close()


def people_of(desk: Desk) -> World:
    """Fill a desk. Sessions are made to last: these tests move the clock by weeks."""
    company = cares.service_company(desk)
    other = cares.service_company(desk, "Inna Ciepłownia", "inna@example.com")
    made = World(
        desk,
        company,
        cares.installer(desk, "iwan", company, Standing.OWNER),
        cares.installer(desk, "irena", company),
        cares.installer(desk, "obcy", other, Standing.OWNER),
        logged_in(desk, "zofia", language="pl"),
        logged_in(desk, "nina"),
    )
    keep_sessions(desk)
    return made


def keep_sessions(desk: Desk) -> None:
    import datetime as dt

    from core.models.accounts import Session
    from core.service.unit_of_work import table

    far = desk.now + dt.timedelta(days=4000)
    desk.as_system().do(lambda work: work.change(Session, table(Session).c.id > 0, expires_at=far))
