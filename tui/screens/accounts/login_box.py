"""Login, password, remember me: the first form of all, made of as few widgets as it takes.

The general form (:mod:`tui.widgets.form`) costs 30 ms before the first frame can be drawn; this one costs three, and
looks and works alike.
"""

from __future__ import annotations

from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.message import Message
from textual.widgets import Input, Static

from core.field import Raw
from core.i18n.translation import N_, _
from tui.widgets.fields.line import LineInput, SecretInput
from tui.widgets.fields.picks import Tick

LOGIN, PASSWORD = N_("Login or e-mail"), N_("Password")
MISSING = N_("Please fill this in.")


class LoginBox(Vertical):
    """Enter moves on and, in the last field, submits. Each input knows the msgid of its label."""

    DEFAULT_CSS = """
    LoginBox { height: auto; width: 1fr; }
    LoginBox > Static { height: auto; width: 1fr; }
    LoginBox > .-wrong { color: $text-error; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up", "app.focus_previous", show=False),
        Binding("down", "app.focus_next", show=False),
        Binding("enter", "onward", show=False),
    ]

    class Submitted(Message):
        """Both names were given; nothing has been checked."""

        def __init__(self, login: str, password: str, remember: bool) -> None:
            super().__init__()
            self.login, self.password, self.remember = login, password, remember

    def __init__(self) -> None:
        super().__init__()
        self._login = LineInput(max_length=254)
        self._login.asks = LOGIN
        self._password = SecretInput(max_length=512)
        self._password.asks = PASSWORD
        self._remember = Tick(N_("Remember me on this computer"), required=False)
        self._labels = {LOGIN: Static(), PASSWORD: Static()}

    def compose(self) -> ComposeResult:
        yield self._labels[LOGIN]
        yield self._login
        yield self._labels[PASSWORD]
        yield self._password
        yield self._remember

    def on_mount(self) -> None:
        self._say()

    def _say(self, missing: tuple[str, ...] = ()) -> None:
        """The labels, with what is missing beside them."""
        for msgid, label in self._labels.items():
            wrong = msgid in missing
            label.update(Content(f"{_(msgid)} × {_(MISSING)}" if wrong else _(msgid)))
            label.set_class(wrong, "-wrong")

    def say_again(self) -> None:
        """The same in another language; what was said to be missing is not said again."""
        self._say()
        self._remember.refresh(layout=True)

    @property
    def values(self) -> dict[str, Raw]:
        """What was typed."""
        return {"login": self._login.value, "password": self._password.value, "remember": self._remember.raw}

    def set_values(self, values: dict[str, Raw]) -> None:
        """Put these in; the others stay."""
        for name, field in (("login", self._login), ("password", self._password), ("remember", self._remember)):
            if name in values:
                field.raw = values[name]

    def remember_nobody(self) -> None:
        """Take away what would be everybody's: this computer is not the reader's own."""
        self._remember.raw = ""
        self._remember.display = False

    def focus_first(self) -> None:
        """Go to the login, or past it when it is there."""
        (self._password if self._login.value else self._login).focus()

    @on(Input.Submitted)
    def _entered(self, event: Input.Submitted) -> None:
        event.stop()
        self.action_onward()

    def action_onward(self) -> None:
        """From the login to the password; from anywhere else, in."""
        if self.screen.focused is self._login and not self._password.value:
            self._password.focus()
        else:
            self.submit()

    def submit(self) -> None:
        """Send what was typed, unless one of the two is missing."""
        fields = {LOGIN: self._login, PASSWORD: self._password}
        missing = tuple(msgid for msgid, field in fields.items() if not field.value)
        self._say(missing)
        if missing:
            fields[missing[0]].focus()
        else:
            self.post_message(self.Submitted(self._login.value, self._password.value, self._remember.raw == "yes"))
