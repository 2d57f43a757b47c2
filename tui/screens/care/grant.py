"""One service, as either side sees it: whose device, which level, what was asked, and the history both can read."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, ClassVar, Concatenate

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.content import Content

from core.care import access_request_list, access_requests, grants, history
from core.care.access_request_list import RequestRow
from core.care.grants import GrantCard
from core.care.history import GrantHistoryLine
from core.errors import Conflict, Say, say
from core.forms import countries
from core.i18n import dates
from core.i18n.translation import N_, _
from core.models.levels import LEVELS
from tui.commands import Command, bindings
from tui.screens.base import P, deed
from tui.screens.care import formatting
from tui.screens.care.card_screen import CardScreen
from tui.widgets.badge import badge
from tui.widgets.card import Card, Value
from tui.widgets.choose import Choose
from tui.widgets.confirm import Confirm
from tui.widgets.frame import Frame
from tui.widgets.menu import Option

if TYPE_CHECKING:
    from core.service.actions import Available
    from core.service.unit_of_work import UnitOfWork

UNANSWERED_SHOWN = dt.timedelta(days=30)
_CUSTOMER = frozenset({"customer"})
_INSTALLER = frozenset({"installer"})


class GrantScreen(CardScreen):
    """The customer changes the level, answers, and ends the service; the company asks, and opens the device."""

    DESK_COMMANDS = (
        Command("grant.device", "v", N_("Device"), "device", N_("What it measures and is told"), footer=True),
        Command(
            "grant.level",
            "l",
            N_("Change level"),
            "level",
            N_("It counts at once"),
            footer=True,
            roles=_CUSTOMER,
            asks="grant.level",
        ),
        Command("grant.allow", "y", N_("Allow"), "allow", N_("What was asked for"), footer=True, roles=_CUSTOMER),
        Command("grant.deny", "D", N_("Deny"), "deny", footer=True, roles=_CUSTOMER, danger=True),
        Command("grant.stop", "Z", N_("End access"), "stop", N_("A permission, early"), footer=True, roles=_CUSTOMER),
        Command(
            "grant.end", "E", N_("End service"), "end", footer=True, roles=_CUSTOMER, danger=True, asks="grant.end"
        ),
        Command(
            "grant.ask",
            "Q",
            N_("Ask for access"),
            "ask",
            N_("What is on demand"),
            footer=True,
            roles=_INSTALLER,
            asks="grant.ask",
        ),
        Command(
            "grant.take_back",
            "W",
            N_("Take back"),
            "take_back",
            N_("The question for access"),
            footer=True,
            roles=_INSTALLER,
            danger=True,
        ),
    )
    BINDINGS: ClassVar[list[BindingType]] = bindings(DESK_COMMANDS)

    def __init__(self, frame: Frame, grant_id: int, room: str) -> None:
        super().__init__(frame)
        self.grant_id = grant_id
        self._room = room
        self.grant: GrantCard | None = None
        self._requests: Sequence[RequestRow] = ()

    @property
    def ROOM(self) -> str:  # type: ignore[override]
        """The room it was opened from."""
        return self._room

    @property
    def thing(self) -> str:
        return self.grant.device if self.grant else ""

    @property
    def level(self) -> int:
        return self.grant.level if self.grant else 0

    def compose_cards(self) -> ComposeResult:
        yield Card(N_("Access asked for"), id="care-requests")
        yield Card(N_("Service"), id="care-service")
        yield Card(N_("Installer company"), id="care-company")
        yield Card(N_("Customer"), id="care-customer")
        yield Card(N_("History"), id="care-history")

    def on_mount(self) -> None:
        self.query_one("#care-requests").display = False
        super().on_mount()

    async def fill(self) -> None:
        grant: GrantCard = await self.see(grants.card, self.grant_id)
        self._requests = await self.see(access_request_list.of_grant, self.grant_id)
        events: list[GrantHistoryLine] = await self.see(history.read, self.grant_id)
        self.grant = grant
        requests = self.query_one("#care-requests", Card)
        living = [
            each for each in self._requests if each.state in ("asked", "allowed") or _unanswered(each, self.app.now)
        ]
        requests.display = bool(living)
        requests.show([], [line for each in living for line in _asked(each, mine=self.role == "customer")])
        self.query_one("#care-service", Card).show(service_facts(grant))
        self.query_one("#care-company", Card).show(company_facts(grant))
        self.query_one("#care-customer", Card).show(customer_facts(grant))
        self.query_one("#care-customer").display = self.role != "customer"
        self.query_one("#care-history", Card).show([], [formatting.happened(event) for event in events])

    @property
    def available(self) -> Available | None:
        return self.grant.available if self.grant is not None else None

    def why_not(self, action: str) -> Say | None:
        """Beside what core knows of the service: whether there is a question or a permission that a key is about."""
        if action in ("allow", "deny", "take_back") and self._first("asked") is None:
            return say(N_("No question waits for an answer."))
        if action == "stop" and self._first("allowed") is None:
            return say(N_("Nothing was allowed that could be ended early."))
        over = self.grant is not None and self.grant.ended_at is not None
        if action == "device" and over and self.role != "customer":
            return access_requests.ENDED
        return super().why_not(action)

    def _first(self, state: str) -> RequestRow | None:
        return next((each for each in self._requests if each.state == state), None)

    async def _change(
        self, use_case: Callable[Concatenate[UnitOfWork, P], object], /, *args: P.args, **kwargs: P.kwargs
    ) -> None:
        """Do it; when the other side was faster, say so and show what is there now."""
        try:
            await self.do(use_case, *args, **kwargs)
        except Conflict as conflict:
            self.notice.say(conflict.text(), "warning")
        else:
            self.notice.hide()
        await self.show()
        self.count_again()

    @deed
    async def action_level(self) -> None:
        grant = self.grant
        if grant is None:
            return
        options = [Option(int(choice.value), f"{choice.value}. {_(choice.label)}") for choice in LEVELS]
        picked = await self.app.push_screen_wait(Choose(_("Access level"), options, at=grant.level))
        if picked is not None:
            await self._change(grants.set_level, grant.id, picked, seen=grant.version)

    @deed
    async def action_allow(self) -> None:
        await self._answer(allow=True)

    @deed
    async def action_deny(self) -> None:
        await self._answer(allow=False)

    async def _answer(self, *, allow: bool) -> None:
        asked = self._first("asked")
        if asked is not None and await self.app.push_screen_wait(answer_question(asked, allow=allow)):
            await self._change(access_requests.answer, asked.id, allow=allow)

    @deed
    async def action_stop(self) -> None:
        allowed = self._first("allowed")
        if allowed is not None and await self.app.push_screen_wait(stop_question(allowed)):
            await self._change(access_requests.stop, allowed.id)

    @deed
    async def action_end(self) -> None:
        grant = self.grant
        if grant is not None and await self.app.push_screen_wait(end_question(grant.company, grant.device)):
            await self._change(grants.end, grant.id, seen=grant.version)

    @deed
    async def action_take_back(self) -> None:
        asked = self._first("asked")
        question = Confirm(
            _("Take the question back?"),
            _("The customer does not see it any more. You can ask again later."),
            yes=N_("Take back"),
            no=N_("Keep it"),
        )
        if asked is not None and await self.app.push_screen_wait(question):
            await self._change(access_requests.withdraw, asked.id)

    def action_ask(self) -> None:
        from tui.screens.care.access_request import ask_for_access  # deferred: loaded when first shown

        ask_for_access(self, self.grant_id)

    def asked(self) -> None:
        """The customer was asked from here."""
        self.read_again()

    def action_device(self) -> None:
        from tui.screens.devices.device import DeviceScreen  # deferred: a screen is loaded when it is first shown

        if self.grant is not None:
            self.app.push_screen(DeviceScreen(self.frame, self.grant.asset_id, self._room))

    def on_screen_resume(self) -> None:
        super().on_screen_resume()
        if self.grant is not None:
            self.read_again()


def _unanswered(request: RequestRow, now: dt.datetime) -> bool:
    """A question that ran out without an answer is shown a while, so that nobody wonders where it has gone."""
    return request.state == "over" and request.until is None and now - request.asked_at < UNANSWERED_SHOWN


def answer_question(asked: RequestRow, *, allow: bool) -> Confirm:
    """Before a question is answered: what it is, in whole."""
    facts = _("{company} ({who}) asks for {right} of {device} for {hours} h: {reason}").format(
        company=asked.company,
        who=asked.asked_by,
        right=formatting.right(asked.right),
        device=asked.device,
        hours=asked.hours,
        reason=asked.reason,
    )
    if allow:
        return Confirm(_("Allow it?"), facts, yes=N_("Allow"), no=N_("Not now"), danger=False)
    return Confirm(_("Deny it?"), facts, yes=N_("Deny"), no=N_("Not now"))


def stop_question(allowed: RequestRow) -> Confirm:
    """Before a permission is ended early."""
    text = _("{company} loses {right} of {device} at once.").format(
        company=allowed.company, right=formatting.right(allowed.right), device=allowed.device
    )
    return Confirm(_("End this access?"), text, yes=N_("End access"), no=N_("Keep it"))


def end_question(company: str, device: str) -> Confirm:
    """Before a service is ended."""
    text = _("{company} loses every access to {device} at once. Both sides get mail.").format(
        company=company, device=device
    )
    return Confirm(_("End the service?"), text, yes=N_("End service"), no=N_("Keep it"))


def _asked(request: RequestRow, *, mine: bool) -> list[Value]:
    head = Content(" ").join(
        [formatting.request(request.state, mine=mine), Content(f"{formatting.right(request.right)}, {request.hours} h")]
    )
    until = _("until {when}").format(when=dates.moment(request.until)) if request.until else ""
    lines: list[Value] = [head, f"  {request.asked_by}, {dates.moment(request.asked_at)}: {request.reason}"]
    return [*lines, f"  {until}"] if until else lines


def service_facts(grant: GrantCard) -> list[tuple[str, Value]]:
    """Which device, at which level, since when."""
    facts: list[tuple[str, Value]] = [
        (N_("State"), badge("state", "ended" if grant.ended_at else "active")),
        (N_("Device ID"), f"{grant.device} · {grant.product}"),
        (N_("Address"), grant.address),
        (N_("Access level"), formatting.level(grant.level)),
        *((f"  {name}", word) for name, word in (() if grant.ended_at else formatting.opens(grant.level))),
        (N_("Since"), dates.moment(grant.since)),
    ]
    if grant.ended_at is not None:
        facts.append((N_("Ended"), dates.moment(grant.ended_at)))
    return facts


def company_facts(grant: GrantCard) -> list[tuple[str, Value]]:
    """Who looks after it."""
    facts = [
        (N_("Company name"), grant.company),
        (N_("Phone"), grant.company_phone),
        (N_("E-mail"), grant.company_email),
        (N_("Web address"), grant.company_url),
    ]
    return [(label, value) for label, value in facts if value]


def customer_facts(grant: GrantCard) -> list[tuple[str, Value]]:
    """Whose it is."""
    facts = [
        (N_("Name"), grant.name),
        (N_("Phone"), grant.phone),
        (N_("E-mail"), grant.email),
        (N_("Country"), countries.name(grant.country)),
        (N_("Language"), {"pl": "polski", "en": "English"}.get(grant.language, grant.language)),
    ]
    return [(label, value) for label, value in facts if value]
