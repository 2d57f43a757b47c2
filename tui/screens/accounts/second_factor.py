"""After the password: the mailed code, the authenticator, or adding one."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal, Vertical
from textual.widgets import Static

from core.accounts import login, profile, second_factor, ssh_keys
from core.accounts.login import Next, Wrong
from core.errors import DeskError, Throttled
from core.field import Field
from core.i18n.translation import N_, _, ngettext
from tui import session
from tui.commands import Command, bindings
from tui.screens.accounts.page import Page
from tui.screens.base import deed, errand
from tui.text import plain
from tui.widgets.confirm import Confirm
from tui.widgets.form import Form
from tui.widgets.notice import Notice
from tui.widgets.qr import QR

if TYPE_CHECKING:
    from core.accounts.sessions import Entered
    from core.service.desk import Desk
    from tui.app import OkienkoApp

_TOLD_OF = "offered_keys"
"""The name under which an account keeps the keys that its reader was told of."""
_MOST_KEYS = 20

_CODE = (Field("code", N_("Code"), kind="code", max_length=40),)


async def after(app: OkienkoApp, step: Next, *, remember: bool, by_key: str = "") -> None:
    """Bring up what a log-in wants next, or let in. ``by_key`` is the login of whoever came with its SSH key."""
    if step.entered is not None:
        await let_in(app, step.entered, by_key=by_key)
    elif step.step == "enrol":
        app.switch_screen(EnrolAtLogIn(step.attempt, remember))
    else:
        app.push_screen(page_of(step, remember=remember, by_key=by_key))


def page_of(step: Next, *, remember: bool = False, by_key: str = "") -> _SecondStep:
    """The page that asks for the code of this step."""
    return (MailedCode if step.step == "code" else AuthenticatorCode)(step, remember, by_key)


async def let_in(app: OkienkoApp, entered: Entered, *, by_key: str = "") -> None:
    """Take the seat; say so when remembering was asked for and is not for this role, and when the SSH key that somebody
    came with could be added."""
    desk = await app.ready()
    addable = not by_key and desk.peer.offered and await asyncio.to_thread(_has_new_key, desk, entered.session_id)
    await session.sit_down(app, entered)
    if entered.remembering_refused:
        app.notify(_("Your role logs in each time, so this computer was not remembered."))
    if addable:
        app.notify(
            _("The SSH key you came with is not among yours. My account adds it: press {key} there.").format(key="n")
        )


def _has_new_key(desk: Desk, session_id: int) -> bool:
    """Whether they came with a key that they could add and were never told of: who doesn't want it is left in peace."""
    mine = desk.acting(session_id)
    told_of = mine.see(profile.kept_choice, _TOLD_OF)
    new = [key.fingerprint for key in mine.see(ssh_keys.came_with) if key.fingerprint not in told_of]
    if new:
        latest = [*told_of, *new][-_MOST_KEYS:]
        mine.do(profile.keep_choice, _TOLD_OF, dict.fromkeys(latest, True))
    return bool(new)


class _SecondStep(Page):
    """One code, and what a wrong one means."""

    def __init__(self, step: Next, remember: bool, by_key: str = "") -> None:
        super().__init__()
        self.step, self.remember, self.by_key = step, remember, by_key

    def fields(self) -> tuple[Field, ...]:
        return _CODE

    def show_errors(self, error: DeskError) -> None:
        """A pause is somebody else's doing as often as not, and there is a way past it."""
        super().show_errors(error)
        if isinstance(error, Throttled):
            sentence = _("You need not wait: go back to the log-in and choose “{command}”.")
            self.notice.say(sentence.format(command=_("Have a code mailed")), "info")

    async def _take(self, answer: Next) -> None:
        if isinstance(answer, Wrong):
            raise login.wrong_code(answer.left)
        await after(self.app, answer, remember=self.remember, by_key=self.by_key)


class MailedCode(_SecondStep):
    """The code that was mailed. F5 sends another one."""

    DESK_COMMANDS = (
        Command("code.again", "f5", N_("Send a new code"), "again", N_("The older code is void then"), footer=True),
    )
    BINDINGS: ClassVar[list[BindingType]] = bindings(DESK_COMMANDS)
    WAITS_FOR_MAIL = True

    def title_text(self) -> str:
        return _("A code has been mailed to you")

    def intro(self) -> str:
        sent = ngettext(
            "We sent a code of {n} digit to {address}. It works for ten minutes.",
            "We sent a code of {n} digits to {address}. It works for ten minutes.",
            self.step.digits,
        )
        return sent.format(n=self.step.digits, address=self.step.address)

    async def submit(self, values: dict[str, Any]) -> None:
        answer = await self.do(
            login.code, self.step.attempt, values["code"], remember=self.remember, label=self.app.place
        )
        await self._take(answer)

    @deed
    async def action_again(self) -> None:
        self.step = await self.do(login.again, self.step.attempt)
        self.notice.say(_("A new code is on its way. The older one is void."), "info")


