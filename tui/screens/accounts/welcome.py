"""The way in: the desk's name, logging in, and the ways to get so far.

This is the first frame, painted before the desk is open: nothing here imports it until a button is pressed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual import getters, on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Center, Vertical, VerticalScroll
from textual.content import Content
from textual.widgets import Static

from core.errors import DeskError, Throttled
from core.i18n.translation import N_, _
from tui.commands import Command, bindings
from tui.rooms import guest_frame
from tui.screens.accounts.login_box import LoginBox
from tui.screens.base import DeskScreen, deed, errand
from tui.shell import Commanded
from tui.text import plain
from tui.widgets.fields.base import Refused
from tui.widgets.fitting import short
from tui.widgets.footer import KeyLine
from tui.widgets.logo import Logo
from tui.widgets.notice import Notice

if TYPE_CHECKING:
    from core.accounts.login import Next


class Welcome(Commanded[None], DeskScreen[None]):
    """Log in, sign up, forgot, I have a code."""

    DESK_COMMANDS = (
        Command("welcome.sign_up", "f7", N_("Sign up"), "sign_up", N_("Make an account: say who you are"), footer=True),
        Command(
            "welcome.forgot", "f8", N_("Forgot login or password?"), "forgot", N_("Get a code by mail"), footer=True
        ),
        Command(
            "welcome.code", "f6", N_("I have a code"), "code", N_("Use a code that was mailed to you"), footer=True
        ),
        Command(
            "welcome.news", "f5", N_("News, questions, contact"), "news", N_("What can be read without logging in")
        ),
        Command(
            "welcome.way_in",
            "f12",
            N_("Have a code mailed"),
            "way_in",
            N_("Get in past a pause, with the code and your password"),
        ),
        Command("welcome.language", "f9", N_("Polski / English"), "language", N_("Change the language"), footer=True),
    )
    BINDINGS: ClassVar[list[BindingType]] = bindings(DESK_COMMANDS)

    box = getters.query_one(LoginBox)
    notice = getters.query_one(Notice)
    news = getters.query_one("#welcome-news", Static)

    def __init__(self, notice: str = "") -> None:
        super().__init__()
        self._notice_text = notice

    def compose(self) -> ComposeResult:
        with VerticalScroll(id="welcome", can_focus=False):
            yield Logo(self.app.frame.desk)
            yield Static(id="welcome-tagline")
            with Center(), Vertical(id="welcome-box"):
                yield Notice()
                yield LoginBox()
                yield Static(id="welcome-hint")
            with Center():
                yield Static(id="welcome-news")
        yield KeyLine()

    def on_mount(self) -> None:
        self._say_words()
        if self.app.served:
            self.box.remember_nobody()
        self.box.focus_first()
        if self._notice_text:
            self.notice.say(self._notice_text)
        self._look_around()
        self._tell_news()

    @errand
    async def _look_around(self) -> None:
        """Behind the first frame: a new desk wants its administrator, and a remembered person is let in."""
        if not (await self.app.ready()).peer.own_computer:
            self.box.remember_nobody()
        if self.app.greeted:
            return
        self.app.greeted = True
        from tui.screens.accounts.arrival import arrive  # deferred: a screen is loaded when it is first shown

        await arrive(self)

    @on(LoginBox.Submitted)
    @deed
    async def log_in(self, event: LoginBox.Submitted) -> None:
        await self._try(event.login, event.password, event.remember)

    @on(Refused)
    def _say_refusal(self, event: Refused) -> None:
        self.notice.say(event.text, "warning")

    async def _try(self, login: str, password: str, remember: bool) -> None:
        await self.app.ready()
        from core.accounts import login as logging_in  # deferred: start-up, the first frame needs none of it
        from tui.screens.accounts.second_factor import after

        self.notice.hide()
        try:
            step: Next | None = await self.do(
                logging_in.password, login, password, remember=remember, label=self.app.place
            )
        except Throttled as paused:
            self.notice.say(paused.text(), "error")
            await self._offer_code(paused.text())
            return
        except DeskError as error:
            self.notice.say(error.text(), "error")
            return
        if step is None:
            self.notice.say(
                _(
                    "Login or password is wrong. If you forgot them, or your account was moved from an older system, "
                    "F8 helps."
                ),
                "error",
            )
            self.box.set_values({"password": ""})
            return
        self.box.set_values({"password": ""})
        await after(self.app, step, remember=remember)

    async def _offer_code(self, paused: str) -> None:
        """Whoever has the mailbox need not wait."""
        from tui.widgets.confirm import Confirm  # deferred: start-up, the first frame needs none of it

        sentence = _(
            "Somebody may be guessing at your account. You need not wait: with a code from your mailbox and your "
            "password you get in at once."
        )
        question = Confirm(
            _("Logging in is paused"),
            f"{paused}\n\n{sentence}",
            yes=N_("Have a code mailed"),
            no=N_("Back"),
            danger=False,
        )
        if await self.app.push_screen_wait(question):
            self._go_for_code()

    def _go_for_code(self) -> None:
        """What was typed goes along."""
        from tui.screens.accounts.login_unlock import AskWayIn  # deferred: a screen is loaded when it is first shown

        typed = self.box.values
        login, password, remember = str(typed["login"]), str(typed["password"]), typed["remember"] == "yes"
        self.app.push_screen(AskWayIn(login, password, remember=remember))

    @errand
    async def action_way_in(self) -> None:
        await self.app.ready()
        self._go_for_code()

    @errand
    async def _tell_news(self) -> None:
        """Behind the first frame: an outage or what is pinned, over the key that reads on."""
        self.news.update(self._way_to_news())
        await self.app.ready()
        from core.knowledge import articles  # deferred: start-up, the first frame needs none of it
        from tui.screens.knowledge import formatting

        mark, title, _hint = formatting.headline(await self.see(articles.headline, self.app.language), "")
        if title:
            line = mark + Content("  ") + short(title, max(8, self.news.size.width - mark.cell_length - 2))
            self.news.update(line + Content("\n") + self._way_to_news())

    def _way_to_news(self) -> Content:
        return Content("F5 ").stylize("bold $text-accent") + plain(_("News · FAQ · Contact")).stylize("$text-muted")

    @errand
    async def action_news(self) -> None:
        await self.app.ready()
        self.app.push_screen(guest_frame(self.app.frame.desk).rooms[0].factory())

    @errand
    async def action_sign_up(self) -> None:
        await self.app.ready()
        from tui.screens.accounts.sign_up_choice import WhoAreYou  # deferred: a screen is loaded when it is first shown

        self.app.push_screen(WhoAreYou())

    @errand
    async def action_forgot(self) -> None:
        await self.app.ready()
        from tui.screens.accounts.recovery import Forgot  # deferred: a screen is loaded when it is first shown

        self.app.push_screen(Forgot(str(self.box.values["login"])))

    @errand
    async def action_code(self) -> None:
        await self.app.ready()
        from tui.screens.accounts.recovery import HaveCode  # deferred: a screen is loaded when it is first shown

        self.app.push_screen(HaveCode())

    def action_language(self) -> None:
        """The other language. Every word is said again where it stands: a page made anew would be without its parts for
        a moment, while errands from before look for them."""
        self.app.language = "pl" if self.app.language == "en" else "en"
        self._say_words()
        self.box.say_again()
        self.notice.hide()
        self.show_keys()
        self._tell_news()

    def _say_words(self) -> None:
        self.query_one("#welcome-tagline", Static).update(
            plain(_("The service desk of {name}").format(name=self.app.frame.desk))
        )
        self.query_one("#welcome-hint", Static).update(plain(_("Enter logs in")))
