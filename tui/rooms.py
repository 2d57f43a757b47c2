"""The rooms of the desk by role: one table, from which the sidebar, ``g`` and the palette come."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from core.i18n.translation import N_
from tui.widgets.frame import Room

if TYPE_CHECKING:
    from textual.screen import Screen

    from core.service.actor import Actor
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
            from tui.screens.tickets.listing import Tickets

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
        from tui.screens.care.approvals import Pending

        return Pending(app.frame)

    def customers() -> Screen[Any]:
        from tui.screens.care.customers import Customers

        return Customers(app.frame)

    def invitations() -> Screen[Any]:
        from tui.screens.care.invitations import Invitations

        return Invitations(app.frame)

    def service() -> Screen[Any]:
        from tui.screens.care.overview import Service

        return Service(app.frame)

    def devices() -> Screen[Any]:
        from tui.screens.devices.device_list import Devices

        return Devices(app.frame)

    def company() -> Screen[Any]:
        from tui.screens.installers.profile import Company

        return Company(app.frame)

    def news() -> Screen[Any]:
        from tui.screens.knowledge.articles import News

        return News(app.frame)

    def faq() -> Screen[Any]:
        from tui.screens.knowledge.articles import Faq

        return Faq(app.frame)

    def contact() -> Screen[Any]:
        from tui.screens.knowledge.contact import ContactRoom

        return ContactRoom(app.frame)

    def panel() -> Screen[Any]:
        from tui.screens.subscribers.own_data import Panel

        return Panel(app.frame)

    def payments() -> Screen[Any]:
        from tui.screens.billing.payments import Payments

        return Payments(app.frame)

    def invoices() -> Screen[Any]:
        from tui.screens.billing.invoices import Invoices

        return Invoices(app.frame)

    def usage() -> Screen[Any]:
        from tui.screens.billing.statistics import Statistics

        return Statistics(app.frame)

    def order() -> Screen[Any]:
        from tui.screens.billing.catalogue import Services

        return Services(app.frame)

    def subscribers() -> Screen[Any]:
        from tui.screens.subscribers.search import Subscribers

        return Subscribers(app.frame)

    found = (
        Room("panel", "h", N_("My data"), "", panel, _CUSTOMER),
        Room("payments", "p", N_("Payments"), "", payments, _CUSTOMER),
        Room("invoices", "i", N_("E-invoices"), "", invoices, _CUSTOMER),
        Room("usage", "m", N_("Statistics"), "", usage, _CUSTOMER),
        Room("order", "o", N_("Order services"), "orders", order, _CUSTOMER),
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
        Room("subscribers", "s", N_("Subscribers"), "", subscribers, _STAFF),
        Room("people", "p", N_("People"), "people", people, _STAFF),
        Room("colleagues", "w", N_("Waiting to join"), "colleagues", colleagues, _STAFF | _CUSTOMER),
        Room("outbox", "b", N_("Outbox"), "failed", outbox, _ADMIN),
        Room("company", "y", N_("Company"), "", company, _INSTALLER),
        Room("news", "j", N_("News"), "", news),
        Room("faq", "f", N_("FAQ"), "", faq),
        Room("contact", "k", N_("Contact"), "", contact),
        Room("account", "u", N_("My account"), "", account),
    )
    return tuple(room for room in found if _open_to(app.seat, room.id))


_LINES = frozenset({"panel", "payments", "invoices", "usage", "order"})
"""Rooms of somebody with an internet line."""
_COMPANY = frozenset({"contracts", "my_assets"})
"""What a customer has through a company; a subscriber without one has it under *My data*."""


def _open_to(seat: Actor | None, room: str) -> bool:
    """Whether ``room`` is for this person, beside what their role says."""
    if seat is None:
        return room != "colleagues"
    if room == "colleagues":
        return seat.staff or seat.owner
    if room in _LINES:
        return seat.subscriber_id is not None
    return not (room in _COMPANY and seat.subscriber_id is not None and seat.company_id is None) or seat.staff
