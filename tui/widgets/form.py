"""The form: asks the questions of :mod:`core.field`, keeps what was typed, and shows what is wrong beside it.

It knows no rules: ``check`` comes from core. Fields whose ``when`` does not hold are put away with what is in them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, ClassVar

from textual import events, on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.message import Message
from textual.widget import Widget
from textual.widgets import Input, Static

from core.errors import DeskError, Say, say
from core.field import Field, Raw
from core.i18n import dates
from core.i18n.translation import N_, _
from tui.drafts import NOT_KEPT, Draft, Drafts
from tui.text import plain
from tui.widgets.field_row import FieldRow
from tui.widgets.fields.base import Edited, Refused
from tui.widgets.form_body import FormBody, Values

__all__ = ["Check", "Form", "Values"]

Check = Callable[[Values, "str | None"], Mapping[str, Say]]
"""Errors by field name for all fields, or for the named one only."""


class Form(FormBody, can_focus=False):
    """Questions under one another; beside their labels where there is room.

    Tab, Shift+Tab, Enter and the arrows move; Enter in the last field of one line submits. Another key for that is the
    screen's to bind: call :meth:`action_submit`.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up", "app.focus_previous", show=False),
        Binding("down", "app.focus_next", show=False),
        Binding("enter", "onward", show=False),
        Binding("ctrl+r", "begin_anew", show=False),
    ]
    DEFAULT_CSS = """
    Form > .form--found { height: auto; width: 1fr; margin: 0 0 1 0; color: $text-muted; }
    """

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

    class BegunAnew(_About):
        """What was kept of it was thrown away."""

    class Submitted(_About):
        """The reader wants it sent; nothing has been checked yet (:meth:`Form.check_all`)."""

    def __init__(
        self,
        fields: Sequence[Field],
        *,
        check: Check | None = None,
        values: Mapping[str, Raw] | None = None,
        kept_as: str = NOT_KEPT,
        beside: Mapping[str, Any] | None = None,
        id: str | None = None,  # noqa: A002
        classes: str | None = None,
    ) -> None:
        """
        Args:
            kept_as: The name of its draft, the same whenever the form is about the same thing: ``ticket.reply:1042``.
            beside: What the draft holds besides the fields: numbers, texts and lists of them.
        """
        super().__init__(fields, values or {}, id=id, classes=classes)
        self.kept_as, self.beside = kept_as, dict(beside or {})
        self.offers = True
        """Whether it says that it was found as it was left, and can be begun anew."""
        self._at_first = self.drafts
        self._found_line = Static(classes="form--found")
        self._check = check
        self._first_wrong: FieldRow | None = None
        self._come_to: FieldRow | None = None
        """The row the focus came to, until something is typed: it stays in sight while the form finds its size."""

    def compose(self) -> ComposeResult:
        draft = self._kept.get(self.kept_as) if self._kept is not None and self.kept_as else None
        if draft is not None:
            self._take(draft)
        self._found_line.display = draft is not None and self.offers
        yield self._found_line
        yield from super().compose()

    def on_resize(self, event: events.Resize) -> None:
        # The body's own is called too: Textual calls the one of each class.
        self._show_come_to()

    # What was typed and not sent

    @property
    def _kept(self) -> Drafts | None:
        """Where the application keeps drafts; other applications keep none."""
        return getattr(self.app, "drafts", None)

    def _take(self, draft: Draft) -> None:
        """What was left here comes back, but for fields that are asked no more."""
        for name, value in draft.values.items():
            row = self._rows.get(name)
            if row is not None and row.field.can_be_kept:
                row.fill(value)
                row.found = True
                go_on = getattr(
                    row.input, "go_on", None
                )  # long texts have it; importing them here costs the first frame
                if go_on is not None:
                    go_on()
        at = dates.moment(draft.at) if draft.at is not None else ""
        self._found_line.update(plain(_("Kept for you since {time}. ^r begins anew.").format(time=at)))

    def keep(self) -> None:
        """Have what was typed remembered, where the form has a name for that."""
        if self.kept_as and self._kept is not None:
            self._kept.note(self.kept_as, self.to_keep, self.beside, longest=self.longest)

    @property
    def is_keepable(self) -> bool:
        """Whether something stands in it that can be remembered, and under which name."""
        return bool(self.kept_as) and self._kept is not None and any(self.to_keep.values())

    def keep_for_later(self) -> None:
        """Its reader wants it kept: the desk is told, however short it is."""
        self.keep()
        if self.kept_as and self._kept is not None:
            self._kept.insist(self.kept_as)

    def forget(self) -> None:
        """It was sent, or is not wanted."""
        if self.kept_as and self._kept is not None:
            self._kept.forget(self.kept_as)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Only a form that was found as it was left can be begun anew."""
        return self._found_line.display if action == "begin_anew" else super().check_action(action, parameters)

    @work(exclusive=True)
    async def action_begin_anew(self) -> None:
        """Throw away what was kept, after asking."""
        from tui.widgets.confirm import Confirm  # deferred: start-up, the first frame needs none of it

        question = Confirm(
            _("Begin anew?"),
            _("What was kept of this form is thrown away."),
            yes=N_("Throw it away"),
            no=N_("Keep it"),
        )
        if await self.app.push_screen_wait(question):
            self.forget()
            self._found_line.display = False
            for row in self._rows.values():
                row.found = False
            self.set_values(self._at_first)
            self.focus_first()
            self.post_message(self.BegunAnew(self))

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
        beside = {name: sentence for name, sentence in error.fields.items() if name in self.names}
        self.show_errors(beside)
        for name in beside:
            self._rows[name].lasting = name not in self._errors(name)
        return " ".join(sentence.text() for name, sentence in error.fields.items() if name not in beside)

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
        names = self._shown()
        first = next((row for name, row in self._rows.items() if name in names and fits(row)), None)
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
        self.keep()
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
        names = self._shown()
        after = [each for each in self._rows.values() if each.field.name in names]
        place = after.index(row) if row in after else -1
        if row is not None and place == len(after) - 1 and row.field.kind != "long_text":
            self.action_submit()
        elif place + 1 < len(after):
            after[place + 1].input.focus()

    def action_submit(self) -> None:
        self.post_message(self.Submitted(self))
