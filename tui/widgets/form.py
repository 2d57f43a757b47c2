"""The form: draws the questions of :mod:`core.field`, keeps what was typed, and shows what is wrong beside it.

It knows no rules: ``check`` comes from core. Fields whose ``when`` does not hold are put away with what is in them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.message import Message
from textual.widget import Widget
from textual.widgets import Input, Static

from core.errors import DeskError, Say, say
from core.field import Field, Raw
from core.i18n.translation import N_, _
from tui.widgets.field_row import FieldRow
from tui.widgets.fields.base import Edited, Refused

Values = dict[str, Raw]
Check = Callable[[Values, "str | None"], Mapping[str, Say]]
"""Errors by field name for all fields, or for the named one only."""

_WIDE = 96
"""From this width of the form on, labels stand beside their inputs."""


_LABELS = 26
"""Cells of the labels' column, with the gap after it: as long as no label needs more."""
_GAP = 2


class Form(VerticalScroll, can_focus=False):
    """Questions under one another; beside their labels where there is room.

    Tab, Shift+Tab, Enter and the arrows move; Enter in the last field of one line submits. Another key for that is the
    screen's to bind: call :meth:`action_submit`.
    """

    DEFAULT_CSS = """
    Form { height: auto; max-height: 100%; width: 1fr; scrollbar-size-vertical: 1; }
    Form .form--section { width: 1fr; height: auto; margin: 0 0 1 0; color: $text-primary; text-style: bold; }
    Form .field--label.-empty { display: none; }
    Form.-wide .field--label.-empty { display: block; }
    Form.-wide FieldRow { layout: horizontal; }
    Form.-wide .field--label { width: auto; padding: 0 2 0 0; text-align: right; }
    Form.-wide FieldRow > Vertical { max-width: 84; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up", "app.focus_previous", show=False),
        Binding("down", "app.focus_next", show=False),
        Binding("enter", "onward", show=False),
    ]

    class _About(Message):
        def __init__(self, form: Form) -> None:
            super().__init__()
            self.form = form

        @property
        def control(self) -> Form:
            return self.form

        @property
        def values(self) -> Values:
            """What the form holds now."""
            return self.form.values

    class Changed(_About):
        """A value was changed by the reader; ``name`` is its field."""

        def __init__(self, form: Form, name: str) -> None:
            super().__init__(form)
            self.name = name

    class Submitted(_About):
        """The reader wants it sent; nothing has been checked yet (:meth:`Form.check_all`)."""

    def __init__(
        self,
        fields: Sequence[Field],
        *,
        check: Check | None = None,
        values: Mapping[str, Raw] | None = None,
        id: str | None = None,  # noqa: A002
        classes: str | None = None,
    ) -> None:
        super().__init__(id=id, classes=classes)
        given = values or {}
        self._check = check
        self._rows = {
            field.name: FieldRow(field, given.get(field.name, field.default), place)
            for place, field in enumerate(fields)
        }
        self._headings: list[tuple[Static, list[FieldRow]]] = []
        """Each with the rows that stand under it, those too that name no section."""
        self._first_wrong: FieldRow | None = None
        self._come_to: FieldRow | None = None
        """The row the focus came to, until something is typed: it stays in sight while the form finds its size."""

    def compose(self) -> ComposeResult:
        section = ""
        for row in self._rows.values():
            if row.field.section != section:
                section = row.field.section
                if section:
                    heading = Static(Content(_(section)), classes="form--section")
                    self._headings.append((heading, []))
                    yield heading
            if self._headings:
                self._headings[-1][1].append(row)
            yield row

    def on_mount(self) -> None:
        self._bring_up()
        self._line_up(self.size.width)

    def on_resize(self, event: events.Resize) -> None:
        self.set_class(event.size.width >= _WIDE, "-wide")
        self._line_up(event.size.width)
        self._show_come_to()

    def _line_up(self, width: int) -> None:
        """Labels that stand beside their inputs all get as much as the longest needs, a third of the form at most."""
        wide = width >= _WIDE
        longest = max((row.label.cells for row in self._rows.values()), default=0)
        column = max(_LABELS, min(longest + _GAP, width // 3))
        for row in self._rows.values():
            row.label.line_up(column - _GAP)
        for section in self.query(".form--section"):
            section.styles.padding = (0, 0, 0, column if wide else 0)

    # Values

    @property
    def names(self) -> tuple[str, ...]:
        """The names of all fields, shown or put away."""
        return tuple(self._rows)

    @property
    def values(self) -> Values:
        """What is in the fields that are shown."""
        shown = self._shown()
        return {name: row.input.raw for name, row in self._rows.items() if name in shown}

    @property
    def drafts(self) -> Values:
        """What is in all fields, those put away too: what a draft keeps."""
        return {name: row.input.raw for name, row in self._rows.items()}

    @property
    def touched(self) -> bool:
        """Whether the reader changed anything since the form was made or :meth:`set_values` was called."""
        return any(row.edited for row in self._rows.values())

    @property
    def filled(self) -> bool:
        """Whether any field holds something other than what it began with, whoever put it there."""
        return any(row.input.raw not in (row.field.default, "", ()) for row in self._rows.values())

    def set_values(self, values: Mapping[str, Raw]) -> None:
        """Put ``values`` in, leaving other fields as they are; nothing counts as typed. What was said against the
        values that stood there before is over."""
        for name, value in values.items():
            if name in self._rows:
                self._rows[name].fill(value)
        for row in self._rows.values():
            row.edited = False
        self._bring_up()

    def put(self, name: str, value: Raw) -> None:
        """Put one value in beside what the reader types; it does not count as typed."""
        self._rows[name].fill(value)
        self._bring_up()

    def _shown(self) -> set[str]:
        """Names of the fields whose ``when`` holds; one that depends on a field put away is put away too."""
        shown: set[str] = set()
        for name, row in self._rows.items():
            when = row.field.when
            known = when is None or when.field not in self._rows
            if known or (when is not None and when.field in shown and when.holds(self._rows[when.field].input.raw)):
                shown.add(name)
        return shown

    def _bring_up(self) -> None:
        shown = self._shown()
        for name, row in self._rows.items():
            row.set_class(name not in shown, "-away")
        for heading, under in self._headings:
            heading.display = any(row.field.name in shown for row in under)

    # Errors

    def check_all(self) -> bool:
        """Check every field, show what is wrong, focus the first; True when all is well."""
        errors = self._errors(None)
        self.show_errors(errors)
        return not errors

    def show_errors(self, errors: Mapping[str, Say]) -> None:
        """Mark these fields and no others, and go to the first."""
        for name, row in self._rows.items():
            row.complain(errors.get(name))
        first = next((row for name, row in self._rows.items() if name in errors), None)
        self._first_wrong = first
        if first is not None:
            first.input.focus(scroll_visible=False)
            self._show_first_wrong()

    def refuse(self, error: DeskError) -> str:
        """Say beside its field what belongs to one, and return the sentences that belong to none."""
        beside = {name: said for name, said in error.fields.items() if name in self.names}
        self.show_errors(beside)
        for name in beside:
            self._rows[name].lasting = name not in self._errors(name)
        return " ".join(said.text() for name, said in error.fields.items() if name not in beside)

    def _show_first_wrong(self) -> None:
        if self._first_wrong is not None:
            self.call_after_refresh(self._first_wrong.scroll_visible, animate=False, top=True)

    def watch_virtual_size(self) -> None:
        """What is said beside the fields moves them, and is laid out whenever the rows come round to it."""
        self._show_first_wrong()
        self._show_come_to()

    def _show_come_to(self) -> None:
        # Once errors and fields that came up have found their places: before, it scrolls to where the row was.
        self.call_after_refresh(self._bring_in_sight)

    def _bring_in_sight(self) -> None:
        """The row the focus came to, label and all; the first one with the heading over it."""
        row = self._come_to
        if row is None or self._first_wrong is not None or not row.is_attached:
            return
        if row is self._first and row.virtual_region.bottom <= self.size.height:
            self.scroll_home(animate=False)
        else:
            row.scroll_visible(animate=False)

    @property
    def _first(self) -> FieldRow | None:
        shown = self._shown()
        return next((row for name, row in self._rows.items() if name in shown), None)

    def clear_errors(self) -> None:
        """Mark nothing."""
        self.show_errors({})

    def verdict(self, name: str, right: str) -> None:
        """Say beside a field at once, before it is left, what is wrong with it, or else that it is ``right``."""
        row, wrong = self._rows[name], self._errors(name).get(name)
        if wrong is not None:
            row.complain(wrong)
        else:
            row.agree(right)

    def focus_first(self) -> None:
        """Go to the first field."""
        self._focus_first(lambda _row: True)

    def focus_first_empty(self) -> None:
        """Go to the first field that must be filled in and is not yet, or else to the first."""
        if not self._focus_first(lambda row: row.field.required and row.input.raw in ("", ())):
            self.focus_first()

    def _focus_first(self, fits: Callable[[FieldRow], bool]) -> bool:
        shown = self._shown()
        first = next((row for name, row in self._rows.items() if name in shown and fits(row)), None)
        if first is not None:
            first.input.focus(scroll_visible=False)
        return first is not None

    def _errors(self, name: str | None) -> Mapping[str, Say]:
        values = self.values
        if self._check is not None:
            return self._check(values, name)
        asked: Iterable[str] = values if name is None else (name,)
        return {
            each: say(N_("Please fill this in."))
            for each in asked
            if self._rows[each].field.required and values.get(each) in ("", ())
        }

    # What the reader does

    def _row_of(self, widget: Widget | None) -> FieldRow | None:
        return (
            next((node for node in widget.ancestors_with_self if isinstance(node, FieldRow)), None) if widget else None
        )

    @on(Edited)
    def _take_edit(self, event: Edited) -> None:
        event.stop()
        row = self._row_of(event.answer)
        if row is None:
            return
        self._come_to = None
        row.edit()
        if row.wrong:
            row.complain(self._errors(row.field.name).get(row.field.name))
        self._bring_up()
        self.post_message(self.Changed(self, row.field.name))

    @on(Refused)
    def _say_refusal(self, event: Refused) -> None:
        event.stop()
        row = self._row_of(event.answer)
        if row is not None:
            row.refuse(event.text)

    def on_descendant_blur(self, event: events.DescendantBlur) -> None:
        """A field was left: say now what is wrong with what was typed."""
        row = self._row_of(event.widget)
        if row is not None and row.edited and not row.lasting and row.field.name in self._shown():
            row.complain(self._errors(row.field.name).get(row.field.name))

    def on_descendant_focus(self, event: events.DescendantFocus) -> None:
        row = self._row_of(event.widget)
        if row is not self._first_wrong:
            self._first_wrong = None
        self._come_to = row
        self._show_come_to()

    @on(Input.Submitted)
    def _entered(self, event: Input.Submitted) -> None:
        event.stop()
        self.action_onward()

    def action_onward(self) -> None:
        """Enter: the next field, or send from the last one."""
        row = self._row_of(self.screen.focused)
        shown = self._shown()
        after = [each for each in self._rows.values() if each.field.name in shown]
        place = after.index(row) if row in after else -1
        if row is not None and place == len(after) - 1 and row.field.kind != "long_text":
            self.action_submit()
        elif place + 1 < len(after):
            after[place + 1].input.focus()

    def action_submit(self) -> None:
        self.post_message(self.Submitted(self))
