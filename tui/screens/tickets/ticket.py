"""One ticket: the conversation in the middle, who and what it is about beside it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator
from typing import TYPE_CHECKING, ClassVar, Concatenate

from textual import events, getters
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal, VerticalScroll

from core.errors import Conflict, DeskError, Overtaken, Say, say
from core.i18n import dates
from core.i18n.translation import N_, _
from core.models.tickets import Priority, Status
from core.tickets import conversation, detail, workflow
from core.tickets.conversation import Note, Reply, StaffReply
from core.tickets.detail import TicketDetail
from tui.commands import bindings
from tui.screens import begun
from tui.screens.base import P, deed, errand
from tui.screens.form_prompt import F, FormPrompt
from tui.screens.room import RoomScreen
from tui.screens.tickets import cards, formatting
from tui.screens.tickets.preview import entry_of
from tui.screens.tickets.second_press import SecondPress
from tui.screens.tickets.ticket_keys import TICKET_KEYS
from tui.widgets.choose import Choose
from tui.widgets.confirm import Confirm
from tui.widgets.frame import Frame
from tui.widgets.menu import Option
from tui.widgets.notice import Notice
from tui.widgets.timeline import Entry, Timeline

if TYPE_CHECKING:
    from core.service.actions import Available
    from core.service.unit_of_work import UnitOfWork

_ANSWERS = frozenset({"agent", "admin", "installer"})

ROOM_FOR_CARDS = 124
"""Columns from which the cards stand beside the conversation; below, ``d`` changes between the two."""


class TicketScreen(RoomScreen):
    """Read it, answer it, move it on."""

    DESK_COMMANDS = TICKET_KEYS
    BINDINGS: ClassVar[list[BindingType]] = bindings(DESK_COMMANDS)
    CSS_PATH = "ticket.tcss"

    timeline = getters.query_one(Timeline)
    notice = getters.query_one("#ticket-notice", Notice)
    side = getters.query_one("#ticket-side", VerticalScroll)

    def __init__(self, frame: Frame, ticket_id: int, room: str) -> None:
        super().__init__(frame)
        self._room = room
        self.ticket_id = ticket_id
        self.ticket: TicketDetail | None = None
        self._with_history = True
        self._second_press = SecondPress()

    @property
    def ROOM(self) -> str:  # type: ignore[override]
        """The room it was opened from."""
        return self._room

    def where(self) -> tuple[str, ...]:
        return (*super().where(), f"#{self.ticket_id}")

    def compose_room(self) -> ComposeResult:
        yield Notice(id="ticket-notice")
        yield Notice(id="ticket-begun")
        yield cards.Heading(id="ticket-heading")
        with Horizontal():
            yield Timeline(id="ticket-conversation")
            with VerticalScroll(id="ticket-side"):
                yield from cards.empty()

    def on_resize(self, event: events.Resize) -> None:
        super().on_resize(event)
        self.set_class(event.size.width < ROOM_FOR_CARDS, "-tight")

    def on_mount(self) -> None:
        super().on_mount()
        self.timeline.focus()
        self._read()

    # What is shown

    @errand
    async def _read(self) -> None:
        await self._show()

    async def _show(self, known: TicketDetail | None = None) -> None:
        """Read it and show it: what is ``known`` of it is not read again."""
        ticket: TicketDetail = await self.see(detail.ticket, self.ticket_id, known)
        self.ticket = ticket
        self.query_one(cards.Heading).show(ticket)
        self.timeline.set_entries(self._entries(ticket))
        cards.fill(self.side, ticket, self.app.now)
        if ticket.team and (reason := ticket.available.get("ticket.note")) is not None:
            self.notice.say(reason.text(), "info")
        self.refresh_bindings()
        self.redraw_frame()

    def _entries(self, ticket: TicketDetail) -> list[Entry]:
        entries = [(message.at, 1, entry_of(message, ticket.team)) for message in ticket.conversation]
        if self._with_history:
            for number, event in enumerate(ticket.history):
                sentence = formatting.happened(event.what, event.before, event.after)
                if sentence:
                    entry = Entry(f"event-{number}", event.actor, "system", dates.moment(event.at), sentence)
                    entries.append((event.at, 0, entry))
        return [entry for _at, _rank, entry in sorted(entries, key=lambda each: each[:2])]

    def say_begun(self) -> None:
        """A reply or a note that was begun here, wherever that was."""
        self.query_one("#ticket-begun", Notice).say(begun.of_ticket(self.app.drafts, self.ticket_id))

    @property
    def available(self) -> Available | None:
        return self.ticket.available if self.ticket is not None else None

    def why_not(self, action: str) -> Say | None:
        """Beside what core knows: where a key would lead nowhere."""
        ticket = self.ticket
        if ticket is None:
            return None
        if action == "device" and (ticket.care is None or ticket.care.asset_id is None):
            return say(N_("There is no device to show here."))
        if action == "order" and ticket.order is None:
            return say(N_("This ticket is no order."))
        if action == "order" and ticket.order is not None and not ticket.order.next:
            return say(N_("Nothing is left to decide about this order."))
        return super().why_not(action)

    def explain(self, reason: str) -> None:
        self.notice.say(reason, "warning")

    # What is done

    @property
    def version(self) -> int:
        """The version that is on the screen; 0 before the first."""
        return self.ticket.version if self.ticket is not None else 0

    async def _change(
        self, use_case: Callable[Concatenate[UnitOfWork, int, P], object], /, *args: P.args, **kwargs: P.kwargs
    ) -> None:
        """Do it to this ticket; when somebody was faster, say so and show what is there now."""
        if self.ticket is None:
            return
        try:
            await self.do(use_case, self.ticket_id, *args, **kwargs)
        except Conflict as conflict:
            self.notice.say(conflict.text(), "warning")
        else:
            self.notice.hide()
        await self._show(self.ticket)
        self.count_again()

    @deed
    async def action_reply(self) -> None:
        form: type[Reply | StaffReply] = StaffReply if self.role in _ANSWERS else Reply
        title = _("Reply to {name}: everybody on the ticket reads it").format(name=self._other_side())

        async def send(filled: Reply | StaffReply) -> None:
            """To the version that is on the screen; what came meanwhile is shown, and then it is that version."""
            begun = self.ticket
            if begun is None:
                return
            try:
                await self.do(conversation.reply, self.ticket_id, filled, seen=begun.version)
            except Overtaken:
                await self._show(begun)
                raise Overtaken(
                    N_("Meanwhile: {news}\nNothing was sent. Send it again if it still fits."),
                    news="; ".join(self._news_since(begun)),
                ) from None

        await self._write(
            title, form, send, kept_as=f"ticket.reply:{self.ticket_id}", save=N_("Send"), classes="-public"
        )

    def _news_since(self, begun: TicketDetail) -> Iterator[str]:
        """What was said and done since ``begun`` was read, a short piece each."""
        if self.ticket is None:
            return
        known = {message.id for message in begun.conversation}
        for message in self.ticket.conversation:
            if message.id not in known:
                yield _("{name} wrote: “{text}”").format(name=message.author, text=formatting.beginning(message.body))
        for event in self.ticket.history[len(begun.history) :]:
            sentence = formatting.happened(event.what, event.before, event.after)
            if sentence:
                yield f"{event.actor}: {sentence}"

    @deed
    async def action_note(self) -> None:
        async def save(form: Note) -> None:
            await self.do(conversation.note, self.ticket_id, form)

        title = _("Internal note: the customer never sees this")
        await self._write(
            title, Note, save, kept_as=f"ticket.note:{self.ticket_id}", save=N_("Save"), classes="-internal"
        )

    async def _write(
        self,
        title: str,
        form: type[F],
        submit: Callable[[F], Awaitable[None]],
        *,
        kept_as: str,
        save: str,
        classes: str,
    ) -> None:
        await self.app.drafts.look_again()
        prompt = FormPrompt(title, form, kept_as=kept_as, submit=submit, save=save, roomy=True, classes=classes)
        if await self.app.push_screen_wait(prompt) is not None:
            await self._show(self.ticket)
            self.timeline.show_newest()
            self.count_again()

    def _other_side(self) -> str:
        if self.ticket is None:
            return ""
        if self.role in _ANSWERS:
            return self.ticket.customer.name
        return self.ticket.assignee or self.ticket.team or self.frame.desk

    @deed
    async def action_take(self) -> None:
        """A colleague's ticket says whose it is first, and is taken by the second press."""
        ticket = self.ticket
        if ticket is not None and self._second_press.asks(ticket.id, ticket.assignee_id):
            self.explain(formatting.taking_from(ticket.assignee))
            return
        await self._change(workflow.take, holder=ticket.assignee_id if ticket is not None else None)

    @deed
    async def action_assign(self) -> None:
        people = await self.see(detail.agents, self.ticket_id)
        options = [Option(-1, _("nobody (release)")), *(Option(account_id, name) for account_id, name in people)]
        at = self.ticket.assignee_id if self.ticket else None
        picked = await self.app.push_screen_wait(Choose(_("Give the ticket to"), options, at=at))
        if picked is not None:
            await self._change(workflow.assign, None if picked == -1 else picked, seen=self.version)

    @deed
    async def action_status(self) -> None:
        options = [
            Option(status.value, formatting.status(status.value).plain) for status in Status if status is not Status.NEW
        ]
        picked = await self.app.push_screen_wait(
            Choose(_("Status"), options, at=self.ticket.status if self.ticket else None)
        )
        if picked is not None:
            await self._change(workflow.set_status, picked, seen=self.version)

    @deed
    async def action_priority(self) -> None:
        options = [Option(each.value, formatting.priority(each.value).plain) for each in reversed(Priority)]
        picked = await self.app.push_screen_wait(
            Choose(_("Priority"), options, at=self.ticket.priority if self.ticket else None)
        )
        if picked is not None:
            await self._change(workflow.set_priority, picked, seen=self.version)

    @deed
    async def action_close(self) -> None:
        question = Confirm(
            _("Close this ticket?"),
            _("You can reopen it within {days} days.").format(days=workflow.REOPEN_WITHIN.days),
            yes=N_("Close it"),
            no=N_("Keep it open"),
            danger=False,
        )
        if await self.app.push_screen_wait(question):
            await self._change(workflow.close, seen=self.version)

    @deed
    async def action_reopen(self) -> None:
        try:
            await self._change(workflow.reopen, seen=self.version)
        except DeskError as error:
            self.notice.say(error.text(), "warning")

    def action_details(self) -> None:
        """On a narrow screen the cards take the place of the conversation and give it back."""
        self.toggle_class("-details")
        (self.side if self.has_class("-details") else self.timeline).focus()

    def action_device(self) -> None:
        """The device the ticket is about, as far as the access level opens it."""
        from tui.screens.devices.device import DeviceScreen  # deferred: a screen is loaded when it is first shown

        if self.ticket is not None and self.ticket.care is not None and self.ticket.care.asset_id is not None:
            self.app.push_screen(DeviceScreen(self.frame, self.ticket.care.asset_id, self._room))

    @deed
    async def action_order(self) -> None:
        from tui.screens.billing.order_decision import decide  # deferred: a screen is loaded when it is first shown

        if self.ticket is None or self.ticket.order is None:
            return
        try:
            if not await decide(self, self.ticket.order):
                return
        except Conflict as conflict:
            self.notice.say(conflict.text(), "warning")
        else:
            self.notice.hide()
        await self._show()
        self.count_again()

    @errand
    async def action_history(self) -> None:
        self._with_history = not self._with_history
        await self._show()

    @errand
    async def action_reload(self) -> None:
        await self._show()

    def action_back(self) -> None:
        if self.has_class("-details") and self.has_class("-tight"):
            self.action_details()
        else:
            self.app.pop_screen()
