"""The list of tickets: views, search, filters, and on a wide terminal the ticket under the cursor beside it."""

from __future__ import annotations

from dataclasses import replace
from typing import ClassVar

from textual import events, getters, on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal
from textual.content import Content
from textual.timer import Timer

from core.accounts import profile
from core.db.pagination import Page, PageRequest
from core.errors import DeskError
from core.i18n import dates
from core.i18n.translation import N_, _
from core.models.tickets import Priority, Status
from core.tickets import detail, listing, workflow
from core.tickets.listing import TicketRow, View
from tui.commands import Command, bindings
from tui.drafts import NOT_KEPT
from tui.screens.base import deed, errand
from tui.screens.room import RoomScreen
from tui.screens.tickets import filters, formatting
from tui.screens.tickets.preview import Preview
from tui.screens.tickets.second_press import SecondPress
from tui.widgets.badge import PRIORITY
from tui.widgets.empty import EmptyState
from tui.widgets.frame import Frame
from tui.widgets.list import Column, ListView
from tui.widgets.notice import Notice
from tui.widgets.prompt import FieldPrompt
from tui.widgets.search_line import SearchLine

_CUSTOMER = frozenset({"customer"})
_STAFF = frozenset({"agent", "admin"})
_ANSWERS = _STAFF | {"installer"}

ROOM_FOR_PREVIEW = 150
"""Columns from which the ticket under the cursor is shown beside the list."""
RESTING = 0.12
"""Seconds the cursor must rest before that ticket is read."""


