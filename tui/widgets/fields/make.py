"""Which widget asks which kind of question."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from core.field import Field
from tui.widgets.fields.base import Answer
from tui.widgets.fields.line import LineInput, line_for
from tui.widgets.fields.picks import Pick, PickMany, Tick, YesNo

if TYPE_CHECKING:
    from tui.widgets.fields.long import LongInput

AnyInput: TypeAlias = "Answer | LineInput | LongInput"


def input_for(field: Field) -> AnyInput:
    """The widget that asks ``field``, still without a value."""
    if field.kind == "long_text":
        # Late, with Textual's whole text area: the first screen asks nothing long (7 ms).
        from tui.widgets.fields.long import LongInput  # deferred: start-up, Textual's text area (7 ms)

        return LongInput(max_length=field.max_length)
    if field.kind == "choice":
        return Pick(field.label, field.choices, required=field.required)
    if field.kind == "multi_choice":
        return PickMany(field.choices)
    if field.kind == "yes_no":
        return YesNo()
    if field.kind == "check":
        return Tick(field.label, required=field.required)
    return line_for(field)
