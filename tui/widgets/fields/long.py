"""The field of many lines."""

from __future__ import annotations

from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.document._document import EditResult
from textual.document._edit import Edit
from textual.widgets import TextArea

from core.field import Raw
from core.i18n.translation import _
from tui.widgets.fields.base import FIELD_CSS, FOCUS_CSS, Edited, Refused


class LongInput(TextArea, inherit_css=False, inherit_bindings=False):
    """A text of at most ``max_length`` characters. At its first and last line the arrows go on to other fields.

    F6 and F7, which TextArea selects with, belong to the screens: F7 adds an asset from wherever one is writing.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        each for each in TextArea.BINDINGS if isinstance(each, Binding) and each.key not in ("f6", "f7")
    ]

    DEFAULT_CSS = f"""
    LongInput {{ width: 1fr; height: 7; {FIELD_CSS} }}
    LongInput:focus {{ {FOCUS_CSS} }}
    LongInput .text-area--cursor {{
        background: $input-cursor-background; color: $input-cursor-foreground; text-style: $input-cursor-text-style;
    }}
    LongInput .text-area--cursor-line {{ background: transparent; }}
    LongInput .text-area--selection {{ background: $input-selection-background; color: $input-selection-foreground; }}
    LongInput .text-area--placeholder {{ color: $text-disabled; }}
    """

    COMPONENT_CLASSES: ClassVar[set[str]] = set(TextArea.COMPONENT_CLASSES)

    def __init__(self, text: str = "", *, max_length: int = 20_000) -> None:
        super().__init__(text, tab_behavior="focus", highlight_cursor_line=False)
        self.cursor_blink = False
        self.max_length = max_length

    @property
    def raw(self) -> Raw:
        return self.text

    @raw.setter
    def raw(self, value: Raw) -> None:
        with self.prevent(TextArea.Changed):
            self.load_text(value if isinstance(value, str) else "\n".join(value))

    def go_on(self) -> None:
        """The cursor goes behind what is there: somebody goes on writing."""
        self.cursor_location = self.document.end

    def edit(self, edit: Edit) -> EditResult:
        """Do ``edit`` if what comes of it fits; otherwise nothing changes and the form says so."""
        gone = len(self.get_text_range(*sorted((edit.from_location, edit.to_location))))
        if edit.text and len(self.text) - gone + len(edit.text) > self.max_length:
            self.post_message(
                Refused(self, _("No more than {n} characters fit here; nothing was added.").format(n=self.max_length))
            )
            return EditResult(self.cursor_location, "")
        return super().edit(edit)

    @property
    def _drawn_line(self) -> int:
        """The line of the cursor as it is drawn, wrapped lines counted."""
        return self.wrapped_document.location_to_offset(self.cursor_location).y

    def action_cursor_up(self, select: bool = False) -> None:
        if (
            not select
            and self.cursor_at_first_line
            and self.wrapped_document.location_to_offset(self.cursor_location).y == 0
        ):
            self.screen.focus_previous()
        else:
            super().action_cursor_up(select)

    def action_cursor_down(self, select: bool = False) -> None:
        if not select and self._drawn_line == self.wrapped_document.height - 1:
            self.screen.focus_next()
        else:
            super().action_cursor_down(select)

    def _on_text_area_changed(self) -> None:
        self.post_message(Edited(self))
