"""The body of a form: its questions under one another with what is in them, and which of them are asked now."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from textual import events
from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import Static

from core.field import Field, Raw
from core.i18n.translation import _
from tui.widgets.field_row import FieldRow

Values = dict[str, Raw]

_WIDE = 96
"""From this width of the form on, labels stand beside their inputs."""
_LABELS = 26
"""Cells of the labels' column, with the gap after it: as long as no label needs more."""
_GAP = 2


class FormBody(VerticalScroll, can_focus=False):
    """Questions under one another; beside their labels where there is room. It checks nothing and says nothing: that is
    :class:`tui.widgets.form.Form`."""

    DEFAULT_CSS = """
    FormBody { height: auto; max-height: 100%; width: 1fr; scrollbar-size-vertical: 1; }
    FormBody .form--section { width: 1fr; height: auto; margin: 0 0 1 0; color: $text-primary; text-style: bold; }
    FormBody .field--label.-empty { display: none; }
    FormBody.-wide .field--label.-empty { display: block; }
    FormBody.-wide FieldRow { layout: horizontal; }
    FormBody.-wide .field--label { width: auto; padding: 0 2 0 0; text-align: right; }
    FormBody.-wide FieldRow > Vertical { max-width: 84; }
    """

    def __init__(
        self,
        fields: Sequence[Field],
        values: Mapping[str, Raw],
        *,
        id: str | None = None,  # noqa: A002
        classes: str | None = None,
    ) -> None:
        super().__init__(id=id, classes=classes)
        self._rows = {
            field.name: FieldRow(field, values.get(field.name, field.default), place)
            for place, field in enumerate(fields)
        }
        self._headings: list[tuple[Static, list[FieldRow]]] = []
        """Each with the rows that stand under it, those too that name no section."""

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
        names = self._shown()
        return {name: row.input.raw for name, row in self._rows.items() if name in names}

    @property
    def drafts(self) -> Values:
        """What is in all fields, those put away too: what a draft keeps."""
        return {name: row.input.raw for name, row in self._rows.items()}

    def keep_also(self, values: Mapping[str, Raw]) -> None:
        """Fields that were filled in, and belong to what is typed beside them: a draft of it has them too."""
        for name, row in self._rows.items():
            row.found = row.found or bool(values.get(name))

    @property
    def to_keep(self) -> Values:
        """What a draft keeps on the desk: what was typed or picked here or before, and is no secret."""
        return {
            name: row.input.raw
            for name, row in self._rows.items()
            if (row.edited or row.found) and row.field.can_be_kept
        }

    @property
    def longest(self) -> int:
        """Characters in the longest text among those."""
        values = self.to_keep
        texts = (values[name] for name, row in self._rows.items() if name in values and row.field.is_typed)
        return max((len(text) for text in texts if isinstance(text, str)), default=0)

    @property
    def has_secrets(self) -> bool:
        """Whether something was typed that is kept nowhere."""
        return any(row.edited and not row.field.can_be_kept and row.input.raw for row in self._rows.values())

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
        names: set[str] = set()
        for name, row in self._rows.items():
            when = row.field.when
            known = when is None or when.field not in self._rows
            if known or (when is not None and when.field in names and when.holds(self._rows[when.field].input.raw)):
                names.add(name)
        return names

    def _bring_up(self) -> None:
        names = self._shown()
        for name, row in self._rows.items():
            row.set_class(name not in names, "-away")
        for heading, under in self._headings:
            heading.display = any(row.field.name in names for row in under)

    @property
    def _first(self) -> FieldRow | None:
        names = self._shown()
        return next((row for name, row in self._rows.items() if name in names), None)
