"""What can be done from one ticket, in the order of the footer."""

from __future__ import annotations

from core.i18n.translation import N_
from tui.commands import Command

_CUSTOMER = frozenset({"customer"})
_ANSWERS = frozenset({"agent", "admin", "installer"})
_DEVICE = frozenset({"customer", "installer"})

TICKET_KEYS = (
    Command("ticket.order", "y", N_("Order"), "order", N_("Accept it, decline it, or take it back"), footer=True),
    Command("ticket.reply", "r", N_("Reply"), "reply", N_("Write to the other side"), footer=True, asks="ticket.reply"),
    Command(
        "ticket.note",
        "i",
        N_("Internal note"),
        "note",
        N_("The customer never reads it"),
        footer=True,
        roles=_ANSWERS,
        asks="ticket.note",
    ),
    Command(
        "ticket.take",
        "t",
        N_("Take"),
        "take",
        N_("Give the ticket to yourself"),
        footer=True,
        roles=_ANSWERS,
        asks="ticket.take",
    ),
    Command(
        "ticket.assign",
        "a",
        N_("Assign"),
        "assign",
        N_("Give it to a colleague, or release it"),
        footer=True,
        roles=_ANSWERS,
        asks="ticket.assign",
    ),
    Command(
        "ticket.status",
        "s",
        N_("Status"),
        "status",
        N_("Change the status"),
        footer=True,
        roles=_ANSWERS,
        asks="ticket.status",
    ),
    Command(
        "ticket.priority",
        "p",
        N_("Priority"),
        "priority",
        N_("Change the priority"),
        roles=_ANSWERS,
        asks="ticket.priority",
    ),
    Command("ticket.details", "d", N_("Details"), "details", N_("Who and what it is about"), footer=True),
    Command(
        "ticket.device",
        "v",
        N_("Device"),
        "device",
        N_("What it measures and what it can be told"),
        footer=True,
        roles=_DEVICE,
    ),
    Command("ticket.history", "h", N_("History"), "history", N_("Every change, or only what was said")),
    Command(
        "ticket.close",
        "C",
        N_("Close"),
        "close",
        N_("Nothing more is needed"),
        footer=True,
        roles=_CUSTOMER,
        danger=True,
        asks="ticket.close",
    ),
    Command(
        "ticket.reopen",
        "o",
        N_("Reopen"),
        "reopen",
        N_("It is not solved after all"),
        footer=True,
        roles=_CUSTOMER,
        asks="ticket.reopen",
    ),
    Command("ticket.reload", "f5", N_("Read again"), "reload"),
    Command("ticket.back", "escape", N_("Back"), "back", N_("To the list"), footer=True),
)
