"""How money, orders and their states are said, wherever they are shown."""

from __future__ import annotations

from textual.content import Content

from core.billing.catalogue import OfferedService
from core.billing.orders import price
from core.i18n import dates
from core.i18n.translation import N_, _
from core.tickets.order import Order
from tui.text import plain

GROUPS = {
    "speed": N_("speed"),
    "address": N_("address"),
    "equipment": N_("equipment"),
    "other": N_("other"),
}
STATES = {
    "placed": ("○", N_("placed, not confirmed yet"), "$text-warning"),
    "accepted": ("◐", N_("accepted"), "$text-accent"),
    "done": ("●", N_("done"), "$text-success"),
    "declined": ("×", N_("declined"), "$text-error"),
    "withdrawn": ("–", N_("withdrawn"), "$text-muted"),
}
"""Glyph, msgid and colour of each state of an order."""


def state(name: str) -> Content:
    """An order's state as glyph and word."""
    glyph, word, colour = STATES[name]
    return plain(f"{glyph} {_(word)}").stylize(colour)


def order_facts(order: Order) -> list[tuple[str, Content | str]]:
    """The card of an order."""
    facts: list[tuple[str, Content | str]] = [
        (N_("Offered service"), order.name),
        (N_("Price"), price(order.price, order.every)),
        (N_("Line"), order.line),
        (N_("Takes effect on"), dates.day(order.effective_on)),
        (N_("State"), state(order.state)),
        (N_("Decided"), dates.moment(order.decided_at) if order.decided_at else ""),
        (N_("By"), order.decided_by),
    ]
    return [(label, value) for label, value in facts if value]


def service_facts(service: OfferedService, language: str) -> list[tuple[str, Content | str]]:
    """The card of a service of the catalogue."""
    facts: list[tuple[str, Content | str]] = [
        (N_("Offered service"), service.name.text(language)),
        (N_("Kind"), _(GROUPS[service.group])),
        (N_("Price"), price(service.price, service.every)),
        (N_("About"), service.about.text(language)),
    ]
    return [(label, value) for label, value in facts if value]
