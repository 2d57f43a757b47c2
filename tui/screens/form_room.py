"""A room that is one form: sent with Ctrl+S, left with Esc, and what was typed is there when one comes back."""

from __future__ import annotations

from typing import ClassVar

from core.i18n.translation import N_, _
from tui.drafts import Draft
from tui.screens.base import errand
from tui.screens.room import RoomScreen
from tui.widgets.confirm import Confirm
from tui.widgets.form import Form
from tui.widgets.frame import Frame


class FormRoom(RoomScreen):
    """Keeps a draft of what was typed.

    Esc asks whether to keep it; another room that is chosen keeps it unasked. It is forgotten when it was sent
    (:meth:`forget_typed`) or thrown away.
    """

    LEAVING: ClassVar[str] = N_("Leave without saving?")
    """The question when Esc would leave something typed behind."""

    def __init__(self, frame: Frame, draft_name: str) -> None:
        """``draft_name``: what its form is kept as, the same whenever that is about the same thing."""
        super().__init__(frame)
        self.draft_name = draft_name

    @property
    def form(self) -> Form | None:
        """The form, once the desk has said what it needs for it."""
        return next(iter(self.query(Form)), None)

    @property
    def draft(self) -> Draft | None:
        """What was left of an earlier visit; the form takes its fields from it by itself."""
        return self.app.drafts.get(self.draft_name)

    @property
    def has_typed(self) -> bool:
        """Whether something was typed since the form was opened."""
        return self.form is not None and self.form.touched

    def keep_typed(self) -> None:
        if self.form is not None and self.has_typed:
            self.form.keep()

    def forget_typed(self) -> None:
        """It was sent, or is not wanted."""
        self.app.drafts.forget(self.draft_name)

    def action_send(self) -> None:
        if self.form is not None:
            self.form.action_submit()

    @errand
    async def action_back(self) -> None:
        if self.has_typed:
            question = Confirm(
                _(self.LEAVING),
                _("What you have typed can be kept and is there when you open the form again."),
                yes=N_("Throw it away"),
                no=N_("Keep it and leave"),
            )
            if await self.app.push_screen_wait(question):
                self.forget_typed()
            else:
                self.keep_typed()
        self.app.pop_screen()
