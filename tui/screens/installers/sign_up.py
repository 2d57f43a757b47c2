"""An installer company signs up: one long form, the summary, and the page of the two addresses."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.widgets import Static

from core import forms
from core.accounts.address_owner import Started
from core.accounts.registration import Proof
from core.field import Field, Raw
from core.forms import countries
from core.i18n.translation import N_, _
from core.installers.addresses import BOTH, FIELDS, Proved
from core.installers.forms import ServiceSignUp
from core.models.accounts import Purpose
from core.sign_up import installer
from core.sign_up.installer import ConfirmedAddresses
from tui.commands import Command, bindings
from tui.drafts import NOT_KEPT
from tui.screens.accounts.code_proof import come_back
from tui.screens.accounts.page import Page, log_in_as, to_the_way_in
from tui.screens.accounts.sign_up import SignUpForm, facts_of
from tui.screens.base import deed, errand
from tui.screens.installers.formatting import ADDRESSES, address, wants_authenticator
from tui.text import plain
from tui.widgets.card import Card
from tui.widgets.choose import Choose
from tui.widgets.form import Form
from tui.widgets.menu import Option
from tui.widgets.prompt import FieldPrompt

LOOK_EVERY = 5.0
"""Seconds between two looks at what has been confirmed: the other code may be typed at another terminal."""


class ServiceSignUpScreen(SignUpForm):
    """The form. The time zone follows the country until somebody picks one."""

    FORM, DRAFT, SUMMARY = ServiceSignUp, "service_sign_up", N_("Company")
    _zone_picked = False

    def intro(self) -> str:
        return _(
            "For companies that look after heat pumps. Two e-mail addresses are needed, and both have to be "
            "confirmed: one for notifications, which many may read, and your own for managing the company."
        )

    def values(self) -> Mapping[str, Raw]:
        desk = self.app.desk
        at_first = {"country": countries.HOME, "zone": desk.settings.desk.zone}
        return {**at_first, **super().values()}

    @on(Form.Changed)
    def _zone_follows(self, event: Form.Changed) -> None:
        if event.name == "zone":
            self._zone_picked = True
        elif event.name == "country" and not self._zone_picked:
            desk = self.app.desk
            zone = countries.zone_of(str(event.values["country"]), desk.settings.desk.zone)
            self.form.put("zone", zone)

    def cards(self, form: Any) -> Iterable[Card]:
        sections = [field.section for field in forms.describe(ServiceSignUp) if field.section]
        for section in sections:
            yield Card(_(section), facts_of(form, section))

    async def finish(self, form: Any) -> Page:
        started: Started = await self.do(installer.start, form)
        self.forget_draft()
        return ServiceSent(form, started)


class ServiceSent(Page):
    """Both addresses and whether each is confirmed. A code of either is typed here; what is wrong is corrected."""

    WIDE = True
    DESK_COMMANDS = (
        Command("sent.again", "f5", N_("Send again"), "again", N_("A new code to the same address"), footer=True),
        Command(
            "sent.correct", "f7", N_("Correct an address"), "correct", N_("It goes to another address"), footer=True
        ),
    )
    BINDINGS: ClassVar[list[BindingType]] = bindings(DESK_COMMANDS)
    WAITS_FOR_MAIL = True

    def __init__(self, form: ServiceSignUp, started: Started) -> None:
        super().__init__()
        self._form, self._started = form, started
        self._status = ConfirmedAddresses()

    def title_text(self) -> str:
        return _("Check the mail of both addresses")

    def intro(self) -> str:
        return _(
            "Mail is on its way to both addresses, each with the sign {sign} and a code of its own. Type them here one "
            "after the other, or later under “I have a code” with your login and password. They work for 24 hours; "
            "with both of them {company} is registered."
        ).format(company=self._form.company, sign=self._started.sign)

    def compose_box(self) -> ComposeResult:
        inside = list(super().compose_box())
        yield from inside[:-1]
        yield Card(N_("Addresses"), self._facts(), id="sent-addresses")
        yield inside[-1]

    def _facts(self) -> list[tuple[str, Any]]:
        return [
            (ADDRESSES[purpose], address(getattr(self._form, FIELDS[purpose]), self._status.of(purpose)))
            for purpose in BOTH
        ]

    def fields(self) -> tuple[Field, ...]:
        return (Field("code", N_("Code"), kind="code", max_length=40),)

    def on_mount(self) -> None:
        self.set_interval(LOOK_EVERY, self._look)

    @errand
    async def _look(self) -> None:
        await self._read()

    async def _read(self) -> None:
        status: ConfirmedAddresses = await self.see(installer.status, self._started.receipt)
        if status != self._status:
            self._status = status
            self.query_one("#sent-addresses", Card).show(self._facts())
        if status.finished and not self.left:
            self.app.switch_screen(Registered(self._form.login, self._form.company))

    async def submit(self, values: dict[str, Any]) -> None:
        proof = Proof(receipt=self._started.receipt)
        done: Proved | None = await come_back(self, installer.confirm, values["code"], proof)
        if done is None:
            return
        self.form.set_values({"code": ""})
        if not done.waits_for:
            self.app.switch_screen(Registered(done.login, done.company))
            return
        await self._read()
        self.notice.say(still_missing(done), "done")

    def action_back(self) -> None:
        """Back to the way in: what was sent in stays sent in."""
        to_the_way_in(self)

    async def _which(self, title: str) -> Purpose | None:
        """The address that is meant, of those that are not confirmed."""
        waiting = [purpose for purpose in BOTH if not self._status.of(purpose)]
        if len(waiting) < 2:
            return waiting[0] if waiting else None
        options = [Option(purpose, _(ADDRESSES[purpose]), getattr(self._form, FIELDS[purpose])) for purpose in waiting]
        return await self.app.push_screen_wait(Choose(title, options))

    @deed
    async def action_again(self) -> None:
        which = await self._which(_("Send again to which address?"))
        if which is not None:
            await self._send(self._form, which)

    @deed
    async def action_correct(self) -> None:
        which = await self._which(_("Correct which address?"))
        if which is None:
            return
        name = FIELDS[which]
        field = next(replace(field, section="") for field in forms.describe(ServiceSignUp) if field.name == name)

        async def send(values: dict[str, Any]) -> None:
            await self._send(installer.corrected(self._form, which, values[name]), which)

        await self.app.push_screen_wait(
            FieldPrompt(
                _("Correct the address"),
                (field,),
                kept_as=NOT_KEPT,
                values={name: getattr(self._form, name)},
                submit=send,
                save=N_("Send"),
            )
        )

    async def _send(self, form: ServiceSignUp, which: Purpose) -> None:
        self._started = await self.do(installer.again, form, self._started.receipt, which)
        self._form = form
        self.query_one("#page-intro", Static).update(plain(self.intro()))
        await self._read()
        self.query_one("#sent-addresses", Card).show(self._facts())
        sent = _("Sent again to {address}. An older code is void.")
        self.notice.say(sent.format(address=getattr(form, FIELDS[which])), "info")


def still_missing(done: Proved) -> str:
    """What is left after the first of the two codes."""
    sentence = _("{address} is confirmed. Now the code that was mailed to {other} is needed.")
    return sentence.format(address=done.address, other=done.waits_for)


class Registered(Page):
    """Both addresses are confirmed: what now."""

    DESK_COMMANDS = (Command("page.send", "ctrl+s,enter", N_("Log in"), "send", footer=True),)
    BINDINGS: ClassVar[list[BindingType]] = bindings(DESK_COMMANDS)

    def __init__(self, login: str, company: str) -> None:
        super().__init__()
        self._login, self._company = login, company

    def title_text(self) -> str:
        return _("The company is registered")

    def intro(self) -> str:
        sentence = _(
            "Both addresses of {company} are confirmed; mail to both of them says so. Log in as {login} now: codes for "
            "that go to the management address."
        ).format(company=self._company, login=self._login)
        if not wants_authenticator(self.app.desk):
            return sentence
        more = _("At the first log-in you add an authenticator app: this account decides about the company's people.")
        return f"{sentence} {more}"

    def action_back(self) -> None:
        self.action_send()

    def action_send(self) -> None:
        log_in_as(self, self._login)


class Noted(Page):
    """A code was typed elsewhere than where the sign-up or the change was made: what came of it."""

    DESK_COMMANDS = (Command("page.send", "ctrl+s,enter", N_("Go on"), "send", footer=True),)
    BINDINGS: ClassVar[list[BindingType]] = bindings(DESK_COMMANDS)

    def __init__(self, done: Proved) -> None:
        super().__init__()
        self._done = done

    def title_text(self) -> str:
        return _("The address is confirmed")

    def intro(self) -> str:
        if self._done.waits_for:
            return still_missing(self._done)
        return _("{address} is the address of {company} from now on.").format(
            address=self._done.address, company=self._done.company
        )

    def action_back(self) -> None:
        self.action_send()

    def action_send(self) -> None:
        to_the_way_in(self)


def after_code(done: Proved) -> Page:
    """The page for a code that was typed under *I have a code*."""
    return Registered(done.login, done.company) if done.login and not done.waits_for else Noted(done)
