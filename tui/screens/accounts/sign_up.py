"""Signing up: the form, the summary to check, and the page that says what was sent where. Who signs up
with a contract and who has none differ in what they are asked."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.widgets import Static

from core import forms
from core.accounts.address_owner import Started
from core.accounts.registration import Proof
from core.errors import DeskError, Say
from core.field import Field, Raw
from core.i18n.translation import N_, _
from core.sign_up import confirmation, customer, end_user
from core.sign_up.confirmed import Confirmed
from core.sign_up.customer import SignUp
from core.sign_up.end_user import EndUser
from tui.commands import Command, bindings
from tui.drafts import NOT_KEPT
from tui.screens.accounts.code_proof import come_back
from tui.screens.accounts.page import Page, log_in_as, to_the_way_in
from tui.screens.base import deed
from tui.text import plain
from tui.widgets.card import Card
from tui.widgets.form import Check
from tui.widgets.notice import Notice
from tui.widgets.prompt import FieldPrompt


class DraftPage(Page):
    """A page whose form can be left and found again as it was, but for what nobody else may find."""

    WIDE = True
    FORM: ClassVar[type[forms.FormModel]]
    DRAFT: ClassVar[str]
    """Under which name what was typed is kept."""
    DESK_COMMANDS = (
        Command("page.send", "ctrl+s", N_("Go on"), "send", N_("Check what was typed"), footer=True),
        Command("sign_up.terms", "f6", N_("Terms and notices"), "terms", N_("Read what is accepted"), footer=True),
    )
    BINDINGS: ClassVar[list[BindingType]] = bindings(DESK_COMMANDS)

    def fields(self) -> tuple[Field, ...]:
        return forms.describe(self.FORM)

    def check(self) -> Check | None:
        def checked(values: dict[str, Raw], only: str | None) -> Mapping[str, Say]:
            return forms.check(self.FORM, values, only)

        return checked

    def values(self) -> Mapping[str, Raw]:
        draft = self.app.drafts.get(self.DRAFT)
        return {"language": self.app.language, **(draft.values if draft is not None else {})}

    def action_back(self) -> None:
        """What was typed is kept for the next time, but for passwords and codes."""
        typed = self.form.drafts
        self.app.drafts.note(self.DRAFT, {each.name: typed[each.name] for each in self.fields() if each.can_be_kept})
        super().action_back()

    def forget_draft(self) -> None:
        """It was sent in."""
        self.app.drafts.forget(self.DRAFT)

    def action_terms(self) -> None:
        from tui.screens.accounts.terms import Terms  # deferred: a screen is loaded when it is first shown

        self.app.push_screen(Terms())


class SignUpForm(DraftPage):
    """A form whose summary is shown before anything is stored. What was typed stays here while the summary and the
    sent page lie on top of it."""

    SUMMARY: ClassVar[str]
    """What the summary is about."""

    def title_text(self) -> str:
        return _("Sign up")

    async def submit(self, values: dict[str, Any]) -> None:
        form = forms.fill(self.FORM, values)
        self.app.push_screen(Summary(self, form))

    def cards(self, form: Any) -> Iterable[Card]:
        """What was typed, to be checked."""
        yield Card(_(self.SUMMARY), facts_of(form))

    async def finish(self, form: Any) -> Page:
        """Send the sign-up in and give the page that says so; errors come back to whoever asked."""
        raise NotImplementedError


class PersonSignUp(SignUpForm):
    """Somebody signs up for themselves: one address, one code."""

    async def start(self, form: Any, receipt: str = "") -> Started:
        """Send the sign-up in; with a receipt, in place of an earlier one."""
        raise NotImplementedError

    async def finish(self, form: Any) -> Page:
        started = await self.start(form)
        self.forget_draft()
        return Sent(self, form, started)


class SignUpScreen(PersonSignUp):
    """With a contract: who has a support certificate."""

    FORM, DRAFT, SUMMARY = SignUp, "sign_up", N_("You and your contract")

    def intro(self) -> str:
        return _("For customers with a support certificate. Have its contract number and activation code at hand.")

    async def start(self, form: Any, receipt: str = "") -> Started:
        started: Started = await self.do(customer.start, form, receipt)
        return started


class EndUserScreen(PersonSignUp):
    """Without one: who has a heat pump at home."""

    FORM, DRAFT, SUMMARY = EndUser, "end_user", N_("You")

    def intro(self) -> str:
        return _(
            "For people with a heat pump at home. You log in with your e-mail address. If an installer has invited "
            "you, go back and choose “I have a code” instead."
        )

    async def start(self, form: Any, receipt: str = "") -> Started:
        started: Started = await self.do(end_user.start, form, receipt)
        return started


class Summary(Page):
    """Everything that was typed, before anything is stored."""

    WIDE = True
    DESK_COMMANDS = (Command("page.send", "ctrl+s,enter", N_("It is right: sign up"), "send", footer=True),)
    BINDINGS: ClassVar[list[BindingType]] = [
        *bindings(DESK_COMMANDS),
        Binding("down,j", "scroll(1)", show=False),
        Binding("up,k", "scroll(-1)", show=False),
        Binding("pagedown,space", "scroll(12)", show=False),
        Binding("pageup", "scroll(-12)", show=False),
    ]

    def __init__(self, typed: SignUpForm, form: Any) -> None:
        super().__init__()
        self._typed, self._form = typed, form

    def title_text(self) -> str:
        return _("Is this right?")

    def intro(self) -> str:
        return _("Please check what you typed. Nothing has been stored yet; Escape goes back to change it.")

    def compose_box(self) -> ComposeResult:
        yield from super().compose_box()
        yield from self._typed.cards(self._form)

    def action_scroll(self, lines: int) -> None:
        """Nothing on it has the focus, and it may be longer than the screen."""
        self.query_one("#page").scroll_relative(y=lines, animate=False)

    def action_send(self) -> None:
        self._go_on()

    @deed
    async def _go_on(self) -> None:
        try:
            page = await self._typed.finish(self._form)
        except DeskError as error:
            self.app.pop_screen()
            self._typed.show_errors(error)
            return
        self.app.switch_screen(page)


def facts_of(form: forms.FormModel, section: str | None = None) -> list[tuple[str, str]]:
    """Labels and values of a filled form, or of one section of it, without what must not be seen."""
    facts, at = [], ""
    for field in forms.describe(type(form)):
        at = field.section or at
        if field.kind not in ("secret", "check") and section in (None, at):
            facts.append((field.label, _readable(field, getattr(form, field.name)) or "—"))
    return facts


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

    def __init__(self, typed: PersonSignUp, form: Any, started: Started) -> None:
        super().__init__()
        self._typed, self._form, self._started = typed, form, started

    def title_text(self) -> str:
        return _("Check your mail")

    def intro(self) -> str:
        return _(
            "Mail is on its way to {address}. It holds the sign {sign} and a code that confirms the address; type the "
            "code here, or later under “I have a code” with your login and password. It works for 24 hours."
        ).format(address=self._started.address, sign=self._started.sign)

    def fields(self) -> tuple[Field, ...]:
        return (Field("code", N_("Code"), kind="code", max_length=40),)

    async def submit(self, values: dict[str, Any]) -> None:
        done = await come_back(self, confirmation.confirm, values["code"], Proof(receipt=self._started.receipt))
        if done is not None:
            self.app.switch_screen(Welcomed(done))

    def action_back(self) -> None:
        """Back to the way in: what was sent in stays sent in."""
        to_the_way_in(self)

    @deed
    async def action_again(self) -> None:
        await self._restart(self._form)

    @deed
    async def action_correct(self) -> None:
        field = next(field for field in forms.describe(type(self._form)) if field.name == "email")
        values = await self.app.push_screen_wait(
            FieldPrompt(
                _("Correct the address"),
                (field,),
                kept_as=NOT_KEPT,
                values={"email": self._form.email},
                save=N_("Send"),
            )
        )
        if values is not None:
            corrected = {**forms.typed(self._form), "email": values["email"]}
            await self._restart(forms.fill(type(self._form), corrected))

    async def _restart(self, form: Any) -> None:
        self._started = await self._typed.start(form, self._started.receipt)
        self._form = form
        self.query_one("#page-intro", Static).update(plain(self.intro()))
        self.query_one(Notice).say(_("Sent again. An older code is void."), "info")


class Welcomed(Page):
    """The address is confirmed: what now."""

    DESK_COMMANDS = (Command("page.send", "ctrl+s,enter", N_("Log in"), "send", footer=True),)
    BINDINGS: ClassVar[list[BindingType]] = bindings(DESK_COMMANDS)

    def __init__(self, done: Confirmed) -> None:
        super().__init__()
        self._done = done

    def title_text(self) -> str:
        return _("Your e-mail address is confirmed")

    def intro(self) -> str:
        done = self._done
        if not done.number:
            return _("Your account is ready. You can log in as {login} now.").format(login=done.login)
        if done.standing == "pending":
            return _(
                "You can log in as {login} now. {company} has an account already, so a colleague or the desk "
                "still has to let you in; you get mail when they have."
            ).format(login=done.login, company=done.company)
        if not done.company:
            return _("Contract {number} is yours here. You can log in as {login} now, from anywhere.").format(
                number=done.number, login=done.login
            )
        return _("Contract {number} of {company} is active on your account. You can log in as {login} now.").format(
            number=done.number, company=done.company, login=done.login
        )

    def action_back(self) -> None:
        self.action_send()

    def action_send(self) -> None:
        """To the way in, where the login stands already."""
        log_in_as(self, self._done.login)
