"""Agreeing to invoices by mail: the whole wording is read before the answer."""

from __future__ import annotations

import datetime as dt
from typing import ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import Static

from core import resources
from core.i18n import dates
from core.i18n.translation import N_, _, language
from core.subscribers.consent import VERSION, ConsentState
from tui.text import plain
from tui.widgets.confirm import Confirm
from tui.widgets.markdown_lite import markdown_lines


def _worded(version: str) -> str:
    """The day by which a wording is told apart from others."""
    return dates.day(dt.date.fromisoformat(version))


def told(state: ConsentState, email: str = "") -> list[tuple[str, Content | str]]:
    """Whether invoices come by mail, since when and by which wording."""
    if state.given:
        answer = plain("✓ " + _("yes, each new one as a PDF")).stylize("$text-success")
    else:
        answer = plain("○ " + _("no, they are only here")).stylize("$text-muted")
    facts: list[tuple[str, Content | str]] = [(N_("Sent by mail"), answer)]
    if state.at is not None:
        facts.append((N_("Since"), dates.moment(state.at)))
        facts.append((N_("Wording"), _worded(state.version)))
    if email and state.given:
        facts.append((N_("To"), email))
    return facts


class Agreement(Confirm):
    """The wording, with *Agree* and *Not now*."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up", "scroll_text(-1)", show=False),
        Binding("down", "scroll_text(1)", show=False),
    ]

    def __init__(self) -> None:
        super().__init__(_("Invoices by mail"), "", yes=N_("Agree"), no=N_("Not now"), danger=False)
        self.add_class("-roomy")

    def compose_body(self) -> ComposeResult:
        yield Static(id="agreement-text")

    def on_mount(self) -> None:
        super().on_mount()
        box = self.query_one(".dialog--box")
        box.border_subtitle = plain(_("Wording of {version}").format(version=_worded(VERSION)))

    def on_resize(self, event: events.Resize) -> None:
        path = resources.folder("notices") / f"e_invoices.{language()}.md"
        _heading, _break, text = path.read_text(encoding="utf-8-sig").partition("\n\n")
        lines = markdown_lines(text, min(event.size.width, 96) - 8)
        self.query_one("#agreement-text", Static).update(Content("\n").join(lines))

    def action_scroll_text(self, lines: int) -> None:
        self.query_one(".dialog--body", VerticalScroll).scroll_relative(y=lines, animate=False)
