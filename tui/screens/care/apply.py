"""The customer's application: who shall look after which device."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from textual import getters, on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Container
from textual.widgets import Static

from core import forms
from core.accounts import profile
from core.care import applications
from core.care.applications import Apply
from core.errors import DeskError, Say
from core.field import Raw
from core.i18n.translation import N_, _
from core.models.names import full_name
from tui.commands import Command, bindings
from tui.screens.base import deed, errand
from tui.screens.form_room import FormRoom
from tui.screens.room import RoomScreen
from tui.text import plain
from tui.widgets.form import Form
from tui.widgets.frame import Frame
from tui.widgets.notice import Notice


class ApplyScreen(FormRoom):
    """One form, begun with what the account says of its owner."""

    ROOM = "service"
    DESK_COMMANDS = (
        Command("apply.send", "ctrl+s", N_("Register"), "send", N_("Check it and send it"), footer=True),
        Command("apply.terms", "f6", N_("Terms and notices"), "terms", N_("Read what is accepted"), footer=True),
        Command("apply.levels", "f8", N_("Access levels"), "levels", N_("What each opens"), footer=True),
        Command("apply.back", "escape", N_("Back"), "back", N_("What was typed is kept"), footer=True),
    )
    BINDINGS: ClassVar[list[BindingType]] = bindings(DESK_COMMANDS)
    CSS_PATH = "care.tcss"

    LEAVING = N_("Leave the application?")

    wrong = getters.query_one("#care-notice", Notice)

    def __init__(self, frame: Frame) -> None:
        super().__init__(frame, "application")

    def where(self) -> tuple[str, ...]:
        return (*super().where(), _("Application"))

    def compose_room(self) -> ComposeResult:
        intro = _(
            "Your installer gets this application and decides about it within 28 days. Please watch out for typing "
            "errors in the e-mail address and in the device ID."
        )
        yield Static(plain(intro), id="care-intro")
        yield Notice(id="care-notice")
        yield Container(id="care-form")

    def on_mount(self) -> None:
        super().on_mount()
        self._ask()

    @errand
    async def _ask(self) -> None:
        me = await self.see(profile.me)
        known = {
            "name": full_name(me),
            "phone": me.phone,
            "language": self.app.language,
            "country": "PL",
        }
        form = Form(forms.describe(Apply), check=_check, values=known, kept_as=self.draft_name)
        await self.query_one("#care-form").mount(form)
        form.focus_first()

    @on(Form.Submitted)
    @deed
    async def _submitted(self, event: Form.Submitted) -> None:
        event.stop()
        form = self.form
        self.wrong.hide()
        if form is None or not form.check_all():
            return
        try:
            application = forms.fill(Apply, event.values)
            await self.do(applications.apply, application)
        except DeskError as error:
            above = form.refuse(error)
            if above:
                self.wrong.say(above, "error")
            return
        self.forget_typed()
        self.app.switch_screen(Applied(self.frame, application))

    def action_terms(self) -> None:
        from tui.screens.accounts.terms import Terms  # deferred: a screen is loaded when it is first shown

        self.app.push_screen(Terms())

    def action_levels(self) -> None:
        from tui.screens.care.levels import LevelTable  # deferred: a screen is loaded when it is first shown

        self.app.push_screen(LevelTable())


def _check(values: dict[str, Raw], only: str | None) -> Mapping[str, Say]:
    return forms.check(Apply, values, only)


class Applied(RoomScreen):
    """What happens now: the same words whether or not the address is an installer's."""

    ROOM = "service"
    DESK_COMMANDS = (
        Command("applied.back", "escape,enter", N_("To Service"), "app.pop_screen", N_("The list"), footer=True),
    )
    BINDINGS: ClassVar[list[BindingType]] = bindings(DESK_COMMANDS)
    CSS_PATH = "care.tcss"

    def __init__(self, frame: Frame, sent: Apply) -> None:
        super().__init__(frame)
        self._sent = sent

    def compose_room(self) -> ComposeResult:
        text = _(
            "Your application for the device {device} goes to {address}. Mail tells you now whether it has arrived "
            "there; if so, it stands under Service, where you can change the access level or withdraw it, and you get "
            "mail again when it is decided. If no mail comes within some minutes, please check your own address."
        )
        yield Notice(id="care-notice")
        yield Static(plain(text.format(device=self._sent.device, address=self._sent.company_email)), id="care-intro")

    def on_mount(self) -> None:
        super().on_mount()
        self.query_one("#care-notice", Notice).say(_("Sent."), "info")
