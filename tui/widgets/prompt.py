"""A small form in a dialog. Escape never loses text: it asks what becomes of what was typed."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, ClassVar, Generic, Required, TypedDict, Unpack

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.widgets import Static

from core.errors import DeskError
from core.field import Field, Raw
from core.i18n.translation import N_, _
from tui.text import plain
from tui.widgets.confirm import Confirm, LeaveTyped, Unsent
from tui.widgets.dialog import Dialog, Result
from tui.widgets.form import Check, Form, Values
from tui.widgets.notice import Notice

Submit = Callable[[Values], Awaitable[Any]]


class PromptOptions(TypedDict, total=False):
    """How a prompt may differ from others, whatever it asks for."""

    kept_as: Required[str]
    """The name of its draft (``ticket.reply:1042``), or :data:`tui.drafts.NOT_KEPT`."""
    values: Mapping[str, Raw] | None
    """What stands in the fields at first."""
    save: str
    """The msgid of the button that sends it."""
    text: str
    """What is said above the fields, ready to be read."""
    roomy: bool
    classes: str


class Prompt(Dialog["Result | None"], Generic[Result]):
    """Gives what came of sending it (:meth:`send`), or None. The dialog stays open until that has worked: a
    :class:`DeskError` is shown beside its field, so that nothing has to be typed twice."""

    DEFAULT_CSS = """
    Prompt .dialog--intro { height: auto; color: $text-muted; margin: 0 0 1 0; }
    Prompt.-long Form { max-height: 9999; overflow-y: hidden; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [Binding("ctrl+s", "save", show=False)]

    def __init__(
        self,
        title: str,
        fields: Sequence[Field],
        *,
        kept_as: str,
        check: Check | None = None,
        values: Mapping[str, Raw] | None = None,
        save: str = N_("Save"),
        text: str = "",
        roomy: bool = False,
        classes: str | None = None,
    ) -> None:
        """``title`` is ready to be read; the rest is said in :class:`PromptOptions`."""
        super().__init__(title, roomy=roomy, classes=classes)
        self._form = Form(fields, check=check, values=values, kept_as=kept_as)
        self._save, self._text = save, text
        self._busy = False

    async def send(self, values: Values) -> Result:
        """Do what was asked for. Raises :class:`DeskError` for what has to be typed differently."""
        raise NotImplementedError

    def compose_body(self) -> ComposeResult:
        if self._text:
            yield Static(plain(self._text), classes="dialog--intro")
        yield Notice()
        yield self._form

    def buttons(self) -> Sequence[tuple[str, str, str]]:
        return (("leave", N_("Cancel"), "default"), ("save", self._save, "primary"))

    def on_mount(self) -> None:
        self._form.focus_first_empty()

    def pressed(self, name: str) -> None:
        if name == "save":
            self.action_save()
        else:
            self.action_leave()

    @on(Form.Submitted)
    def action_save(self) -> None:
        """Check everything; then hand it over."""
        if not self._busy and self._form.check_all():
            self._send()

    @work
    async def _send(self) -> None:
        self._busy = True
        try:
            sent = await self.send(self._form.values)
        except DeskError as error:
            self._complain(error)
            return
        finally:
            self._busy = False
        self._form.forget()
        self.dismiss(sent)

    def _complain(self, error: DeskError) -> None:
        self.query_one(Notice).say(self._form.refuse(error), "error")

    @work(exclusive=True)
    async def action_leave(self) -> None:  # type: ignore[override]  # a worker, since it may ask
        """Escape: at once when nothing was typed, else after asking what becomes of it."""
        if self._form.touched:
            match await self._becomes_of_typed():
                case Unsent.WRITE_ON:
                    return
                case Unsent.KEEP:
                    self._form.keep_for_later()
                case Unsent.THROW_AWAY:
                    self._form.forget()
        self.dismiss(None)

    async def _becomes_of_typed(self) -> Unsent:
        if self._form.is_keepable:
            return await self.app.push_screen_wait(LeaveTyped(with_secrets=self._form.has_secrets))
        question = Confirm(
            _("Leave without saving?"),
            _("What you have typed here has not been saved."),
            yes=N_("Throw it away"),
            no=N_("Keep writing"),
        )
        return Unsent.THROW_AWAY if await self.app.push_screen_wait(question) else Unsent.WRITE_ON


class FieldPrompt(Prompt[Values]):
    """Asks for fields that are no form of core's, and gives their values; with ``submit`` once that has worked."""

    def __init__(
        self,
        title: str,
        fields: Sequence[Field],
        *,
        check: Check | None = None,
        submit: Submit | None = None,
        **options: Unpack[PromptOptions],
    ) -> None:
        super().__init__(title, fields, check=check, **options)
        self._submit = submit

    async def send(self, values: Values) -> Values:
        if self._submit is not None:
            await self._submit(values)
        return values
