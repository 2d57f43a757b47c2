"""A page before logging in: a box with a title, some words, a form, and keys that say what they do."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, ClassVar

from textual import getters, on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical, VerticalScroll
from textual.widgets import Static

from core.errors import DeskError
from core.field import Field, Raw
from core.i18n.translation import N_, _
from tui.commands import Command, bindings
from tui.screens.accounts.login_box import LoginBox
from tui.screens.base import DeskScreen, deed
from tui.shell import Commanded
from tui.text import plain
from tui.widgets.footer import KeyLine
from tui.widgets.form import Check, Form
from tui.widgets.notice import Notice


class Page(Commanded[None], DeskScreen[None]):
    """Subclasses give the title, the words and the fields, and take what was submitted in :meth:`submit`.

    A :class:`DeskError` of ``submit`` is shown beside its fields, or above the form when it belongs to none.
    """

    DESK_COMMANDS: ClassVar[tuple[Command, ...]] = (
        Command("page.send", "ctrl+s", N_("Send"), "send", N_("Check and send what was typed"), footer=True),
        Command("page.back", "escape", N_("Back"), "back", N_("One step back; nothing typed is lost"), footer=True),
    )
    BINDINGS: ClassVar[list[BindingType]] = bindings(DESK_COMMANDS)
    CSS_PATH: ClassVar[str | Path] = Path(__file__).with_name("page.tcss")  # pages of other folders have it too
    WIDE: ClassVar[bool] = False
    WAITS_FOR_MAIL: ClassVar[bool] = False
    """Whether the reader needs a letter to go on."""

    form = getters.query_one(Form)
    notice = getters.query_one(Notice)

    def title_text(self) -> str:
        """The page's title, ready to be read."""
        raise NotImplementedError

    def intro(self) -> str:
        """Some words under the title, ready to be read."""
        return ""

    def fields(self) -> tuple[Field, ...]:
        """What is asked."""
        return ()

    def check(self) -> Check | None:
        """How a field is checked when it is left."""
        return None

    def values(self) -> Mapping[str, Raw]:
        """What is filled in at first."""
        return {}

    async def submit(self, values: dict[str, Any]) -> None:
        """Take what was typed; it has passed :meth:`check`."""
        raise NotImplementedError

    def compose(self) -> ComposeResult:
        with VerticalScroll(id="page", can_focus=False):
            box = Vertical(id="page-box", classes="-wide-box" if self.WIDE else "")
            box.border_title = plain(self.title_text())
            with box:
                yield from self.compose_box()
        yield KeyLine()

    def compose_box(self) -> ComposeResult:
        """The words, what went wrong, and the form."""
        yield Static(plain(self.intro()), id="page-intro")
        folder = self.app.desk.mail_folder if self.WAITS_FOR_MAIL and self.app.is_open else None
        if folder is not None:
            text = _("No mail leaves this machine: letters are put into {folder}.").format(folder=folder)
            yield Static(plain(text), id="page-mail")
        yield Notice()
        yield Form(self.fields(), check=self.check(), values=self.values())

    def on_mount(self) -> None:
        self.query_one("#page-intro").display = bool(self.intro())
        self.form.focus_first_empty()

    def action_send(self) -> None:
        self.form.action_submit()

    def action_back(self) -> None:
        self.app.pop_screen()

    @on(Form.Submitted)
    @deed
    async def _submitted(self, event: Form.Submitted) -> None:
        event.stop()
        self.notice.hide()
        if not self.form.check_all():
            return
        try:
            await self.submit(event.values)
        except DeskError as error:
            self.show_errors(error)

    def show_errors(self, error: DeskError) -> None:
        """Beside the fields what belongs there, above the form the rest."""
        above = self.form.refuse(error)
        if above:
            self.notice.say(above, "error")


def to_the_way_in(page: Page) -> None:
    """Away with everything that lies on the first screen."""
    while len(page.app.screen_stack) > 2:
        page.app.pop_screen()


def log_in_as(page: Page, login: str) -> None:
    """To the way in, with ``login`` there already, so that only the password is asked."""
    to_the_way_in(page)
    box = page.app.screen.query(LoginBox)
    if box:
        box.first().set_values({"login": login})
        box.first().focus_first()
