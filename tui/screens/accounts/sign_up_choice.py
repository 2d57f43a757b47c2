"""*Who are you?* — the one question before signing up: it decides what is asked."""

from __future__ import annotations

from typing import ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.message import Message
from textual.widgets import Static

from core.i18n.translation import N_, _
from core.subscribers import sign_up_rule
from tui.commands import Command, bindings
from tui.screens.accounts.page import Page
from tui.screens.base import errand
from tui.text import plain

_WAYS = (
    (
        "customer",
        N_("A company with a support contract"),
        N_("You have a support certificate with a contract number and an activation code."),
    ),
    (
        "installer",
        N_("An installer company"),
        N_("You look after your customers' heat pumps: applications, invitations, monitoring, control."),
    ),
    (
        "end_user",
        N_("Somebody with a heat pump at home"),
        N_("You let an installer look after your device, and decide how much they may do."),
    ),
    (
        "subscriber",
        N_("Somebody with an internet line"),
        N_("You have a contract with us: your data, payments, invoices, statistics, orders."),
    ),
)


class Way(Static, can_focus=True):
    """One answer: its number, what it means, and for whom it is. Enter or a click takes it."""

    DEFAULT_CSS = """
    Way {
        width: 1fr; height: auto; padding: 0 2; border: round $border-blurred; background: $surface;
        color: $text-muted;
    }
    Way:focus { border: round $accent; background: $surface; color: $foreground; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter,space", "take", show=False),
        # Here and not on the screen: where the page is longer than the terminal, it would scroll instead.
        Binding("up,k", "app.focus_previous", show=False),
        Binding("down,j", "app.focus_next", show=False),
    ]

    class Taken(Message):
        """This one."""

        def __init__(self, name: str) -> None:
            super().__init__()
            self.name = name

    def __init__(self, number: int, name: str, title: str, text: str) -> None:
        super().__init__(name=name)
        self._number, self._title, self._text = number, title, text

    def render(self) -> Content:
        here = "► " if self.has_focus else "  "
        head = plain(f"{here}{self._number}  {_(self._title)}").stylize(
            "bold $text-accent" if self.has_focus else "bold"
        )
        return head + "\n" + plain(_(self._text))

    def on_focus(self) -> None:
        self.refresh()

    def on_blur(self) -> None:
        self.refresh()

    def on_click(self, event: events.Click) -> None:
        self.action_take()

    def action_take(self) -> None:
        self.post_message(self.Taken(self.name or ""))


class WhoAreYou(Page):
    """Four answers, each a key away; the first one has the cursor."""

    DESK_COMMANDS = (
        Command("page.send", "ctrl+s,enter", N_("Go on"), "send", N_("Fill in the form for it"), footer=True),
        Command("who.customer", "1", N_("Contract"), "take('customer')", footer=True),
        Command("who.installer", "2", N_("Installer"), "take('installer')", footer=True),
        Command("who.end_user", "3", N_("At home"), "take('end_user')", footer=True),
        Command("who.subscriber", "4", N_("Internet line"), "take('subscriber')", footer=True),
    )
    BINDINGS: ClassVar[list[BindingType]] = bindings(DESK_COMMANDS)

    def title_text(self) -> str:
        return _("Sign up: who are you?")

    def compose_box(self) -> ComposeResult:
        yield from super().compose_box()
        for number, way in enumerate(_WAYS, 1):
            yield Way(number, *way)

    def on_mount(self) -> None:
        self.query(Way).first().focus()

    def action_send(self) -> None:
        chosen = self.focused if isinstance(self.focused, Way) else self.query(Way).first()
        self.action_take(chosen.name or "")

    @on(Way.Taken)
    def _taken(self, event: Way.Taken) -> None:
        self.action_take(event.name)

    def action_take(self, name: str) -> None:
        """The form for this answer lies on top: Escape comes back here."""
        if name == "installer":
            from tui.screens.installers.sign_up import ServiceSignUpScreen  # deferred: loaded when first shown

            self.app.push_screen(ServiceSignUpScreen())
            return
        if name == "subscriber":
            self._subscribe()
            return
        from tui.screens.accounts.sign_up import EndUserScreen, SignUpScreen  # deferred: loaded when first shown

        self.app.push_screen(EndUserScreen() if name == "end_user" else SignUpScreen())

    @errand
    async def _subscribe(self) -> None:
        """Where this terminal stands is asked first: the form says it."""
        await self.app.ready()
        from tui.screens.subscribers.sign_up import SubscriberScreen  # deferred: loaded when first shown

        whence = await self.see(sign_up_rule.whence)
        self.app.push_screen(SubscriberScreen(whence, await self.see(sign_up_rule.phone)))