class Tickets(RoomScreen):
    """One view of the queue."""

    DESK_COMMANDS = (
        Command("tickets.new", "n", N_("New ticket"), "new", N_("Open a ticket"), footer=True, roles=_CUSTOMER),
        Command("tickets.register", "c", N_("Register contract"), "register", footer=True, roles=_CUSTOMER),
        Command(
            "tickets.take", "t", N_("Take"), "take", N_("Give the ticket to yourself"), footer=True, roles=_ANSWERS
        ),
        Command("tickets.search", "slash", N_("Search"), "search", N_("Search in this list"), footer=True),
        Command(
            "tickets.filter", "f", N_("Filter"), "filter", N_("By status, priority, company, asset, time"), footer=True
        ),
        Command(
            "tickets.closed",
            "x",
            N_("Show closed"),
            "closed",
            N_("Closed tickets too, or not"),
            footer=True,
            roles=_CUSTOMER,
        ),
        Command("tickets.clear", "escape", N_("Clear"), "clear", N_("No search, no filters")),
    )
    BINDINGS: ClassVar[list[BindingType]] = bindings(DESK_COMMANDS)
    CSS_PATH = "queue.tcss"

    rows = getters.query_one(ListView)
    line = getters.query_one(SearchLine)
    filters = getters.query_one("#filters", Notice)
    preview = getters.query_one(Preview)

    def __init__(self, frame: Frame, view: str, *, searching: bool = False) -> None:
        super().__init__(frame)
        self.view = View(view)
        self._searching = searching
        self._has_list = False
        self._rest: Timer | None = None
        self._second_press = SecondPress()

    @property
    def ROOM(self) -> str:  # type: ignore[override]
        """The room it stands for: the view, or for customers simply their tickets."""
        return self.view.name if self.role in _ANSWERS else "tickets"

    def where(self) -> tuple[str, ...]:
        if self.view.name == "all" and self.role in _ANSWERS:
            return (_("All tickets"),)
        return super().where()

    def compose_room(self) -> ComposeResult:
        yield SearchLine(_("Words, number, serial, MAC…"))
        yield Notice(id="filters")
        with Horizontal():
            yield ListView(self._columns(), empty=self._empty())
            yield Preview()

    def _columns(self) -> tuple[Column, ...]:
        def changed(row: TicketRow) -> str:
            return dates.brief(row.changed_at, self.app.now)

        def age(row: TicketRow) -> str:
            return dates.age(row.created_at, self.app.now)

        def subject(row: TicketRow) -> Content | str:
            urgent = PRIORITY[formatting.PRIORITIES[row.priority]]
            if row.priority <= Priority.NORMAL:
                return row.subject
            return Content.assemble(Content(f"{urgent.glyph} ").stylize(urgent.colour), Content(row.subject))

        answers = self.role in _ANSWERS
        return (
            Column("id", N_("No."), 6, lambda row: str(row.id), align="right"),
            Column("subject", N_("Subject"), None, subject),
            Column("changed", N_("Changed"), 8, changed),
            *self._whose(),
            Column("age", N_("Age"), 6, age, align="right", from_width=88 if answers else 0),
            Column("status", N_("Status"), 15, lambda row: formatting.short_status(row.status)),
        )

    def _whose(self) -> tuple[Column, Column]:
        """Who asked and who answers, as far as the reader does not know already. Those who answer need the first more
        than the age on a narrow screen; a customer's company is always their own."""
        if self.role == "installer":
            return (
                Column("customer", N_("Customer"), 18, lambda row: row.company or row.customer, from_width=78),
                Column("who", N_("Assignee"), 12, lambda row: row.assignee or "—", from_width=110),
            )
        if self.role in _STAFF:
            return (
                Column("company", N_("Company"), 16, lambda row: row.company or row.customer, from_width=78),
                Column("who", N_("Assignee"), 12, lambda row: row.team or row.assignee or "—", from_width=110),
            )
        return (
            Column("company", N_("Company"), 16, lambda row: row.company, from_width=100),
            Column("team", N_("Answered by"), 18, lambda row: row.team or self.frame.desk, from_width=110),
        )

    def _empty(self) -> EmptyState:
        if self.role == "installer":
            return EmptyState(
                N_("Nothing to show"), N_("Tickets about the devices you look after appear here by themselves.")
            )
        if self.role in _STAFF:
            return EmptyState(N_("Nothing to show"), N_("Tickets that fit this view appear here by themselves."))
        return EmptyState(N_("Nothing to show"), N_("Press n to open a ticket, or c to register a contract first."))

    def on_mount(self) -> None:
        self.line.display = False
        self.preview.show(None)
        super().on_mount()
        if self._searching:
            self.action_search()
        else:
            self.rows.focus()
        self._recall()

    def on_screen_resume(self) -> None:
        """Back from a ticket: what was done there shows here."""
        super().on_screen_resume()
        if self._has_list:
            self.reload()

    # What is shown

    @errand
    async def _recall(self) -> None:
        """The choices of the last time, kept for the account."""
        choices = await self.see(profile.kept_choice, self._kept_under)
        if self.role not in _ANSWERS and choices.get("closed"):
            self.view = replace(self.view, name="all")
        self.view = replace(self.view, **filters.from_kept(choices))
        self.show_view()

    @property
    def _kept_under(self) -> str:
        return f"tickets.{self.ROOM}"

    def show_view(self) -> None:
        """Read the list anew for the view as it is now, and count it."""
        view = self.view
        desk = self.app.desk

        def source(ask: PageRequest) -> Page[TicketRow]:
            page: Page[TicketRow] = desk.see(listing.page, view, ask)
            return page

        self._has_list = True
        self.rows.set_source(source)
        self._say_filters()
        self._count(view)

    def reload(self) -> None:
        """The same rows as they are now; the cursor stays on its ticket."""
        self.rows.reload()
        self._count(self.view)

    @errand
    async def _count(self, view: View) -> None:
        self.rows.total = None
        total = await self.see(listing.count, view)
        if view == self.view:
            self.rows.total = total
            if total == 0:
                self.preview.show(None)

    def _say_filters(self) -> None:
        parts = filters.said(self.view, staff=self.role in _ANSWERS)
        if parts:
            clears = "   " + _("(Esc clears)") if self.view.filtered else ""
            self.filters.say(" · ".join(parts) + clears, "info")
        else:
            self.filters.hide()

    def on_resize(self, event: events.Resize) -> None:
        super().on_resize(event)
        self.set_class(event.size.width < ROOM_FOR_PREVIEW, "-alone")

    @on(ListView.Highlighted)
    def _point(self, event: ListView.Highlighted) -> None:
        """Read the ticket under the cursor once the cursor rests: one query, not one a key."""
        if self._rest is not None:
            self._rest.stop()
        if not self.has_class("-alone"):
            self._rest = self.set_timer(RESTING, self._preview)

    @on(ListView.Emptied)
    def _nothing_to_preview(self) -> None:
        if self._rest is not None:
            self._rest.stop()
        self._preview()

    @errand
    async def _preview(self) -> None:
        row = self.rows.row
        self.preview.show(await self.see(detail.ticket, row.id) if row is not None else None)

    # What is done

    @on(ListView.Opened)
    def _open(self, event: ListView.Opened) -> None:
        from tui.screens.tickets.ticket import TicketScreen  # deferred: a screen is loaded when it is first shown

        self.app.push_screen(TicketScreen(self.frame, event.row.id, self.ROOM))

    def action_search(self) -> None:
        self.line.display = True
        self.line.focus()

    @on(SearchLine.Searched)
    def _search(self, event: SearchLine.Searched) -> None:
        self.view = replace(self.view, search=event.text)
        self.show_view()

    @on(SearchLine.Left)
    def _leave_search(self) -> None:
        self.line.display = bool(self.view.search)
        self.rows.focus()

    @errand
    async def action_filter(self) -> None:
        values = await self.app.push_screen_wait(
            FieldPrompt(
                _("Filter"),
                filters.FIELDS,
                kept_as=NOT_KEPT,
                values=filters.to_values(self.view),
                save=N_("Show"),
                check=filters.check,
            )
        )
        if values is not None:
            self.view = replace(self.view, **filters.from_values(values))
            await self._keep()
            self.show_view()

    @errand
    async def action_closed(self) -> None:
        self.view = replace(self.view, name="open" if self.view.name == "all" else "all")
        await self._keep()
        self.show_view()

    @errand
    async def action_clear(self) -> None:
        if self.view.filtered:
            self.line.clear()
            self.line.display = False
            self.view = View(self.view.name)
            await self._keep()
            self.show_view()

    async def _keep(self) -> None:
        choices = {name: value for name, value in filters.to_values(self.view).items() if value}
        if self.view.name == "all":
            choices["closed"] = "yes"
        await self.do(profile.keep_choice, self._kept_under, choices)

    def action_new(self) -> None:
        from tui.screens.tickets.new import NewTicketScreen  # deferred: a screen is loaded when it is first shown

        self.app.push_screen(NewTicketScreen(self.frame))

    def action_register(self) -> None:
        from tui.screens.contracts.activation import register_contract  # deferred: loaded when first shown

        register_contract(self)

    def _taken(self, row: TicketRow) -> TicketRow:
        """The row as it stands once its ticket is the reader's; read again, it will have moved."""
        return row._replace(
            assignee=self.me.login,
            assignee_id=self.me.account_id,
            status=Status.OPEN.value if row.status == Status.NEW else row.status,
            changed_at=self.app.now,
            version=row.version + 1,
        )

    @deed
    async def action_take(self) -> None:
        """Take the ticket under the cursor: the row carries what that needs. A colleague's says whose it is first."""
        row: TicketRow | None = self.rows.row
        if row is None:
            return
        reason = listing.reason_against_taking(self.me, row)
        if reason is not None:
            self.explain(reason.text())
            return
        if self._second_press.asks(row.id, row.assignee_id):
            self.explain(formatting.taking_from(row.assignee))
            return
        try:
            await self.do(workflow.take, row.id, holder=row.assignee_id)
        except DeskError:
            self.reload()
            raise
        if self.view.name == "new" or self.view.status:  # it may be none of these any more
            self.reload()
        else:
            self.rows.put(self._taken(row))
        self.app.clear_notifications()  # what the first press told
        self.notify(_("Ticket {number} is yours.").format(number=row.id))
        self.count_again()
