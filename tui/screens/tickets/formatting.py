"""How a ticket's values are said and shown, wherever a ticket is shown."""

from __future__ import annotations

from dataclasses import replace

from textual.content import Content

from core.i18n.translation import N_, _
from core.models.levels import LEVELS
from core.models.tickets import Priority, Status
from tui.widgets import badge as looks
from tui.widgets.badge import STATUS, badge, drawn

STATUSES = {status.value: status.name.lower() for status in Status}
PRIORITIES = {priority.value: priority.name.lower() for priority in Priority}
KINDS = {"administrative": N_("administrative"), "technical": N_("technical"), "order": N_("order")}
_LEVELS = {int(choice.value): choice.label for choice in LEVELS}
RELATIONS = {"fault": N_("fault"), "question": N_("question"), "change": N_("change"), "return": N_("return")}


def status(value: int) -> Content:
    """The status as glyph and word."""
    return badge("status", STATUSES[value])


_SHORT = {
    "waiting_customer": N_("with customer"),
    "waiting_vendor": N_("with vendor"),
}


def short_status(value: int) -> Content:
    """The same for a column of a list."""
    name = STATUSES[value]
    look = STATUS[name]
    return drawn(replace(look, word=_SHORT.get(name, look.word)))


def priority(value: int) -> Content:
    """The priority as glyph and word."""
    return badge("priority", PRIORITIES[value])


def level(value: int) -> str:
    """An access level as number and words."""
    return f"{value} · {_(_LEVELS[value])}"


def taking_from(assignee: str) -> str:
    """What the first press says of a ticket that a colleague has."""
    return _("{name} has this ticket. Press the key again to take it over.").format(name=assignee)


def happened(what: str, before: str, after: str) -> str:
    """One line of history as a sentence without its subject; numbers of statuses and priorities as their words."""
    if what == "created":
        return _("opened the ticket")
    if what == "status":
        return _("status: {before} → {after}").format(before=_word(STATUSES, before), after=_word(STATUSES, after))
    if what == "priority":
        return _("priority: {before} → {after}").format(
            before=_word(PRIORITIES, before), after=_word(PRIORITIES, after)
        )
    if what == "assignee":
        return _("gave the ticket to {name}").format(name=after) if after else _("released the ticket")
    return ""


def beginning(text: str, length: int = 120) -> str:
    """The first words of a message, on one line."""
    line = " ".join(text.split())
    return line if len(line) <= length else f"{line[: length - 1].rstrip()}…"


def _word(names: dict[int, str], number: str) -> str:
    name = names.get(int(number), "") if number.isdecimal() else ""
    look = looks.STATUS.get(name) or looks.PRIORITY.get(name)
    return _(look.word) if look else number
