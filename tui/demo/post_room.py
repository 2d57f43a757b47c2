"""The post room: every mail of the demo, with the code in it one key away from the field that wants it.

Letters to whoever one is just now come first."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar, cast

from textual import getters, on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal, VerticalScroll
from textual.content import Content
from textual.screen import Screen
from textual.widget import Widget
from textual.widgets import Input, Static

from core.db.pagination import Page, PageRequest
from core.i18n import dates
from core.i18n.sanitize import fold
from core.i18n.translation import N_, _
from tui.commands import Command, bindings
from tui.screens.base import DeskScreen, errand
from tui.screens.list_room import NOTHING_FITS
from tui.shell import Commanded
from tui.text import plain
from tui.widgets.empty import EmptyState
from tui.widgets.field_row import FieldRow
from tui.widgets.footer import KeyLine
from tui.widgets.form import Form
from tui.widgets.list import Column, ListView
from tui.widgets.search_line import SearchLine

if TYPE_CHECKING:
    from core.demo.mailbox import PostBox
    from core.mail.maildir import Post
    from tui.demo.app import DemoApp

_NO_MAIL = EmptyState(N_("No mail yet"), N_("Whatever the desk promises to mail arrives here in a moment."))
EVERY = 1.0
"""Seconds after which new mail is looked for."""


@dataclass(frozen=True, slots=True)
class Item:
    """A mail, an authenticator app, or a contract's certificate. ``fills`` are values by the name of a form's field;
    ``code`` is the one that is copied where no field has such a name."""

    id: Any
    glyph: str
    to: str
    subject: str
    at: dt.datetime | None
    body: str = field(repr=False)
    files: tuple[str, ...] = ()
    code: str = field(default="", repr=False)
    fills: Mapping[str, str] = field(default_factory=dict, repr=False)

    def holds(self, search: str) -> bool:
        """Whether every word of ``search`` is in it, however it is spelled."""
        text = fold(" ".join((self.to, self.subject, self.body, *self.files)))
        return all(word in text for word in fold(search).split())


class PostRoom(Commanded[None], DeskScreen[None]):
    """The list and what the mail under the cursor says. One's own letters come first (before anybody is logged in those
    to whoever was written to last), then everybody else's; newest first among each."""

    DESK_COMMANDS = (
        Command(
            "post.copy", "c,enter", N_("Take the code into the field"), "copy", N_("And go back there"), footer=True
        ),
        Command("post.search", "slash", N_("Search"), "search", N_("Search in this list"), footer=True),
        Command("post.back", "escape", N_("Back"), "back", N_("Close the post room"), footer=True),
    )
    BINDINGS: ClassVar[list[BindingType]] = bindings(DESK_COMMANDS)
    CSS_PATH = "demo.tcss"

    mails = getters.query_one("#post-list", ListView)
    line = getters.query_one(SearchLine)

    def __init__(self) -> None:
        super().__init__()
        self._beneath: Screen[Any] | None = None
        self._focused: Widget | None = None
        self._items: dict[Any, Item] = {}
        self._box: PostBox | None = None
        self._reading: Any = None
        self._search = ""

    @property
    def demo(self) -> DemoApp:
        return cast("DemoApp", self.app)

    def compose(self) -> ComposeResult:
        yield Static(id="post-banner")
        yield SearchLine(_("Names, addresses, words of a letter…"))
        with Horizontal(id="post-middle"):
            yield ListView(
                _columns(self.app.now),
                id="post-list",
                limit=400,
                empty=_NO_MAIL,
            )
            with VerticalScroll(id="post-reading", can_focus=True):
                yield Static(id="post-head")
                yield Static(id="post-code")
                yield Static(id="post-body")
        yield KeyLine()

    def on_mount(self) -> None:
        self._beneath = self.app.screen_stack[-2]
        self._focused = self._beneath.focused
        banner = Content(" DEMO ").stylize("bold $background on $accent") + plain(
            "  " + _("Post room: on a real desk nobody sees these codes.")
        )
        self.query_one("#post-banner", Static).update(banner)
        self.query_one("#post-code").display = False
        self.line.display = False
        self.mails.focus()
        self._look()
        self.set_interval(EVERY, self._look)

    @errand
    async def _look(self) -> None:
        """Read the post. Whoever reads the newest mail is shown a newer one; any other reader keeps the place."""
        await self.app.ready()
        items = await asyncio.to_thread(self._read)
        before, self._items = self._items, items
        if list(items) != list(before):
            if self.mails.position in (None, 1):
                self.mails.set_source(self._page)
            else:
                self.mails.reload()
        elif self._reading in items and items[self._reading] != before[self._reading]:
            self._show(items[self._reading])

    def _read(self) -> dict[Any, Item]:
        from core.demo.mailbox import PostBox  # deferred: start-up, loaded behind the first frame

        self._box = self._box or PostBox(self.app.desk)
        mails = _own_first([_mail(mail) for mail in self._box.mails()], self._address())
        apps = _authenticators(self.demo)
        wanted = type(self._beneath).__name__ == "AuthenticatorCode"
        items = [*apps, *mails] if wanted else [*mails, *apps]
        return {item.id: item for item in [*items, *_certificates(self.demo)]}

    def _address(self) -> str:
        """Where one's own mail goes; empty before anybody is logged in."""
        from core.accounts import profile  # deferred: start-up, loaded behind the first frame

        seat = self.demo.seat
        desk = self.app.desk
        return str(desk.see(profile.me).email) if seat is not None else ""

    def _page(self, _ask: PageRequest) -> Page[Item]:
        items = [item for item in self._items.values() if item.holds(self._search)]
        return Page(items, None, None, more_before=False, more_after=False)

    # Searching

    def action_search(self) -> None:
        self.line.display = True
        self.line.focus()

    @on(SearchLine.Searched)
    def _searched(self, event: SearchLine.Searched) -> None:
        event.stop()
        self._search = event.text
        self.mails.say_when_empty(NOTHING_FITS if self._search else _NO_MAIL)
        self.mails.set_source(self._page)

    @on(SearchLine.Left)
    def _to_list(self, event: SearchLine.Left) -> None:
        """To what was found; where nothing was, Escape is done with the search as well."""
        event.stop()
        if event.by_escape and self._search and self.mails.found_nothing:
            self._end_search()
        self.line.display = bool(self._search)
        self.mails.focus()

    def _end_search(self) -> None:
        self._search = ""
        self.line.clear()
        self.line.display = False
        self.mails.say_when_empty(_NO_MAIL)
        self.mails.set_source(self._page)

    @on(ListView.Emptied)
    def _read_nothing(self, event: ListView.Emptied) -> None:
        """What stands beside the list is about none of its rows."""
        event.stop()
        self._reading = None
        for part in ("#post-head", "#post-body"):
            self.query_one(part, Static).update("")
        self.query_one("#post-code").display = False

    @on(ListView.Highlighted)
    def _turn_to(self, event: ListView.Highlighted) -> None:
        event.stop()
        self._reading = event.row.id
        self._show(event.row)
        self.query_one("#post-reading").scroll_home(animate=False)

    def _show(self, item: Item) -> None:
        head = [(_("To"), item.to), (_("Subject"), item.subject)]
        if item.at is not None:
            head.append((_("When"), dates.moment(item.at)))
        head += [(_("Attached") if not at else "", file) for at, file in enumerate(item.files)]
        width = max(len(label) for label, _text in head)
        lines = [Content(label.ljust(width + 2)).stylize("$text-muted") + plain(text) for label, text in head]
        self.query_one("#post-head", Static).update(Content("\n").join(lines))
        code = self.query_one("#post-code", Static)
        code.display = bool(item.code)
        code.update(plain(item.code).stylize("bold") + Content("   " + _("c or enter takes it into the field")))
        self.query_one("#post-body", Static).update(plain(item.body))

    @on(ListView.Opened)
    def _take(self, event: ListView.Opened) -> None:
        event.stop()
        self.action_copy()

    def action_copy(self) -> None:
        """Fill what is beneath with what the mail holds, and go back there."""
        item = self._items.get(self._reading)
        if item is None or not item.code:
            self.notify(_("There is no code in this mail."))
            return
        self.app.pop_screen()
        if self._fill(item):
            self.app.notify(_("The code is in the field."))
        else:
            self.app.copy_to_clipboard(item.code)
            self.app.notify(_("There is no field for a code here, so it is on the clipboard."))

    def _fill(self, item: Item) -> bool:
        """Into the fields of the form that was in use which the item has values for, else into the focused one."""
        focused, beneath = self._focused, self._beneath
        if beneath is None:
            return False
        for form in beneath.query(Form):
            fitting = {name: value for name, value in item.fills.items() if name in form.names}
            if fitting:
                form.set_values(fitting)
                _point_at(form, next(iter(fitting)))
                return True
        if isinstance(focused, Input) and focused.is_attached:
            focused.value = item.code
            return True
        return False

    def action_back(self) -> None:
        """Show everything again where something was searched for, else close."""
        if self._search:
            self._end_search()
        else:
            self.app.pop_screen()


