"""Small applications on the real foundation, started by the pty tests: ``python probe.py NAME [LOG]``."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tui.__main__ import scrub

scrub(os.environ)

from rich.segment import Segment  # noqa: E402 - the environment comes first, as in the program itself
from textual import events  # noqa: E402
from textual.app import ComposeResult  # noqa: E402
from textual.containers import VerticalScroll  # noqa: E402
from textual.geometry import Size  # noqa: E402
from textual.scroll_view import ScrollView  # noqa: E402
from textual.strip import Strip  # noqa: E402
from textual.widgets import DataTable, Input, Markdown, OptionList, Static, TextArea  # noqa: E402

from core.errors import Unavailable  # noqa: E402
from core.i18n.translation import N_  # noqa: E402
from tui.app import OkienkoApp, run_okienko  # noqa: E402
from tui.screens.base import DeskScreen, deed, errand  # noqa: E402
from tui.text import cell, mixed, plain  # noqa: E402

HOSTILE = [
    "[/]",
    "[@click=app.quit]click[/]",
    "\x1b]52;c;UFdORUQ=\x07clip",
    "\x1b]0;PWNED\x1b\\title",
    "\x9b31mc1 \x9d0;PWNED\x9c",
    "\u202egnp.exe\u202c \u2066x\u2069",
    "del\x7f\x08\x0e nul\x00 \U000e0041\u200b \ud800",
    "[link='http://evil.example']l[/]",
]


class Desk:
    """A desk that runs whatever it is given."""

    def do(self, use_case: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Any:
        return use_case(*args, **kwargs)

    see = do


class Lines(ScrollView):
    """Draws strings with no care at all, as a widget of our own might by mistake."""

    def on_mount(self) -> None:
        self.virtual_size = Size(90, len(HOSTILE))

    def render_line(self, y: int) -> Strip:
        return Strip([Segment(HOSTILE[y] if y < len(HOSTILE) else "")])


class HostileScreen(DeskScreen[None]):
    CSS = "Lines {height: 9} OptionList, DataTable, Markdown {height: 10} TextArea {height: 5}"

    def compose(self) -> ComposeResult:
        yield Static("reached 0", id="mark")
        with VerticalScroll():
            for text in HOSTILE:
                yield Static(plain(text))
                yield Static(cell(text, 30))
                yield Static(mixed("[b]$x[/b]", x=text))
                titled = Static("careless", markup=False)
                titled.border_title = plain(text)
                titled.styles.border = ("round", "red")
                yield titled
                yield Static(text, markup=False)
                yield Input(value=text, placeholder=text)
                yield TextArea(text)
            yield OptionList(*[plain(text) for text in HOSTILE])
            yield OptionList(*HOSTILE, markup=False)
            yield Lines()
            yield DataTable()
            yield Markdown("\n\n".join(HOSTILE))

    def on_mount(self) -> None:
        table = self.query_one(DataTable)
        table.add_columns("one")
        for text in HOSTILE:
            table.add_row(plain(text))
            self.notify(text, title=text)
        self.query_one(VerticalScroll).focus()

    def on_key(self, event: events.Key) -> None:
        self.query_one("#mark", Static).update(f"pressed {event.key}")


class TypingScreen(DeskScreen[None]):
    """Two fields and a line that says how much is in them."""

    def compose(self) -> ComposeResult:
        yield Static("", id="mark")
        yield Input(id="line", max_length=200)
        yield TextArea(id="text")

    def on_key(self, event: events.Key) -> None:
        if event.key == "f8":
            line, text = self.query_one(Input).value, self.query_one(TextArea).text
            size = self.app.size
            self.query_one("#mark", Static).update(
                plain(f"line={len(line)} {line[-10:]} text={len(text)} size={size.width}x{size.height} .")
            )


class OpeningScreen(TypingScreen):
    """F9 opens another one, once the desk has been asked."""

    BINDINGS = [("f9", "open", "")]  # noqa: RUF012 - as Textual declares it

    @deed
    async def action_open(self) -> None:
        await self.see(time.sleep, 0.03)
        self.app.push_screen(TypingScreen())


class CrashScreen(DeskScreen[None]):
    def compose(self) -> ComposeResult:
        yield Static("press a key")

    def on_key(self, event: events.Key) -> None:
        {"c": self.in_handler, "w": self.in_worker, "t": self.in_desk, "m": self.in_markup}.get(event.key, str)()

    def in_handler(self) -> None:
        password = "Sekret99"
        raise ValueError(f"wrong password {password}")

    @errand
    async def in_worker(self) -> None:
        self.in_handler()

    @errand
    async def in_desk(self) -> None:
        await self.see(self.in_handler)

    def in_markup(self) -> None:
        self.mount(Static("Sekret99 [/]"))


class Marking(OkienkoApp):
    """Leaves a file when it ends in order, named by the environment."""

    def on_unmount(self) -> None:
        if marker := os.environ.get("MARKER"):
            Path(marker).write_text("in order", encoding="utf-8")


tries: list[int] = []


def open_at_second_try() -> Desk:
    tries.append(1)
    if len(tries) == 1:
        raise Unavailable(N_("The disk is full."))
    return Desk()


def main() -> int:
    name = sys.argv[1]
    screens: dict[str, type[DeskScreen[None]]] = {
        "hostile": HostileScreen,
        "crash": CrashScreen,
        "opening": OpeningScreen,
    }
    log = Path(sys.argv[2]) if len(sys.argv) > 2 else None
    opener = open_at_second_try if name == "broken" else Desk
    return run_okienko(Marking(opener, first=screens.get(name, TypingScreen), log_path=log))


if __name__ == "__main__":
    sys.exit(main())
