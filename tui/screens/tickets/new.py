"""A new ticket: administrative at first, technical once an asset is added (002 p.7-8)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import ClassVar

from textual import getters, on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Container
from textual.content import Content
from textual.widgets import Static

from core.contracts.cover import AssetRow
from core.errors import DeskError, Say
from core.fields import Field, Raw
from core.tickets import create
from core.tickets.create import Asked
from core.tickets.models import Kind
from core.words import N_, _
from tui.commands import Command, bindings
from tui.screens.base import deed, errand
from tui.screens.room import RoomScreen
from tui.text import plain
from tui.widgets.confirm import Confirm
from tui.widgets.form import Form
from tui.widgets.notice import Notice
from tui.widgets.rooms import Frame

_DRAFT = "new_ticket"


class NewTicketScreen(RoomScreen):
    """One form for both kinds; adding or taking out an asset changes its questions and keeps the answers."""

    ROOM = "tickets"
    DESK_COMMANDS = (
        Command("new.send", "ctrl+s", N_("Create"), "send", N_("Check it and open the ticket"), footer=True),
        Command("new.asset", "f7", N_("Add asset"), "add_asset", N_("What the ticket is about"), footer=True),
        Command("new.drop", "f8", N_("Take asset out"), "drop_asset", N_("The one that was added last"), footer=True),
        Command("new.back", "escape", N_("Back"), "back", N_("What was typed is kept"), footer=True),
    )
    BINDINGS: ClassVar[list[BindingType]] = bindings(DESK_COMMANDS)
    CSS_PATH = "new.tcss"

    kind = getters.query_one("#new-kind", Notice)
    wrong = getters.query_one("#new-wrong", Notice)
    assets = getters.query_one("#new-assets", Static)

    def __init__(self, frame: Frame, assets: tuple[AssetRow, ...] = ()) -> None:
        super().__init__(frame)
        self._assets = assets
        self._asked: Asked | None = None

    def where(self) -> tuple[str, ...]:
        return (*super().where(), _("New ticket"))

    def compose_room(self) -> ComposeResult:
        yield Notice(id="new-kind")
        yield Notice(id="new-wrong")
        yield Static(id="new-assets")
        yield Container(id="new-form")

    def on_mount(self) -> None:
        super().on_mount()
        kept = self.app.drafts.get(_DRAFT)
        if kept is not None and not self._assets:
            self._assets = kept.get("assets", ())
        self._ask(kept.get("values", {}) if kept else {})

    @property
    def form(self) -> Form | None:
        """The form, once the desk has said what is asked."""
        return next(iter(self.query(Form)), None)

    @errand
    async def _ask(self, values: Mapping[str, Raw]) -> None:
        """Build the form for the assets as they are now, with everything typed so far in it."""
        self._asked = await self.see(create.ask, tuple(asset.id for asset in self._assets))
        asked = self._asked
        holder = self.query_one("#new-form")
        await holder.remove_children()
        form = Form(_fields(asked), check=self._check, values=values)
        await holder.mount(form)
        form.focus_first()
        self._say_kind(asked)

    def _check(self, values: dict[str, Raw], only: str | None) -> Mapping[str, Say]:
        return create.check(self._asked, values, only) if self._asked else {}

    def _say_kind(self, asked: Asked) -> None:
        if asked.kind is Kind.ADMINISTRATIVE:
            self.kind.say(
                _(
                    "This is an administrative ticket: it is about the desk itself, and no vendor's support policy "
                    "applies to it. Add an asset (F7) to make it technical."
                ),
                "warning",
            )
        else:
            self.kind.say(_("This is a technical ticket about the assets below."), "info")
        self.assets.display = bool(self._assets)
        lines = [plain(f"  • {asset.name} · {asset.vendor} · {asset.identifier}") for asset in self._assets]
        self.assets.update(Content("\n").join([plain(_("Assets:")).stylize("bold"), *lines]))

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        if action == "drop_asset" and not self._assets:
            return False
        return super().check_action(action, parameters)

    @errand
    async def action_add_asset(self) -> None:
        from tui.screens.tickets.add_asset import AddAsset

        picked: AssetRow | None = await self.app.push_screen_wait(AddAsset(self._assets))
        if picked is not None:
            self._assets = (*self._assets, picked)
            self._rebuild()

    def action_drop_asset(self) -> None:
        self._assets = self._assets[:-1]
        self._rebuild()

    def _rebuild(self) -> None:
        self.refresh_bindings()
        self._ask(self.form.drafts if self.form else {})

    def action_send(self) -> None:
        if self.form is not None:
            self.form.action_submit()

    @on(Form.Submitted)
    @deed
    async def _submitted(self, event: Form.Submitted) -> None:
        event.stop()
        form = self.form
        self.wrong.hide()
        if form is None or not form.check_all():
            return
        try:
            number = await self.do(create.create, event.values, tuple(asset.id for asset in self._assets))
        except DeskError as error:
            beside = {name: said for name, said in error.fields.items() if name in form.names}
            form.show_errors(beside)
            if len(beside) < len(error.fields):
                self.wrong.say(error.text(), "error")
            return
        self.app.drafts.pop(_DRAFT, None)
        self._created(number)

    def _created(self, number: int) -> None:
        from tui.screens.tickets.ticket import TicketScreen

        self.notify(_("Ticket {number} is open. The desk has been told.").format(number=number))
        self.app.switch_screen(TicketScreen(self.frame, number, self.ROOM))

    @errand
    async def action_back(self) -> None:
        """What was typed is kept for the next time the form is opened, unless the reader says not to."""
        form = self.form
        draft = {"values": form.drafts, "assets": self._assets} if form is not None and form.filled else None
        if draft is not None and draft != self.app.drafts.get(_DRAFT):
            throw_away = Confirm(
                _("Leave the new ticket?"),
                _("What you have typed can be kept and is there when you open the form again."),
                yes=N_("Throw it away"),
                no=N_("Keep it and leave"),
            )
            if await self.app.push_screen_wait(throw_away):
                self.app.drafts.pop(_DRAFT, None)
            else:
                self.app.drafts[_DRAFT] = draft
        self.app.pop_screen()


def _fields(asked: Asked) -> tuple[Field, ...]:
    """The ticket's own fields, then under a heading the product's."""
    own = [replace(field, section=N_("Basic information")) for field in asked.own]
    product = [replace(field, section=N_("Additional information")) for field in asked.product]
    return (*own, *product)
