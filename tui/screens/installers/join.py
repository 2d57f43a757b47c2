"""A colleague comes into an installer company with the code that was mailed to them."""

from __future__ import annotations

from typing import Any, ClassVar

from textual.binding import BindingType

from core import forms
from core.i18n.translation import N_, _
from core.installers import invitations
from core.installers.invitations import CompanyInvitation, Joined, NewMember
from tui.commands import Command, bindings
from tui.screens.accounts.page import Page, log_in_as
from tui.screens.accounts.sign_up import DraftPage
from tui.screens.base import deed


class Join(DraftPage):
    """Login, name and password; the address is the one that was invited."""

    FORM, DRAFT = NewMember, "join_company"

    def __init__(self, asked: CompanyInvitation, code: str) -> None:
        super().__init__()
        self._asked, self._code = asked, code

    def title_text(self) -> str:
        return _("Join {company}").format(company=self._asked.company)

    def intro(self) -> str:
        return _(
            "You get an account of your own in {company}. Its e-mail address is {email}: the code has confirmed it."
        ).format(company=self._asked.company, email=self._asked.email)

    async def submit(self, values: dict[str, Any]) -> None:
        done: Joined = await self.do(invitations.join, self._code, forms.fill(NewMember, values))
        self.forget_draft()
        self.app.switch_screen(HasJoined(done))


class ComeBack(Page):
    """Somebody who has left a company is invited: nothing is asked, their account is there."""

    DESK_COMMANDS = (Command("page.send", "ctrl+s,enter", N_("Join"), "send", footer=True),)
    BINDINGS: ClassVar[list[BindingType]] = bindings(DESK_COMMANDS)

    def __init__(self, asked: CompanyInvitation, code: str) -> None:
        super().__init__()
        self._asked, self._code = asked, code

    def title_text(self) -> str:
        return _("Join {company}").format(company=self._asked.company)

    def intro(self) -> str:
        return _(
            "Your account {login} will belong to {company} from now on. You log in as ever: password and second step "
            "stay what they are."
        ).format(login=self._asked.login, company=self._asked.company)

    def action_send(self) -> None:
        self._join()

    @deed
    async def _join(self) -> None:
        done: Joined = await self.do(invitations.come_back, self._code)
        self.app.switch_screen(HasJoined(done))


def page_for(asked: CompanyInvitation, code: str) -> Page:
    """Where an invitation leads."""
    return ComeBack(asked, code) if asked.login else Join(asked, code)


class HasJoined(Page):
    """The account is there."""

    DESK_COMMANDS = (Command("page.send", "ctrl+s,enter", N_("Log in"), "send", footer=True),)
    BINDINGS: ClassVar[list[BindingType]] = bindings(DESK_COMMANDS)

    def __init__(self, done: Joined) -> None:
        super().__init__()
        self._done = done

    def title_text(self) -> str:
        return _("You belong to {company} now").format(company=self._done.company)

    def intro(self) -> str:
        return _("Your account is ready. You can log in as {login} now.").format(login=self._done.login)

    def action_back(self) -> None:
        self.action_send()

    def action_send(self) -> None:
        log_in_as(self, self._done.login)
