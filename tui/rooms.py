"""The rooms of the desk: one table, from which the sidebar, ``g``, the palette and the rooms of guests come.

A new room is a screen with a ``ROOM`` and a row here. Its screen is imported when it is first gone to.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from core.i18n.translation import N_
from tui import screen_paths
from tui.widgets.frame import Frame, Room

if TYPE_CHECKING:
    from textual.screen import Screen

    from core.service.actor import Actor

_STAFF = frozenset({"agent", "admin"})
_ANSWERS = _STAFF | {"installer"}
_CUSTOMER = frozenset({"customer"})
_INSTALLER = frozenset({"installer"})
_ADMIN = frozenset({"admin"})
_EVERYBODY: frozenset[str] = frozenset()


def _anybody(_actor: Actor) -> bool:
    return True


def _decides(actor: Actor) -> bool:
    """Whoever may let colleagues in."""
    return actor.staff or actor.owner


def _has_line(actor: Actor) -> bool:
    """Somebody with an internet line."""
    return actor.subscriber_id is not None


def _has_company(actor: Actor) -> bool:
    """Not a subscriber without a company: what customers have through one, they have under *My data*."""
    return actor.staff or actor.subscriber_id is None or actor.company_id is not None


@dataclass(frozen=True, slots=True)
class RoomRow:
    """One room.

    ``key`` goes there after ``g``; ``label`` is a msgid; ``path`` is ``module:class`` of its screen, which takes the
    frame and then ``arguments``. Actors of one of ``roles`` (empty: of any) have it if ``has`` says so. ``count_key``
    names its number among the counts.
    """

    id: str
    key: str
    label: str
    path: str
    roles: frozenset[str] = _EVERYBODY
    has: Callable[[Actor], bool] = _anybody
    count_key: str = ""
    arguments: tuple[str, ...] = ()

    def screen_class(self) -> type[Screen[Any]]:
        """Import the class of its screen."""
        return screen_paths.screen_class(self.path)

    def screen(self, frame: Frame) -> Screen[Any]:
        """Make its screen."""
        return self.screen_class()(frame, *self.arguments)  # type: ignore[arg-type]

    def room(self, frame: Frame, roles: frozenset[str]) -> Room:
        """The room as ``frame`` shows it."""
        return Room(self.id, self.key, self.label, self.count_key, partial(self.screen, frame), roles)


_TICKETS = "tui.screens.tickets.listing:Tickets"
_ASSETS = "tui.screens.contracts.assets:Assets"

ROOMS: Final = (
    RoomRow("panel", "h", N_("My data"), "tui.screens.subscribers.own_data:Panel", _CUSTOMER, _has_line),
    RoomRow("payments", "p", N_("Payments"), "tui.screens.billing.payments:Payments", _CUSTOMER, _has_line),
    RoomRow("invoices", "i", N_("E-invoices"), "tui.screens.billing.invoices:Invoices", _CUSTOMER, _has_line),
    RoomRow("usage", "m", N_("Statistics"), "tui.screens.billing.statistics:Statistics", _CUSTOMER, _has_line),
    RoomRow(
        "order", "o", N_("Order services"), "tui.screens.billing.catalogue:Services", _CUSTOMER, _has_line, "orders"
    ),
    RoomRow(
        "pending", "p", N_("Pending customers"), "tui.screens.care.approvals:Pending", _INSTALLER, count_key="pending"
    ),
    RoomRow(
        "customers", "c", N_("Customers"), "tui.screens.care.customers:Customers", _INSTALLER, count_key="customers"
    ),
    RoomRow("invitations", "i", N_("Invitations"), "tui.screens.care.invitations:Invitations", _INSTALLER),
    RoomRow("new", "n", N_("New tickets"), _TICKETS, _ANSWERS, count_key="new", arguments=("new",)),
    RoomRow("mine", "m", N_("My tickets"), _TICKETS, _ANSWERS, count_key="mine", arguments=("mine",)),
    RoomRow("open", "o", N_("Open tickets"), _TICKETS, _ANSWERS, count_key="open", arguments=("open",)),
    RoomRow("all", "e", N_("All tickets"), _TICKETS, _ANSWERS, count_key="all", arguments=("all",)),
    RoomRow("closed", "x", N_("Closed tickets"), _TICKETS, _ANSWERS, count_key="closed", arguments=("closed",)),
    RoomRow("tickets", "t", N_("Tickets"), _TICKETS, _CUSTOMER, count_key="open", arguments=("open",)),
    RoomRow("service", "s", N_("Service"), "tui.screens.care.overview:Service", _CUSTOMER, count_key="requests"),
    RoomRow("devices", "d", N_("Devices"), "tui.screens.devices.device_list:Devices", _CUSTOMER),
    RoomRow(
        "contracts",
        "c",
        N_("Contracts"),
        "tui.screens.contracts.contracts:Contracts",
        _STAFF | _CUSTOMER,
        _has_company,
    ),
    RoomRow("assets", "a", N_("Assets"), _ASSETS, _STAFF),
    RoomRow("my_assets", "a", N_("My assets"), _ASSETS, _CUSTOMER, _has_company),
    RoomRow("subscribers", "s", N_("Subscribers"), "tui.screens.subscribers.search:Subscribers", _STAFF),
    RoomRow("people", "p", N_("People"), "tui.screens.accounts.people:People", _STAFF),
    RoomRow(
        "colleagues",
        "w",
        N_("Waiting to join"),
        "tui.screens.accounts.colleagues:Colleagues",
        _STAFF | _CUSTOMER,
        _decides,
        "colleagues",
    ),
    RoomRow("outbox", "b", N_("Outbox"), "tui.screens.mail.outbox:OutboxRoom", _ADMIN, count_key="failed"),
    RoomRow("company", "y", N_("Company"), "tui.screens.installers.profile:Company", _INSTALLER),
    RoomRow("news", "j", N_("News"), "tui.screens.knowledge.articles:News"),
    RoomRow("faq", "f", N_("FAQ"), "tui.screens.knowledge.articles:Faq"),
    RoomRow("contact", "k", N_("Contact"), "tui.screens.knowledge.contact:ContactRoom"),
    RoomRow("account", "u", N_("My account"), "tui.screens.accounts.my_account:MyAccount"),
)
"""In the order of the sidebar."""

GUESTS: Final = ("news", "faq", "contact", "order")
"""Rooms that are open before anybody has logged in, in their order there."""


def rooms_of(actor: Actor, frame: Frame) -> tuple[Room, ...]:
    """The rooms of whoever sits here, in the order of the sidebar; their role chooses among them
    (:attr:`tui.widgets.frame.Frame.open_rooms`)."""
    return tuple(row.room(frame, row.roles) for row in ROOMS if row.has(actor))


def guest_frame(desk: str) -> Frame:
    """The frame around the rooms of guests."""
    frame = Frame(desk=desk)
    rows = {row.id: row for row in ROOMS}
    frame.rooms = tuple(rows[room].room(frame, _EVERYBODY) for room in GUESTS)
    return frame