class AuthenticatorCode(_SecondStep):
    """The code of the authenticator app, or a recovery code."""

    def title_text(self) -> str:
        return _("Your authenticator's code")

    def intro(self) -> str:
        asked = _("Type the six digits your authenticator app shows now, or one of your recovery codes.")
        if not self.by_key:
            return asked
        return _("Your SSH key opens the account {login}.").format(login=self.by_key) + "\n" + asked

    async def submit(self, values: dict[str, Any]) -> None:
        answer = await self.do(
            login.authenticator, self.step.attempt, values["code"], remember=self.remember, label=self.app.place
        )
        await self._take(answer)


class Enrol(Page):
    """Add an authenticator: scan, type its first code, keep the recovery codes."""

    WIDE = True
    DESK_COMMANDS = (
        Command(
            "enrol.secret", "f5", N_("Show the key for typing"), "secret", N_("For apps without a camera"), footer=True
        ),
    )
    BINDINGS: ClassVar[list[BindingType]] = bindings(DESK_COMMANDS)
    CSS_PATH = "enrol.tcss"

    def __init__(self) -> None:
        super().__init__()
        self._secret = ""

    def title_text(self) -> str:
        return _("Add an authenticator")

    def fields(self) -> tuple[Field, ...]:
        return _CODE

    def compose_box(self) -> ComposeResult:
        """The code on the left in its full height, everything else beside it: both are in sight at 80 by 24."""
        with Horizontal(id="enrol"):
            yield Static(id="enrol-qr")
            with Vertical(id="enrol-side"):
                yield Static(plain(self.intro()), id="page-intro")
                yield Static(plain(self._steps()), id="enrol-steps")
                yield Notice()
                yield Form(self.fields())

    def _steps(self) -> str:
        return _(
            "Scan this with your authenticator app, then type the six digits it shows. "
            "F5 shows the key for apps that can't scan."
        )

    def on_mount(self) -> None:
        super().on_mount()
        self._draft()

    async def begin(self) -> second_factor.Draft:
        """Ask the desk for a new secret."""
        raise NotImplementedError

    @errand
    async def _draft(self) -> None:
        draft = await self.begin()
        self._secret = draft.secret
        await self.query_one("#enrol-qr").remove()
        await self.query_one("#enrol").mount(QR(draft.uri, id="enrol-qr"), before=0)

    def action_secret(self) -> None:
        self.query_one("#enrol-steps", Static).update(plain(f"{self._steps()}\n\n{self._secret}"))


class EnrolAtLogIn(Enrol):
    """The first log-in of somebody whose role needs an authenticator."""

    def __init__(self, attempt: str, remember: bool = False) -> None:
        super().__init__()
        self._attempt, self._remember = attempt, remember

    def intro(self) -> str:
        return _("Your role needs an authenticator app. You add it once, now.")

    async def begin(self) -> second_factor.Draft:
        draft: second_factor.Draft = await self.do(login.begin_enrolling, self._attempt)
        return draft

    async def submit(self, values: dict[str, Any]) -> None:
        codes, entered = await self.do(
            login.enrol, self._attempt, values["code"], remember=self._remember, label=self.app.place
        )

        async def go_on() -> None:
            await let_in(self.app, entered)

        self.app.switch_screen(RecoveryCodes(codes, go_on))


class RecoveryCodes(Page):
    """Ten codes, shown this once."""

    DESK_COMMANDS = (Command("page.send", "ctrl+s,enter", N_("I have written them down"), "send", footer=True),)
    BINDINGS: ClassVar[list[BindingType]] = bindings(DESK_COMMANDS)

    def __init__(self, codes: list[str], then: Any) -> None:
        super().__init__()
        self._codes, self._then = codes, then

    def title_text(self) -> str:
        return _("Your recovery codes")

    def intro(self) -> str:
        return _(
            "If you lose your phone, each of these lets you in once instead of the app's code. "
            "They are shown only now: write them down and keep them somewhere safe."
        )

    def compose_box(self) -> ComposeResult:
        yield from super().compose_box()
        half = (len(self._codes) + 1) // 2
        lines = [f"{number + 1:>2}. {code}" for number, code in enumerate(self._codes)]
        pairs = [f"{left}    {right}" for left, right in zip(lines[:half], lines[half:], strict=True)]
        yield Static(plain("\n".join(pairs)), classes="recovery-codes")

    def action_back(self) -> None:
        self._ask()

    @deed
    async def _ask(self) -> None:
        """Escape is pressed by habit, and there is no way back to them."""
        question = Confirm(
            _("Have you written the codes down?"),
            _("They are shown only now."),
            yes=N_("I have written them down"),
            no=N_("Back to the codes"),
        )
        if await self.app.push_screen_wait(question):
            await self._then()

    def action_send(self) -> None:
        self._go_on()

    @deed
    async def _go_on(self) -> None:
        await self._then()


class EnrolFromAccount(Enrol):
    """Adding or changing the authenticator under *my account*."""

    def __init__(self, account: Any, draft: second_factor.Draft) -> None:
        super().__init__()
        self._account, self._begun = account, draft

    def intro(self) -> str:
        return _("From now on its code is asked for instead of a mailed one. An authenticator you had stops working.")

    async def begin(self) -> second_factor.Draft:
        return self._begun

    async def submit(self, values: dict[str, Any]) -> None:
        codes = await self.do(second_factor.finish_own, values["code"])

        async def go_on() -> None:
            self.app.pop_screen()
            self._account.read_again()

        self.app.switch_screen(RecoveryCodes(codes, go_on))
