"""Writing an article: the form, and how it will look."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from textual import getters, on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import Static

from core import forms
from core.errors import DeskError
from core.field import Raw
from core.i18n.translation import LANGUAGES, N_, _
from core.knowledge import audience as knowledge_audience
from core.knowledge import edit
from core.knowledge.article_form import ArticleForm
from core.knowledge.audience import Audience
from tui.commands import Command, bindings
from tui.screens.base import DeskScreen, deed, errand
from tui.screens.form_room import FormRoom
from tui.screens.knowledge.formatting import WIDEST
from tui.screens.knowledge.publishing import audience_words
from tui.shell import Commanded
from tui.text import plain
from tui.widgets.footer import KeyLine
from tui.widgets.form import Form
from tui.widgets.frame import Frame
from tui.widgets.markdown_lite import markdown_lines
from tui.widgets.notice import Notice

_LANGUAGES = {"pl": N_("In Polish"), "en": N_("In English")}


class EditArticle(FormRoom):
    """A new article, or one as it is now; saved as a draft until somebody publishes it."""

    DESK_COMMANDS: ClassVar[tuple[Command, ...]] = (
        Command("article_form.send", "ctrl+s", N_("Save"), "send", N_("Check it and keep it"), footer=True),
        Command(
            "article_form.preview", "f7", N_("Preview"), "preview", N_("How it will look, whom it reaches"), footer=True
        ),
        Command("article_form.back", "escape", N_("Back"), "back", N_("Asks before losing a word"), footer=True),
    )
    BINDINGS: ClassVar[list[BindingType]] = bindings(DESK_COMMANDS)
    CSS_PATH = "knowledge.tcss"
    AUTO_FOCUS = ""  # the form's own: Textual's would bring the first input in sight without its label

    wrong = getters.query_one("#article-wrong", Notice)

    def __init__(
        self, frame: Frame, room: str, values: Mapping[str, Raw], *, article_id: int | None = None, seen: int = 0
    ) -> None:
        """``article_id`` and ``seen`` (the version of ``values``) for one that is there already."""
        super().__init__(frame, f"article:{room if article_id is None else article_id}")
        self._room, self._values = room, values
        self._article_id, self._seen = article_id, seen
        self._overtaken = False

    @property
    def ROOM(self) -> str:  # type: ignore[override]
        """The room it belongs to."""
        return self._room

    def where(self) -> tuple[str, ...]:
        return (*super().where(), _("New article") if self._article_id is None else _("Edit"))

    def compose_room(self) -> ComposeResult:
        yield Notice(id="article-wrong")
        yield Form(
            forms.describe(ArticleForm),
            check=lambda values, only: forms.check(ArticleForm, values, only),
            values=self._values,
            kept_as=self.draft_name,
            beside={"seen": self._seen},
            id="article-form",
        )
        self._overtaken = self.draft is not None and self.draft.beside.get("seen") != self._seen

    def on_mount(self) -> None:
        if self.form is not None:
            self.form.focus_first()
        if self._overtaken:
            newer = _("Changed by somebody else since you began. Saving puts yours in place of theirs.")
            self.wrong.say(newer, "warning")

    @on(Form.Submitted)
    @deed
    async def _save(self, event: Form.Submitted) -> None:
        event.stop()
        filled = self._filled()
        if filled is None:
            return
        try:
            if self._article_id is None:
                article_id: int = await self.do(edit.create, filled)
            else:
                article_id = self._article_id
                await self.do(edit.edit, article_id, filled, seen=self._seen)
        except DeskError as error:
            self._refuse(error)
            return
        self.forget_typed()
        if self._article_id is not None:
            self.app.pop_screen()
            return
        from tui.screens.knowledge.article import ArticleScreen  # deferred: a screen is loaded when it is first shown

        self.app.switch_screen(ArticleScreen(self.frame, article_id, self.ROOM))
        self.app.notify(_("Saved as a draft: P publishes it."))

    def _filled(self) -> ArticleForm | None:
        """What was typed; None when something is wrong with it, which is said then."""
        self.wrong.hide()
        form = self.form
        return forms.fill(ArticleForm, form.values) if form is not None and form.check_all() else None

    def _refuse(self, error: DeskError) -> None:
        above = self.form.refuse(error) if self.form is not None else error.text()
        if above:
            self.wrong.say(above, "error")

    @errand
    async def action_preview(self) -> None:
        filled = self._filled()
        if filled is None:
            return
        audience: Audience | None = None
        try:
            if filled.outage:
                audience = await self.see(knowledge_audience.audience, filled.reach)
        except DeskError as error:
            self._refuse(error)
            return
        self.app.push_screen(ArticlePreview(filled, audience))


class ArticlePreview(Commanded[None], DeskScreen[None]):
    """The article as readers will see it, one language after the other."""

    DESK_COMMANDS: ClassVar[tuple[Command, ...]] = (
        Command("preview.back", "escape,enter", N_("Back"), "app.pop_screen", N_("To the form"), footer=True),
    )
    BINDINGS: ClassVar[list[BindingType]] = bindings(DESK_COMMANDS)
    CSS_PATH = "knowledge.tcss"

    def __init__(self, filled: ArticleForm, audience: Audience | None) -> None:
        super().__init__()
        self._filled, self._audience = filled, audience

    def compose(self) -> ComposeResult:
        with VerticalScroll(id="preview"):
            yield Static(id="preview-text")
        yield KeyLine()

    def on_mount(self) -> None:
        self.query_one("#preview").focus()

    def on_resize(self) -> None:
        """Laid out anew for the width there is."""
        width = max(8, min(self.size.width - 6, WIDEST))
        lines: list[Content] = []
        if self._audience is not None:
            lines += [*plain(audience_words(self._audience)).stylize("$text-warning").wrap(width), Content()]
        for language in sorted(LANGUAGES, key=lambda each: each != self.app.language):
            title = self._filled.title(language)
            if title:
                lines.append(plain(f"── {_(_LANGUAGES[language])} ──").stylize("$text-muted"))
                lines += plain(title).stylize("bold $text-primary").wrap(width)
                lines += [Content(), *markdown_lines(self._filled.body(language), width), Content()]
        self.query_one("#preview-text", Static).update(Content("\n").join(lines))
