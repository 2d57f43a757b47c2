"""The rooms of the desk by role: one table, from which the sidebar, ``g`` and the palette come."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from core.words import N_
from tui.widgets.rooms import Room

if TYPE_CHECKING:
    from textual.screen import Screen

    from tui.app import OkienkoApp

_STAFF = frozenset({"agent", "admin"})
_CUSTOMER = frozenset({"customer"})
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

    found = (
        Room("new", "n", N_("New tickets"), "new", tickets("new"), _STAFF),
        Room("mine", "m", N_("My tickets"), "mine", tickets("mine"), _STAFF),
        Room("open", "o", N_("Open tickets"), "open", tickets("open"), _STAFF),
        Room("all", "e", N_("All tickets"), "all", tickets("all"), _STAFF),
        Room("closed", "x", N_("Closed tickets"), "closed", tickets("closed"), _STAFF),
        Room("tickets", "t", N_("Tickets"), "open", tickets("open"), _CUSTOMER),
        Room("contracts", "c", N_("Contracts"), "contracts", contracts),
        Room("assets", "a", N_("Assets"), "assets", assets, _STAFF),
        Room("my_assets", "a", N_("My assets"), "assets", assets, _CUSTOMER),
        Room("people", "p", N_("People"), "people", people, _STAFF),
        Room("colleagues", "w", N_("Waiting to join"), "colleagues", colleagues),
        Room("outbox", "b", N_("Outbox"), "failed", outbox, _ADMIN),
        Room("account", "u", N_("My account"), "", account),
    )
    deciding = app.seat is not None and (app.seat.staff or app.seat.owner)
    return tuple(room for room in found if room.id != "colleagues" or deciding)
