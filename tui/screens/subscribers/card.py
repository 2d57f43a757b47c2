"""One subscriber as an agent sees them, and what an agent can do for somebody on the phone."""

from __future__ import annotations

import datetime as dt
from typing import Any, ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal, Vertical

from core.billing import statement
from core.errors import Conflict, Say, say
from core.i18n import dates
from core.i18n.translation import N_, _
from core.service.actions import Available
from core.subscribers import consent, detail, edit, lines, sign_up_codes
from core.subscribers.detail import SubscriberCard
from core.subscribers.sign_up_codes import Vouch
from core.tickets.listing import View
from tui.commands import Command, bindings
from tui.drafts import NOT_KEPT
from tui.screens.base import deed
from tui.screens.card_room import CardRoom
from tui.screens.form_prompt import FormPrompt
from tui.screens.subscribers import formatting, line_password
from tui.screens.subscribers.one_time_display import Once
from tui.screens.subscribers.own_data import WIDE
from tui.widgets.card import Card
from tui.widgets.frame import Frame


class SubscriberScreen(CardRoom):
    """Cards, and a key for each thing that can be done."""

    ROOM = "subscribers"
    DESK_COMMANDS = (
        Command(
            "subscriber.vouch",
            "V",
            N_("Vouch"),
            "vouch",
            N_("A code to sign up with elsewhere"),
            footer=True,
            asks="subscriber.vouch",
        ),
        Command(
            "subscriber.edit",
            "e",
            N_("Correct"),
            "correct",
            N_("Address, e-mail, phone"),
            footer=True,
            asks="subscriber.correct",
        ),
        Command(
            "subscriber.new_password",
            "N",
            N_("New password"),
            "reset",
            N_("Of a line's PPPoE"),
            footer=True,
            danger=True,
        ),
        Command("subscriber.payments", "B", N_("Payments"), "payments", N_("Every invoice and payment"), footer=True),
        Command("subscriber.invoices", "I", N_("Invoices"), "invoices", N_("Each as it was issued"), footer=True),
        Command("subscriber.months", "m", N_("Statistics"), "usage", N_("What went through their lines")),
        Command("subscriber.tickets", "T", N_("Tickets"), "tickets", N_("What they asked and ordered"), footer=True),
        Command("subscriber.reload", "f5", N_("Read again"), "reload"),
        Command("subscriber.back", "escape", N_("Back"), "app.pop_screen", N_("To the list"), footer=True),
    )
    BINDINGS: ClassVar[list[BindingType]] = bindings(DESK_COMMANDS)
    CSS_PATH = "subscribers.tcss"
    PAGE, NOTICE = "panel", "subscriber-notice"

    def __init__(self, frame: Frame, subscriber_id: int) -> None:
        super().__init__(frame)
        self.subscriber_id = subscriber_id
        self.card: SubscriberCard | None = None
        self._available: Available | None = None

    @property
    def thing(self) -> str:
        return self.card.name if self.card else ""

    def compose_cards(self) -> ComposeResult:
        with Horizontal(id="panel-columns"):
            with Vertical(id="panel-left"):
                yield Card(N_("Subscriber"), id="subscriber-who")
                yield Card(N_("Payments"), id="subscriber-money")
                yield Card(N_("Account here"), id="subscriber-account")
            yield Vertical(id="panel-right")

    def on_resize(self, event: Any) -> None:
        super().on_resize(event)
        self.set_class(event.size.width >= WIDE, "-two")

    async def fill(self) -> None:
        self.card = card = await self.see(detail.card, self.subscriber_id)
        money = await self.see(statement.summary, self.subscriber_id)
        agreed = await self.see(consent.state, self.subscriber_id)
        self.query_one("#subscriber-who", Card).show(formatting.person(card))
        self.query_one("#subscriber-money", Card).show(formatting.money(money))
        self._available = await self.see(sign_up_codes.available_on_card, self.subscriber_id)
        code = await self.see(sign_up_codes.good_until, self.subscriber_id)
        self.query_one("#subscriber-account", Card).show(_account(card, agreed, code))
        right = self.query_one("#panel-right")
        async with self.batch():
            await right.remove_children()
            await right.mount(
                *(Card(N_("Internet contract"), formatting.contract(each)) for each in card.contracts),
                *(Card(f"{_('Line')} {each.identifier}", formatting.line(each)) for each in card.lines),
            )

    @property
    def available(self) -> Available | None:
        return self._available

    def why_not(self, action: str) -> Say | None:
        card = self.card
        if card is None:
            return None
        if action == "tickets" and card.account_id is None:
            return say(N_("Nobody has signed up for this subscriber yet."))
        if action == "reset" and not line_password.with_password(card):
            return line_password.NO_PASSWORD
        return super().why_not(action)

    @deed
    async def action_vouch(self) -> None:
        prompt = FormPrompt(
            _("Vouch for {name}").format(name=self.card.name if self.card else ""),
            Vouch,
            kept_as=NOT_KEPT,
            submit=lambda form: self.do(sign_up_codes.vouch, self.subscriber_id, form),
            save=N_("Make a code"),
            text=_("With the code they can sign up from anywhere, once, within 7 days. Be sure who it is."),
        )
        sent = await self.app.push_screen_wait(prompt)
        if sent is not None:
            text = _("Tell it to them now: it is shown this once. It goes into “Code from the office”.")
            await self.app.push_screen_wait(Once(_("Code from the office"), sent.result, text))
            await self.show()

    @deed
    async def action_correct(self) -> None:
        known, seen = await self.see(edit.current, self.subscriber_id)
        version = [seen]

        async def send(form: edit.Address) -> None:
            try:
                await self.do(edit.correct, self.subscriber_id, form, seen=version[0])
            except Conflict:
                # What was typed stays; saved once more it counts over what the other one saved.
                _known, version[0] = await self.see(edit.current, self.subscriber_id)
                raise

        prompt = FormPrompt(
            _("Correct the address"),
            edit.Address,
            kept_as=f"subscriber.address:{self.subscriber_id}",
            submit=send,
            values=known,
        )
        if await self.app.push_screen_wait(prompt) is not None:
            self.notice.say(_("Saved."), "done")
            await self.show()

    @deed
    async def action_reset(self) -> None:
        line = await line_password.which(self.app, self.card)
        if line is not None and await self.app.push_screen_wait(line_password.new_password_question()):
            new = await self.do(lines.reset, line.asset_id)
            text = _("The new PPPoE password of {line}, shown this once.").format(line=line.identifier)
            await self.app.push_screen_wait(Once(_("New password"), new, text))

    def action_payments(self) -> None:
        from tui.screens.billing.payments import Payments  # deferred: a screen is loaded when it is first shown

        self.app.push_screen(Payments(self.frame, subscriber_id=self.subscriber_id, room=self.ROOM))

    def action_invoices(self) -> None:
        from tui.screens.billing.invoices import Invoices  # deferred: a screen is loaded when it is first shown

        self.app.push_screen(Invoices(self.frame, subscriber_id=self.subscriber_id, room=self.ROOM))

    def action_usage(self) -> None:
        from tui.screens.billing.statistics import Statistics  # deferred: a screen is loaded when it is first shown

        self.app.push_screen(Statistics(self.frame, self.subscriber_id, self.ROOM))

    def action_tickets(self) -> None:
        from tui.screens.tickets.tickets_of import TicketsOf  # deferred: a screen is loaded when it is first shown

        if self.card is not None and self.card.account_id is not None:
            self.app.push_screen(
                TicketsOf(self.frame, View("all", requester=self.card.account_id), self.card.name, self.ROOM)
            )


def _account(card: SubscriberCard, agreed: consent.ConsentState, code_until: dt.datetime | None) -> formatting.Facts:
    """Whether they have signed up, and what they agreed to; before that, whether a code of the office is out."""
    if not card.login:
        facts: formatting.Facts = [("", _("Nobody has signed up yet."))]
        if code_until is not None:
            text = _("good until {when}, once; V makes another one").format(when=dates.moment(code_until))
            facts.append((N_("Code from the office"), text))
        return facts
    when = _("since {when}").format(when=dates.moment(agreed.at)) if agreed.given and agreed.at else ""
    return [
        (N_("Login"), card.login),
        (N_("E-mail"), card.account_email),
        (N_("Invoices by mail"), f"{_('yes')} {when}".strip() if agreed.given else _("no")),
    ]
