"""Signing up with a contract: the form, the summary to check, and the page that says what was sent where
(002 p.4, *Rejestracja nowego konta*)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.widgets import Static

from core import forms
from core.accounts import sign_up
from core.accounts.sign_up import SignUp, Started
from core.errors import DeskError, Say
from core.fields import Field, Raw
from core.words import N_, _
from tui.commands import Command, bindings
from tui.screens.accounts.page import Page
from tui.screens.base import deed
from tui.text import plain
from tui.widgets.card import Card
from tui.widgets.form import Check
from tui.widgets.notice import Notice

_DRAFT = "sign_up"


class SignUpScreen(Page):
    """The form. What was typed stays here while the summary and the sent page lie on top of it."""

    WIDE = True
    DESK_COMMANDS = (
        Command("page.send", "ctrl+s", N_("Go on"), "send", N_("Check what was typed"), footer=True),
        Command("sign_up.terms", "f6", N_("Terms and notices"), "terms", N_("Read what is accepted"), footer=True),
    )
    BINDINGS: ClassVar[list[BindingType]] = bindings(DESK_COMMANDS)

    def title_text(self) -> str:
        return _("Sign up")

    def intro(self) -> str:
        return _("For customers with a support certificate. Have its contract number and activation code at hand.")

    def fields(self) -> tuple[Field, ...]:
        return forms.describe(SignUp)

    def check(self) -> Check | None:
        def checked(values: dict[str, Raw], only: str | None) -> Mapping[str, Say]:
            return forms.check(SignUp, values, only)

        return checked

    def values(self) -> Mapping[str, Raw]:
        return {"language": self.app.language, **self.app.drafts.get(_DRAFT, {})}

    def action_back(self) -> None:
        """What was typed is kept for the next time, but for what nobody else may find: passwords and the code."""
        kept = {name: value for name, value in self.form.drafts.items() if name not in ("password", "again", "code")}
        self.app.drafts[_DRAFT] = kept
        super().action_back()

    def action_terms(self) -> None:
        from tui.screens.accounts.terms import Terms

        self.app.push_screen(Terms())

    async def submit(self, values: dict[str, Any]) -> None:
        form = forms.fill(SignUp, values)
        self.app.push_screen(Summary(self, form))

    async def finish(self, form: SignUp, receipt: str = "") -> Started:
        """Send the sign-up in; errors come back to whoever asked."""
        started: Started = await self.do(sign_up.start, form, receipt)
        self.app.drafts.pop(_DRAFT, None)
        return started


class Summary(Page):
    """Everything that was typed, before anything is stored."""

    WIDE = True
    DESK_COMMANDS = (Command("page.send", "ctrl+s,enter", N_("It is right: sign up"), "send", footer=True),)
    BINDINGS: ClassVar[list[BindingType]] = bindings(DESK_COMMANDS)

    def __init__(self, typed: SignUpScreen, form: SignUp) -> None:
        super().__init__()
        self._typed, self._form = typed, form

    def title_text(self) -> str:
        return _("Is this right?")

    def intro(self) -> str:
        return _("Please check what you typed. Nothing has been stored yet; Escape goes back to change it.")

    def compose_box(self) -> ComposeResult:
        yield from super().compose_box()
        shown = [
            (_(field.label), _readable(field, getattr(self._form, field.name)))
            for field in forms.describe(SignUp)
            if field.kind not in ("secret", "check")
        ]
        yield Card(_("You and your contract"), shown)

    def action_send(self) -> None:
        self._go_on()

    @deed
    async def _go_on(self) -> None:
        try:
            started = await self._typed.finish(self._form)
        except DeskError as error:
            self.app.pop_screen()
            self._typed.show_errors(error)
            return
        self.app.switch_screen(Sent(self._typed, self._form, started))


def _readable(field: Field, value: object) -> str:
    raw = forms.raw(value)
    named = {choice.value: _(choice.label) for choice in field.choices}
    return named.get(str(raw), str(raw))


class Sent(Page):
    """What was sent to which address; it can be corrected and sent again. The code is typed here."""

    DESK_COMMANDS = (
        Command("sent.again", "f5", N_("Send again"), "again", N_("A new code to the same address"), footer=True),
        Command(
            "sent.correct", "f7", N_("Correct the address"), "correct", N_("It goes to another address"), footer=True
        ),
    )
    BINDINGS: ClassVar[list[BindingType]] = bindings(DESK_COMMANDS)
    WAITS_FOR_MAIL = True

    def __init__(self, typed: SignUpScreen, form: SignUp, started: Started) -> None:
        super().__init__()
        self._typed, self._form, self._started = typed, form, started

    def title_text(self) -> str:
        return _("Check your mail")

    def intro(self) -> str:
        return _(
            "Mail is on its way to {address}. It holds a code that confirms the address; type it here, "
            "or later under “I have a code”. It works for 24 hours."
        ).format(address=self._started.address)

    def fields(self) -> tuple[Field, ...]:
        return (Field("code", N_("Code"), kind="code", max_length=40),)

    async def submit(self, values: dict[str, Any]) -> None:
        done = await self.do(sign_up.confirm, values["code"])
        self.app.switch_screen(Welcomed(done))

    def action_back(self) -> None:
        """Back to the way in: what was sent in stays sent in."""
        self._leave()

    def _leave(self) -> None:
        if self._typed in self.app.screen_stack:
            self.app.pop_screen()
        self.app.pop_screen()

    @deed
    async def action_again(self) -> None:
        await self._restart(self._form)

    @deed
    async def action_correct(self) -> None:
        from tui.widgets.prompt import Prompt

        field = next(field for field in forms.describe(SignUp) if field.name == "email")
        values = await self.app.push_screen_wait(
            Prompt(_("Correct the address"), (field,), values={"email": self._form.email}, save=N_("Send"))
        )
        if values is not None:
            corrected = {**forms.typed(self._form), "email": values["email"]}
            await self._restart(forms.fill(SignUp, corrected))

    async def _restart(self, form: SignUp) -> None:
        self._started = await self._typed.finish(form, self._started.receipt)
        self._form = form
        self.query_one("#page-intro", Static).update(plain(self.intro()))
        self.query_one(Notice).say(_("Sent again. An older code is void."), "info")


class Welcomed(Page):
    """The address is confirmed: what now."""

    DESK_COMMANDS = (Command("page.send", "ctrl+s,enter", N_("Log in"), "send", footer=True),)
    BINDINGS: ClassVar[list[BindingType]] = bindings(DESK_COMMANDS)

    def __init__(self, done: sign_up.Confirmed) -> None:
        super().__init__()
        self._done = done

    def title_text(self) -> str:
        return _("Your e-mail address is confirmed")

    def intro(self) -> str:
        done = self._done
        if done.standing == "pending":
            return _(
                "You can log in as {login} now. {company} has an account already, so a colleague or the desk "
                "still has to let you in; you get mail when they have."
            ).format(login=done.login, company=done.company)
        return _("Contract {number} of {company} is active on your account. You can log in as {login} now.").format(
            number=done.number, company=done.company, login=done.login
        )

    def action_back(self) -> None:
        self.action_send()

    def action_send(self) -> None:
        while len(self.app.screen_stack) > 2:
            self.app.pop_screen()
