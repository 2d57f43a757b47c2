"""Pending customers: who waits, the oldest first; one or several at once are approved."""

from __future__ import annotations

from typing import Any, ClassVar

from textual import on
from textual.binding import BindingType
from textual.content import Content

from core.care import approval
from core.care.approval import Approval, Outcome, PendingRow
from core.errors import DeskError
from core.i18n import dates
from core.i18n.translation import N_, _, ngettext
from tui.commands import Command, bindings
from tui.drafts import NOT_KEPT
from tui.screens.base import deed
from tui.screens.care import formatting
from tui.screens.care.approval import PendingCardScreen, application_facts, customer_facts
from tui.screens.care.list_beside import Facts, ListBeside
from tui.screens.form_prompt import FormPrompt
from tui.text import plain
from tui.widgets.bulk_results import Result, Results
from tui.widgets.empty import EmptyState
from tui.widgets.list import Column, ListView
from tui.widgets.marked_list import MarkedList


class Pending(ListBeside):
    """Enter reads one; space marks several."""

    ROOM = "pending"
    SEARCHES = N_("Name or device ID")
    CARDS = (N_("Application"), N_("Customer"))
    DESK_COMMANDS = (
        Command("pending.approve", "y", N_("Approve"), "approve", N_("The marked ones, or this one"), footer=True),
        Command("pending.invite", "n", N_("Invite"), "invite", N_("Ask a customer yourself"), footer=True),
    )
    BINDINGS: ClassVar[list[BindingType]] = bindings(DESK_COMMANDS)

    def columns(self) -> tuple[Column, ...]:
        return (
            Column("device", N_("Device ID"), 13, lambda row: row.device),
            Column("name", N_("Customer"), None, lambda row: row.name),
            Column("level", N_("Access level"), 24, lambda row: formatting.level(row.level), from_width=96),
            Column("sent", N_("Sent"), 14, lambda row: dates.brief(row.created_at, self.app.now)),
            Column("left", N_("Left"), 14, _left, align="right"),
        )

    def list_view(self) -> ListView:
        return MarkedList(self.columns(), empty=self.empty())

    def empty(self) -> EmptyState:
        return EmptyState(
            N_("Nobody waits"),
            N_("Customers who apply with your notification address appear here. Press n to invite one yourself."),
        )

    def asks(self, search: str) -> tuple[Any, tuple[Any, ...], dict[str, Any]]:
        return approval.page, (search,), {}

    @property
    def marks(self) -> MarkedList:
        return self.query_one(MarkedList)

    async def facts(self, row: PendingRow) -> tuple[Facts, Facts]:
        card = await self.see(approval.card, row.id)
        return application_facts(card), customer_facts(card)

    @on(ListView.Opened)
    def _open(self, event: ListView.Opened) -> None:
        self.app.push_screen(PendingCardScreen(self.frame, event.row.id))

    def on_screen_resume(self) -> None:
        super().on_screen_resume()
        self.rows.reload()

    @deed
    async def action_approve(self) -> None:
        chosen: list[PendingRow] = list(self.marks.marked.values()) or [row for row in (self.rows.row,) if row]
        if not chosen:
            return
        pairs = [(row.id, row.version) for row in chosen]
        title = ngettext("Approve {n} application", "Approve {n} applications", len(chosen)).format(n=len(chosen))
        names = ", ".join(f"{row.name} ({row.device}, {formatting.level(row.level)})" for row in chosen[:4])
        more = len(chosen) - 4
        text = names + (ngettext(" and {n} more", " and {n} more", more).format(n=more) if more > 0 else "")
        prompt = FormPrompt(
            title,
            Approval,
            kept_as=NOT_KEPT,
            submit=lambda form: self.do(approval.approve_several, pairs, form),
            save=N_("Approve"),
            text=text,
        )
        sent = await self.app.push_screen_wait(prompt)
        if sent is None:
            return
        self.marks.unmark()
        self.rows.reload()
        self.count_again()
        await self._report(sent.result)

    async def _report(self, outcomes: list[Outcome]) -> None:
        """What came of each; one that went well needs no dialog."""
        refused = [each for each in outcomes if each.wrong is not None]
        if len(outcomes) == 1 and not refused:
            self.notify(_("Approved. {name} gets mail.").format(name=outcomes[0].name), markup=False)
            return
        results = [
            Result(
                f"{each.name} · {each.device}", each.wrong.text() if each.wrong else _("approved"), each.wrong is None
            )
            for each in outcomes
        ]
        await self.app.push_screen_wait(Results(_("What came of it"), results))

    @deed
    async def action_invite(self) -> None:
        from tui.screens.care.invitations import invite  # deferred: a screen is loaded when it is first shown

        await invite(self)

    def complain(self, error: DeskError) -> None:
        super().complain(error)
        self.rows.reload()


def _left(row: PendingRow) -> Content:
    """Those that are about to run out are marked by a sign, not by colour alone."""
    text = plain(formatting.days(row.days_left))
    return (Content("! ") + text).stylize("$text-warning") if row.soon else text
