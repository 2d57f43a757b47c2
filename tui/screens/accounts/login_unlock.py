"""Getting in past a pause that strangers brought about: a mailed code, and the password."""

from __future__ import annotations

from typing import Any

from core.accounts import login_unlock
from core.errors import Invalid, say
from core.field import Field
from core.i18n.translation import N_, _
from tui.screens.accounts.page import Page
from tui.screens.accounts.second_factor import after


class AskWayIn(Page):
    """Whose code it is; what was typed on the way in comes along."""

    def __init__(self, login: str = "", password: str = "", *, remember: bool = False) -> None:
        super().__init__()
        self._login, self._password, self._remember = login, password, remember

    def title_text(self) -> str:
        return _("Have a code mailed")

    def intro(self) -> str:
        return _(
            "When somebody types wrong passwords for your account, logging in is paused for everybody who can't show "
            "more than the password. A code from your mailbox shows it: with it and your password you get in at once."
        )

    def fields(self) -> tuple[Field, ...]:
        return (Field("login", N_("Login or e-mail"), max_length=254),)

    def values(self) -> dict[str, str]:
        return {"login": self._login}

    async def submit(self, values: dict[str, Any]) -> None:
        await self.do(login_unlock.ask, values["login"])
        self.app.switch_screen(WayIn(password=self._password, remember=self._remember, asked=True))


class WayIn(Page):
    """The mailed code and the password."""

    WAITS_FOR_MAIL = True

    def __init__(self, code: str = "", password: str = "", *, remember: bool = False, asked: bool = False) -> None:
        super().__init__()
        self._code, self._password, self._remember, self._asked = code, password, remember, asked

    def title_text(self) -> str:
        return _("Get in with a code and your password")

    def intro(self) -> str:
        if not self._asked:
            return _("The code was good. Your password is the other half.") if self._code else ""
        return _(
            "If that is known here, a code is on its way to its address, or lies there already: each is good for a "
            "day, and after a few no other is sent for some hours."
        )

    def fields(self) -> tuple[Field, ...]:
        return (
            Field("code", N_("Code"), kind="code", max_length=40, help=N_("Capitals, spaces and dashes don't matter.")),
            Field("password", N_("Password"), kind="secret", max_length=512),
        )

    def values(self) -> dict[str, str]:
        return {"code": self._code, "password": self._password}

    async def submit(self, values: dict[str, Any]) -> None:
        step = await self.do(
            login_unlock.enter, values["code"], values["password"], remember=self._remember, label=self.app.place
        )
        if step is None:
            raise Invalid({"password": say(N_("That is not your password. The code stays good."))})
        await after(self.app, step, remember=self._remember)
