"""Getting back in, and typing a code that came by mail."""

from __future__ import annotations

from typing import Any, ClassVar

from textual.binding import BindingType

from core.accounts import code_lookup, recovery, registration
from core.care import invitation_reply
from core.field import Field
from core.i18n.translation import N_, _
from core.installers import invitations
from core.models.accounts import Purpose
from core.sign_up import confirmation
from core.sign_up import installer as installer_sign_up
from tui.commands import Command, bindings
from tui.screens.accounts.code_proof import FormProof
from tui.screens.accounts.page import Page, log_in_as

_CODE = Field("code", N_("Code"), kind="code", max_length=40, help=N_("Capitals, spaces and dashes don't matter."))


class Forgot(Page):
    """Ask for the mail that names the login and holds a code for a new password."""

    def __init__(self, login: str = "") -> None:
        super().__init__()
        self._login = login

    def title_text(self) -> str:
        return _("Forgot login or password?")

    def intro(self) -> str:
        return _(
            "Type your login or e-mail address. Accounts that were moved here from an older system choose their "
            "password this way, once."
        )

    def fields(self) -> tuple[Field, ...]:
        return (Field("login", N_("Login or e-mail"), max_length=254),)

    def values(self) -> dict[str, str]:
        return {"login": self._login}

    async def submit(self, values: dict[str, Any]) -> None:
        await self.do(recovery.ask, values["login"])
        self.app.switch_screen(NewPassword(asked=True))


class NewPassword(Page):
    """The mailed code and a new password, twice."""

    WAITS_FOR_MAIL = True

    def __init__(self, code: str = "", *, asked: bool = False) -> None:
        super().__init__()
        self._code, self._asked = code, asked

    def title_text(self) -> str:
        return _("Choose a new password")

    def intro(self) -> str:
        if not self._asked:
            return ""
        return _("If that is known here, mail is on its way to its address. It names the login and holds a code.")

    def fields(self) -> tuple[Field, ...]:
        return (
            _CODE,
            Field(
                "password",
                N_("New password"),
                kind="secret",
                max_length=512,
                help=N_("A few words in a row are easy to remember."),
            ),
            Field("again", N_("New password again"), kind="secret", max_length=512),
        )

    def values(self) -> dict[str, str]:
        return {"code": self._code}

    async def submit(self, values: dict[str, Any]) -> None:
        login = await self.do(recovery.set_password, values["code"], values["password"], values["again"])
        self.app.switch_screen(Changed(login))


class Changed(Page):
    """The password is changed; the log-in is the next thing."""

    DESK_COMMANDS = (Command("page.send", "ctrl+s,enter", N_("Log in"), "send", footer=True),)
    BINDINGS: ClassVar[list[BindingType]] = bindings(DESK_COMMANDS)

    def __init__(self, login: str) -> None:
        super().__init__()
        self._login = login

    def title_text(self) -> str:
        return _("The password has been changed")

    def intro(self) -> str:
        return _("Log in as {login} with the new password. Every other session of this account has ended.").format(
            login=self._login
        )

    def action_back(self) -> None:
        self.action_send()

    def action_send(self) -> None:
        """To the way in, where the login stands already."""
        log_in_as(self, self._login)


class HaveCode(Page):
    """A code from a mail: what it is for, the code itself says."""

    WAITS_FOR_MAIL = True

    def __init__(self, code: str = "") -> None:
        super().__init__()
        self._code = code

    def title_text(self) -> str:
        return _("I have a code")

    def intro(self) -> str:
        return _(
            "Type the code from the mail: it confirms an address, chooses a new password, or answers an invitation. "
            "What comes next is decided by the code."
        )

    def fields(self) -> tuple[Field, ...]:
        return (_CODE,)

    def values(self) -> dict[str, str]:
        return {"code": self._code}

    async def submit(self, values: dict[str, Any]) -> None:
        code = values["code"]
        purpose = await self.see(code_lookup.purpose_of, code)
        self.app.switch_screen(await self._page_for(purpose, code))

    async def _page_for(self, purpose: Purpose, code: str) -> Page:
        if purpose in (Purpose.RESET, Purpose.INVITE):
            return NewPassword(code)
        if purpose is Purpose.WAY_IN:
            from tui.screens.accounts.login_unlock import WayIn  # deferred: a screen is loaded when it is first shown

            return WayIn(code)
        if purpose in (Purpose.COMPANY, Purpose.MANAGEMENT):
            from tui.screens.installers.sign_up import after_code  # deferred: a screen is loaded when it is first shown

            if await self.see(registration.is_of_form, code):
                return FormProof(code, installer_sign_up.confirm, after_code)
            return after_code(await self.do(installer_sign_up.confirm_change, code))
        if purpose is Purpose.MEMBER:
            from tui.screens.installers.join import page_for  # deferred: a screen is loaded when it is first shown

            return page_for(await self.see(invitations.asked, code), code)
        if purpose is Purpose.CARE:
            from tui.screens.care.invitation_reply import InvitationOfGuest  # deferred: loaded when first shown

            return InvitationOfGuest(await self.see(invitation_reply.invited, code), code)
        from tui.screens.accounts.sign_up import Welcomed  # deferred: a screen is loaded when it is first shown

        return FormProof(code, confirmation.confirm, Welcomed)
