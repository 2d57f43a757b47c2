"""Fields that are picked, not typed: one of many, some of many, yes or no, a tick."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual import events, work
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.geometry import Size

from core.field import Choice, Raw
from core.i18n.translation import N_, _
from tui.widgets.fields.base import FIELD_CSS, FOCUS_CSS, Answer, Edited
from tui.widgets.fitting import short, spread

_UNDER_CURSOR = "$block-cursor-foreground on $block-cursor-background"


class Pick(Answer, can_focus=True):
    """One of many on one line: left and right turn, Enter or a click opens all of them to type and narrow."""

    DEFAULT_CSS = f"Pick {{ width: 1fr; height: 1; {FIELD_CSS} }} Pick:focus {{ {FOCUS_CSS} }}"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("left", "turn(-1)", show=False),
        Binding("right", "turn(1)", show=False),
        Binding("enter,space", "open", show=False),
    ]

    def __init__(self, label: str, choices: Sequence[Choice], *, required: bool = True) -> None:
        """``label`` (a msgid) titles the list that opens."""
        super().__init__()
        self._label = label
        blank = any(choice.value == "" for choice in choices)
        self._choices = tuple(choices) if required or blank else (Choice("", N_("none")), *choices)
        self._value = ""

    @property
    def raw(self) -> Raw:
        return self._value

    @raw.setter
    def raw(self, value: Raw) -> None:
        self._value = value if isinstance(value, str) else next(iter(value), "")
        self.refresh()

    def _take(self, value: str) -> None:
        if value != self._value:
            self.raw = value
            self.post_message(Edited(self))

    def action_turn(self, step: int) -> None:
        values = [choice.value for choice in self._choices]
        place = values.index(self._value) + step if self._value in values else 0
        self._take(values[place % len(values)])

    @work(exclusive=True)
    async def action_open(self) -> None:
        from tui.widgets.choose import Choose  # deferred: start-up, the first frame needs none of it
        from tui.widgets.menu import Option

        options = [Option(choice.value, _(choice.label)) for choice in self._choices]
        picked = await self.app.push_screen_wait(Choose(_(self._label), options, at=self._value))
        if picked is not None:
            self._take(picked)

    def on_click(self) -> None:
        self.action_open()

    def render(self) -> Content:
        width = self.content_size.width
        label = next((choice.label for choice in self._choices if choice.value == self._value), "")
        hint = Content(_("‹ › turns · enter lists") if self.has_focus else "▼").stylize("$text-muted")
        words = short(_(label), width) if label else Content(_("pick one")).stylize("$text-disabled")
        return spread(words, hint, width)


class PickMany(Answer, can_focus=True):
    """Some of many, one a line: up and down move, space ticks."""

    DEFAULT_CSS = f"PickMany {{ width: 1fr; height: auto; {FIELD_CSS} }} PickMany:focus {{ {FOCUS_CSS} }}"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up", "move(-1)", show=False),
        Binding("down", "move(1)", show=False),
        Binding("space", "tick", show=False),
    ]

    def __init__(self, choices: Sequence[Choice]) -> None:
        super().__init__()
        self._choices = tuple(choices)
        self._ticked: frozenset[str] = frozenset()
        self._cursor = 0

    @property
    def raw(self) -> Raw:
        return tuple(choice.value for choice in self._choices if choice.value in self._ticked)

    @raw.setter
    def raw(self, value: Raw) -> None:
        self._ticked = frozenset(value if isinstance(value, tuple) else filter(None, (value,)))
        self.refresh()

    def action_move(self, step: int) -> None:
        place = self._cursor + step
        if not 0 <= place < len(self._choices):
            self.screen.focus_next() if step > 0 else self.screen.focus_previous()
            return
        self._cursor = place
        self.refresh()

    def action_tick(self) -> None:
        if self._choices:
            self._ticked ^= {self._choices[self._cursor].value}
            self.refresh()
            self.post_message(Edited(self))

    def on_click(self, event: events.Click) -> None:
        if event.y < len(self._choices):
            self._cursor = event.y
            self.action_tick()

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        return max(1, len(self._choices))

    def render(self) -> Content:
        width = self.content_size.width
        lines = []
        for place, choice in enumerate(self._choices):
            line = _box(choice.value in self._ticked) + short(_(choice.label), width - 4)
            lines.append(line.stylize(_UNDER_CURSOR) if self.has_focus and place == self._cursor else line)
        return Content("\n").join(lines)


class YesNo(Answer, can_focus=True):
    """Yes or no, or neither yet: y and n (in Polish t and n), space and arrows."""

    DEFAULT_CSS = f"YesNo {{ width: 1fr; height: 1; {FIELD_CSS} }} YesNo:focus {{ {FOCUS_CSS} }}"
    BINDINGS: ClassVar[list[BindingType]] = [Binding("left,right,space", "turn", show=False)]

    def __init__(self) -> None:
        super().__init__()
        self._value = ""

    @property
    def raw(self) -> Raw:
        return self._value

    @raw.setter
    def raw(self, value: Raw) -> None:
        self._value = value if value in ("yes", "no") else ""
        self.refresh()

    def _take(self, value: str) -> None:
        if value != self._value:
            self.raw = value
            self.post_message(Edited(self))

    def action_turn(self) -> None:
        self._take("no" if self._value == "yes" else "yes")

    def on_key(self, event: events.Key) -> None:
        letter = (event.character or "").casefold()
        if letter and letter in {"y", _("Yes")[:1].casefold()}:
            event.stop()
            self._take("yes")
        elif letter and letter in {"n", _("No")[:1].casefold()}:
            event.stop()
            self._take("no")

    def on_click(self, event: events.Click) -> None:
        in_yes = event.x < Content(_("Yes")).cell_length + 5
        self._take("yes" if in_yes else "no")

    def render(self) -> Content:
        parts = []
        for value, word in (("yes", N_("Yes")), ("no", N_("No"))):
            chosen = value == self._value
            part = Content(f"{'◉' if chosen else '○'} {_(word)}")
            parts.append(part.stylize("bold $text-accent" if chosen else "$text-muted"))
        return Content("   ").join(parts)


class Tick(Answer, can_focus=True):
    """Something to tick; its label stands beside the box and wraps."""

    DEFAULT_CSS = f"Tick {{ width: 1fr; height: auto; {FIELD_CSS} }} Tick:focus {{ {FOCUS_CSS} }}"
    BINDINGS: ClassVar[list[BindingType]] = [Binding("space", "tick", show=False)]

    def __init__(self, label: str, *, required: bool = True) -> None:
        super().__init__()
        self._label, self._required = label, required
        self._value = ""

    @property
    def raw(self) -> Raw:
        return self._value

    @raw.setter
    def raw(self, value: Raw) -> None:
        self._value = "yes" if value == "yes" else ("no" if value == "no" else "")
        self.refresh()

    def action_tick(self) -> None:
        self.raw = "no" if self._value == "yes" else "yes"
        self.post_message(Edited(self))

    def on_click(self) -> None:
        self.action_tick()

    def _lines(self, width: int) -> list[Content]:
        label = Content(_(self._label) + (" *" if self._required else ""))
        lines = label.wrap(max(4, width - 4))
        return [
            (_box(self._value == "yes") if place == 0 else Content("    ")) + line for place, line in enumerate(lines)
        ]

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        return len(self._lines(width))

    def render(self) -> Content:
        return Content("\n").join(self._lines(self.content_size.width))


def _box(ticked: bool) -> Content:
    return Content("[✓] ").stylize("$text-accent") if ticked else Content("[ ] ").stylize("$text-muted")
