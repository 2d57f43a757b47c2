"""One question of a form: what it is called, where it is answered, and below it the help or what is wrong."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.geometry import Size
from textual.widget import Widget
from textual.widgets import Static

from core.errors import Say
from core.field import Field, Raw
from core.i18n.translation import _
from tui.text import plain
from tui.widgets.fields.make import AnyInput, input_for

_STAR = " *"


class FieldLabel(Widget):
    """What a field is called. Where it takes several lines, the star of a required one stays with its last word."""

    DEFAULT_CSS = "FieldLabel { height: auto; width: 1fr; }"

    def __init__(self) -> None:
        super().__init__(classes="field--label")
        self._text, self._star = "", ""
        self._column = 0

    def line_up(self, column: int) -> None:
        """Take ``column`` cells where labels stand beside their inputs."""
        if column != self._column:
            self._column = column
            self.refresh(layout=True)

    def say(self, text: str, *, required: bool) -> None:
        """Show ``text``, with a star where an answer is ``required``."""
        self._text, self._star = text, _STAR if required else ""
        self.refresh(layout=True)

    @property
    def cells(self) -> int:
        """What it takes on one line."""
        return Content(self._text + self._star).cell_length

    def laid_out(self, width: int) -> list[Content]:
        """Its lines at ``width`` cells."""
        lines = [line.rstrip() for line in Content(self._text).wrap(max(1, width))] if self._text else [Content()]
        if not self._star:
            return lines
        last = lines.pop()
        if last.cell_length + len(self._star) > width:
            before, _space, word = last.plain.rpartition(" ")
            if not before:  # a word as long as the line: rather alone than cut
                return [*lines, last, Content(self._star.strip())]
            lines.append(Content(before))
            last = Content(word)
        return [*lines, last + Content(self._star)]

    def get_content_width(self, container: Size, viewport: Size) -> int:
        return self._column

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        return len(self.laid_out(width))

    def render(self) -> Content:
        return Content("\n").join(self.laid_out(self.content_size.width))


class FieldRow(Widget):
    """One question: label, input, and below it the help or, in its place, what is wrong."""

    DEFAULT_CSS = """
    FieldRow { layout: vertical; height: auto; width: 1fr; margin: 0 0 1 0; }
    FieldRow > .field--label { color: $foreground; }
    FieldRow > Vertical { height: auto; width: 1fr; }
    FieldRow .field--note { height: auto; width: 1fr; padding: 0 0 0 2; color: $text-muted; }
    FieldRow.-wrong .field--note { color: $text-error; }
    FieldRow.-wrong > .field--label { color: $text-error; }
    FieldRow.-away { display: none; }
    FieldRow.-here > .field--label { color: $text-accent; text-style: bold; }
    """

    def __init__(self, field: Field, value: Raw, place: int) -> None:
        """``place`` is the question's number in its form."""
        super().__init__()
        self.field = field
        self._place = place
        self.input: AnyInput = input_for(field)
        self.input.raw = value
        self.edited = False
        self.found = False
        """Whether what stands in it is from a draft, or belongs into one."""
        self.lasting = False
        """Whether what is wrong with it stays said until it is edited: the form's own check can't find it."""
        self._error: Say | None = None
        self._refusal = self._agreed = ""
        self.label = FieldLabel()
        self._note = Static(classes="field--note")

    def compose(self) -> ComposeResult:
        yield self.label
        with Vertical():
            yield self.input
            yield self._note

    def on_mount(self) -> None:
        self.draw()

    @property
    def _focus_sort_key(self) -> tuple[int, int]:
        """Its turn, when Textual asks where the focus goes next. Textual's own answer (8.2.8) is where a widget stands
        on the screen: a question that has just come up stands nowhere until the next frame, and would be passed by."""
        return self._place, 0

    def on_descendant_focus(self) -> None:
        self.add_class("-here")

    def on_descendant_blur(self) -> None:
        self.remove_class("-here")

    @property
    def wrong(self) -> bool:
        """Whether an error is shown."""
        return self._error is not None

    def fill(self, value: Raw) -> None:
        """Put ``value`` in: what was wrong was wrong with another one."""
        self.input.raw = value
        self.complain(None)

    def complain(self, error: Say | None) -> None:
        """Show ``error`` in place of the help, or the help again."""
        self._error, self._refusal, self._agreed = error, "", ""
        self.lasting = False
        self.draw()

    def refuse(self, text: str) -> None:
        """Say that something was not taken, until the next edit."""
        self._refusal = text
        self.draw()

    def agree(self, text: str) -> None:
        """Say that what was typed so far will do, until the next edit."""
        self._error, self._agreed = None, text
        self.draw()

    def edit(self) -> None:
        """Something was typed: a refusal is old now, and so is an agreement."""
        self.edited = True
        if self._refusal or self._agreed:
            self._refusal = self._agreed = ""
            self.draw()

    def draw(self) -> None:
        """Put the words in place, in the language of now."""
        unit = f" ({_(self.field.unit)})" if self.field.unit else ""
        ticked = self.field.kind == "check"
        named = "" if ticked else f"{_(self.field.label)}{unit}"
        self.label.say(named, required=self.field.required and not ticked)
        self.label.set_class(ticked, "-empty")
        wrong = self._refusal or (self._error.text() if self._error is not None else "")
        words = f"× {wrong}" if wrong else f"✓ {self._agreed}" if self._agreed else ""
        self._note.update(plain(words) if words else Content(_(self.field.help)))
        self._note.display = bool(words or self.field.help)
        self.set_class(bool(wrong), "-wrong")
