"""The demo's clock: push it ahead and see what that did."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar, cast

from textual import work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.widgets import Static

from core.errors import DeskError
from core.i18n import dates
from core.i18n.translation import N_, _
from tui.text import plain
from tui.widgets.card import Card
from tui.widgets.dialog import Dialog

if TYPE_CHECKING:
    from core.demo.mailbox import ChangingCounts
    from tui.demo.app import DemoApp

JUMPS = {
    "1": (N_("10 minutes"), dt.timedelta(minutes=10)),
    "2": (N_("1 hour"), dt.timedelta(hours=1)),
    "3": (N_("1 day"), dt.timedelta(days=1)),
    "4": (N_("7 days"), dt.timedelta(days=7)),
    "5": (N_("30 days"), dt.timedelta(days=30)),
}
_COUNTED = (
    ("active", N_("Contracts that run")),
    ("expiring", N_("About to expire")),
    ("expired", N_("Expired")),
    ("not_begun", N_("Not yet started")),
    ("pending", N_("Applications that wait")),
    ("invited", N_("Invitations that wait")),
)


class ClockDialog(Dialog[None]):
    """F4. Keys 1 to 5 move the clock; it never goes back."""

    DEFAULT_CSS = """
    ClockDialog > .dialog--box { width: 76; }
    ClockDialog #clock-now { height: auto; width: 1fr; text-align: center; margin: 0 0 1 0; }
    ClockDialog #clock-told { height: auto; width: 1fr; color: $text-muted; margin: 0 0 1 0; }
    ClockDialog Card { background: $surface; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        *(Binding(key, f"jump('{key}')", show=False) for key in JUMPS),
    ]

    def __init__(self) -> None:
        super().__init__(_("The demo's clock"))
        self._moved = dt.timedelta()
        self._first: ChangingCounts | None = None
        self._clock_text = ""

    @property
    def demo(self) -> DemoApp:
        return cast("DemoApp", self.app)

    def compose_body(self) -> ComposeResult:
        yield Static(id="clock-now")
        yield Card(N_("How things stand"), id="clock-card")
        yield Static(id="clock-told")

    def buttons(self) -> Sequence[tuple[str, str, str]]:
        return [(key, f"{key} +{_(label)}", "default") for key, (label, _by) in JUMPS.items()]

    def on_mount(self) -> None:
        self.query_one(".dialog--box").border_subtitle = Content(_("1–5 move it ahead · esc closes"))
        self.set_interval(1, self._tick)
        self._tick()
        self._look()

    def _tick(self) -> None:
        """Draws only what changed: over SSH each frame is paid for."""
        now = dates.moment(self.demo.clock.now())
        if now != self._clock_text:
            self._clock_text = now
            self.query_one("#clock-now", Static).update(plain(now).stylize("bold $text-accent"))

    def pressed(self, name: str) -> None:
        self.action_jump(name)

    @work(exclusive=True)
    async def action_jump(self, key: str) -> None:
        """Move, let mail that fell due go out, and say what changed."""
        by = JUMPS[key][1]
        try:
            await self.demo.move_clock(by)
        except DeskError as error:
            self.demo.complain(error)
            return
        self._moved += by
        if self.left:
            return
        self._tick()
        self._look()

    @work(exclusive=True, group="look")
    async def _look(self) -> None:
        import asyncio

        from core.demo import mailbox  # deferred: start-up, loaded behind the first frame

        desk = await self.demo.ready()
        now: ChangingCounts = await asyncio.to_thread(desk.as_system().see, mailbox.standing)
        if self.left:
            return
        self._first = self._first or now
        self.query_one(Card).show([(label, _change(self._first, now, name)) for name, label in _COUNTED])
        self.query_one("#clock-told", Static).update(plain(self._told()))

    def _told(self) -> str:
        if not self._moved:
            return _("Contracts run out, codes grow old and sessions end, as they would if you waited that long.")
        sentences = [_("Mailed log-in codes live ten minutes, so older ones are void now.")]
        if self._moved >= dt.timedelta(days=1):
            sentences.append(
                _("So are codes to confirm an address. Your session was made longer, so that you can stay.")
            )
        return " ".join(sentences)

    def action_leave(self) -> None:
        moved = bool(self._moved)
        self.dismiss(None)
        if moved:
            self.app.call_after_refresh(self.demo.read_again)


def _change(before: ChangingCounts, now: ChangingCounts, name: str) -> Content:
    """``4``, or ``4 → 6`` once it changed."""
    was, is_ = getattr(before, name), getattr(now, name)
    if was == is_:
        return Content(str(is_))
    return Content(f"{was} → ").stylize("$text-muted") + Content(str(is_)).stylize("bold $text-warning")
