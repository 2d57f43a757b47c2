"""The outbox: what was promised, what has left, what could not be sent and why."""

from __future__ import annotations

from typing import Any, ClassVar

from textual import getters, on
from textual.app import ComposeResult
from textual.binding import BindingType

from core.i18n import dates
from core.i18n.translation import N_, _, ngettext
from core.mail import admin_list, stops
from core.mail.admin_list import OutboxRow
from core.models.mail import MailState
from tui.commands import Command, bindings
from tui.screens.base import deed, errand
from tui.screens.list_room import ListRoom
from tui.text import plain
from tui.widgets.badge import badge
from tui.widgets.confirm import Confirm
from tui.widgets.empty import EmptyState
from tui.widgets.frame import Frame
from tui.widgets.list import Column, ListView
from tui.widgets.notice import Notice

_LETTERS = {
    "access_answered": N_("answer about access"),
    "access_asked": N_("question about access"),
    "account_locked": N_("log-ins paused"),
    "address_changed": N_("address changed"),
    "address_of_company": N_("address of a company"),
    "application_approved": N_("application approved"),
    "application_expired": N_("application ran out"),
    "application_received": N_("new application"),
    "application_rejected": N_("application rejected"),
    "application_reminder": N_("application waits"),
    "application_sent": N_("application sent"),
    "application_unknown": N_("installer unknown"),
    "application_withdrawn": N_("application withdrawn"),
    "care_invitation": N_("invitation"),
    "colleague_decided": N_("decision about joining"),
    "colleague_waits": N_("somebody wants to join"),
    "company_address_changed": N_("company: new address"),
    "company_registered": N_("company registered"),
    "confirm_address": N_("confirm the address"),
    "confirm_company": N_("company: confirmation"),
    "confirm_new_address": N_("confirm a new address"),
    "contract_ending": N_("contract about to end"),
    "contract_registered": N_("contract registered"),
    "device_claimed": N_("device claimed by another"),
    "device_copied": N_("remembered log-in copied"),
    "e_invoices_changed": N_("e-invoices on or off"),
    "invitation_accepted": N_("invitation accepted"),
    "invitation_confirmed": N_("service begins"),
    "invitation_declined": N_("invitation declined"),
    "invitation_expired": N_("invitation ran out"),
    "invitation_reminder": N_("invitation waits"),
    "invoice_copy": N_("copy of an invoice"),
    "invoice_issued": N_("invoice"),
    "level_changed": N_("access level changed"),
    "line_password_changed": N_("password of a line"),
    "login_code": N_("log-in code"),
    "login_taken": N_("login taken"),
    "management_changed": N_("management password"),
    "member_invited": N_("colleague invited"),
    "member_joined": N_("colleague has joined"),
    "member_known": N_("colleague is known"),
    "member_owner": N_("made an owner"),
    "member_removed": N_("removed from a company"),
    "member_reset": N_("password reset"),
    "member_welcome": N_("joined a company"),
    "outage": N_("outage"),
    "outage_moved": N_("outage: new times"),
    "outage_over": N_("outage over"),
    "outage_spared": N_("outage: not this line"),
    "order_decided": N_("decision about an order"),
    "order_placed": N_("order confirmed"),
    "password_changed": N_("password changed"),
    "payment_due": N_("payment due"),
    "payment_overdue": N_("payment overdue"),
    "recovery_code_used": N_("recovery code used"),
    "reset": N_("code for a password"),
    "second_step_changed": N_("second step changed"),
    "service_ended": N_("service ended"),
    "sign_up_known": N_("has an account already"),
    "staff_welcome": N_("account of staff"),
    "subscriber_has_account": N_("contract has an account"),
    "subscriber_known": N_("has an account already"),
    "ticket_assigned": N_("ticket given to you"),
    "ticket_created": N_("ticket received"),
    "ticket_new": N_("ticket for the team"),
    "ticket_replied": N_("answer"),
    "ticket_status": N_("ticket changed"),
    "way_in": N_("code to get in"),
    "welcome": N_("account is ready"),
    "welcome_alone": N_("account is ready"),
    "welcome_subscriber": N_("account is ready"),
}
"""What each letter of ``data/mail`` is called; an administrator never reads the letter itself."""


