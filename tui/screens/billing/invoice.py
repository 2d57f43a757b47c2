"""One invoice on the whole screen, to be read, saved, mailed and paid."""

from __future__ import annotations

import asyncio
import datetime as dt
import shlex
from typing import ClassVar

from textual import events, getters
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import Static

from core.billing import email_copy, invoices
from core.billing.invoices import File, InvoiceDetail
from core.errors import DeskError, Say, say
from core.i18n import dates
from core.i18n.translation import N_, _
from core.service.desk import SessionEnded
from tui import downloads
from tui.commands import Command, bindings
from tui.screens.base import deed, errand
from tui.screens.billing import invoice_list
from tui.screens.billing.invoice_sheet import WIDEST, laid_out
from tui.screens.room import RoomScreen
from tui.widgets.frame import Frame
from tui.widgets.notice import Notice

_AROUND = 6
"""Cells beside the text of a sheet: its frame, its margin, the scroll bar."""


class InvoiceScreen(RoomScreen):
    """The sheet, and over it what was done with it."""

    DESK_COMMANDS = (
        Command("invoice.save_pdf", "ctrl+s", N_("Save PDF"), "save_pdf", N_("To this computer"), footer=True),
        Command("invoice.save_xml", "X", N_("Save XML"), "save_xml", N_("For the national e-invoice system")),
        Command("invoice.by_mail", "M", N_("Mail it"), "mail", N_("The PDF, to the account's address"), footer=True),
        Command("invoice.transfer", "q", N_("Transfer"), "transfer", N_("What to pay, with a code"), footer=True),
        Command("invoice.next", "k", N_("Correction"), "next", N_("To what corrects it, and back"), footer=True),
        Command("invoice.reload", "f5", N_("Read again"), "reload"),
        Command("invoice.back", "escape", N_("Back"), "app.pop_screen", N_("To the list"), footer=True),
    )
    BINDINGS: ClassVar[list[BindingType]] = bindings(DESK_COMMANDS)
    CSS_PATH = "billing.tcss"

    notice = getters.query_one("#invoice-notice", Notice)
    page = getters.query_one("#invoice-page", VerticalScroll)
    sheet = getters.query_one("#invoice-sheet", Static)

    def __init__(self, frame: Frame, invoice_id: int, room: str) -> None:
        super().__init__(frame)
        self.invoice_id = invoice_id
        self._room = room
        self.invoice: InvoiceDetail | None = None

    @property
    def ROOM(self) -> str:  # type: ignore[override]
        """The room it was opened from."""
        return self._room

    def where(self) -> tuple[str, ...]:
        return (*super().where(), self.invoice.row.number if self.invoice else "…")

    def compose_room(self) -> ComposeResult:
        yield Notice(id="invoice-notice")
        with VerticalScroll(id="invoice-page"):
            yield Static(id="invoice-sheet")

    def on_mount(self) -> None:
        super().on_mount()
        self.sheet.display = False
        self.page.focus()
        self._read()

    def on_resize(self, event: events.Resize) -> None:
        super().on_resize(event)
        self.call_after_refresh(self._lay_out)

    @errand
    async def _read(self) -> None:
        self.invoice = await self.see(invoices.opened, self.invoice_id)
        self._lay_out()
        self.redraw_frame()
        self.refresh_bindings()

    def _lay_out(self) -> None:
        if self.invoice is None:
            return
        width = min(WIDEST, self.page.size.width - _AROUND)
        self.sheet.display = True
        self.sheet.styles.width = width + 4
        self.sheet.update(Content("\n").join(laid_out(self.invoice, width, self._today())))

    def _today(self) -> dt.date:
        return self.app.now.astimezone(dates.zone()).date()

    def complain(self, error: DeskError) -> None:
        """Over the sheet, where it stays; an ended session goes back to the way in."""
        if isinstance(error, SessionEnded):
            super().complain(error)
        else:
            self.notice.say(error.text(), "error")

    def explain(self, reason: str) -> None:
        self.notice.say(reason, "warning")

    # What is done with it

    @deed
    async def action_save_pdf(self) -> None:
        if await self._can_be_kept():
            await self._keep(await self.see(invoices.pdf, self.invoice_id))
            return
        address = await self.do(email_copy.mail_copy, self.invoice_id)
        text = _("From here nothing can be saved on your own computer, so the PDF goes by mail to {address}.")
        self.notice.say(text.format(address=address) + self._by_command("> invoice.pdf"), "info")

    @deed
    async def action_save_xml(self) -> None:
        try:
            file: File = await self.see(invoices.xml, self.invoice_id)
        except DeskError as error:
            reasons = "\n".join(what.text() for what in error.fields.values())
            self.notice.say(_("There can be no XML of this invoice.") + f"\n{reasons}", "error")
            return
        if await self._can_be_kept():
            await self._keep(file)
            return
        text = _("From here nothing can be saved on your own computer. The office can send it to you: see Contact.")
        self.notice.say(text + self._by_command("--xml > invoice.xml"), "warning")

    async def _can_be_kept(self) -> bool:
        """Whether the reader's own computer can be given a file: it is this one, or their browser takes it."""
        side = self.app.side
        return (side is not None and side.takes_files) or await self.see(email_copy.may_save)

    def _by_command(self, ending: str) -> str:
        """How the file comes over SSH: a terminal takes none, but what a command writes can go into one."""
        address = self.app.desk.settings.desk.address
        if not (self.app.served and address and self.invoice):
            return ""
        command = f"ssh {address} invoice {shlex.quote(self.invoice.row.number)} {ending}"
        return "\n" + _("With your key it comes over SSH: {command}").format(command=command)

    async def _keep(self, file: File) -> None:
        side = self.app.side
        if side is not None:
            if not await asyncio.to_thread(side.send_file, file.name, file.kind, file.content):
                raise DeskError(N_("The file could not be handed to your browser. Please try again."))
            self.notice.say(_("Your browser is given the file: {name}").format(name=file.name), "done")
            return
        path = await asyncio.to_thread(downloads.keep, file.name, file.content, downloads.folder())
        self.notice.say(_("Saved: {path}").format(path=path), "done")

    @deed
    async def action_mail(self) -> None:
        address = await self.do(email_copy.mail_copy, self.invoice_id)
        self.notice.say(_("The PDF goes by mail to {address}.").format(address=address), "done")

    def lacks(self, action: str) -> bool:
        return (action == "next" and (self.invoice is None or self.invoice.next is None)) or super().lacks(action)

    def why_not(self, action: str) -> Say | None:
        if action == "transfer" and self.invoice is not None and self.invoice.row.unpaid <= 0:
            return say(N_("Nothing is left to pay here."))
        return super().why_not(action)

    @errand
    async def action_next(self) -> None:
        """The invoices that belong together, one after the other on the same sheet; Escape still goes to the list."""
        following = self.invoice.next if self.invoice is not None else None
        if following is not None:
            self.notice.hide()
            self.invoice_id = following.id
            self.invoice = await self.see(invoices.opened, self.invoice_id)
            self._lay_out()
            self.page.scroll_home(animate=False)
            self.redraw_frame()
            self.refresh_bindings()

    def action_transfer(self) -> None:
        from tui.screens.billing.transfer import show_transfer  # deferred: a screen is loaded when it is first shown

        if self.invoice is not None:
            show_transfer(self, invoice_list.of_invoice(self.invoice))

    @errand
    async def action_reload(self) -> None:
        self.notice.hide()
        self.invoice = await self.see(invoices.opened, self.invoice_id)
        self._lay_out()
