"""Contact: whom to call, whether somebody is there now, and writing to the office."""

from __future__ import annotations

import zoneinfo
from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import ItemGrid, VerticalScroll
from textual.content import Content
from textual.widgets import Static

from core.i18n.translation import N_, _
from core.knowledge import contact
from core.knowledge.contact import Contact
from tui.commands import Command, bindings
from tui.screens.base import errand
from tui.screens.knowledge.open_room import OpenRoom
from tui.text import plain
from tui.widgets.card import Card, Value

if TYPE_CHECKING:
    import datetime as dt


LOOK_AGAIN = 30.0
"""Seconds: *open until 17:00* is not said for long after."""
_WRITES = frozenset({"", "customer"})
"""Who writes to the office: staff are the office, installers have their own customers."""


class ContactRoom(OpenRoom):
    """A card for each department."""

    ROOM = "contact"
    DESK_COMMANDS: ClassVar[tuple[Command, ...]] = (
        Command(
            "contact.new", "n", N_("Write to the office"), "new", N_("Open a ticket for it"), footer=True, roles=_WRITES
        ),
        Command("contact.reload", "f5", N_("Read again"), "reload"),
    )
    BINDINGS: ClassVar[list[BindingType]] = bindings(DESK_COMMANDS)
    CSS_PATH = "knowledge.tcss"

    def compose_room(self) -> ComposeResult:
        with VerticalScroll(id="contact"):
            yield ItemGrid(id="contact-cards", min_column_width=46, stretch_height=False)
            yield Static(id="contact-foot")

    def on_mount(self) -> None:
        self.query_one("#contact").focus()
        self.set_interval(LOOK_AGAIN, self.action_reload)
        self.action_reload()

    @errand
    async def action_reload(self) -> None:
        answer: tuple[Sequence[Contact], str, dt.datetime] = await self.see(contact.departments_now, self.app.language)
        departments, zone, now = answer
        grid = self.query_one(ItemGrid)
        cards = list(grid.query(Card))
        if len(cards) != len(departments):
            await grid.remove_children()
            cards = [Card("") for _department in departments]
            await grid.mount(*cards)
        for card, department in zip(cards, departments, strict=True):
            lines = facts(department, now, zoneinfo.ZoneInfo(zone))
            nothing = [] if lines else [plain(_("No telephone and no address is given here.")).stylize("$text-muted")]
            card.show(lines, nothing, title=department.name)
        self.query_one("#contact-foot", Static).update(plain(self._foot(departments[0].desk)))

    def _foot(self, desk_alone: bool) -> str:
        if self.guest:
            return _("Log in and press n to write to the office; the answer comes by mail and stands in your tickets.")
        if self.role == "customer":
            return _("Press n to write to the office: it is a ticket, and the answer comes by mail too.")
        if self.role == "admin" and desk_alone:
            return _(
                "Departments with their hours come from the tables “contact” of okienko.toml; there is none so far."
            )
        return ""

    def lacks(self, action: str) -> bool:
        return (action == "new" and self.role not in _WRITES) or super().lacks(action)

    def action_new(self) -> None:
        """A ticket without an asset goes to the office. A guest is told how."""
        if self.guest:
            self.notify(_("Log in first (Esc); then n writes to the office."))
            return
        from tui.screens.tickets.new import NewTicketScreen  # deferred: a screen is loaded when it is first shown

        self.app.push_screen(NewTicketScreen(self.frame, room=self.ROOM))


def facts(department: Contact, now: dt.datetime, zone: dt.tzinfo) -> list[tuple[str, Value]]:
    """What a department's card says."""
    lines: list[tuple[str, Value]] = []
    if department.open is not None:
        lines.append((N_("Now"), _now(department, now, zone)))
    if department.week is not None:
        lines.append((N_("Hours"), "\n".join(contact.lines(department.week)) or _("by arrangement")))
    elif department.hours:
        lines.append((N_("Hours"), department.hours))
    if department.phones:
        lines.append((N_("Phone"), "\n".join(department.phones)))
    if department.note:
        lines.append((N_("At any hour"), department.note))
    if department.email:
        lines.append((N_("E-mail"), department.email))
    if department.address:
        lines.append((N_("Address"), department.address))
    if department.ssh:
        lines.append((N_("This desk"), f"ssh {department.ssh}"))
    return lines


def _now(department: Contact, now: dt.datetime, zone: dt.tzinfo) -> Content:
    """``● open until 17:00``, or ``○ closed, opens Monday 9:00``, and which holiday it is."""
    if department.open is None:
        return Content()
    if department.open.now:
        until = department.open.until
        text = _("open until {when}").format(when=contact.when(until, now, zone)) if until else _("open")
        return plain(f"● {text}").stylize("bold $text-success")
    opens = department.open.opens_at
    text = _("closed, opens {when}").format(when=contact.when(opens, now, zone)) if opens else _("closed")
    shut = plain(f"○ {text}").stylize("bold $text-warning")
    return shut + plain(f"\n{department.holiday}").stylize("$text-muted") if department.holiday else shut
