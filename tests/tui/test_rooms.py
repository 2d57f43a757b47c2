"""One table of rooms: every row opens the screen of its room, and no screen belongs to a room without a row."""

from __future__ import annotations

import dataclasses
import importlib
import inspect
import pkgutil
from collections.abc import Iterable, Iterator, Mapping

import pytest

import tui.screens
from core import badges
from core.models.accounts import Role
from core.service.actor import Actor
from core.service.desk import Desk
from tests.factories.cares import installer, service_company
from tests.factories.desks import logged_in, person, seat
from tests.factories.subscribers import subscriber
from tests.support.telling import no_problem
from tui.rooms import GUESTS, ROOMS, RoomRow, guest_frame, rooms_of
from tui.shell import Shell
from tui.widgets.frame import Frame

HOME = "tui/rooms.py"
COUNTS = "core/badges.py"
ROLES = ("customer", "installer", "agent", "admin")
PANEL = ROOMS[0]


def problems_of(row: RoomRow) -> Iterator[str]:
    """What is wrong with the screen that a row names."""
    try:
        kind = row.screen_class()
    except (ImportError, AttributeError) as error:
        yield f"{row.id}: {row.path} can't be imported ({error}); mend `path` of its row in {HOME}."
        return
    if not (isinstance(kind, type) and issubclass(kind, Shell)):
        yield f"{row.id}: {row.path} is no screen with a frame; name a Shell in its row in {HOME}."
        return
    for role in row.roles or ROLES:
        room = row.screen(Frame(role=role)).ROOM  # type: ignore[attr-defined]
        if room != row.id:
            said = f"{row.id}: for {role} {row.path} says ROOM = {room!r}"
            yield f"{said}; let it say {row.id!r}, or mend its row in {HOME}."


def homeless(kinds: Iterable[type[Shell]]) -> Iterator[str]:
    """Screens that say a room of which nobody knows the way."""
    known = {row.id for row in ROOMS}
    for kind in kinds:
        room = inspect.getattr_static(kind, "ROOM")
        if isinstance(room, str) and room and room not in known:
            said = f"{kind.__module__}.{kind.__qualname__} says ROOM = {room!r}"
            yield f"{said}: add a row for that room to ROOMS in {HOME}."


def clashes(rows: Iterable[RoomRow]) -> Iterator[str]:
    """Rooms that one key would go to, and ids that two rows have."""
    ids: set[str] = set()
    keys: dict[tuple[str, str], str] = {}
    for row in rows:
        if row.id in ids:
            yield f"Two rows are called {row.id}: give one of them another id in {HOME}."
        ids.add(row.id)
        for role in row.roles or ROLES:
            other = keys.setdefault((role, row.key), row.id)
            if other != row.id or row.key == "g":
                yield f"g {row.key} goes to {other} already for {role}: give {row.id} another key in {HOME}."


def uncounted(rows: Iterable[RoomRow], counted: Mapping[str, set[str]]) -> Iterator[str]:
    """Rooms whose number nobody counts: ``counted`` has what is, by role."""
    for row in rows:
        for role in row.roles or ROLES:
            if row.count_key and row.count_key not in counted[role]:
                yield f"Nothing counts {row.count_key} for {role}: count it in {COUNTS}, or take it out of {HOME}."


def screens() -> set[type[Shell]]:
    modules = pkgutil.walk_packages(tui.screens.__path__, "tui.screens.")
    values = [value for one in modules for value in vars(importlib.import_module(one.name)).values()]
    return {value for value in values if isinstance(value, type) and issubclass(value, Shell)}


def test_every_row_opens_the_screen_of_its_room() -> None:
    no_problem(problem for row in ROOMS for problem in problems_of(row))


def test_every_screen_belongs_to_a_room_with_a_row() -> None:
    assert len(screens()) > 30
    no_problem(homeless(screens()))


def test_no_key_goes_to_two_rooms() -> None:
    no_problem(clashes(ROOMS))


def test_every_number_beside_a_room_is_counted(desk: Desk) -> None:
    line = person(desk, "ola")
    subscriber(desk, account_id=line)
    people = {
        "customer": seat(desk, line),
        "installer": installer(desk, "jan", service_company(desk)),
        "agent": logged_in(desk, "adam", Role.AGENT),
        "admin": logged_in(desk, "root", Role.ADMIN),
    }
    no_problem(uncounted(ROOMS, {role: set(one.see(badges.sidebar)) for role, one in people.items()}))


def test_rooms_of_guests_are_open_to_them() -> None:
    frame = guest_frame("Okienko")
    assert tuple(room.id for room in frame.open_rooms) == GUESTS
    assert [room.factory().ROOM for room in frame.rooms] == list(GUESTS)  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("actor", "there", "away"),
    [
        (Actor("customer", 1), {"contracts", "my_assets", "tickets"}, {"panel", "order", "colleagues", "assets"}),
        (Actor("customer", 1, subscriber_id=2), {"panel", "order"}, {"contracts", "my_assets", "colleagues"}),
        (Actor("customer", 1, subscriber_id=2, company_id=3), {"panel", "contracts", "my_assets"}, {"colleagues"}),
        (Actor("customer", 1, company_id=3, owner=True), {"colleagues", "contracts"}, {"usage", "people"}),
        (Actor("installer", 1, company_id=3), {"pending", "open", "company"}, {"contracts", "colleagues", "outbox"}),
        (Actor("agent", 1), {"colleagues", "contracts", "assets", "people"}, {"outbox", "panel", "tickets"}),
        (Actor("admin", 1), {"outbox", "colleagues", "subscribers"}, {"devices", "customers"}),
    ],
    ids=("company", "subscriber", "both", "owner", "installer", "agent", "admin"),
)
def test_who_has_which_rooms(actor: Actor, there: set[str], away: set[str]) -> None:
    frame = Frame(role=actor.role)
    frame.rooms = rooms_of(actor, frame)
    ids = {room.id for room in frame.open_rooms}
    assert there <= ids
    assert not away & ids
    assert {"news", "faq", "contact", "account"} <= ids


# --- what a mistake is told ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"path": "tui.screens.nowhere:Panel"}, "mend `path` of its row"),
        ({"path": "tui.screens.subscribers.own_data:Nothing"}, "mend `path` of its row"),
        ({"path": "tui.rooms:RoomRow"}, "is no screen with a frame"),
        ({"id": "reports"}, "says ROOM = 'panel'; let it say 'reports'"),
    ],
)
def test_a_row_that_opens_another_room(change: dict[str, str], told: str) -> None:
    assert told in " ".join(problems_of(dataclasses.replace(PANEL, **change)))  # type: ignore[arg-type]


def test_a_screen_without_a_row() -> None:
    class Reports(Shell[None]):
        ROOM = "reports"

    (told,) = homeless([Reports])
    assert told.endswith(f"says ROOM = 'reports': add a row for that room to ROOMS in {HOME}.")


def test_a_number_that_nobody_counts() -> None:
    row = dataclasses.replace(PANEL, count_key="reports")
    assert list(uncounted([row], {"customer": {"open"}})) == [
        f"Nothing counts reports for customer: count it in {COUNTS}, or take it out of {HOME}."
    ]


def test_two_rooms_under_one_key() -> None:
    other = dataclasses.replace(PANEL, id="reports")
    assert list(clashes([PANEL, other])) == [
        f"g h goes to panel already for customer: give reports another key in {HOME}."
    ]
    assert list(clashes([PANEL, PANEL])) == [f"Two rows are called panel: give one of them another id in {HOME}."]