def _point_at(form: Form, name: str) -> None:
    for row in form.query(FieldRow):
        if row.field.name == name:
            row.input.focus()


def _own_first(mails: Sequence[Item], address: str) -> list[Item]:
    """Letters to ``address`` before others; without one, those to whoever was written to last."""
    mine = (address or (mails[0].to if mails else "")).casefold()
    return sorted(mails, key=lambda item: item.to.casefold() != mine)


def _mail(mail: Post) -> Item:
    from core.demo import mailbox  # deferred: start-up, loaded behind the first frame

    code = mailbox.code_in(mail.body)
    fills = {"code": code} if code else {}
    files = tuple(f"{each.name} ({_size(each.size)})" for each in mail.files)
    return Item(mail.message_id, "●" if code else "○", mail.to, mail.subject, mail.at, mail.body, files, code, fills)


def _size(size: int) -> str:
    """``34 kB``; a letter's files are no larger."""
    return f"{max(1, round(size / 1000))} kB"


def _authenticators(app: DemoApp) -> list[Item]:
    from core.demo import mailbox  # deferred: start-up, loaded behind the first frame

    desk = app.desk
    items = []
    for person in app.cast.personas if app.cast else ():
        authenticator_code = mailbox.authenticator_code(desk, person.id) if person.authenticator else None
        if authenticator_code is not None:
            text = _("In real life this is on {name}'s phone. The code stays for {n} s.").format(
                name=person.name, n=authenticator_code.left
            )
            subject = _("Authenticator app of {name}").format(name=person.name)
            items.append(
                Item(
                    f"app {person.id}",
                    "◆",
                    person.login,
                    subject,
                    None,
                    text,
                    (),
                    authenticator_code.code,
                    {"code": authenticator_code.code},
                )
            )
    return items


def _certificates(app: DemoApp) -> list[Item]:
    items = []
    for contract in app.cast.contracts if app.cast else ():
        text = _("Contract number: {number}\nActivation code: {code}\n\nNobody has registered it yet.").format(
            number=contract.number, code=contract.code
        )
        fills = {
            "contract": contract.number,
            "number": contract.number,
            "code": contract.code,
            "company": contract.company,
        }
        subject = _("Certificate {number}").format(number=contract.number)
        items.append(
            Item(f"paper {contract.number}", "■", contract.company, subject, None, text, (), contract.code, fills)
        )
    return items


def _glyph(item: Item) -> Content:
    """Lit where there is a code to take."""
    return Content(item.glyph).stylize("$text-accent" if item.code else "$text-muted")


def _columns(now: dt.datetime) -> list[Column]:
    return [
        Column("glyph", "", 1, _glyph),
        Column("at", N_("When"), 10, lambda item: dates.brief(item.at, now) if item.at else ""),
        Column("subject", N_("Subject"), None, lambda item: item.subject),
        Column("to", N_("To"), 24, lambda item: item.to, 72),
    ]
