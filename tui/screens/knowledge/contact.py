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
        found: tuple[Sequence[Contact], str, dt.datetime] = await self.see(contact.departments_now, self.app.language)
        departments, zone, now = found
        grid = self.query_one(ItemGrid)
        cards = list(grid.query(Card))
        if len(cards) != len(departments):
            await grid.remove_children()
            cards = [Card("") for _one in departments]
            await grid.mount(*cards)
        for card, one in zip(cards, departments, strict=True):
            told = facts(one, now, zoneinfo.ZoneInfo(zone))
            nothing = [] if told else [plain(_("No telephone and no address is given here.")).stylize("$text-muted")]
            card.show(told, nothing, title=one.name)
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


def facts(one: Contact, now: dt.datetime, zone: dt.tzinfo) -> list[tuple[str, Value]]:
    """What a department's card says."""
    found: list[tuple[str, Value]] = []
    if one.open is not None:
        found.append((N_("Now"), _now(one, now, zone)))
    if one.week is not None:
        found.append((N_("Hours"), "\n".join(contact.lines(one.week)) or _("by arrangement")))
    elif one.hours:
        found.append((N_("Hours"), one.hours))
    if one.phones:
        found.append((N_("Phone"), "\n".join(one.phones)))
    if one.note:
        found.append((N_("At any hour"), one.note))
    if one.email:
        found.append((N_("E-mail"), one.email))
    if one.address:
        found.append((N_("Address"), one.address))
    if one.ssh:
        found.append((N_("This desk"), f"ssh {one.ssh}"))
    return found


def _now(one: Contact, now: dt.datetime, zone: dt.tzinfo) -> Content:
    """``● open until 17:00``, or ``○ closed, opens Monday 9:00``, and which holiday it is."""
    if one.open is None:
        return Content()
    if one.open.now:
        until = one.open.until
        said = _("open until {when}").format(when=contact.when(until, now, zone)) if until else _("open")
        return plain(f"● {said}").stylize("bold $text-success")
    opens = one.open.opens_at
    said = _("closed, opens {when}").format(when=contact.when(opens, now, zone)) if opens else _("closed")
    shut = plain(f"○ {said}").stylize("bold $text-warning")
    return shut + plain(f"\n{one.holiday}").stylize("$text-muted") if one.holiday else shut
