"""The progress line of long work: what is done, how far it is, and how to stop it."""

from __future__ import annotations

from typing import ClassVar

from textual import events
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.message import Message
from textual.widget import Widget

from core.i18n.translation import _

_BAR = 24


class Progress(Widget, can_focus=True):
    """``update(done, total)`` moves it; Escape or a click asks to stop (:class:`Progress.Cancelled`)."""

    DEFAULT_CSS = """
    Progress { height: 1; width: 1fr; padding: 0 1; color: $foreground; background: $surface; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "cancel", show=False)]

    class Cancelled(Message):
        """The reader wants the work to stop."""

        def __init__(self, progress: Progress) -> None:
            super().__init__()
            self.progress = progress

        @property
        def control(self) -> Progress:
            return self.progress

    def __init__(
        self,
        label: str,
        *,
        cancellable: bool = True,
        id: str | None = None,  # noqa: A002
        classes: str | None = None,
    ) -> None:
        """``label`` is a msgid."""
        super().__init__(id=id, classes=classes)
        self._label, self._cancellable = label, cancellable
        self._done, self._total = 0, 0
        self._cancelled = False

    def update(self, done: int, total: int = 0) -> None:
        """``done`` of ``total`` steps; a total of 0 means that nobody knows how many there are."""
        self._done, self._total = done, total
        self.refresh()

    def action_cancel(self) -> None:
        if self._cancellable and not self._cancelled:
            self._cancelled = True
            self.refresh()
            self.post_message(self.Cancelled(self))

    def on_click(self, event: events.Click) -> None:
        self.action_cancel()

    def render(self) -> Content:
        parts = [Content(_(self._label)).stylize("bold"), self._bar(), self._figures()]
        if self._cancelled:
            parts.append(Content(_("stopping…")).stylize("$text-warning"))
        elif self._cancellable:
            parts.append(Content(_("esc stops")).stylize("$text-muted"))
        line = Content("  ").join([part for part in parts if part])
        return line.truncate(self.content_size.width, ellipsis=True)

    def _bar(self) -> Content:
        if not self._total:
            return Content()
        full = _BAR * min(self._done, self._total) // self._total
        return Content("━" * full).stylize("$text-primary") + Content("╌" * (_BAR - full)).stylize("$text-disabled")

    def _figures(self) -> Content:
        if not self._total:
            return Content(_("{n} so far").format(n=self._done)) if self._done else Content("…")
        percent = 100 * min(self._done, self._total) // self._total
        return Content(f"{percent}%  " + _("{n} of {total}").format(n=self._done, total=self._total))
