"""Somebody comes with an SSH key: whose account it is, the authenticator, or straight in."""

from __future__ import annotations

from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.content import Content
from textual.widgets import Button, Static

from core.accounts import key_login
from core.accounts.key_login import Comer
from core.errors import DeskError
from core.i18n import dates
from core.i18n.translation import N_, _
from tui.commands import Command, bindings
from tui.screens.accounts.page import Page
from tui.screens.accounts.second_factor import after, let_in, page_of
from tui.screens.base import DeskScreen, deed
from tui.text import plain
from tui.widgets.card import Card
from tui.widgets.notice import Notice

QUESTIONS = 3
"""About so many accounts somebody is asked when they come: whoever adds a stranger's key often enough wins nothing."""

_ANSWERS = (
    ("later", N_("Not now"), "default"),
    ("no", N_("No, it is not mine"), "default"),
    ("yes", N_("Yes, it is my account"), "default"),
)


async def come_by_key(screen: DeskScreen[None]) -> None:
    """Let in whoever the key of this connection belongs to, or ask what has to be asked first."""
    comer = await screen.see(key_login.who_comes)
    if comer is None:
        return
    if comer.step == "ask":
        screen.app.push_screen(KeyQuestion(comer))
        return
    step = await screen.do(key_login.enter)
    if step is not None:
        await after(screen.app, step, remember=False, by_key=comer.login)


class KeyQuestion(Page):
    """Is this account yours? The cursor is on the answer that changes nothing, so a key pressed too early does no
    harm."""

    DESK_COMMANDS = (
        Command(
            "page.send", "ctrl+s,enter", N_("Choose"), "send", N_("Give the answer that has the cursor"), footer=True
        ),
        Command("page.back", "escape", N_("Not now"), "back", N_("Go on as a guest; you are asked again"), footer=True),
    )
    WIDE = True
    BINDINGS: ClassVar[list[BindingType]] = [
        *bindings(DESK_COMMANDS),
        Binding("left,up", "app.focus_previous", show=False),
        Binding("right,down", "app.focus_next", show=False),
    ]

    def __init__(self, comer: Comer, number: int = 1) -> None:
        super().__init__()
        self._comer, self._number = comer, number

    def title_text(self) -> str:
        return _("Is this your account?")

    def intro(self) -> str:
        return _(
            "Somebody has added the SSH key you came with to this account. "
            "Anybody can add anybody's public key: look well."
        )

    def compose_box(self) -> ComposeResult:
        yield from super().compose_box()
        yield Card(N_("The account"), self._facts(), id="key-account")
        warning = _(
            "If you say yes, this key opens that account from now on, and all that you type from here on goes into it, "
            "where whoever has the account can read it. Say yes only if you added the key yourself. "
            "If you say no, the key is taken off the account, and its owner is told."
        )
        yield Static(plain(warning), id="key-warning")
        with Horizontal(id="key-answers"):
            for name, label, variant in _ANSWERS:
                yield Button(Content(_(label)), variant, name=name, compact=True)  # type: ignore[arg-type]

    def _facts(self) -> list[tuple[str, str]]:
        comer = self._comer
        added = dates.moment(comer.added_at)
        if comer.added_from:
            added = _("{time}, from {address}").format(time=added, address=comer.added_from)
        return [
            (N_("Login"), comer.login),
            (N_("Name"), comer.name or "—"),
            (N_("SSH key"), f"{comer.key}\n{comer.fingerprint}" if comer.key else comer.fingerprint),
            (N_("Added"), added),
        ]

    def on_mount(self) -> None:
        self.query(Button).first().focus()

    @on(Button.Pressed)
    def _pressed(self, event: Button.Pressed) -> None:
        event.stop()
        self._answer(event.button.name or "")

    def action_send(self) -> None:
        if isinstance(self.focused, Button):
            self._answer(self.focused.name or "")

    def _answer(self, name: str) -> None:
        match name:
            case "yes":
                self._yes()
            case "no":
                self._no()
            case _:
                self.action_back()

    @deed
    async def _yes(self) -> None:
        try:
            step = await self.do(key_login.confirm, self._comer.key_id)
        except DeskError as error:
            self._to_the_way_in(error.text(), "error")
            return
        if step.entered is not None:
            await let_in(self.app, step.entered, by_key=self._comer.login)
        else:
            self.app.switch_screen(page_of(step, by_key=self._comer.login))

    @deed
    async def _no(self) -> None:
        try:
            await self.do(key_login.refuse, self._comer.key_id)
        except DeskError as error:
            self._to_the_way_in(error.text(), "error")
            return
        following = await self.see(key_login.who_comes)
        if following is not None and following.step == "ask" and self._number < QUESTIONS:
            self.app.switch_screen(KeyQuestion(following, self._number + 1))
            return
        self._to_the_way_in(_("The key was taken off that account, and its owner is told. You are here as a guest."))

    def _to_the_way_in(self, sentence: str, kind: str = "info") -> None:
        """Back, with a sentence that is read there."""
        self.app.pop_screen()
        for notice in self.app.screen.query(Notice):
            notice.say(sentence, kind)
