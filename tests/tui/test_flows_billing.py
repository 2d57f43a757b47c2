"""Bills in the real interface: what is owed, the code for a transfer, consent, an invoice and its files, statistics."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from email import policy
from email.parser import BytesParser
from pathlib import Path
from typing import Any

import pytest

from core.billing import allocation, invoices, statement, transfer_code
from core.mail import delivery
from core.models.accounts import Account, Role
from core.models.billing import Invoice, InvoiceLine, Usage
from core.models.contracts import Asset
from core.service.desk import Desk
from core.service.unit_of_work import table
from core.subscribers import consent
from tests.factories.desks import START, journal_of, logged_in, mail, make_desk, person, seat
from tests.factories.subscribers import SELLER, billed, coming_from, paid, subscriber
from tests.support.playing import LARGE, SMALL, Player, sitting
from tui import downloads
from tui.screens.billing.invoice import InvoiceScreen
from tui.screens.billing.invoices import Invoices
from tui.screens.billing.payments import Payments
from tui.screens.billing.statistics import Statistics
from tui.screens.billing.transfer import TransferView
from tui.widgets.qr import QR

TODAY = START.date()
SIZES = pytest.mark.parametrize(("size", "language"), [(SMALL, "pl"), (LARGE, "en")], ids=str)


def day(ago: int) -> dt.date:
    return TODAY - dt.timedelta(days=ago)


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Desk:
    """Wanda owes two invoices, one of them late; an older one is paid."""
    monkeypatch.setenv("OKIENKO_DATA_DIR", str(tmp_path / "seat"))
    monkeypatch.setattr(downloads, "folder", lambda: tmp_path)
    made = make_desk(tmp_path / "provider", seller=SELLER)
    wanda = subscriber(made, account_id=person(made, "wanda"))
    billed(made, wanda.id, "FV/9/2026", day(60))
    paid(made, wanda.id, "P1", day(50), 6900, "FV/9/2026")
    billed(made, wanda.id, "FV/10/2026", day(30), unpaid=6900)
    billed(made, wanda.id, "FV/11/2026", day(2), unpaid=6900)
    return made


@pytest.fixture
def wanda(desk: Desk) -> Desk:
    return seat(desk, 1)


def speak(desk: Desk, language: str) -> None:
    desk.as_system().do(lambda work: work.change(Account, language=language))


def flat(player: Player) -> str:
    """The screen without its frames and line ends: what a notice says, over as many lines as it takes."""
    return " ".join(player.screen.replace("▌", " ").split())


def scanned(player: Player) -> tuple[tuple[bool, ...], ...]:
    """The modules of the code on the screen, read off its cells as a camera would."""
    place = player.app.screen.query_one(QR).region
    width, height = player.app.size
    assert min(place.x, place.y) >= 0 and place.right <= width and place.bottom <= height, "it is whole"
    rows: list[tuple[bool, ...]] = []
    for line in player.screen.split("\n")[place.y : place.bottom]:
        cells = line[place.x : place.right]
        rows += [tuple(cell in "▀█" for cell in cells), tuple(cell in "▄█" for cell in cells)]
    return tuple(rows[: len(rows[0])])


@SIZES
async def test_payments_say_what_is_due_and_the_code_can_be_scanned(
    desk: Desk, size: tuple[int, int], language: str
) -> None:
    speak(desk, language)
    wanda = seat(desk, 1)
    async with sitting(desk, wanda, size=size, language=language) as player:
        await player.press("g", "p")
        assert isinstance(player.app.screen, Payments)
        if language == "en":
            player.sees("PLN 138.00 to pay", "▲ PLN 69.00, since 4 Nov 2026", "PLN 69.00 on 2 Dec 2026")
            player.sees("▲ 16 days late", "○ due in 12 days", "✓ paid", "−138.00", "+69.00", "+ payment")
        else:
            player.sees("138,00", "▲", "−69,00", "+69,00", "FV/10/2026")
        await player.press("q")
        assert isinstance(player.app.screen, TransferView)
        player.sees("Wiatrołap Internet sp. z o.o.", "91 1234 1234 0000 0000 0000 0042", "A-1001")
        code = wanda.see(statement.summary).code
        assert "|013800|" in code and scanned(player) == transfer_code.modules(code)
        await player.press("escape", "end")
        await player.press("enter")
        assert isinstance(player.app.screen, InvoiceScreen)
        player.sees("FV/9/2026")
        await player.press("q")
        paid_already = "Nothing is left to pay here." if language == "en" else "Nie ma tu już nic do zapłacenia."
        assert paid_already in player.app.screen.notice.render().plain
        assert not player.app._notifications, "it stands over the sheet, where it stays"
        await player.press("escape")
        assert isinstance(player.app.screen, Payments)


async def test_a_payment_opens_nothing_and_who_owes_nothing_is_thanked(desk: Desk, wanda: Desk) -> None:
    paid(desk, 1, "P2", day(1), 13800, "razem")
    desk.as_system().do(lambda work: work.change(Invoice, unpaid=0))
    async with sitting(desk, wanda) as player:
        await player.press("g", "p", "enter")
        assert isinstance(player.app.screen, Payments)
        player.sees("settled", "nothing more to it")
        await player.press("q")
        assert isinstance(player.app.screen, Payments)
        player.sees("Nothing is left to pay. Thank you.")


async def test_a_window_too_small_for_the_code_says_so(desk: Desk, wanda: Desk) -> None:
    async with sitting(desk, wanda, size=(80, 18)) as player:
        await player.press("g", "p", "q")
        player.sees("The code needs a larger window.", "91 1234 1234 0000 0000 0000 0042")
        assert not player.app.screen.query_one(QR).display


@SIZES
async def test_consent_is_read_given_and_withdrawn(desk: Desk, size: tuple[int, int], language: str) -> None:
    speak(desk, language)
    wanda = seat(desk, 1)
    wording = {"en": "20 Nov 2026", "pl": "20 lis 2026"}[language]
    async with sitting(desk, wanda, size=size, language=language) as player:
        await player.press("g", "i", "W")
        assert isinstance(player.app.screen, Invoices), "there is nothing to withdraw"
        await player.press("y")
        player.sees("PDF", wording)
        await player.press("enter")
        assert not wanda.see(consent.state).given, "Enter says not now"
        await player.press("y", "y")
        assert wanda.see(consent.state).given
        player.sees("✓", wording)
        await player.press("y")
        assert isinstance(player.app.screen, Invoices), "it is given already"
        await player.press("W", "escape")
        assert wanda.see(consent.state).given
        await player.press("W", "y")
        assert not wanda.see(consent.state).given
    assert [row.letter for row in mail(desk)] == ["e_invoices_changed"] * 2
    assert journal_of(desk).count("consent.change") == 2


@SIZES
async def test_an_invoice_is_read_saved_and_mailed(
    desk: Desk, tmp_path: Path, size: tuple[int, int], language: str
) -> None:
    speak(desk, language)
    wanda = seat(desk, 1)
    async with sitting(desk, wanda, size=size, language=language) as player:
        await player.press("g", "i", "enter")
        assert isinstance(player.app.screen, InvoiceScreen)
        player.sees("FV/11/2026", "Wiatrołap Internet", "Wanda Zielińska")
        await player.press("ctrl+s", "ctrl+s", "X")
        assert "FV-11-2026.xml" in flat(player).replace(" ", "")
        await player.press("end")
        player.sees("91 1234 1234 0000 0000 0000 0042")
        await player.press("M")
        player.sees("wanda@example.com")
        await player.press("q")
        assert scanned(player) == transfer_code.modules(wanda.see(invoices.opened, player_invoice(player)).code)
        await player.press("escape", "escape")
        assert isinstance(player.app.screen, Invoices)
    pdf = wanda.see(invoices.pdf, 3)
    assert (tmp_path / "FV-11-2026.pdf").read_bytes() == pdf.content == (tmp_path / "FV-11-2026-2.pdf").read_bytes()
    assert (tmp_path / "FV-11-2026.xml").read_bytes() == wanda.see(invoices.xml, 3).content
    delivery.deliver(desk)
    [file] = (desk.settings.maildir / "new").iterdir()
    [attached] = BytesParser(policy=policy.default).parsebytes(file.read_bytes()).iter_attachments()
    assert attached.get_content() == pdf.content


def player_invoice(player: Player) -> int:
    """The id of the invoice beneath what is on top."""
    return next(one.invoice_id for one in player.app.screen_stack if isinstance(one, InvoiceScreen))


async def test_over_ssh_nothing_is_saved_and_the_pdf_is_mailed_instead(desk: Desk, tmp_path: Path) -> None:
    coming_from(desk, "203.0.113.7")
    async with sitting(desk, seat(desk, 1)) as player:
        await player.press("g", "i", "enter", "ctrl+s")
        assert "nothing can be saved on your own computer, so the PDF goes by mail to wanda@example.com" in flat(player)
        await player.press("X")
        assert "The office can send it to you" in flat(player)
    assert [row.letter for row in mail(desk)] == ["invoice_copy"]
    assert not list(tmp_path.glob("*.pdf")) and not list(tmp_path.glob("*.xml"))


class Door:
    """The side of a browser, or of a terminal, to which files are handed."""

    def __init__(self, *, takes_files: bool, there: bool = True) -> None:
        self.takes_files, self.there = takes_files, there
        self.files: list[tuple[str, str, bytes]] = []

    def say(self, **message: Any) -> bool:
        return True

    def listen(self, told: Callable[[dict[str, Any]], None]) -> None:
        pass

    def send_file(self, name: str, kind: str, content: bytes) -> bool:
        self.files.append((name, kind, content))
        return self.there


@SIZES
async def test_a_browser_is_handed_the_files(desk: Desk, tmp_path: Path, size: tuple[int, int], language: str) -> None:
    speak(desk, language)
    coming_from(desk, "203.0.113.7", "web")
    wanda = seat(desk, 1)
    async with sitting(desk, wanda, size=size, language=language) as player:
        player.app.served, player.app.side = True, (door := Door(takes_files=True))
        await player.press("g", "i", "enter", "ctrl+s", "X")
        player.sees("FV-11-2026.xml")
        door.there = False
        await player.press("ctrl+s")
        player.sees("could not be handed" if language == "en" else "Nie udało się przekazać pliku")
    pdf, xml = wanda.see(invoices.pdf, 3), wanda.see(invoices.xml, 3)
    assert door.files[:2] == [(each.name, each.kind, each.content) for each in (pdf, xml)]
    assert not mail(desk) and not list(tmp_path.glob("*.pdf"))


async def test_over_ssh_it_is_said_which_command_gets_the_file(desk: Desk, tmp_path: Path) -> None:
    coming_from(desk, "203.0.113.7", "ssh")
    section = desk.settings.desk.model_copy(update={"address": "desk@tarnina.example"})
    desk.settings = desk.settings.model_copy(update={"desk": section})
    async with sitting(desk, seat(desk, 1), size=LARGE) as player:
        player.app.served, player.app.side = True, Door(takes_files=False)
        await player.press("g", "i", "enter", "ctrl+s")
        assert "ssh desk@tarnina.example invoice FV/11/2026 > invoice.pdf" in flat(player)
        await player.press("X")
        assert "ssh desk@tarnina.example invoice FV/11/2026 --xml > invoice.xml" in flat(player)
    assert [row.letter for row in mail(desk)] == ["invoice_copy"]


async def test_what_is_in_the_way_of_a_file_is_said(
    desk: Desk, wanda: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(downloads, "folder", lambda: tmp_path / "nowhere")
    async with sitting(desk, wanda) as player:
        await player.press("g", "i", "enter", "ctrl+s")
        player.sees("The file can't be written in")


async def test_a_wrong_invoice_has_no_xml_and_says_why(desk: Desk, wanda: Desk, tmp_path: Path) -> None:
    wrong = table(InvoiceLine).c.invoice_id == 3
    desk.as_system().do(lambda work: work.change(InvoiceLine, wrong, vat=1, gross=5611))
    async with sitting(desk, wanda, size=LARGE) as player:
        await player.press("g", "i", "enter", "X")
        player.sees("There can be no XML of this invoice.", "Line 1: VAT at 23%")
    assert not list(tmp_path.glob("*.xml"))


async def test_an_agent_looks_at_a_subscribers_bills(desk: Desk) -> None:
    adam = logged_in(desk, "adam", Role.AGENT)
    async with sitting(desk, adam, size=LARGE) as player:
        player.app.push_screen(Payments(player.app.frame, 1, "subscribers"))
        await player.settle()
        player.sees(
            "Subscribers › Wanda Zielińska › Payments", "Where they stand", "PLN 138.00 to pay", "▲ 16 days late"
        )
        await player.press("enter", "M")
        player.sees("The PDF goes by mail to wanda@example.com.")
        await player.press("escape", "escape")
        assert not isinstance(player.app.screen, Payments)
        player.app.push_screen(Invoices(player.app.frame, 1, "subscribers"))
        await player.settle()
        await player.press("y", "W")
        assert isinstance(player.app.screen, Invoices), "consent is the subscriber's own"
        player.sees("no, they are only here", "FV/10/2026")
        await player.press("escape")
        player.app.push_screen(Statistics(player.app.frame, 1, "subscribers"))
        await player.settle()
        player.sees("PN-00000001")
        await player.press("escape")
        assert not isinstance(player.app.screen, Statistics)


# Statistics


def used(desk: Desk, line: int, ago: range, down: int, up: int) -> None:
    rows = [{"asset_id": line, "day": day(at), "down": down, "up": up} for at in ago]
    desk.as_system().do(lambda work: work.add_all(Usage, rows))


@SIZES
async def test_days_and_months_of_a_line(desk: Desk, size: tuple[int, int], language: str) -> None:
    speak(desk, language)
    used(desk, 1, range(1, 11), 2 * 10**9, 10**9)
    used(desk, 1, range(12, 200), 4 * 10**9, 10**9)
    async with sitting(desk, seat(desk, 1), size=size, language=language) as player:
        await player.press("g", "m")
        assert isinstance(player.app.screen, Statistics)
        comma = "," if language == "pl" else "."
        player.sees("PN-00000001", f"█ 2{comma}00 GB", f"▒ 1{comma}00 GB", "1 GB = 1000 MB")
        player.sees(f"█ {4 * 19 + 2 * 10}{comma}0 GB", "·")
        await player.press(*["left"] * 10)
        player.sees("▲ 9 Nov 2026 nothing was measured" if language == "en" else "▲ 9 lis 2026")
        await player.press("left")
        player.sees(f"█ 4{comma}00 GB")
        await player.press("m")
        player.sees(f"▲ {'November' if language == 'en' else 'listopad'} 2026")
        await player.press("left")
        player.sees(f"▲ {'October' if language == 'en' else 'październik'} 2026", "█ 124 GB")
        await player.press("m", "left_square_bracket")
        player.sees("21 Sept – 20 Oct 2026" if language == "en" else "– 20 paź 2026")
        await player.press("right_square_bracket")
        player.sees("19 Nov 2026" if language == "en" else "19 lis 2026")


async def test_one_line_after_another(desk: Desk, wanda: Desk) -> None:
    another = subscriber(desk, "A-2", contract="U-2", addresses=("203.0.113.9",))
    theirs = table(Asset).c.id == another.lines[0]
    desk.as_system().do(lambda work: work.change(Asset, theirs, subscriber_id=1))
    used(desk, 2, range(1, 5), 5 * 10**12, 10**6)
    async with sitting(desk, wanda, size=LARGE) as player:
        await player.press("g", "m")
        player.sees("PN-00000001", "line 1 of 2", "nothing was measured")
        await player.press("L")
        player.sees("PN-00000002", "line 2 of 2", "█ 5.00 TB", "▒ 1.00 MB", "TB (1 TB = 1000 GB)")
        await player.press("L")
        player.sees("PN-00000001")


async def test_a_line_is_nobody_elses_to_draw(desk: Desk) -> None:
    """Core refuses whatever a screen may ask for."""
    person(desk, "bruno")
    subscriber(desk, "A-2", contract="U-2", addresses=("203.0.113.9",), account_id=2)
    async with sitting(desk, seat(desk, 2), size=LARGE) as player:
        for screen in (Payments, Invoices, Statistics):
            player.app.push_screen(screen(player.app.frame, 1, "panel"))
            await player.settle()
            assert "FV/10/2026" not in player.screen and "PN-00000001" not in player.screen
            player.app.pop_screen()
        player.app.push_screen(InvoiceScreen(player.app.frame, 1, "panel"))
        await player.settle()
        assert "FV/9/2026" not in player.screen


@SIZES
async def test_from_an_invoice_to_its_correction_and_back(desk: Desk, size: tuple[int, int], language: str) -> None:
    speak(desk, language)
    of = {"corrects": "FV/10/2026", "corrects_key": "fv/10/2026", "corrects_on": day(30), "reason": "Pomyłka"}
    billed(desk, 1, "FK/1/2026", day(1), -6900, **of)
    desk.as_system().do(allocation.settle, [1])
    said = (
        ("± korekta", "✓ skorygowana", "Faktura korygująca")
        if language == "pl"
        else (
            "± correction",
            "✓ corrected",
            "Correcting invoice",
        )
    )
    async with sitting(desk, seat(desk, 1), size=size, language=language) as player:
        await player.press("g", "i")
        player.sees("FK/1/2026 → ", said[0], said[1])
        await player.press("enter")
        player.sees(f"{said[2]} FK/1/2026", "Pomyłka", "FV/10/2026")
        await player.press("k")
        player.sees("FV/10/2026", said[1], "FK/1/2026")
        assert said[2] not in player.screen
        await player.press("k")
        player.sees(f"{said[2]} FK/1/2026")
        await player.press("escape")
        assert isinstance(player.app.screen, Invoices)
        await player.press("g", "p")
        player.sees("+69,00" if language == "pl" else "+69.00", said[0], said[1])


async def test_an_invoice_that_nothing_corrects_has_no_way_to_a_correction(desk: Desk, wanda: Desk) -> None:
    async with sitting(desk, wanda) as player:
        await player.press("g", "i", "enter", "k")
        player.sees("FV/11/2026")
        assert "Correction" not in player.screen
