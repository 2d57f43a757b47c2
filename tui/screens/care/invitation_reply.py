"""The customer's answer to an invitation: the code, who invites, what is still missing, Register."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType

from core import forms
from core.care import invitation_reply
from core.care.invitation_reply import Accept, CareInvitation
from core.errors import Say
from core.field import Field, Raw
from core.forms import countries
from core.i18n import dates
from core.i18n.translation import N_, _
from tui import session
from tui.commands import Command, bindings
from tui.screens.accounts.page import Page
from tui.screens.base import deed
from tui.widgets.card import Card, Value
from tui.widgets.confirm import Confirm
from tui.widgets.form import Check

CODE = Field("code", N_("Code"), kind="code", max_length=40, help=N_("Capitals, spaces and dashes don't matter."))


class TypeCode(Page):
    """The code of the mail, for somebody who is logged in."""

    def __init__(self, code: str = "") -> None:
        super().__init__()
        self._code = code

    def title_text(self) -> str:
        return _("An installer invites you")

    def intro(self) -> str:
        return _("The mail with the invitation holds a code. Type it here to see who invites you, and to what.")

    def fields(self) -> tuple[Field, ...]:
        return (CODE,)

    def values(self) -> Mapping[str, Raw]:
        return {"code": self._code}

    async def submit(self, values: dict[str, Any]) -> None:
        invited: CareInvitation = await self.do(invitation_reply.invited, values["code"])
        self.app.switch_screen(Invitation(invited, values["code"]))


class Invitation(Page):
    """Who invites, for somebody who is logged in: what is still missing is filled in here."""

    WIDE = True
    DESK_COMMANDS: ClassVar[tuple[Command, ...]] = (
        Command("page.send", "ctrl+s", N_("Register"), "send", N_("Accept the invitation"), footer=True),
        Command("answer.terms", "f6", N_("Terms and notices"), "terms", N_("Read what is accepted"), footer=True),
        Command("answer.levels", "f8", N_("Access levels"), "levels", N_("What each opens"), footer=True),
        Command("answer.decline", "f7", N_("Decline"), "decline", N_("Say no to it"), footer=True, danger=True),
    )
    BINDINGS: ClassVar[list[BindingType]] = bindings(DESK_COMMANDS)

    def __init__(self, invited: CareInvitation, code: str) -> None:
        super().__init__()
        self._invited, self._code = invited, code

    def title_text(self) -> str:
        return _("{company} invites you").format(company=self._invited.company)

    def intro(self) -> str:
        return _("They would like to look after your device. Fill in what is missing, and register.")

    def compose_box(self) -> ComposeResult:
        yield Card(N_("Invitation"), _facts(self._invited))
        yield from super().compose_box()

    def fields(self) -> tuple[Field, ...]:
        return forms.describe(Accept)

    def check(self) -> Check | None:
        def checked(values: dict[str, Raw], only: str | None) -> Mapping[str, Say]:
            return forms.check(Accept, values, only)

        return checked

    def values(self) -> Mapping[str, Raw]:
        return {"language": self._invited.language}

    async def submit(self, values: dict[str, Any]) -> None:
        await self.do(invitation_reply.accept, self._code, forms.fill(Accept, values))
        self.app.invitation = ""
        self.app.notify(_("Registered. Both of you get mail."))
        session.home(self.app, "service")

    @deed
    async def action_decline(self) -> None:
        question = Confirm(
            _("Decline the invitation?"),
            _("{company} is told. The code is used up by that.").format(company=self._invited.company),
            yes=N_("Decline"),
            no=N_("Not now"),
        )
        if await self.app.push_screen_wait(question):
            await self.do(invitation_reply.decline, self._code)
            self.app.invitation = ""
            self.app.notify(_("Declined. {company} has been told.").format(company=self._invited.company))
            self.app.pop_screen()

    def action_back(self) -> None:
        """The code is in the mail still: leaving is not declining."""
        self.app.invitation = ""
        if self.app.seat is not None:
            self.app.notify(_("Not answered yet. The code of the mail works under Service (F6) until it runs out."))
        super().action_back()

    def action_terms(self) -> None:
        from tui.screens.accounts.terms import Terms  # deferred: a screen is loaded when it is first shown

        self.app.push_screen(Terms())

    def action_levels(self) -> None:
        from tui.screens.care.levels import LevelTable  # deferred: a screen is loaded when it is first shown

        self.app.push_screen(LevelTable())


class InvitationOfGuest(Invitation):
    """The same for somebody who is not logged in: first to the log-in, or to an account; then it comes up again."""

    DESK_COMMANDS = (
        Command("page.send", "ctrl+s,enter", N_("Go on"), "send", N_("Log in, or make an account"), footer=True),
    )
    BINDINGS: ClassVar[list[BindingType]] = bindings(DESK_COMMANDS)

    def intro(self) -> str:
        if self._invited.known:
            return _(
                "They would like to look after your device. {email} has an account here: go on (Ctrl+S) and log in; "
                "the invitation is waiting for you then."
            ).format(email=self._invited.email)
        return _(
            "They would like to look after your device. Go on (Ctrl+S) to make an account with {email}; the "
            "invitation is waiting for you when you have logged in."
        ).format(email=self._invited.email)

    def fields(self) -> tuple[Field, ...]:
        return ()

    def check(self) -> Check | None:
        return None

    def action_send(self) -> None:
        """The code is kept until its owner has logged in."""
        self.app.invitation = self._code
        if self._invited.known:
            while len(self.app.screen_stack) > 2:
                self.app.pop_screen()
            text = _("Log in as {email}; the invitation is waiting for you.").format(email=self._invited.email)
            self.app.notify(text, markup=False)
            return
        from tui.screens.accounts.invitation_sign_up import SignUpInvited  # deferred: loaded when first shown

        self.app.switch_screen(SignUpInvited(self._invited, self._code))


def _facts(invited: CareInvitation) -> list[tuple[str, Value]]:
    facts = [
        (N_("Installer company"), invited.company),
        (N_("Phone"), invited.company_phone),
        (N_("E-mail"), invited.company_email),
        (N_("For"), invited.name),
        (N_("Address"), f"{invited.address}, {countries.name(invited.country)}"),
        (N_("Valid until"), dates.moment(invited.expires_at)),
    ]
    return [(label, value) for label, value in facts if value]