class OutboxRoom(ListRoom):
    """Letters by kind and address, newest first; their texts are never shown, they may hold codes."""

    ROOM = "outbox"
    DESK_COMMANDS = (
        Command("outbox.failed", "f", N_("Only failed"), "failed", N_("Only what could not be sent"), footer=True),
        Command(
            "outbox.retry",
            "R",
            N_("Try again"),
            "retry",
            N_("Send everything that failed again"),
            footer=True,
            danger=True,
        ),
    )
    BINDINGS: ClassVar[list[BindingType]] = bindings(DESK_COMMANDS)

    said = getters.query_one("#outbox-said", Notice)
    stopped = getters.query_one("#outbox-stopped", Notice)

    def __init__(self, frame: Frame) -> None:
        super().__init__(frame)
        self._failed_only = frame.counts.get("failed", 0) > frame.counts.get("stopped", 0)

    def on_screen_resume(self) -> None:
        super().on_screen_resume()
        self.say_stopped()

    def compose_above(self) -> ComposeResult:
        yield Notice(id="outbox-stopped")
        yield Notice(id="outbox-said")

    def columns(self) -> tuple[Column, ...]:
        return (
            Column("created", N_("Written"), 10, lambda row: dates.brief(row.created_at, self.app.now)),
            Column("letter", N_("Letter"), 22, lambda row: _(_LETTERS.get(row.letter, row.letter))),
            Column("address", N_("To"), None, lambda row: row.address),
            Column(
                "ticket",
                N_("Ticket"),
                10,
                lambda row: f"#{row.ticket_id}" if row.ticket_id else "",
                from_width=90,
            ),
            Column("tries", N_("Tries"), 6, lambda row: str(row.tries), align="right", from_width=90),
            Column("state", N_("State"), 14, lambda row: badge("state", row.state)),
        )

    def empty(self) -> EmptyState:
        return EmptyState(N_("No mail yet"), N_("Every change that promises a letter puts it here."))

    def asks(self, search: str) -> tuple[Any, tuple[Any, ...], dict[str, Any]]:
        """All letters, or only the failed ones."""
        return admin_list.outbox, (MailState.FAILED.value if self._failed_only else None,), {}

    @errand
    async def say_stopped(self) -> None:
        """Why no mail leaves at all, and when that is asked again."""
        stop = await self.see(stops.current)
        if stop is None:
            self.stopped.hide()
            return
        text = ngettext(
            "{n} letter waits since {since}. {reason}. Next try: {time}; R tries now.",
            "{n} letters wait since {since}. {reason}. Next try: {time}; R tries now.",
            stop.waiting,
        )
        since, time = dates.moment(stop.since), dates.moment(stop.opens_at)
        self.stopped.say(text.format(n=stop.waiting, since=since, reason=stop.reason, time=time), "error")

    @on(ListView.Highlighted)
    def _explain(self, event: ListView.Highlighted) -> None:
        """Why the letter under the cursor is still here."""
        row: OutboxRow | None = event.row
        if row is not None and row.error:
            self.said.say(plain(row.error).plain, "error" if row.state == MailState.FAILED else "warning")
        else:
            self.said.hide()

    @on(ListView.Emptied)
    def _nothing_to_explain(self) -> None:
        self.said.hide()

    def action_failed(self) -> None:
        self._failed_only = not self._failed_only
        self.show_list()

    @deed
    async def action_retry(self) -> None:
        question = Confirm(
            _("Try again?"), _("Everything that could not be sent goes back into the queue."), danger=False
        )
        if await self.app.push_screen_wait(question):
            number: int = await self.do(admin_list.retry)
            self.notify(
                ngettext("{n} letter is on its way again.", "{n} letters are on their way again.", number).format(
                    n=number
                )
            )
            self.rows.reload()
            self.count_again()
            self.say_stopped()
