"""A desk that nobody has used yet: its first administrator."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from core import forms
from core.errors import Say
from core.field import Field, Raw
from core.i18n.translation import N_, _
from core.people import staff
from core.people.staff import FirstAdmin
from tui.screens.accounts.page import Page
from tui.screens.base import errand
from tui.widgets.confirm import Confirm
from tui.widgets.form import Check


class SetUp(Page):
    """Make the administrator, who makes everybody else."""

    WIDE = True

    def title_text(self) -> str:
        return _("A new desk")

    def intro(self) -> str:
        return _(
            "Nobody has an account here yet. Make the administrator's: they make the agents. "
            "At the first log-in an authenticator app is added, so have your phone at hand."
        )

    def fields(self) -> tuple[Field, ...]:
        return forms.describe(FirstAdmin)

    def check(self) -> Check | None:
        def checked(values: dict[str, Raw], only: str | None) -> Mapping[str, Say]:
            return forms.check(FirstAdmin, values, only)

        return checked

    def values(self) -> Mapping[str, Raw]:
        return {"language": self.app.language}

    async def submit(self, values: dict[str, Any]) -> None:
        await self.do(staff.set_up, forms.fill(FirstAdmin, values))
        self.app.notify(_("The administrator's account is made. Log in with it now."))
        self.app.pop_screen()

    def action_back(self) -> None:
        self._leave()

    @errand
    async def _leave(self) -> None:
        """Nothing lies behind this page."""
        question = Confirm(
            _("Leave Okienko?"),
            _("There is no administrator yet, and what you have typed here is lost."),
            yes=N_("Leave"),
            no=N_("Stay"),
        )
        if not self.form.touched or await self.app.push_screen_wait(question):
            self.app.exit()
