"""The rooms of the desk by role: one table, from which the sidebar, ``g`` and the palette come."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from core.words import N_
from tui.widgets.rooms import Room

if TYPE_CHECKING:
    from textual.screen import Screen

    from tui.app import OkienkoApp

_STAFF = frozenset({"agent", "admin"})
_ANSWERS = _STAFF | {"installer"}
_CUSTOMER = frozenset({"customer"})
_INSTALLER = frozenset({"installer"})
_ADMIN = frozenset({"admin"})


def rooms(app: OkienkoApp) -> tuple[Room, ...]:
    """All rooms, in the order of the sidebar; their screens are imported when they are first gone to."""

    def tickets(view: str) -> Any:
        def make() -> Screen[Any]:
            from tui.screens.tickets.queue import Tickets

            return Tickets(app.frame, view)

        return make

    def contracts() -> Screen[Any]:
        from tui.screens.contracts.contracts import Contracts

        return Contracts(app.frame)

    def assets() -> Screen[Any]:
        from tui.screens.contracts.assets import Assets

        return Assets(app.frame)

    def people() -> Screen[Any]:
        from tui.screens.accounts.people import People

        return People(app.frame)

    def colleagues() -> Screen[Any]:
        from tui.screens.accounts.colleagues import Colleagues

        return Colleagues(app.frame)

    def outbox() -> Screen[Any]:
        from tui.screens.mail.outbox import OutboxRoom

        return OutboxRoom(app.frame)

    def account() -> Screen[Any]:
        from tui.screens.accounts.my_account import MyAccount

        return MyAccount(app.frame)

    def pending() -> Screen[Any]:
        from tui.screens.care.pending import Pending

        return Pending(app.frame)

    def customers() -> Screen[Any]:
        from tui.screens.care.customers import Customers

        return Customers(app.frame)

    def invitations() -> Screen[Any]:
        from tui.screens.care.invitations import Invitations

        return Invitations(app.frame)

    def service() -> Screen[Any]:
        from tui.screens.care.service import Service

        return Service(app.frame)

    def devices() -> Screen[Any]:
        from tui.screens.care.devices import Devices

        return Devices(app.frame)

    def company() -> Screen[Any]:
        from tui.screens.companies.company import Company

        return Company(app.frame)

    found = (
        Room("pending", "p", N_("Pending customers"), "pending", pending, _INSTALLER),
        Room("customers", "c", N_("Customers"), "customers", customers, _INSTALLER),
        Room("invitations", "i", N_("Invitations"), "", invitations, _INSTALLER),
        Room("new", "n", N_("New tickets"), "new", tickets("new"), _ANSWERS),
        Room("mine", "m", N_("My tickets"), "mine", tickets("mine"), _ANSWERS),
        Room("open", "o", N_("Open tickets"), "open", tickets("open"), _ANSWERS),
        Room("all", "e", N_("All tickets"), "all", tickets("all"), _ANSWERS),
        Room("closed", "x", N_("Closed tickets"), "closed", tickets("closed"), _ANSWERS),
        Room("tickets", "t", N_("Tickets"), "open", tickets("open"), _CUSTOMER),
        Room("service", "s", N_("Service"), "requests", service, _CUSTOMER),
        Room("devices", "d", N_("Devices"), "", devices, _CUSTOMER),
        Room("contracts", "c", N_("Contracts"), "contracts", contracts, _STAFF | _CUSTOMER),
        Room("assets", "a", N_("Assets"), "assets", assets, _STAFF),
        Room("my_assets", "a", N_("My assets"), "assets", assets, _CUSTOMER),
        Room("people", "p", N_("People"), "people", people, _STAFF),
        Room("colleagues", "w", N_("Waiting to join"), "colleagues", colleagues, _STAFF | _CUSTOMER),
        Room("outbox", "b", N_("Outbox"), "failed", outbox, _ADMIN),
        Room("company", "y", N_("Company"), "", company, _INSTALLER),
        Room("account", "u", N_("My account"), "", account),
    )
    deciding = app.seat is not None and (app.seat.staff or app.seat.owner)
    return tuple(room for room in found if room.id != "colleagues" or deciding)
