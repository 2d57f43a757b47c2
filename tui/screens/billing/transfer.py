"""A transfer to be copied, or scanned off the screen with a bank's app."""

from __future__ import annotations

from typing import Any, ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Static

from core.billing.money import amount
from core.billing.transfer_code import grouped
from core.i18n.translation import N_, _
from tui.screen_guard import Leavable
from tui.screens.base import DeskScreen
from tui.screens.billing.invoice_list import Transfer
from tui.text import plain
from tui.widgets.qr import QR

_TEXT = 34
"""Cells of the text: an account number in one line, with what stands around it."""
_FRAME = 4
"""Rows of a frame, which small terminals go without: a code of 23 rows must be seen whole in 24."""


def show_transfer(screen: DeskScreen[Any], transfer: Transfer) -> None:
    """Open it; or say why there is nothing to open."""
    if transfer.grosze <= 0:
        screen.notify(_("Nothing is left to pay. Thank you."), markup=False)
    elif not transfer.account:
        text = _("The account to pay to is not known here. It stands on the invoice; or ask the office: see Contact.")
        screen.notify(text, severity="warning", timeout=10, markup=False)
    else:
        screen.app.push_screen(TransferView(transfer))


class TransferView(Leavable[None], ModalScreen[None]):
    """Every part in a line of its own, and the code beside them."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape,enter,q", "leave", show=False)]
    DEFAULT_CSS = """
    TransferView { align: center middle; background: $background 70%; }
    TransferView > Horizontal { width: auto; max-width: 100%; height: auto; max-height: 100%; background: $surface; }
    TransferView.-framed > Horizontal { border: round $border; padding: 1 2; border-title-color: $text-accent; }
    TransferView VerticalScroll { width: 34; height: auto; max-height: 100%; background: $surface; }
    TransferView Static { height: auto; }
    TransferView QR { width: auto; margin: 0 0 0 1; }
    TransferView.-small QR { display: none; }
    TransferView #transfer-small { display: none; color: $text-warning; margin: 0 0 1 0; }
    TransferView.-small #transfer-small { display: block; }
    """

    def __init__(self, transfer: Transfer) -> None:
        super().__init__()
        self._transfer = transfer
        self._code = QR(transfer.code) if transfer.code else None

    def compose(self) -> ComposeResult:
        box = Horizontal()
        box.border_title = plain(_("Transfer"))
        with box:
            with VerticalScroll(can_focus=False):
                yield Static(plain(_("The code needs a larger window.")), id="transfer-small")
                yield Static(id="transfer-text")
            if self._code is not None:
                yield self._code

    def _told(self, with_code: bool) -> Content:
        transfer = self._transfer
        parts = (
            (N_("Recipient"), transfer.recipient),
            (N_("Account number"), grouped(transfer.account)),
            (N_("Transfer title"), transfer.title),
            (N_("Amount"), amount(transfer.grosze)),
        )
        lines = [
            Content("\n").join([plain(_(label)).stylize("$text-muted"), plain(value).stylize("bold")])
            for label, value in parts
        ]
        hint = (
            _("Copy this into a transfer, or scan the code with your bank's app (pay by code, 2D code).")
            if with_code
            else _("Copy this into a transfer.")
        )
        return Content("\n\n").join([*lines, plain(hint), plain(_("Esc goes back.")).stylize("$text-muted")])

    def on_resize(self, event: events.Resize) -> None:
        """A code that is cut can't be scanned: better none."""
        wide, high = self._code_size()
        self.set_class(event.size.height >= high + _FRAME, "-framed")
        small = high > event.size.height or wide + _TEXT + 1 > event.size.width
        self.set_class(self._code is not None and small, "-small")
        self.query_one("#transfer-text", Static).update(self._told(self._code is not None and not small))

    def _code_size(self) -> tuple[int, int]:
        if self._code is None:
            return 0, 18
        lines = str(self._code.content).split("\n")
        return len(lines[0]), len(lines)

    def action_leave(self) -> None:
        self.dismiss(None)
