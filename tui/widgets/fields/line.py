"""Fields of one line: text, numbers, dates, addresses, secrets."""

from __future__ import annotations

from typing import ClassVar, Final

from textual import events
from textual.widgets import Input

from core.field import Field, Raw
from core.i18n.translation import N_, _
from tui.widgets.fields.base import FIELD_CSS, FOCUS_CSS, Edited, Refused

_LOOKS_LIKE: Final = {
    "date": N_("YYYY-MM-DD"),
    "datetime": N_("YYYY-MM-DD HH:MM"),
    "email": N_("name@example.com"),
    "ip": "192.0.2.1",
    "mac": "00:11:22:33:44:55",
}
_SHORT: Final = frozenset({"date", "datetime", "number", "ip", "mac", "version", "code", "phone"})


class LineInput(Input, inherit_css=False):
    """Textual's Input in our dress (one line, a bar, no blinking), which says when something does not fit."""

    DEFAULT_CSS = f"""
    LineInput {{ width: 1fr; height: 1; scrollbar-size-horizontal: 0; {FIELD_CSS} }}
    LineInput:focus {{ {FOCUS_CSS} }}
    LineInput.-short {{ width: 28; }}
    LineInput > .input--cursor {{
        background: $input-cursor-background; color: $input-cursor-foreground; text-style: $input-cursor-text-style;
    }}
    LineInput > .input--selection {{ background: $input-selection-background; color: $input-selection-foreground; }}
    LineInput > .input--placeholder, LineInput > .input--suggestion {{ color: $text-disabled; }}
    """
    COMPONENT_CLASSES: ClassVar[set[str]] = set(Input.COMPONENT_CLASSES)

    def __init__(
        self,
        value: str = "",
        *,
        placeholder: str = "",
        max_length: int = 200,
        short: bool = False,
    ) -> None:
        super().__init__(value, placeholder, max_length=max_length, select_on_focus=False)
        self.asks = ""
        """The msgid of its label, where it stands without a form's row around it."""
        self.cursor_blink = False
        self.set_class(short, "-short")

    @property
    def raw(self) -> Raw:
        return self.value

    @raw.setter
    def raw(self, value: Raw) -> None:
        with self.prevent(Input.Changed):
            self.value = value if isinstance(value, str) else " ".join(value)

    def restricted(self) -> None:
        """Too long: Textual drops it without a word, we say so."""
        self.post_message(
            Refused(self, _("No more than {n} characters fit here; nothing was added.").format(n=self.max_length))
        )

    def _on_paste(self, event: events.Paste) -> None:
        """Several lines become one: Textual keeps the first and drops the others without a word."""
        event.prevent_default()
        event.stop()
        lines = event.text.splitlines()
        if len(lines) > 1:
            self.paste_lines([line.strip() for line in lines if line.strip()])
        else:
            self.paste(lines[0] if lines else "")

    def paste_lines(self, lines: list[str]) -> None:
        """What is done with several lines, none of them empty."""
        self.paste(" ".join(lines))

    def paste(self, text: str) -> None:
        """Put ``text`` where the cursor is, or in place of what is selected."""
        if text:
            self.replace(text, *self.selection)

    def _on_input_changed(self) -> None:
        self.post_message(Edited(self))


class SecretInput(LineInput):
    """A password: never shown, and never on the clipboard."""

    def __init__(self, value: str = "", *, max_length: int = 200) -> None:
        super().__init__(value, max_length=max_length)
        self.password = True

    def paste_lines(self, lines: list[str]) -> None:
        """A password that was copied with its line's end is one line; of several nobody can see what came of them."""
        if len(lines) > 1:
            self.post_message(Refused(self, _("Several lines were pasted, and one fits here; nothing was added.")))
        else:
            super().paste_lines(lines)

    def action_copy(self) -> None:
        """Nothing: a secret is not copied."""

    def action_cut(self) -> None:
        """Nothing: a secret is not copied."""


def line_for(field: Field) -> LineInput:
    """The input of a field that fits on one line."""
    if field.kind == "secret":
        return SecretInput(max_length=field.max_length)
    looks_like = _LOOKS_LIKE.get(field.kind, "")
    return LineInput(placeholder=_(looks_like), max_length=field.max_length, short=field.kind in _SHORT)
