"""A new ticket: administrative at first, technical once an asset is added, or about a device from the start,
with what the device says of itself filled in."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from typing import ClassVar

from textual import getters, on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Container
from textual.content import Content
from textual.widgets import Static

from core.contracts import coverage
from core.contracts.coverage import AssetRow
from core.errors import DeskError, Invalid, NotFound, Say
from core.field import Field, Raw
from core.i18n.translation import N_, _
from core.models.tickets import TicketKind
from core.tickets import create
from core.tickets.create import TicketForm
from tui.commands import Command, bindings
from tui.screens.base import deed, errand
from tui.screens.contracts.formatting import NOT_COVERED
from tui.screens.form_room import FormRoom
from tui.text import plain
from tui.widgets.form import Form
from tui.widgets.frame import Frame
from tui.widgets.notice import Notice


class NewTicketScreen(FormRoom):
    """One form for both kinds; adding or taking out an asset changes its questions and keeps the answers.

    Opened about a ``device`` (an asset's id) with ``values`` for its fields, it has a draft of its own: what was begun
    about something else stays as it was left, and what was typed about this device before comes back instead of
    ``values``.
    """

    DESK_COMMANDS = (
        Command("new.send", "ctrl+s", N_("Create"), "send", N_("Check it and open the ticket"), footer=True),
        Command("new.asset", "f7", N_("Add asset"), "add_asset", N_("What the ticket is about"), footer=True),
        Command("new.drop", "f8", N_("Take asset out"), "drop_asset", N_("The one that was added last"), footer=True),
        Command("new.back", "escape", N_("Back"), "back", N_("What was typed is kept"), footer=True),
    )
    BINDINGS: ClassVar[list[BindingType]] = bindings(DESK_COMMANDS)
    CSS_PATH = "new.tcss"
    LEAVING = N_("Leave the new ticket?")

    kind = getters.query_one("#new-kind", Notice)
    wrong = getters.query_one("#new-wrong", Notice)
    assets = getters.query_one("#new-assets", Static)

    def __init__(
        self,
        frame: Frame,
        assets: tuple[AssetRow, ...] = (),
        device: int | None = None,
        values: Mapping[str, Raw] | None = None,
        room: str = "tickets",
    ) -> None:
        super().__init__(frame, "ticket.new" if device is None else f"ticket.new:{device}")
        self._room = room
        self._assets = assets
        self._device = device
        self._known: dict[str, Raw] = dict(values or {})
        """Everything that was typed or filled in, of fields that are not asked now too: they may come back."""
        self._at_first = dict(self._known), assets
        self._found = False
        """Whether there was a draft when it was opened."""
        self._changed = False
        """Whether an asset was put in or taken out, with whatever was typed before that."""
        self._asked: TicketForm | None = None

    @property
    def ROOM(self) -> str:  # type: ignore[override]
        """The room it was opened from; the ticket that comes of it belongs there too."""
        return self._room

    def where(self) -> tuple[str, ...]:
        return (*super().where(), _("New ticket"))

    def compose_room(self) -> ComposeResult:
        yield Notice(id="new-kind")
        yield Notice(id="new-wrong")
        yield Static(id="new-assets")
        yield Container(id="new-form")

    def on_mount(self) -> None:
        super().on_mount()
        self._begin()

    @errand
    async def _begin(self) -> None:
        """With the assets of the draft, or about a device. What nobody looks after (any more) is left out, and that is
        said."""
        self._found = self.draft is not None
        assets = self.draft.beside.get("assets", []) if self.draft is not None else []
        about = assets or ([] if self._device is None else [self._device])
        if about and not self._assets:
            for asset_id in about:
                with suppress(NotFound):
                    self._assets = (*self._assets, await self.see(coverage.asset, asset_id))
            if len(self._assets) < len(about):
                self.wrong.say(_(NOT_COVERED), "warning")
        await self._build()

    @errand
    async def _ask(self) -> None:
        """Build the form for the assets as they are now, with everything typed so far in it."""
        await self._build()
        self.keep_typed()

    async def _build(self) -> None:
        try:
            asked: TicketForm = await self.see(create.ask, tuple(asset.id for asset in self._assets))
        except Invalid:
            # Cover ended since they were put in, perhaps long ago, into a draft.
            self._assets = ()
            self.wrong.say(_(NOT_COVERED), "warning")
            asked = await self.see(create.ask)
        self._asked = asked
        holder = self.query_one("#new-form")
        await holder.remove_children()
        beside = {"assets": [asset.id for asset in self._assets]} if self._assets else {}
        form = Form(_fields(asked), check=self._check, values=self._known, kept_as=self.draft_name, beside=beside)
        form.offers = self._found
        form.keep_also(self._known)
        await holder.mount(form)
        form.focus_first()
        self._say_kind(asked)
        self.refresh_bindings()

    def _check(self, values: dict[str, Raw], only: str | None) -> Mapping[str, Say]:
        return create.check(self._asked, values, only) if self._asked else {}

    def _say_kind(self, asked: TicketForm) -> None:
        if (
            asked.kind is TicketKind.ADMINISTRATIVE
            and self.app.seat is not None
            and self.app.seat.subscriber_id is not None
        ):
            self.kind.say(
                _("To the office: a bill, your contract, anything else. Is a line out of order? Add it (F7)."), "info"
            )
        elif asked.kind is TicketKind.ADMINISTRATIVE:
            self.kind.say(
                _(
                    "This is an administrative ticket: it is about the desk itself, and no vendor's support policy "
                    "applies to it. Add an asset (F7) to make it technical."
                ),
                "warning",
            )
        else:
            care = self._assets[0].care if self._assets else ""
            answers = " " + _("{company} looks after them and will answer.").format(company=care) if care else ""
            self.kind.say(_("This is a technical ticket about the assets below.") + answers, "info")
        self.assets.display = bool(self._assets)
        lines = [plain(f"  • {asset.name} · {asset.vendor} · {asset.identifier}") for asset in self._assets]
        self.assets.update(Content("\n").join([plain(_("Assets:")).stylize("bold"), *lines]))

    def lacks(self, action: str) -> bool:
        return (action == "drop_asset" and not self._assets) or super().lacks(action)

    @errand
    async def action_add_asset(self) -> None:
        from tui.screens.tickets.add_asset import AddAsset  # deferred: a screen is loaded when it is first shown

        picked: AssetRow | None = await self.app.push_screen_wait(AddAsset(self._assets))
        if picked is not None:
            self._assets = (*self._assets, picked)
            self._rebuild()

    def action_drop_asset(self) -> None:
        self._assets = self._assets[:-1]
        self._rebuild()

    def _rebuild(self) -> None:
        if self.form is not None:
            self._known |= self.form.drafts
        self._changed = True
        self.refresh_bindings()
        self._ask()

    @on(Form.BegunAnew)
    def _begin_anew(self) -> None:
        known, self._assets = self._at_first
        self._known, self._changed = dict(known), False
        self._begin()

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
            above = form.refuse(error)
            if above:
                self.wrong.say(above, "error")
            return
        self.forget_typed()
        self._created(number)

    def _created(self, number: int) -> None:
        from tui.screens.tickets.ticket import TicketScreen  # deferred: a screen is loaded when it is first shown

        care = self._assets[0].care if self._assets else ""
        sentence = (
            _("Ticket {number} is open. {company} has been told.")
            if care
            else _("Ticket {number} is open. The desk has been told.")
        )
        self.notify(sentence.format(number=number, company=care), markup=False)
        self.app.switch_screen(TicketScreen(self.frame, number, self.ROOM))

    @property
    def has_typed(self) -> bool:
        return self.form is not None and self.form.filled and (self._changed or self.form.touched)


def _fields(asked: TicketForm) -> tuple[Field, ...]:
    """The ticket's own fields, then under a heading the product's."""
    own = [replace(field, section=N_("Basic information")) for field in asked.own]
    product = [replace(field, section=N_("Additional information")) for field in asked.product]
    return (*own, *product)
