"""Making an account on the way of an installer's invitation: its code proves the address."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, ClassVar

from textual.binding import BindingType

from core import forms
from core.care.invitation_reply import CareInvitation
from core.errors import Say
from core.field import Choice, Field, Raw
from core.i18n.translation import N_, _
from core.sign_up import end_user
from core.sign_up.end_user import Arrived, EndUser
from tui import session
from tui.commands import Command, bindings
from tui.screens.accounts.page import Page
from tui.widgets.form import Check


class SignUpInvited(Page):
    """Name and password; the address is the invitation's and stays it."""

    WIDE = True
    DESK_COMMANDS = (
        Command("page.send", "ctrl+s", N_("Make the account"), "send", N_("Check it and go on"), footer=True),
        Command("invited.terms", "f6", N_("Terms and notices"), "terms", N_("Read what is accepted"), footer=True),
    )
    BINDINGS: ClassVar[list[BindingType]] = bindings(DESK_COMMANDS)

    def __init__(self, invited: CareInvitation, code: str) -> None:
        super().__init__()
        self._invited, self._code = invited, code

    def title_text(self) -> str:
        return _("Your account")

    def intro(self) -> str:
        return _(
            "You log in with the address the invitation came to. Nothing has to be confirmed: the code proves it. "
            "Then you answer the invitation of {company}."
        ).format(company=self._invited.company)

    def fields(self) -> tuple[Field, ...]:
        """The address can be read and picked, not typed: there is only one."""
        return tuple(
            replace(field, kind="choice", help="", choices=(Choice(self._invited.email, self._invited.email),))
            if field.name == "email"
            else field
            for field in forms.describe(EndUser)
        )

    def check(self) -> Check | None:
        def checked(values: dict[str, Raw], only: str | None) -> Mapping[str, Say]:
            return forms.check(EndUser, values, only)

        return checked

    def values(self) -> Mapping[str, Raw]:
        first, _space, last = self._invited.name.partition(" ")
        return {
            "email": self._invited.email,
            "first_name": first,
            "last_name": last,
            "language": self._invited.language,
        }

    async def submit(self, values: dict[str, Any]) -> None:
        arrived: Arrived = await self.do(end_user.enter_by_invitation, self._code, forms.fill(EndUser, values))
        self.app.invitation = self._code
        if arrived.entered is not None:
            await session.sit_down(self.app, arrived.entered)
            return
        self.app.notify(_("The account is made. Log in as {login} now.").format(login=arrived.login), markup=False)
        self.action_back()

    def action_terms(self) -> None:
        from tui.screens.accounts.terms import Terms  # deferred: a screen is loaded when it is first shown

        self.app.push_screen(Terms())
